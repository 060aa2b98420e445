import Admission
import Agent
import Audio
import Engines
import Speech
import SpeechServices
import WebSockets
import Wire

/// What a voice server is run with, after flags and configuration were merged and checked.
public struct VoiceServerOptions: Sendable {
  public var host = "127.0.0.1"
  /// 0 takes a free port.
  public var port = 8765
  /// What clients must show, as `Authorization: Bearer …` or `?token=…`. A secret.
  public var token: String?
  /// Pages of other origins that may talk to it without a token.
  public var allowedOrigins: [AllowedOrigin] = []
  public var certificateFile: String?
  public var keyFile: String?
  public var dialect = "voice"
  public var dialectSettings = DialectSettings()
  /// The path of the WebSocket endpoint: that of the vendor's server, so that a client needs another address alone.
  public var path: String {
    let card = dialects[dialect]?.card
    let home = card?.defaultURL.flatMap { try? WebSocketURL.parse($0) }
    return card?.path ?? home.map { String($0.path.prefix { $0 != "?" }) } ?? "/voice"
  }
  /// Where the dialect is looked up.
  public var dialects = DialectTable.builtIn
  public var agent = AgentConfiguration()
  /// The English voice of the answers. Nil: the most natural whose engine is there, and the quickest where endpointing is
  /// snappy.
  public var voice: String?
  /// Which language model answers; nil: the built-in one, a small domain, honest and deterministic.
  public var languageModel: LanguageModelEndpoint?
  /// What speaks; nil: a voice of this machine.
  public var voiceService: VoiceServiceEndpoint?
  /// What hears; nil: a recognizer of this machine.
  public var recognitionService: RecognitionServiceEndpoint?
  /// What answers where the language model does not; nil: nothing does.
  /// What hears where the service does not.
  public var recognitionFallback = RecognitionFallback.local
  public var languageModelFallback: LanguageModelFallback?
  /// What speaks where the service does not.
  public var voiceFallback = VoiceFallback.local(nil)
  /// The recognizer of this machine, which hears while a service fails, and the voice detector.
  public var hearing = HearingChoice()
  /// The built-in model's pace.
  public var pace = BuiltinReplyGenerator.Pace()
  /// What may be agreed on for the audio of a link, either way. `pcm16` is always there.
  public private(set) var codecs = WireCodec.allCases
  /// How speech is coded as Opus.
  public var opus = OpusSettings()
  /// Clients at a time.
  public var maximumClients = 4
  /// Clients of one address; nil: half of `maximumClients`, rounded up, and all of them on a server that only this machine
  /// can reach.
  public var maximumClientsPerAddress: Int?
  /// How long a conversation is kept for a client that was lost.
  public var conversationLifetime: Duration = .seconds(300)

  public init() {}

  /// Lets clients agree on these codecs alone, and on what everybody takes.
  public mutating func allow(_ wanted: [WireCodec]) {
    codecs = WireCodec.allCases.filter { $0 == .pcm16 || wanted.contains($0) }
  }

  /// Whether the agent's audio may be coded so: streams and files always, a link's codec where it is among `codecs`.
  func allows(_ coding: AudioForm.Coding) -> Bool {
    WireCodec(rawValue: coding.rawValue).map(codecs.contains) ?? true
  }

  /// The same with the agent's voice chosen, and with those that a client may ask for.
  /// - Parameter available: the voices whose engines are there, the most natural first.
  func choosingVoice(among available: [Voice] = Voice.available) -> VoiceServerOptions {
    var chosen = self
    if let voiceService {
      // Which voices a service has, it says itself.
      (chosen.agent.voice, chosen.agent.quickVoice, chosen.agent.voices) = (voiceService.shownVoice, nil, [])
      return chosen
    }
    chosen.agent.voice = voice ?? available[0].name
    chosen.agent.quickVoice = voice == nil ? Voice.quickest.name : nil
    chosen.agent.voices = Set(available.map(\.name))
    return chosen
  }

  /// The same with what clients are told of the engines: those that serve, and the best ones that nobody chose to do
  /// without and that are not there. Reads files.
  /// - Parameters:
  ///   - available: the voices whose engines are there, the most natural first.
  ///   - served: what hears; nil: what the choice comes to on this machine.
  func namingEngines(
    among available: [Voice] = Voice.available,
    hearingWith served: (recognizer: RecognizerCard, detector: DetectorCard)? = nil
  ) -> VoiceServerOptions {
    let (recognizer, detector) = served ?? hearing.served
    let wanted: [(name: String, isMissing: Bool)] = [
      (
        RecognizerCard.all[0].kind.rawValue,
        recognitionService == nil && hearing.recognizer == nil && recognizer.kind != RecognizerCard.all[0].kind
      ),
      (DetectorCard.all[0].kind.rawValue, hearing.detector == nil && detector.kind != DetectorCard.all[0].kind),
      (Voice.all[0].name, voice == nil && voiceService == nil && available[0].name != Voice.all[0].name),
    ]
    let missing = wanted.filter(\.isMissing).map(\.name)
    let remedy = missing.isEmpty ? nil : (hearing.fault ?? Voice.all[0].fault)?.remedy ?? EngineFault.install
    var named = self
    named.agent.model = languageModel?.model ?? LanguageModelCard.own.name
    named.agent.engines = SpeechEngines(
      recognizer: recognitionService?.card.name ?? recognizer.kind.rawValue, detector: detector.kind.rawValue,
      missing: missing.isEmpty ? nil : missing.joined(separator: ", "), remedy: remedy)
    return named
  }

  /// Whether only programs of this machine can reach it.
  public var isLoopback: Bool { Self.isLoopback(host) }

  /// Whether a server that listens on this host can be reached by programs of this machine only.
  public static func isLoopback(_ host: String) -> Bool { HostName(address: host)?.isLoopback ?? false }

  /// The limit per address in force.
  public var clientsPerAddress: Int {
    maximumClientsPerAddress ?? (isLoopback ? maximumClients : (maximumClients + 1) / 2)
  }
}

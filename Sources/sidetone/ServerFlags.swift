import Agent
import ArgumentParser
import Glibc
import Runtime
import Speech
import SpeechServices
import Store
import Timeline

/// The flags that every voice server of ours has, embedded or alone.
struct ServerFlags: ParsableArguments {
  @Option(
    help: """
      How soon silence ends your turn: normal (500 ms), snappy (300 ms), or adaptive, which looks at the words (docs/latency.md).
      """)
  var endpointing: Configuration.Endpointing?

  @Option(
    help: """
      What your speech over the agent does: words (short sounds and words of agreement let it go on), voice (any speech \
      cuts) or off. Without it, words where the client can be told to hold the answer meanwhile, and voice elsewhere.
      """)
  var bargeIn: BargeInPolicy?

  @Option(
    help: "Which language model answers: \(ServiceFlag<LanguageModelCard>.usage).",
    completion: .list(LanguageModelCard.names))
  var llm: ServiceFlag<LanguageModelCard>?

  @Option(
    help:
      "The language model's URL, as in http://127.0.0.1:11434. Default: \(ServiceFlag<LanguageModelCard>.addresses).")
  var llmURL: String?

  @Option(help: "The language model's name.")
  var llmModel: String?

  @Option(
    help: """
      The environment variable that holds the language model's API key. Default: \(ServiceFlag<LanguageModelCard>.keyVariables), and \
      with --llm-url none.
      """)
  var llmKeyEnv: String?

  @Option(help: "What the language model is told about itself, in the place of the program's own words about speech.")
  var llmPrompt: String?

  @Option(help: "The longest answer of the language model, in tokens.")
  var llmMaxTokens: Int?

  @Option(help: "The longest wait for the first word of its answer, as in 20s. Default: 90s.")
  var llmTimeout: DurationFlag?

  @Option(
    help: "What makes the agent's voice: \(ServiceFlag<VoiceServiceCard>.usage).",
    completion: .list(VoiceServiceCard.names))
  var tts: ServiceFlag<VoiceServiceCard>?

  @Option(help: "Its URL, as in http://127.0.0.1:5000. Default: \(ServiceFlag<VoiceServiceCard>.addresses).")
  var ttsURL: String?

  @Option(help: "The voice, by the service's own name for it.")
  var ttsVoice: String?

  @Option(help: "The service's model.")
  var ttsModel: String?

  @Option(
    help: """
      The environment variable that holds its API key. Default: \(ServiceFlag<VoiceServiceCard>.keyVariables), and with --tts-url none.
      """)
  var ttsKeyEnv: String?

  @Option(
    help: ArgumentHelp(
      "A setting of the service by its own name, as in stability=0.4 or format=mp3_44100_128; docs/voices.md lists them.",
      valueName: "name=value"))
  var ttsSet: [String] = []

  @Option(help: "The longest wait for the first sound of a sentence, as in 3s. Default: 10s.")
  var ttsTimeout: DurationFlag?

  @Option(
    help: ArgumentHelp(
      """
      What takes the place of a service that fails: llm=none (the default), llm=builtin or llm=SERVICE:MODEL; tts=local (the \
      default), tts=NAME (a voice of this machine), tts=none or tts=SERVICE:VOICE; stt=local (the default) or stt=SERVICE:MODEL. \
      @URL at the end says where the service is, as in llm=ollama:llama3.2@http://10.0.0.7:11434. Give it once for each.
      """, valueName: "kind=name"))
  var fallback: [FallbackFlag] = []

  @Option(
    help: """
      What hears you: \(ServiceFlag<RecognitionServiceCard>.usage); or one recognizer of this machine, moonshine (needs \
      `sidetone engines install`) or pocketsphinx. It also hears while a service fails.
      """, completion: .list(RecognizerFlag.allValueStrings))
  var stt: RecognizerFlag?

  @Option(
    help: "Its URL, as in ws://127.0.0.1:2700. Default: \(ServiceFlag<RecognitionServiceCard>.addresses).")
  var sttURL: String?

  @Option(help: "The service's model.")
  var sttModel: String?

  @Option(help: "Your language, as in en or de-DE. Default: the agent's.")
  var sttLanguage: String?

  @Option(
    help: """
      The environment variable that holds its API key. Default: \(ServiceFlag<RecognitionServiceCard>.keyVariables), and with \
      --stt-url none.
      """)
  var sttKeyEnv: String?

  @Option(
    name: .customLong("detector"),
    help: """
      What finds where speech begins and ends: silero (needs `sidetone engines install`), sphinx or energy. Default: \
      the best that is there.
      """)
  var detector: DetectorKind?

  @Option(
    help: ArgumentHelp(
      """
      The agent's English voice: \(Voice.usage). Default: the first whose engine is there; with --endpointing snappy, \
      \(Voice.quickest.name).
      """), completion: .list(Voice.names))
  var voice: String?

  @Option(help: "The agent's language, as in en or de.")
  var language: String?

  func apply(to options: inout VoiceServerOptions, _ given: Configuration) throws {
    var configuration = given
    override(&configuration)
    if let mode = configuration.endpointing {
      options.agent.endpointing =
        switch mode {
        case .normal: .normal
        case .snappy: .snappy
        case .adaptive: .adaptive
        }
    }
    options.opus = configuration.opus
    if let codecs = configuration.server.codecs { options.allow(codecs) }
    options.agent.bargeIn = configuration.server.bargeIn ?? options.agent.bargeIn
    options.agent.language = configuration.server.language ?? options.agent.language
    options.voice = configuration.server.voice
    // Other languages have one voice each, whatever it is called.
    if let name = options.voice, options.agent.language.lowercased().hasPrefix("en") {
      do {
        _ = try Voice.usable(name)
      } catch {
        throw ValidationError("the voice \(name) cannot speak: \(error.reason): \(error.remedy)")
      }
    }
    if let interval = configuration.server.tokenInterval { options.pace.tokenInterval = interval }
    options.hearing = HearingChoice(
      recognizer: configuration.server.recognizer, detector: configuration.server.detector)
    if options.hearing.recognizer != nil || options.hearing.detector != nil, let fault = options.hearing.fault {
      throw failure(.unavailable, "\(fault.reason); to have it: \(fault.remedy)")
    }
    options.languageModel = try languageModel(configuration.llm)
    options.voiceService = try voiceService(configuration.tts)
    options.recognitionService = try recognitionService(
      configuration.stt, language: configuration.stt.language ?? options.agent.language)
    try fallBack(configuration, &options)
    if options.languageModelFallback != nil, configuration.llm.firstWordTimeout == nil {
      options.languageModel?.firstWordTimeout = Self.firstWordTimeoutWithFallback
    }
  }

  /// Writes what was given on the command line into the configuration.
  func override(_ configuration: inout Configuration) {
    configuration.endpointing = endpointing ?? configuration.endpointing
    configuration.server.bargeIn = bargeIn ?? configuration.server.bargeIn
    configuration.server.voice = voice ?? configuration.server.voice
    configuration.server.language = language ?? configuration.server.language
    switch stt {
    case .engine(let kind): (configuration.server.recognizer, configuration.stt.provider) = (kind, nil)
    case .service(let name): configuration.stt.provider = name
    case nil: break
    }
    configuration.stt.url = sttURL ?? configuration.stt.url
    configuration.stt.model = sttModel ?? configuration.stt.model
    configuration.stt.language = sttLanguage ?? configuration.stt.language
    configuration.stt.apiKeyEnvironment = sttKeyEnv ?? configuration.stt.apiKeyEnvironment
    configuration.server.detector = detector ?? configuration.server.detector
    configuration.llm.provider = llm?.name ?? configuration.llm.provider
    configuration.llm.url = llmURL ?? configuration.llm.url
    configuration.llm.model = llmModel ?? configuration.llm.model
    configuration.llm.apiKeyEnvironment = llmKeyEnv ?? configuration.llm.apiKeyEnvironment
    configuration.tts.provider = tts?.name ?? configuration.tts.provider
    configuration.tts.url = ttsURL ?? configuration.tts.url
    configuration.tts.voice = ttsVoice ?? configuration.tts.voice
    configuration.tts.model = ttsModel ?? configuration.tts.model
    configuration.tts.apiKeyEnvironment = ttsKeyEnv ?? configuration.tts.apiKeyEnvironment
    for setting in ttsSet {
      let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      configuration.tts.settings[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
    }
    configuration.tts.firstSoundTimeout = ttsTimeout?.value ?? configuration.tts.firstSoundTimeout
    for flag in fallback {
      switch flag.kind {
      case .llm: configuration.fallback.languageModel = flag.text
      case .tts: configuration.fallback.voice = flag.text
      case .stt: configuration.fallback.recognition = flag.text
      }
    }
    configuration.llm.prompt = llmPrompt ?? configuration.llm.prompt
    configuration.llm.maximumTokens = llmMaxTokens ?? configuration.llm.maximumTokens
    configuration.llm.firstWordTimeout = llmTimeout?.value ?? configuration.llm.firstWordTimeout
  }

  /// What a server has not got of the engines that are the default, in words.
  static func shortcomings(of options: VoiceServerOptions) -> [Notice] {
    guard options.recognitionService == nil, let fault = options.hearing.fault else { return [] }
    let (recognizer, detector) = options.hearing.served
    return [
      Notice(
        .engineMissing, .info, .server,
        "speech is recognised by \(recognizer.name) and \(detector.name), which misunderstand much: \(fault.reason)",
        remedy: fault.remedy)
    ]
  }

  /// Where the language model is asked; nil for the built-in one.
  private func languageModel(_ wanted: Configuration.LanguageModel) throws -> LanguageModelEndpoint? {
    guard let card = wanted.provider.flatMap(LanguageModelCard.named) else { return nil }
    guard let model = wanted.model else {
      throw ValidationError("--llm \(card.name) needs --llm-model, the name of a model")
    }
    if let count = wanted.maximumTokens, !(1...100_000).contains(count) {
      throw ValidationError("--llm-max-tokens is a number from 1 to 100000")
    }
    if let timeout = wanted.firstWordTimeout, timeout <= .zero {
      throw ValidationError("--llm-timeout is longer than nothing, as in 20s")
    }
    let key = try ServiceKey(of: "llm", card, named: wanted.apiKeyEnvironment, at: wanted.url)
    do {
      var endpoint = try card.endpoint(address: wanted.url, model: model, apiKey: key.value)
      endpoint.address.keyVariable = key.variable
      endpoint.prompt = wanted.prompt ?? endpoint.prompt
      endpoint.maximumTokens = wanted.maximumTokens
      endpoint.firstWordTimeout = wanted.firstWordTimeout ?? endpoint.firstWordTimeout
      return endpoint
    } catch {
      throw ValidationError("--llm-url: \(error)")
    }
  }

  /// What speaks; nil for a voice of this machine.
  private func voiceService(_ wanted: Configuration.Voice) throws -> VoiceServiceEndpoint? {
    guard let card = wanted.provider.flatMap(VoiceServiceCard.named) else { return nil }
    if let timeout = wanted.firstSoundTimeout, timeout <= .zero {
      throw ValidationError("--tts-timeout is longer than nothing, as in 3s")
    }
    let key = try ServiceKey(of: "tts", card, named: wanted.apiKeyEnvironment, at: wanted.url)
    do {
      var endpoint = try card.endpoint(
        address: wanted.url, voice: wanted.voice, model: wanted.model, apiKey: key.value)
      endpoint.address.keyVariable = key.variable
      endpoint.firstSoundTimeout = wanted.firstSoundTimeout ?? endpoint.firstSoundTimeout
      try endpoint.set(wanted.settings)
      return endpoint
    } catch let fault as VoiceRequestFault {
      throw ValidationError("--tts-set: \(fault)")
    } catch {
      throw ValidationError("--tts-url: \(error)")
    }
  }

  /// Where another model stands by, nobody waits as long for the first one.
  private static let firstWordTimeoutWithFallback: Duration = .seconds(10)

  /// What takes the place of services that fail.
  private func fallBack(_ configuration: Configuration, _ options: inout VoiceServerOptions) throws {
    let wanted = configuration.fallback
    func key(_ variable: String) -> String? { getenv(variable).map { String(cString: $0) } }
    do {
      options.languageModelFallback = try wanted.languageModel.flatMap { try LanguageModelFallback($0, key: key) }
      if let name = wanted.voice { options.voiceFallback = try VoiceFallback(name, key: key) }
      if let name = wanted.recognition {
        let language = configuration.stt.language ?? options.agent.language
        options.recognitionFallback = try RecognitionFallback(name, language: language, key: key)
      }
    } catch {
      throw ValidationError("--fallback: \(error)")
    }
  }
}

extension ServerFlags {
  /// What hears; nil for a recognizer of this machine.
  private func recognitionService(
    _ wanted: Configuration.Recognition, language: String
  ) throws -> RecognitionServiceEndpoint? {
    guard let card = wanted.provider.flatMap(RecognitionServiceCard.named) else { return nil }
    let key = try ServiceKey(of: "stt", card, named: wanted.apiKeyEnvironment, at: wanted.url)
    do {
      var endpoint = try card.endpoint(
        address: wanted.url, model: wanted.model, language: language, apiKey: key.value)
      endpoint.address.keyVariable = key.variable
      return endpoint
    } catch {
      throw ValidationError("--stt-url: \(error)")
    }
  }
}

/// The key of a service, and the environment variable that holds it.
private struct ServiceKey {
  var value: String?
  var variable: String?

  /// - Parameters:
  ///   - flag: of what kind of service, as in `llm`.
  ///   - named: the variable that was named.
  ///   - url: the address that was given; nil: the usual one.
  /// - Throws: where a key is needed, or its variable was named, and there is none.
  init(of flag: String, _ card: some ServiceCard, named: String?, at url: String?) throws {
    variable = card.keyVariable(named: named, at: url)
    value = variable.flatMap { getenv($0) }.map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    guard value == nil else { return }
    if let named {
      throw ValidationError("the environment variable \(named), which should hold the API key, is not set")
    }
    if let variable, card.needsKey {
      throw ValidationError(
        "--\(flag) \(card.name) needs an API key: put it into \(variable), or name its variable by --\(flag)-key-env")
    }
  }
}

/// The word for what the program has itself, or the name of a service.
struct ServiceFlag<Card: ServiceCard>: ExpressibleByArgument {
  var name: String
  init?(argument: String) {
    guard Card.names.contains(argument) else { return nil }
    name = argument
  }

  static var allValueStrings: [String] { Card.names }
  static var usage: String {
    (["\(Card.own.name) (\(Card.own.meaning))"] + Card.all.map { "\($0.name) (\($0.title))" }).joined(separator: ", ")
  }
  static var addresses: String { Card.all.map { "\($0.usualAddress) for \($0.name)" }.joined(separator: ", ") }
  static var keyVariables: String {
    Card.all.compactMap { card in card.keyVariable.map { "\($0) for \(card.name)" } }.joined(separator: ", ")
  }
}

/// A recognizer of this machine, or the word for a service or for the best of this machine.
enum RecognizerFlag: ExpressibleByArgument {
  case engine(RecognizerKind)
  case service(String)

  init?(argument: String) {
    if let kind = RecognizerKind(rawValue: argument) {
      self = .engine(kind)
    } else if let flag = ServiceFlag<RecognitionServiceCard>(argument: argument) {
      self = .service(flag.name)
    } else {
      return nil
    }
  }

  static var allValueStrings: [String] {
    ServiceFlag<RecognitionServiceCard>.allValueStrings + RecognizerKind.allCases.map(\.rawValue)
  }
}

/// A kind of service, and what takes its place, as in `tts=slt`.
struct FallbackFlag: ExpressibleByArgument {
  enum Kind: String { case llm, tts, stt }
  var kind: Kind
  var text: String

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1)
    guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])) else { return nil }
    (self.kind, text) = (kind, String(parts[1]))
  }
}

extension BargeInPolicy: ExpressibleByArgument {}
extension DetectorKind: ExpressibleByArgument {}
extension Configuration.Endpointing: ExpressibleByArgument {}

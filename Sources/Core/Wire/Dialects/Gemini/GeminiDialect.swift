import Audio
import FoundationEssentials
import Timeline

/// Gemini Live: Google's `BidiGenerateContent` over WebSocket. See docs/gemini.md.
///
/// Messages have no type: the member that is there says what they are, and one may hold several contents. Messages and
/// their fields: the vendor's Python SDK (PyPI `google-genai`, `types.py` and `live.py`).
///
///   GeminiDialect            the card; what a message is
///   GeminiDialect+Client     what a client says, and what its messages mean
///   GeminiDialect+Server     what a server says, and what its messages mean
///   GeminiSetup              the settings, by the names that all dialects have
///   GeminiLink               what the messages of a link have shown so far
///   GeminiMessage            JSON with either spelling of its names, and audio that is not decoded twice
public struct GeminiDialect: Dialect {
  private static let service = "/ws/google.ai.generativelanguage"
  private static let method = "GenerativeService.BidiGenerateContent"

  public static let card = DialectCard(
    name: "gemini", title: "Gemini Live",
    notes: "JSON without a type, the server's in binary messages; audio as base64 in it, 16 kHz up and 24 kHz down. "
      + "See docs/gemini.md.",
    defaultURL: "wss://generativelanguage.googleapis.com\(service).v1beta.\(method)",
    // Each of the vendor's libraries has its own version; some put a second slash before it.
    otherPaths: ["v1", "v1beta", "v1alpha"].flatMap { version in
      ["", "/"].map { "\($0)\(service).\(version).\(method)" }
    },
    credentials: [
      DialectCard.Credential(environment: "GEMINI_API_KEY", place: .header("x-goog-api-key", prefix: "")),
      DialectCard.Credential(environment: "GEMINI_API_KEY", place: .query("key")),
    ],
    options: [
      DialectCard.Option(
        name: "model", help: "The model that answers.", fallback: "gemini-3.1-flash-live-preview", place: .opening),
      // A session's settings are said once.
      DialectCard.Option(name: "voice", help: "The voice that answers.", place: .opening),
      DialectCard.Option(name: "language", help: "The language of the answers, as in `en-US`.", place: .opening),
      DialectCard.Option(name: "instructions", help: "What the model is told to be and to do.", place: .opening),
    ],
    uplink: WireAudioForms(WireAudioForm(.pcm16, rate: 16_000, .base64), isDeclared: true, chunk: .milliseconds(20)),
    downlink: WireAudioForms(WireAudioForm(.pcm16, rate: 24_000, .base64), chunk: .milliseconds(40)),
    // How long the server's detector waits is not documented: 800 ms are assumed.
    readiness: .afterOpening, turns: .byAudio(silence: .milliseconds(800)), responseEnd: .said, identity: .byOrder,
    interruption: .serverDetects, transcription: .besideAnswer, resume: .opening,
    textIsBinary: true,
    clientSays: [.audio, .speechEnd, .text, .toolResult],
    serverSays: [
      .audio, .ready, .userSpeechStart, .userSpeechEnd, .transcriptInterim, .transcriptFinal, .responseText,
      .responseComplete, .interrupted, .toolCall, .toolCallsCancelled, .usage, .expiry, .resumeToken,
    ],
    readyAdvice: "the server should answer the setup with setupComplete: does it know the model?",
    configText: #"{"instructions": "Be brief.", "voice": "Puck", "language": "en-US"}"#,
    voices: ["Aoede", "Charon", "Fenrir", "Kore", "Leda", "Orus", "Puck", "Zephyr"])

  /// Where the client ends the turns it says so, and when it begins.
  private static let manualCard = card.with(
    turns: .byClient, clientSays: card.clientSays.subtracting([.speechEnd]).union([.speechStart, .turnEnd]))

  public private(set) var card: DialectCard
  let wanted: DialectSettings
  var link = GeminiLink()
  /// The server was ready before the client's setup had come.
  var earlyReady: Ready?

  public init(_ settings: DialectSettings = DialectSettings()) {
    wanted = settings
    card = settings.isManual ? Self.manualCard : Self.card
  }

  /// Puts into the card what ends the user's turns.
  mutating func agree(on setup: JSONValue) {
    guard !GeminiSetup.isManual(setup) else { return card = Self.manualCard }
    // A moment is needed to see the silence.
    let silence = GeminiSetup.silenceMs(setup).map { Duration.milliseconds(Int(min(max($0, 0), 10_000)) + 200) }
    card = silence.map { Self.card.with(turns: .byAudio(silence: $0)) } ?? Self.card
  }

  // MARK: Reading

  public mutating func read(_ message: WireMessage, from side: Side) -> Reading {
    guard message.isText || BinaryText.holdsJSON(message.payload) else {
      return Reading("?", [.malformed(what: "message", reason: "binary, and not JSON")])
    }
    let parsed: GeminiMessage
    do {
      parsed = try GeminiMessage(message.payload)
    } catch {
      return Reading("?", [.malformed(what: "message", reason: error.reason)])
    }
    var parts = side == .client ? readClient(parsed) : readServer(parsed)
    if parts.isEmpty {
      let name = parsed.anyMember ?? "{}"
      parts = [Part(name, [.unknown(type: name)])]
    }
    let summary = parts.compactMap(\.summary).joined(separator: "; ")
    return Reading(
      parts.map(\.name).joined(separator: "+"), parts.flatMap(\.events),
      summary: summary.isEmpty ? nil : String(summary.prefix(240)))
  }

  /// One content of a message, by the name of its own member: those around it say less.
  struct Part {
    var name: String
    var events: [VoiceEvent]
    var summary: String?
    init(_ name: String, _ events: [VoiceEvent] = [], summary: String? = nil) {
      self.name = name
      self.events = events
      self.summary = summary
    }
  }

  /// Audio of either side, as its type declares it.
  func audio(_ blob: JSONValue, in message: GeminiMessage, from side: Side) -> VoiceEvent {
    guard let text = blob.member("data")?.stringValue else {
      return .malformed(what: "audio", reason: "no base64 string in \"data\"")
    }
    switch message.bytes(of: text) {
    case .failure(let problem): return .malformed(what: "audio", reason: problem.reason)
    case .success(let bytes):
      let form = (side == .client ? card.uplink : card.downlink).preferred
      let rate = GeminiMessage.rate(ofType: blob.member("mimeType")?.stringValue)
      return .audio(AudioPayload(bytes: bytes, format: form.codec.rawValue, rate: rate ?? form.rate))
    }
  }

  // MARK: Saying

  public mutating func say(_ what: Saying, as side: Side, at now: Timestamp) -> [WireMessage] {
    switch (side, what) {
    case (.client, .opening(let handle)): [setup(resuming: handle)]
    case (.server, .opening): []
    case (.client, .event(let event, _)): sayAsClient(event)
    case (.server, .event(let event, _)): sayAsServer(event)
    }
  }

  public mutating func owes(as side: Side, at now: Timestamp) -> [WireMessage] {
    guard side == .server, link.hasSetup, let ready = earlyReady else { return [] }
    earlyReady = nil
    return [setupComplete(ready)]
  }

  /// A message with audio, without an encoder.
  static func audio(_ bytes: [UInt8], rate: Int, before: String, after: String) -> [UInt8] {
    Array("\(before){\"mimeType\":\"audio/pcm;rate=\(rate)\",\"data\":\"".utf8)
      + Array(Data(bytes).base64EncodedString().utf8) + Array("\"}\(after)".utf8)
  }
}

import Audio
import FoundationEssentials
import Timeline

/// OpenAI's Realtime protocol over WebSocket, in the shape that is generally available since 2025. See docs/openai.md.
///
/// Events and their fields: the vendor's Python SDK (PyPI `openai`, `types/realtime`). The names of the beta shape are
/// read, too, because compatible servers still send them. A link whose server begins in that shape goes on in it.
///
///   OpenAIDialect            the card; what a message is
///   OpenAIDialect+Client     what a client says, and what its messages mean
///   OpenAIDialect+Server     what a server says
///   OpenAIDialect+Events     what a server's messages mean
///   OpenAIShape              what is said otherwise in the beta shape
///   OpenAILink, OpenAISettings: what the messages of a link have shown so far
public struct OpenAIDialect: Dialect {
  public static let card = DialectCard(
    name: "openai", title: "OpenAI Realtime",
    notes: "JSON text messages with `type`; audio as base64 in them, 24 kHz PCM or 8 kHz G.711. See docs/openai.md.",
    defaultURL: "wss://api.openai.com/v1/realtime",
    credentials: [
      DialectCard.Credential(
        environment: "OPENAI_API_KEY", place: .header("Authorization", prefix: "Bearer ")),
      DialectCard.Credential(
        environment: "OPENAI_API_KEY", place: .subprotocol(prefix: "openai-insecure-api-key.")),
    ],
    subprotocols: ["realtime"],
    options: [
      DialectCard.Option(
        name: "model", help: "The model that answers.", fallback: "gpt-realtime", place: .query("model")),
      DialectCard.Option(
        name: "transcription", help: "The model that writes down what you say.", fallback: "gpt-4o-mini-transcribe",
        place: .opening),
    ],
    uplink: WireAudioForms(
      WireAudioForm(.pcm16, rate: 24_000, .base64), WireAudioForm(.mulaw, rate: 8000, .base64),
      WireAudioForm(.alaw, rate: 8000, .base64), chunk: .milliseconds(20)),
    downlink: WireAudioForms(
      WireAudioForm(.pcm16, rate: 24_000, .base64), WireAudioForm(.mulaw, rate: 8000, .base64),
      WireAudioForm(.alaw, rate: 8000, .base64), chunk: .milliseconds(100)),
    // The server's detector ends a turn after 500 ms of silence, and needs a moment to see it.
    readiness: .greeting, turns: .byAudio(silence: .milliseconds(700)), responseEnd: .said, identity: .byID,
    interruption: .clientSays(truncates: true), transcription: .besideAnswer,
    clientSays: [
      .audio, .interrupt, .heard, .turnEnd, .audioDiscarded, .responseRequest, .config, .text, .toolResult,
    ],
    serverSays: [
      .audio, .ready, .userSpeechStart, .userSpeechEnd, .transcriptInterim, .transcriptFinal, .responseStarted,
      .responseText, .responseComplete, .interrupted, .toolCall, .rateLimits, .configApplied, .error,
    ],
    // What the server still has to say of its interruption comes after this, and audio may come in between.
    speechStartCuts: true,
    readyAdvice: "the server's first message should be session.created: is this a server of OpenAI Realtime?",
    configText: #"{"instructions": "Be brief.", "voice": "marin", "language": "en"}"#,
    voices: ["alloy", "ash", "ballad", "cedar", "coral", "echo", "marin", "sage", "shimmer", "verse"])

  /// With the forms of audio that are in force, and who ends the turns.
  public private(set) var card: DialectCard
  /// The card before anything was agreed on.
  private let base: DialectCard
  let wanted: DialectSettings
  /// How messages are said on this link.
  var shape: OpenAIShape
  var link = OpenAILink()
  /// Numbers of events and items that this side gives.
  var serial = 0
  /// A response is to be asked for as soon as the one in progress has ended.
  var owesRequest = false

  public init(_ settings: DialectSettings = DialectSettings()) { self.init(settings, Self.card, .current) }

  /// - Parameter shape: the one that the link begins in.
  init(_ settings: DialectSettings, _ card: DialectCard, _ shape: OpenAIShape) {
    wanted = settings
    self.card = card
    base = card
    self.shape = shape
    agree()
  }

  /// Puts into the card what is in force now.
  mutating func agree() {
    let (uplink, downlink) = (form(of: .client), form(of: .server))
    let asked = OpenAISettings(link.asked)
    let isManual = asked.saysManual ?? link.settings.saysManual ?? wanted.isManual
    let turns = isManual ? .byClient : asked.turns ?? link.settings.turns ?? base.turns
    guard card.uplink.preferred != uplink || card.downlink.preferred != downlink || card.turns != turns else { return }
    card = base.with(uplink: uplink, downlink: downlink, turns: turns)
  }

  /// The model that writes down what the user says.
  var transcription: String { option("transcription") }
  /// The model that answers.
  var model: String { option("model") }

  private func option(_ name: String) -> String {
    wanted.options[name] ?? base.options.first { $0.name == name }?.fallback ?? ""
  }

  static let standardForm = WireAudioForm(.pcm16, rate: 24_000, .base64)

  /// How a side's audio travels now.
  func form(of side: Side) -> WireAudioForm {
    switch side {
    case .client:
      OpenAISettings(link.asked).uplink ?? link.settings.uplink ?? wanted.uplink ?? Self.standardForm
    case .server: link.active?.form ?? link.settings.downlink ?? wanted.downlink ?? Self.standardForm
    }
  }

  // MARK: Reading

  public mutating func read(_ message: WireMessage, from side: Side) -> Reading {
    let bytes = message.payload
    guard message.isText || BinaryText.holdsJSON(bytes) else {
      return Reading("?", [.malformed(what: "message", reason: "binary; this protocol has text messages only")])
    }
    if let audio = OpenAIAudio.parse(bytes, from: side) { return read(audio, from: side) }
    return readEvent(bytes, from: side)
  }

  /// Audio of either side.
  mutating func read(_ audio: OpenAIAudio, from side: Side) -> Reading {
    var form = form(of: side)
    if side == .server, let own = link.response(audio.reference?.response)?.form { form = own }
    let bytes = audio.bytes.count
    let ms = Double(bytes) / Double(form.codec.sampleByteCount ?? 2) / Double(form.rate) * 1000
    if side == .client {
      link.heardMs += ms
      link.uncommittedMs += ms
    } else if let item = audio.reference?.item {
      link.audioReceived(item: item, of: audio.reference?.response, ms: ms)
    }
    let payload = AudioPayload(bytes: audio.bytes, format: form.codec.rawValue, rate: form.rate)
    return Reading(audio.type, [.audio(payload)], of: audio.reference)
  }

  private mutating func readEvent(_ original: [UInt8], from side: Side) -> Reading {
    let plain = BinaryText.withoutMark(original)
    // The decoder would take UTF-16 as well.
    guard String(validating: plain, as: UTF8.self) != nil else {
      return Reading("?", [.malformed(what: "text frame", reason: "invalid UTF-8")])
    }
    let object: JSONValue
    do {
      object = try JSONValue(parsing: LoneSurrogates.escaped(plain, asMarks: true))
    } catch {
      return Reading("?", [.malformed(what: "text frame", reason: "\(error)")])
    }
    guard case .object = object else {
      return Reading("?", [.malformed(what: "text frame", reason: "JSON, but no object")])
    }
    guard let name = OpenAIEvent(object).text("type"), !name.isEmpty else {
      return Reading("?", [.malformed(what: "message", reason: "no string \"type\"")])
    }
    let type = OpenAIShape.currentType(name)
    let event = inCurrentShape(object, from: side)
    if type == "session.created", side == .server { noticeShape(object["session"]) }
    var reading = side == .client ? readClient(event, type) : readServer(event, type)
    reading.type = name
    reading.summary = reading.summary.map { String($0.prefix(240)) }
    return reading
  }

  /// What a client asks for stays as it is where it has the wrong shape for this link: it gets an error.
  private func inCurrentShape(_ object: JSONValue, from side: Side) -> OpenAIEvent {
    guard case .object(var members) = object else { return OpenAIEvent(object) }
    if side == .server || shape == .beta {
      members["session"] = members["session"].map { OpenAIShape.inCurrent($0, isSession: true) }
    }
    members["response"] = members["response"].map { OpenAIShape.inCurrent($0, isSession: false) }
    return OpenAIEvent(.object(members))
  }

  /// The server's first message decides on the shape of the link.
  private mutating func noticeShape(_ session: JSONValue?) {
    guard link.sessionID == nil, let seen = session.flatMap({ OpenAIShape(of: $0) }) else { return }
    shape = seen
  }

  // MARK: Saying

  public mutating func say(_ what: Saying, as side: Side, at now: Timestamp) -> [WireMessage] {
    switch (side, what) {
    case (.client, .opening): [opening()]
    case (.server, .opening): []
    case (.client, .event(let event, let of)): sayAsClient(event, of)
    case (.server, .event(let event, let of)): sayAsServer(event, of)
    }
  }

  public mutating func owes(as side: Side, at now: Timestamp) -> [WireMessage] {
    side == .client ? owesAsClient() : owesAsServer()
  }

  mutating func nextName(_ kind: String) -> String {
    serial += 1
    return "\(kind)_\(serial)"
  }

  /// One event of the protocol, by its current name and members.
  mutating func event(_ type: String, _ fields: [String: JSONValue] = [:]) -> WireMessage {
    var members = shape.members(fields, of: type)
    members["type"] = .string(shape.typeName(type))
    members["event_id"] = .string(nextName("event"))
    return .string(JSONValue.object(members).jsonText)
  }
}

/// A message with the fields that any message may have.
struct OpenAIEvent {
  let object: JSONValue
  init(_ object: JSONValue) { self.object = object }

  subscript(_ name: String) -> JSONValue? {
    let value = object[name]
    return value == .null ? nil : value
  }
  func text(_ name: String) -> String? { self[name]?.stringValue.map(LoneSurrogates.settled) }
  /// A piece of a text: halves of UTF-16 pairs may find the others in the next.
  func delta(_ name: String) -> String? { self[name]?.stringValue }
  func name(_ field: String) -> String? { Self.name(self[field]) }

  /// A name that may be kept; nil for what is none.
  static func name(_ value: JSONValue?) -> String? {
    value?.stringValue.flatMap {
      !$0.isEmpty && $0.utf8.count <= WireRef.longestName ? LoneSurrogates.settled($0) : nil
    }
  }

  /// What the message is about.
  var reference: WireRef? {
    WireRef(
      response: name("response_id") ?? Self.name(self["response"]?["id"]),
      item: name("item_id") ?? Self.name(self["item"]?["id"]), part: self["content_index"]?.intValue)
  }
}

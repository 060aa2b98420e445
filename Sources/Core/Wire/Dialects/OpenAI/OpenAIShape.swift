/// The two shapes that the protocol has had. The dialect works in the current one alone: what a peer says in the other is
/// translated when it comes, and what the peer is to read in the other when it goes.
///
/// Names of the beta shape: the vendor's Python SDK (PyPI `openai`, `types/beta/realtime`).
enum OpenAIShape: Sendable {
  /// Generally available since 2025.
  case current
  /// The one before, which compatible servers still have: a flat session, and older names.
  case beta

  /// The dialect that begins in this shape.
  var dialect: String { self == .current ? OpenAIDialect.card.name : OpenAIBetaDialect.card.name }

  /// Which shape a session object has; nil where it says nothing that only one of them has.
  init?(of session: JSONValue) {
    guard case .object(let members) = session else { return nil }
    if members["type"] == .string("realtime") || members["audio"] != nil || members["output_modalities"] != nil {
      self = .current
    } else if Self.members.contains(where: { members[$0.beta] != nil }) {
      self = .beta
    } else {
      return nil
    }
  }

  // MARK: Names

  /// Beginnings of types that have other names.
  private static let types: [(beta: String, current: String)] = [
    ("response.audio.", "response.output_audio."),
    ("response.audio_transcript.", "response.output_audio_transcript."),
    ("response.text.", "response.output_text."),
  ]
  /// Members of sessions and of the settings of responses, and where they stand now.
  private static let members: [(beta: String, path: [String])] = [
    ("modalities", ["output_modalities"]),
    ("max_response_output_tokens", ["max_output_tokens"]),
    ("input_audio_format", ["audio", "input", "format"]),
    ("input_audio_transcription", ["audio", "input", "transcription"]),
    ("input_audio_noise_reduction", ["audio", "input", "noise_reduction"]),
    ("turn_detection", ["audio", "input", "turn_detection"]),
    ("output_audio_format", ["audio", "output", "format"]),
    ("voice", ["audio", "output", "voice"]),
    ("speed", ["audio", "output", "speed"]),
  ]
  private static let formats: [(beta: String, current: String)] = [
    ("pcm16", "audio/pcm"), ("g711_ulaw", "audio/pcmu"), ("g711_alaw", "audio/pcma"),
  ]
  private static let contents = ["output_text": "text", "output_audio": "audio"]

  // MARK: What comes

  /// The current name of a type.
  static func currentType(_ type: String) -> String {
    guard type.hasPrefix("response."), let row = types.first(where: { type.hasPrefix($0.beta) }) else { return type }
    return row.current + type.dropFirst(row.beta.count)
  }

  /// A session, or the settings of a response, in the current shape; as it is where it has that already.
  static func inCurrent(_ object: JSONValue, isSession: Bool) -> JSONValue {
    guard OpenAIShape(of: object) != .current, case .object(var result) = object else { return object }
    for (name, path) in members {
      guard let value = result.removeValue(forKey: name) else { continue }
      JSONValue.set(currentValue(value, of: name), at: path[...], in: &result)
    }
    if isSession { result["type"] = .string("realtime") }
    return .object(result)
  }

  private static func currentValue(_ value: JSONValue, of name: String) -> JSONValue {
    switch name {
    case "modalities":
      guard case .array(let names) = value else { return value }
      return .array([names.contains(.string("audio")) ? .string("audio") : .string("text")])
    case "input_audio_format", "output_audio_format":
      guard let format = formats.first(where: { $0.beta == value.stringValue })?.current else { return value }
      let rate: [String: JSONValue] = format == "audio/pcm" ? ["rate": .number(24_000)] : [:]
      return .object(rate.merging(["type": .string(format)]) { $1 })
    default: return value
    }
  }

  // MARK: What goes

  /// The name of a type in this shape.
  func typeName(_ current: String) -> String {
    guard self == .beta else { return current }
    if current == "conversation.item.added" { return "conversation.item.created" }
    guard let row = Self.types.first(where: { current.hasPrefix($0.current) }) else { return current }
    return row.beta + current.dropFirst(row.current.count)
  }

  /// The members of a message in this shape.
  /// - Parameter type: its current name.
  func members(_ current: [String: JSONValue], of type: String) -> [String: JSONValue] {
    guard self == .beta else { return current }
    var members = current
    for name in ["session", "response"] { members[name] = members[name].map(Self.inBeta) }
    members["item"] = members["item"].map(Self.betaItem)
    if type == "response.function_call_arguments.done" { members["name"] = nil }
    return members
  }

  private static func inBeta(_ object: JSONValue) -> JSONValue {
    guard case .object(var result) = object else { return object }
    if result["type"] == .string("realtime") { result["type"] = nil }
    for (name, path) in members {
      guard let value = path.reduce(object as JSONValue?, { $0?[$1] }) else { continue }
      result[path[0]] = nil
      result[name] = betaValue(value, of: name)
    }
    result["audio"] = nil
    if case .array(let items)? = result["output"] { result["output"] = .array(items.map(betaItem)) }
    return .object(result)
  }

  private static func betaValue(_ value: JSONValue, of name: String) -> JSONValue? {
    switch name {
    case "modalities":
      guard case .array(let names) = value, names.contains(.string("audio")) else { return value }
      return .array([.string("text"), .string("audio")])
    case "input_audio_format", "output_audio_format":
      return formats.first { $0.current == value["type"]?.stringValue }.map { JSONValue.string($0.beta) }
    default: return value
    }
  }

  private static func betaItem(_ item: JSONValue) -> JSONValue {
    guard case .object(var members) = item, case .array(let parts)? = members["content"] else { return item }
    members["content"] = .array(
      parts.map { part in
        guard case .object(var members) = part, let name = members["type"]?.stringValue.flatMap({ contents[$0] })
        else { return part }
        members["type"] = .string(name)
        return .object(members)
      })
    return .object(members)
  }
}

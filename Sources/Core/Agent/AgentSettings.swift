import Wire

/// What a client can change while it talks, by `config`.
///
/// | key           | value                                                                  |
/// |---------------|------------------------------------------------------------------------|
/// | `language`    | a language tag, as in `en` or `pt-BR`                                  |
/// | `voice`       | a voice's name: letters, digits, `_`, `+`, `-`, `.`                    |
/// | `turn_detection` | null: the client ends the turns; a name: silence does                  |
/// | `create_response`, `interrupt_response` | whether a turn is answered by itself, and whether speech cuts an answer |
/// | `endpointing` | `"default"` (500 ms), `"snappy"` (300 ms), `"adaptive"`, or milliseconds, 100…5000 |
/// | `barge_in`    | what speech over the agent does: `"words"`, `"voice"` or `"off"` (`BargeInPolicy`) |
///
/// Keys about the agent's audio are `AudioAgreement`'s. Others are kept and echoed; they change nothing here.
public struct AgentSettings: Sendable, Equatable {
  public internal(set) var language: String
  /// The voice that speaks English: the one that the client has named, or the configured one for its endpointing.
  public internal(set) var voice: String {
    get { namedVoice ?? (endpointing.silence <= Endpointing.snappy.silence ? quickVoice : nil) ?? standardVoice }
    set { namedVoice = newValue }
  }
  public internal(set) var endpointing: Endpointing
  /// What speech over the agent does.
  public internal(set) var bargeIn: BargeInPolicy
  /// It is told with the other settings: the client can hold, or somebody has chosen it.
  private var tellsBargeIn: Bool
  /// The voice that the client knows it by, where that is none of ours.
  private var foreignVoice: String?
  private var namedVoice: String?
  private var standardVoice: String
  private var quickVoice: String?
  /// The client alone ends the user's turns.
  public internal(set) var isManual = false
  private var createsResponses: Bool?
  private var interruptsResponses: Bool?
  /// A turn that silence has ended is answered without being asked to.
  var answersTurns: Bool { !isManual && createsResponses != false }
  /// Speech cuts the answer that is being spoken.
  var voiceCuts: Bool { !isManual && interruptsResponses != false }
  /// What the client says of its tools.
  var tools: JSONValue? { others["tools"] }
  /// Keys that are not ours, as they came.
  public internal(set) var others: [String: JSONValue] = [:]

  private let languages: Set<String>
  private let voices: Set<String>
  private let foreignVoices: Set<String>

  /// Most bytes of keys and values that are not ours.
  static let othersCapacity = 16_384

  /// The settings before the client has asked for any.
  public init(_ configuration: AgentConfiguration) {
    language = configuration.language
    standardVoice = configuration.voice
    quickVoice = configuration.quickVoice
    endpointing = configuration.endpointing
    bargeIn = configuration.bargeIn ?? (configuration.tellsHolds ? .words : .voice)
    tellsBargeIn = configuration.tellsHolds
    languages = configuration.languages
    voices = configuration.voices
    foreignVoices = configuration.foreignVoices
  }

  /// A voice that cannot speak is not asked to again, unless the client names it again.
  mutating func substitute(_ voice: String, by other: String) {
    if namedVoice == voice { namedVoice = other }
    if standardVoice == voice { standardVoice = other }
    if quickVoice == voice { quickVoice = other }
  }

  /// All settings in force, as `config_applied` tells them.
  public var json: JSONValue { json(with: [:]) }

  /// The same, with settings that are kept elsewhere.
  func json(with elsewhere: [String: JSONValue]) -> JSONValue {
    var members = others.merging(elsewhere) { $1 }
    members["language"] = .string(language)
    members["voice"] = .string(foreignVoice ?? voice)
    if let createsResponses { members["create_response"] = .bool(createsResponses) }
    if let interruptsResponses { members["interrupt_response"] = .bool(interruptsResponses) }
    if tellsBargeIn { members["barge_in"] = .string(bargeIn.rawValue) }
    members["endpointing"] =
      switch endpointing {
      case .normal: .string("default")
      case .snappy: .string("snappy")
      case .adaptive: .string("adaptive")
      default: .number(endpointing.silence.milliseconds)
      }
    return .object(members)
  }

  /// Applies what is good of a `config` and returns what is wrong with the rest, each naming its key.
  mutating func apply(_ wanted: JSONValue) -> [String] {
    guard case .object(let members) = wanted else { return ["config: must be a JSON object"] }
    return members.sorted { $0.key < $1.key }.compactMap { key, value in
      switch key {
      case "language": set(\.language, key, value, known: languages, isWellFormed: Self.isLanguageTag)
      case "voice": setVoice(value)
      case "turn_detection":
        setTurnDetection(value)
      case "create_response": setFlag(\.createsResponses, key, value)
      case "interrupt_response": setFlag(\.interruptsResponses, key, value)
      case "endpointing": setEndpointing(value)
      case "barge_in": setBargeIn(value)
      default: setOther(key, value)
      }
    }
  }

  private mutating func set(
    _ setting: WritableKeyPath<AgentSettings, String>, _ key: String, _ value: JSONValue, known: Set<String>,
    isWellFormed: (String) -> Bool
  ) -> String? {
    guard let name = value.stringValue, isWellFormed(name) else {
      return "\(key): must be a name, as in \"\(self[keyPath: setting])\""
    }
    guard known.isEmpty || known.contains(name) else {
      return "\(key): unknown \"\(name)\"; known: \(known.sorted().joined(separator: ", "))"
    }
    self[keyPath: setting] = name
    return nil
  }

  private mutating func setVoice(_ value: JSONValue) -> String? {
    if let name = value.stringValue, foreignVoices.contains(name) {
      foreignVoice = name
      return nil
    }
    let fault = set(\.voice, "voice", value, known: voices, isWellFormed: Self.isVoiceName)
    if fault == nil { foreignVoice = nil }
    return fault
  }

  private mutating func setTurnDetection(_ value: JSONValue) -> String? {
    isManual = value == .null || value == .string("none")
    return setOther("turn_detection", value)
  }

  private mutating func setFlag(
    _ setting: WritableKeyPath<AgentSettings, Bool?>, _ key: String, _ value: JSONValue
  ) -> String? {
    guard let flag = value.boolValue else { return "\(key): must be true or false" }
    self[keyPath: setting] = flag
    return nil
  }

  private mutating func setEndpointing(_ value: JSONValue) -> String? {
    switch value {
    case .string("default"): endpointing = .normal
    case .string("snappy"): endpointing = .snappy
    case .string("adaptive"): endpointing = .adaptive
    case .number(let milliseconds) where (100...5000).contains(milliseconds):
      endpointing = Endpointing(silence: .milliseconds(Int64(milliseconds.rounded())))
    default: return "endpointing: must be \"default\", \"snappy\", \"adaptive\" or milliseconds from 100 to 5000"
    }
    return nil
  }

  private mutating func setBargeIn(_ value: JSONValue) -> String? {
    guard let policy = value.stringValue.flatMap(BargeInPolicy.init(rawValue:)) else {
      return "barge_in: must be \"words\", \"voice\" or \"off\""
    }
    (bargeIn, tellsBargeIn) = (policy, true)
    return nil
  }

  private mutating func setOther(_ key: String, _ value: JSONValue) -> String? {
    var wanted = others
    wanted[key] = value == .null ? nil : value
    guard JSONValue.object(wanted).jsonText.utf8.count <= Self.othersCapacity else {
      return "\(key.prefix(40)): too large; unknown keys may take \(Self.othersCapacity) bytes in all"
    }
    others = wanted
    return nil
  }

  // Both end up as arguments of synthesizers: nothing that could be an option, a path or a shell's concern.
  private static func isLanguageTag(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    return text.utf8.count <= 35 && (2...3).contains(parts[0].count)
      && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } }
  }
  private static func isVoiceName(_ text: String) -> Bool {
    (1...40).contains(text.utf8.count) && text.first!.isLetter
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_+-.".contains($0)) }
  }
}

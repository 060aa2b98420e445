/// What became of a message that was disturbed on its way: the message's own entry says what was offered, and stays true.
public struct Delivery: Sendable, Equatable {
  /// What was done to the message.
  public enum Outcome: Sendable, Equatable {
    /// It went on so many milliseconds later.
    case held(ms: Double)
    /// It never went on.
    case dropped
    /// Only its first bytes went on.
    case cut(byteCount: Int)
    /// It went on more than once.
    case duplicated(count: Int)
    /// Its bytes were changed.
    case corrupted
    /// What another version did to it.
    case other(String)

    public var name: String {
      switch self {
      case .held: "held"
      case .dropped: "dropped"
      case .cut: "cut"
      case .duplicated: "duplicated"
      case .corrupted: "corrupted"
      case .other(let name): name
      }
    }
  }
  /// The index of the message's entry.
  public var of: Int
  public var outcome: Outcome

  public init(of: Int, _ outcome: Outcome) {
    self.of = of
    self.outcome = outcome
  }
}

/// One flat object: `of`, `outcome`, and `ms`, `byteCount` or `count` where the outcome has one.
extension Delivery: Codable {
  private enum Key: String, CodingKey {
    case of, outcome, ms, byteCount, count
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Key.self)
    let outcome: Outcome =
      switch try fields.decode(String.self, forKey: .outcome) {
      case "held": .held(ms: try fields.decode(Double.self, forKey: .ms))
      case "dropped": .dropped
      case "cut": .cut(byteCount: try fields.decode(Int.self, forKey: .byteCount))
      case "duplicated": .duplicated(count: try fields.decode(Int.self, forKey: .count))
      case "corrupted": .corrupted
      case let name: .other(name)
      }
    self.init(of: try fields.decode(Int.self, forKey: .of), outcome)
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Key.self)
    try fields.encode(of, forKey: .of)
    try fields.encode(outcome.name, forKey: .outcome)
    switch outcome {
    case .held(let ms): try fields.encode(ms, forKey: .ms)
    case .cut(let byteCount): try fields.encode(byteCount, forKey: .byteCount)
    case .duplicated(let count): try fields.encode(count, forKey: .count)
    case .dropped, .corrupted, .other: break
    }
  }
}

/// An entry of a kind, or with a value, that this version does not know: a later one has written it. It is shown, and can be
/// written again as it was.
public struct UnknownEvent: Sendable, Equatable {
  /// The kind that it has, known or not.
  public var kind: String
  /// What about it is not known.
  public var reason: String
  /// The whole line of the recording, JSON without the newline.
  public var line: [UInt8]

  public init(kind: String, reason: String, line: [UInt8]) {
    self.kind = kind
    self.reason = reason
    self.line = line
  }
}

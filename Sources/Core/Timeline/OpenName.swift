/// A name out of a list that grows with the program. A name that this version does not know is kept as `other`, and is
/// written again as it was, as far as `OpenNames.longest` allows.
public protocol OpenName: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible
where RawValue == String {
  /// The names that this version knows.
  static var known: [Self] { get }
  /// A name that it does not know.
  static func other(_ name: String) -> Self
}

/// What holds for all lists of names.
public enum OpenNames {
  /// Bytes that are kept of a name that this version does not know. The longest of its own has 19.
  public static let longest = 128
}

extension OpenName {
  /// The name that is spelled so.
  public static func named(_ spelling: String) -> Self {
    known.first { $0.rawValue == spelling } ?? .other(spelling.cut(toBytes: OpenNames.longest))
  }

  public init(rawValue: String) { self = .named(rawValue) }

  public var description: String { rawValue }

  public init(from decoder: any Decoder) throws {
    self = .named(try decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}

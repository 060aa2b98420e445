import FoundationEssentials

/// Any JSON value. Objects compare without regard to order.
public enum JSONValue: Sendable, Equatable, Codable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// Arrays and objects within each other, at most: more is refused before it is decoded. Decoding recurses, a few KiB
  /// of stack for each level, and Foundation's own limit of 512 traps instead of throwing (Swift 6.3 on Linux).
  public static let deepestNesting = 128

  /// Whether a text that may be JSON nests too deeply to be decoded. Looks at each byte once.
  public static func isTooDeep(_ bytes: some Sequence<UInt8>) -> Bool {
    var depth = 0
    var isInString = false
    var isEscaped = false
    for byte in bytes {
      switch (byte, isInString) {
      case _ where isEscaped: isEscaped = false
      case (UInt8(ascii: "\\"), true): isEscaped = true
      case (UInt8(ascii: "\""), _): isInString.toggle()
      case (UInt8(ascii: "["), false), (UInt8(ascii: "{"), false):
        depth += 1
        if depth > deepestNesting { return true }
      case (UInt8(ascii: "]"), false), (UInt8(ascii: "}"), false): depth -= 1
      default: break
      }
    }
    return false
  }

  /// Reads one JSON text.
  /// - Throws: `JSONError` with the reason and, where the decoder knows it, the place.
  public init(parsing bytes: some Sequence<UInt8>) throws {
    let bytes = LoneSurrogates.escaped(BinaryText.withoutMark(Array(bytes)), asMarks: false)
    guard !Self.isTooDeep(bytes) else { throw JSONError(reason: "nested deeper than \(Self.deepestNesting) levels") }
    do {
      self = try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
    } catch DecodingError.dataCorrupted(let context) {
      // Where the decoder cannot say what is wrong, it says what JSONError says anyway.
      throw JSONError(reason: context.underlyingError.map { "\($0)" } ?? "")
    } catch {
      throw JSONError(reason: "a value that cannot be held, such as a number beyond ±1.8e308")
    }
  }

  /// The value as one line of JSON, object keys sorted.
  public var jsonText: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
  }

  /// An object's member; nil for anything that is no object.
  public subscript(_ key: String) -> JSONValue? {
    if case .object(let members) = self { return members[key] }
    return nil
  }
  /// Sets a value deep in an object, and makes the objects on the way to it.
  /// - Parameter path: at least one name.
  static func set(_ value: JSONValue, at path: ArraySlice<String>, in members: inout [String: JSONValue]) {
    guard let first = path.first else { return }
    guard path.count > 1 else {
      members[first] = value
      return
    }
    var inner: [String: JSONValue] = [:]
    if case .object(let before)? = members[first] { inner = before }
    set(value, at: path.dropFirst(), in: &inner)
    members[first] = .object(inner)
  }
  /// The string, if it is one.
  public var stringValue: String? {
    if case .string(let text) = self { return text }
    return nil
  }
  /// The number, if it is one.
  public var numberValue: Double? {
    if case .number(let number) = self { return number }
    return nil
  }
  /// The number as an integer, if it is a number without a fraction that fits.
  public var intValue: Int? { numberValue.flatMap { Int(exactly: $0) } }
  /// The boolean, if it is one.
  public var boolValue: Bool? {
    if case .bool(let flag) = self { return flag }
    return nil
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let flag = try? container.decode(Bool.self) {
      self = .bool(flag)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .string(text)
    } else if let elements = try? container.decode([JSONValue].self) {
      self = .array(elements)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let flag): try container.encode(flag)
    case .number(let number):
      if let integer = Int(exactly: number) { try container.encode(integer) } else { try container.encode(number) }
    case .string(let text): try container.encode(text)
    case .array(let elements): try container.encode(elements)
    case .object(let members): try container.encode(members)
    }
  }
}

/// A text that is not JSON.
public struct JSONError: Error, Equatable, CustomStringConvertible {
  public var reason: String
  public init(reason: String) { self.reason = reason }
  public var description: String { reason.isEmpty ? "not valid JSON" : "not valid JSON: \(reason)" }
}

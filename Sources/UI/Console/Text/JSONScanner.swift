/// Splits a JSON text (RFC 8259) into tokens and checks its structure, one token at a time, without decoding values:
/// what is inside a number or an escape is not looked at.
///
/// Iterative: depth costs a byte per level and is limited, so no input overflows the stack.
struct JSONScanner: Sendable {
  struct Token: Sendable, Equatable {
    enum Kind: Sendable { case openObject, closeObject, openArray, closeArray, comma, colon, key, string, number, word }
    var kind: Kind
    /// Bytes of the token, quotes included.
    var range: Range<Int>
    /// The token as written; invalid UTF-8 becomes replacement characters.
    func text(in bytes: [UInt8]) -> String { String(decoding: bytes[range], as: UTF8.self) }
  }
  struct Fault: Error, Equatable {
    var reason: String
  }

  static let depthLimit = 512

  private let bytes: [UInt8]
  /// The byte that is looked at next; after a fault, the one that is wrong.
  private(set) var position = 0
  /// True for each object that is open, false for each array.
  private var nesting: [Bool] = []
  private var expected = Expectation.value
  private enum Expectation { case value, valueOrClose, key, keyOrClose, colon, commaOrClose, end }

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The next token; nil at the proper end.
  mutating func next() throws(Fault) -> Token? {
    while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    guard position < bytes.count else {
      if expected == .end { return nil }
      throw Fault(reason: "ends early, at byte \(Figures.grouped(position))")
    }
    let byte = bytes[position]
    switch expected {
    case .end: throw fault("nothing more")
    case .colon:
      guard byte == 0x3A else { throw fault("\":\"") }
      expected = .value
      return single(.colon)
    case .commaOrClose:
      if byte == 0x2C {
        expected = nesting.last == true ? .key : .value
        return single(.comma)
      }
      guard let closing = try close(byte) else {
        throw fault(nesting.last == true ? "\",\" or \"}\"" : "\",\" or \"]\"")
      }
      return closing
    case .key, .keyOrClose:
      if expected == .keyOrClose, let closing = try close(byte) { return closing }
      guard byte == 0x22 else { throw fault("a key") }
      expected = .colon
      return try string(.key)
    case .value, .valueOrClose:
      if expected == .valueOrClose, let closing = try close(byte) { return closing }
      return try value(byte)
    }
  }

  private mutating func value(_ byte: UInt8) throws(Fault) -> Token {
    switch byte {
    case 0x7B, 0x5B:
      guard nesting.count < Self.depthLimit else { throw Fault(reason: "deeper than \(Self.depthLimit) levels") }
      nesting.append(byte == 0x7B)
      expected = byte == 0x7B ? .keyOrClose : .valueOrClose
      return single(byte == 0x7B ? .openObject : .openArray)
    case 0x22:
      let token = try string(.string)
      afterValue()
      return token
    default:
      let start = position
      while position < bytes.count, Self.isWord(bytes[position]) { position += 1 }
      let range = start..<position
      let word = bytes[range]
      if let first = word.first, first == 0x2D || (0x30...0x39).contains(first) {
        afterValue()
        return Token(kind: .number, range: range)
      }
      guard ["true", "false", "null"].contains(where: { word.elementsEqual($0.utf8) }) else {
        position = start
        throw fault("a value")
      }
      afterValue()
      return Token(kind: .word, range: range)
    }
  }

  private mutating func string(_ kind: Token.Kind) throws(Fault) -> Token {
    let start = position
    position += 1
    while position < bytes.count {
      switch bytes[position] {
      case 0x22:
        position += 1
        return Token(kind: kind, range: start..<position)
      case 0x5C: position += 2
      default: position += 1
      }
    }
    position = bytes.count
    throw Fault(reason: "a string that begins at byte \(Figures.grouped(start)) does not end")
  }

  private mutating func close(_ byte: UInt8) throws(Fault) -> Token? {
    guard let isObject = nesting.last, byte == (isObject ? 0x7D : 0x5D) else { return nil }
    nesting.removeLast()
    afterValue()
    return single(isObject ? .closeObject : .closeArray)
  }

  private mutating func single(_ kind: Token.Kind) -> Token {
    position += 1
    return Token(kind: kind, range: position - 1..<position)
  }

  private mutating func afterValue() { expected = nesting.isEmpty ? .end : .commaOrClose }

  private func fault(_ wanted: String) -> Fault {
    Fault(reason: "expected \(wanted) at byte \(Figures.grouped(position))")
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2E: true
    default: false
    }
  }
}

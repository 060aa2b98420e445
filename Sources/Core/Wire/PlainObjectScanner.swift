/// Walks through `{"name":"text","name":12}`: names and texts of printable ASCII without backslashes, whole numbers of
/// at most 15 digits, spaces between. Stops before anything else.
struct PlainObjectScanner {
  enum Value {
    case string(UnsafeBufferPointer<UInt8>)
    case integer(Int)
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private var next = 0
  private var isClosed = false
  private var isFirst = true

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// The object was closed and nothing follows it.
  var isAtEnd: Bool { isClosed && next == bytes.count }

  /// Nil at the end, and at what is not plain.
  mutating func nextMember() -> (key: UnsafeBufferPointer<UInt8>, value: Value)? {
    guard !isClosed, take(isFirst ? "{" : ",") else {
      if !isFirst, take("}") { isClosed = true }
      return nil
    }
    isFirst = false
    guard let key = string(), take(":") else { return nil }
    skipSpaces()
    guard next < bytes.count else { return nil }
    if bytes[next] == UInt8(ascii: "\"") { return string().map { (key, .string($0)) } }
    return integer().map { (key, .integer($0)) }
  }

  private mutating func skipSpaces() { while next < bytes.count, bytes[next] == 0x20 { next += 1 } }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpaces()
    guard next < bytes.count, bytes[next] == UInt8(ascii: character) else { return false }
    next += 1
    return true
  }

  private mutating func string() -> UnsafeBufferPointer<UInt8>? {
    guard take("\"") else { return nil }
    let start = next
    while next < bytes.count, bytes[next] != UInt8(ascii: "\"") {
      guard (0x20..<0x7F).contains(bytes[next]), bytes[next] != UInt8(ascii: "\\") else { return nil }
      next += 1
    }
    guard next < bytes.count else { return nil }
    next += 1
    return UnsafeBufferPointer(rebasing: bytes[start..<next - 1])
  }

  private mutating func integer() -> Int? {
    let start = next
    var value = 0
    while next < bytes.count, (0x30...0x39).contains(bytes[next]), next - start < 16 {
      value = value * 10 + Int(bytes[next] - 0x30)
      next += 1
    }
    // Leading zeros are no JSON; a point or an exponent may follow, and then this is not whole.
    let count = next - start
    guard (1...15).contains(count), count == 1 || bytes[start] != 0x30 else { return nil }
    guard next < bytes.count, [0x20, UInt8(ascii: ","), UInt8(ascii: "}")].contains(bytes[next]) else { return nil }
    return value
  }
}

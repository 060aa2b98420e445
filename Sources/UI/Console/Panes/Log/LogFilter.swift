/// Words that a log row must have, or with `!` in front must not have, anywhere in its direction, type, summary or
/// (while it is kept) text payload. Letters match without regard to ASCII case.
struct LogFilter: Sendable, Equatable {
  let text: String
  private let wanted: [[UInt8]]
  private let unwanted: [[UInt8]]

  init(_ text: String = "") {
    self.text = text
    let words = text.split(separator: " ").map { Array($0.utf8).map(Self.folded) }
    wanted = words.filter { $0.first != 0x21 }
    unwanted = words.filter { $0.first == 0x21 && $0.count > 1 }.map { Array($0.dropFirst()) }
  }

  var isEmpty: Bool { wanted.isEmpty && unwanted.isEmpty }

  /// Whether a row passes whose searchable parts are these.
  func accepts(_ parts: [String], payload: [UInt8]?) -> Bool {
    func contains(_ needle: [UInt8]) -> Bool {
      for part in parts where Self.contains(part, needle) { return true }
      guard let payload else { return false }
      return payload.withUnsafeBufferPointer { Self.search($0, needle) }
    }
    return wanted.allSatisfy(contains) && !unwanted.contains(where: contains)
  }

  /// Whether one of these parts has a word that is not wanted.
  func excludes(_ parts: [String]) -> Bool {
    unwanted.contains { word in parts.contains { Self.contains($0, word) } }
  }

  private static func contains(_ text: String, _ needle: [UInt8]) -> Bool {
    let found = text.utf8.withContiguousStorageIfAvailable { search($0, needle) }
    return found ?? Array(text.utf8).withUnsafeBufferPointer { search($0, needle) }
  }

  private static func search(_ bytes: UnsafeBufferPointer<UInt8>, _ needle: [UInt8]) -> Bool {
    guard let first = needle.first, bytes.count >= needle.count else { return needle.isEmpty }
    for start in 0...bytes.count - needle.count where folded(bytes[start]) == first {
      var i = 1
      while i < needle.count, folded(bytes[start + i]) == needle[i] { i += 1 }
      if i == needle.count { return true }
    }
    return false
  }

  private static func folded(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}

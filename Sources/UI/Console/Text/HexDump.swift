/// Bytes as people read them: offset, sixteen hexadecimal pairs in two halves, and the characters.
///
/// Lines are made when they are drawn, so a dump costs nothing however long it is.
struct HexDump: Sendable, Equatable {
  static let bytesPerLine = 16
  let bytes: [UInt8]

  var lineCount: Int { (bytes.count + Self.bytesPerLine - 1) / Self.bytesPerLine }

  /// Line `index` as its three parts; the hexadecimal one is always 48 columns wide.
  func line(_ index: Int) -> (offset: String, hex: String, characters: String)? {
    let start = index * Self.bytesPerLine
    guard index >= 0, start < bytes.count else { return nil }
    let end = min(start + Self.bytesPerLine, bytes.count)
    var hex = ""
    var characters = ""
    for i in start..<start + Self.bytesPerLine {
      if i == start + 8 { hex += " " }
      guard i < end else {
        hex += "   "
        continue
      }
      hex += Self.digits(Int(bytes[i]), 2) + " "
      characters += (0x20..<0x7F).contains(bytes[i]) ? String(UnicodeScalar(bytes[i])) : "·"
    }
    hex.removeLast()
    return (Self.digits(start, 8), hex, characters)
  }

  private static func digits(_ number: Int, _ width: Int) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }
}

import FoundationEssentials
import Screen

/// Compares a surface with a file that was looked at by a person and checked in.
///
///     Tests/UI/ConsoleTests/Golden/help-80x24.txt     beside the test file that asks
///       80x24
///       the characters
///       --- roles      one letter per cell, `.` for plain text (see `GoldenScreen.letters`)
///       --- emphasis   only rows that have any: b d i u r s ^ (selected), `*` for several at once
///
/// `SIDETONE_RECORD_GOLDEN=1 swift test --filter …` rewrites the files; look at the difference before committing it.
public enum GoldenScreen {
  /// Why a surface is not what the file says.
  public struct Mismatch: Error, CustomStringConvertible {
    public let description: String
  }

  /// Throws `Mismatch`, with the lines that differ, unless `surface` is as in `Golden/NAME.txt`.
  public static func check(_ surface: Surface, _ name: String, file: String = #filePath) throws {
    let folder = String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)]) + "/Golden"
    let path = "\(folder)/\(name).txt"
    let drawn = describe(surface)
    if ProcessInfo.processInfo.environment["SIDETONE_RECORD_GOLDEN"] == "1" {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data(drawn.utf8).write(to: URL(filePath: path))
      return
    }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Mismatch(description: "\(path) does not exist; record it with SIDETONE_RECORD_GOLDEN=1. Drawn:\n\(drawn)")
    }
    if let difference = difference(golden: String(decoding: data, as: UTF8.self), drawn: drawn) {
      throw Mismatch(description: "differs from \(path):\n\(difference)")
    }
  }

  /// The surface as the text that a golden file holds. Blanks at the ends of lines are left out.
  public static func describe(_ surface: Surface) -> String {
    var lines = ["\(surface.size.width)x\(surface.size.height)"]
    var emphasis: [String] = []
    for y in 0..<surface.size.height { lines.append(trimmed(surface.line(y))) }
    lines.append("--- roles")
    for y in 0..<surface.size.height {
      lines.append(String((0..<surface.size.width).map { letters[surface[$0, y].style.role] ?? "?" }))
      let row = String((0..<surface.size.width).map { mark(surface[$0, y].style.emphasis) })
      if row.contains(where: { $0 != " " }) { emphasis.append("\(y): \(trimmed(row))") }
    }
    lines.append("--- emphasis")
    return (lines + emphasis).joined(separator: "\n") + "\n"
  }

  /// Each role's letter.
  public static let letters: [Role: Character] = [
    .text: ".", .dim: "d", .border: "b", .title: "t", .hotkey: "h", .focus: "F", .selection: "s", .user: "u",
    .agent: "a", .server: "S", .operator: "o", .fault: "f", .good: "g", .warning: "w", .error: "e", .modifier: "m",
    .vad: "v", .meter: "M", .key: "k", .literal: "l",
  ]

  private static func mark(_ emphasis: Style.Emphasis) -> Character {
    switch emphasis {
    case []: " "
    case .bold: "b"
    case .dim: "d"
    case .italic: "i"
    case .underline: "u"
    case .reverse: "r"
    case .strike: "s"
    case .selected: "^"
    default: "*"
    }
  }

  /// The lines that differ, each with what was expected and what was drawn; nil when nothing does.
  static func difference(golden: String, drawn: String, limit: Int = 16) -> String? {
    let expected = golden.split(separator: "\n", omittingEmptySubsequences: false).map { trimmed(String($0)) }
    let actual = drawn.split(separator: "\n", omittingEmptySubsequences: false).map { trimmed(String($0)) }
    var report: [String] = []
    var count = 0
    for i in 0..<max(expected.count, actual.count) {
      let golden = i < expected.count ? expected[i] : nil
      let drawn = i < actual.count ? actual[i] : nil
      guard golden != drawn else { continue }
      count += 1
      guard count <= limit else { continue }
      report.append("line \(i + 1)")
      if let golden { report.append("  golden │\(golden)") }
      if let drawn { report.append("  drawn  │\(drawn)") }
    }
    if count > limit { report.append("… and \(count - limit) more lines") }
    return report.isEmpty ? nil : report.joined(separator: "\n")
  }

  private static func trimmed(_ line: String) -> String {
    var end = line.endIndex
    while end > line.startIndex, line[line.index(before: end)] == " " { end = line.index(before: end) }
    return String(line[..<end])
  }
}

extension Surface {
  /// A part of it, as a surface of its own.
  public func part(_ rect: Rect) -> Surface {
    var result = Surface(Size(width: rect.width, height: rect.height))
    for y in 0..<rect.height {
      for x in 0..<rect.width { result[x, y] = self[rect.x + x, rect.y + y] }
    }
    return result
  }

  /// Puts a row of another surface into a row of this one.
  public mutating func copy(_ other: Surface, row: Int, to target: Int) {
    for x in 0..<min(size.width, other.size.width) { self[x, target] = other[x, row] }
  }
}

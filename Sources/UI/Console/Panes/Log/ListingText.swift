import Filter
import Screen
import Timeline

/// Rows of a listing as lines: in words for a reader and for grep, and as comma-separated values (RFC 4180).
///
/// No line holds a character that a terminal obeys; what a peer has sent stays in its line and its field.
public struct ListingText: Sendable {
  private let utcOffsetSeconds: Int
  private let usesUnicode: Bool

  /// Columns for the names of sources and types, and for sizes; longer ones push the rest aside.
  private static let sourceColumns = 7
  private static let typeColumns = 20
  private static let sizeColumns = 8

  /// - Parameters:
  ///   - utcOffsetSeconds: seconds east of UTC, for times of day in words.
  ///   - usesUnicode: arrows as one character.
  public init(utcOffsetSeconds: Int, usesUnicode: Bool) {
    self.utcOffsetSeconds = utcOffsetSeconds
    self.usesUnicode = usesUnicode
  }

  /// As in `12:04:09.112 client  → text_input              34 B  "hello"`, without the newline.
  /// - Parameter wallClockMs: the time of day at timestamp zero; nil for the time since the start in its place.
  public func line(_ row: EntryListing.Row, wallClockMs: Int64?) -> String {
    let time = WallTime(wallClockMs: wallClockMs, utcOffsetSeconds: utcOffsetSeconds).time(row.at)
    let arrow =
      switch row.way {
      case .toServer: usesUnicode ? "→" : ">"
      case .toClient: usesUnicode ? "←" : "<"
      case nil: usesUnicode ? "·" : "-"
      }
    let size = row.byteCount.map(Figures.shortBytes) ?? ""
    let columns = [
      time, Self.padded(Self.visible(row.source), Self.sourceColumns), arrow,
      Self.padded(Self.visible(row.type), Self.typeColumns),
      String(repeating: " ", count: max(0, Self.sizeColumns - size.unicodeScalars.count)) + size,
    ]
    let line = columns.joined(separator: " ") + "  " + Self.visible(row.summary)
    return String(line[..<(line.lastIndex { $0 != " " }.map { line.index(after: $0) } ?? line.startIndex)])
  }

  /// The names of the columns of `values`.
  public static let header = "index,at_ms,time,source,direction,kind,type,connection,bytes,summary"

  /// A row as values: `at_ms` since the timeline's start, `time` in UTC, `direction` as filters spell it.
  public func values(_ row: EntryListing.Row, wallClockMs: Int64?) -> String {
    let direction =
      switch row.way {
      case .toServer: "out"
      case .toClient: "in"
      case nil: ""
      }
    let time = wallClockMs.map { WallClock.text($0.adding(row.at.nanoseconds.dividedDown(by: 1_000_000))) }
    let values = [
      "\(row.index)", "\(row.at.milliseconds)", time ?? "", row.source, direction, row.kind.rawValue, row.type,
      row.link.map { "\($0.rawValue)" } ?? "", row.byteCount.map { "\($0)" } ?? "", row.summary,
    ]
    return values.map(Self.quoted).joined(separator: ",")
  }

  /// In quotes where it has to be.
  private static func quoted(_ value: String) -> String {
    let value = visible(value)
    let isPlain = value.utf8.allSatisfy { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "\"") }
    if isPlain, !value.hasPrefix(" "), !value.hasSuffix(" ") { return value }
    return "\"\(value.replacing("\"", with: "\"\""))\""
  }

  /// Controls, line breaks among them, become signs.
  private static func visible(_ text: String) -> String { CharacterWidth.printable(text) }

  private static func padded(_ text: String, _ columns: Int) -> String {
    text + String(repeating: " ", count: max(0, columns - CharacterWidth.columns(of: text)))
  }
}

import Screen
import Wire

/// A JSON text, indented, in its own key order and its own spelling of numbers and escapes.
///
/// It copies tokens rather than decoding them, so what is shown is what was sent, with two exceptions that are marked:
/// long strings without a space (base64) are folded to their length, and secrets are masked, also where the recording of an
/// older version holds them.
struct JSONPretty: Sendable, Equatable {
  /// Lines, without a limit of width.
  var lines: [StyledText]
  /// What can be folded, by the line on which it begins.
  var folds: [Int: Fold]
  /// An object or array of more than one line.
  struct Fold: Sendable, Equatable {
    /// The line of its closing bracket.
    var end: Int
    var members: Int
    var isObject: Bool
  }
  /// Why the text is no JSON, with the byte; nil when it is. The lines then hold what was read up to there.
  var fault: String?

  /// More lines than this are not made; the last one says so.
  static let lineLimit = 20_000

  init(_ bytes: [UInt8]) {
    let bytes = Redaction.hideSecrets(in: bytes)
    var writer = IndentingWriter()
    var scanner = JSONScanner(bytes)
    (lines, folds, fault) = ([], [:], nil)
    do {
      while let token = try scanner.next() {
        writer.add(token, bytes)
        if writer.lines.count >= Self.lineLimit { break }
      }
    } catch {
      fault = error.reason
    }
    lines = writer.finish()
    folds = writer.folds
  }

  /// The same on one line with single spaces, cut at about `limit` characters.
  static func oneLine(_ bytes: [UInt8], limit: Int) -> String {
    let bytes = Redaction.hideSecrets(in: bytes)
    var scanner = JSONScanner(bytes)
    var text = ""
    while text.utf8.count < limit, let token = try? scanner.next() {
      switch token.kind {
      case .key:
        text += token.text(in: bytes)
      case .colon: text += ": "
      case .comma: text += ", "
      default: text += JSONPretty.shown(token, bytes)
      }
    }
    return text.utf8.count > limit ? Truncation.tail(text, to: limit) : text
  }

  /// A scalar token as shown: folded, masked, or as it is.
  fileprivate static func shown(_ token: JSONScanner.Token, _ bytes: [UInt8]) -> String {
    guard token.kind == .string else { return token.text(in: bytes) }
    let content = token.range.dropFirst().dropLast()
    if bytes[content].elementsEqual(Redaction.mark.utf8) { return "\"•••\"" }
    guard content.count > 96, !bytes[content].contains(0x20) else { return token.text(in: bytes) }
    let head = String(decoding: bytes[content.prefix(16)], as: UTF8.self)
    let padding = bytes[content.suffix(2)].count { $0 == 0x3D }
    let decoded = content.count / 4 * 3 - padding
    return "\"\(head)…\" (\(Figures.grouped(content.count)) characters, \(Figures.bytes(decoded)) if base64)"
  }
}

/// Puts tokens on indented lines.
private struct IndentingWriter {
  var lines: [StyledText] = []
  private(set) var folds: [Int: JSONPretty.Fold] = [:]
  /// What is open: where it began, and its members so far.
  private var open: [JSONPretty.Fold] = []
  private var line = StyledText()
  private var depth = 0
  private var lastWasOpening = false

  mutating func add(_ token: JSONScanner.Token, _ bytes: [UInt8]) {
    switch token.kind {
    case .openObject, .openArray:
      startIfOpening()
      line.append(token.text(in: bytes), Style(.dim))
      open.append(JSONPretty.Fold(end: lines.count, members: 0, isObject: token.kind == .openObject))
      depth += 1
      lastWasOpening = true
    case .closeObject, .closeArray:
      depth -= 1
      if !lastWasOpening { breakLine() }
      line.append(token.text(in: bytes), Style(.dim))
      // While it is open, `end` is where it began.
      if let fold = open.popLast(), fold.end < lines.count {
        folds[fold.end] = JSONPretty.Fold(end: lines.count, members: fold.members + 1, isObject: fold.isObject)
      }
      lastWasOpening = false
    case .comma:
      if !open.isEmpty { open[open.count - 1].members += 1 }
      line.append(",", Style(.dim))
      breakLine()
    case .colon:
      line.append(": ", Style(.dim))
    case .key:
      startIfOpening()
      line.append(token.text(in: bytes), Style(.key))
    case .string, .number, .word:
      startIfOpening()
      line.append(JSONPretty.shown(token, bytes), Style(token.kind == .string ? .text : .literal))
    }
  }

  mutating func finish() -> [StyledText] {
    if !line.isEmpty { lines.append(line) }
    if lines.count >= JSONPretty.lineLimit {
      lines.append(StyledText("… more than \(Figures.grouped(JSONPretty.lineLimit)) lines", .warning))
    }
    return lines
  }

  private mutating func startIfOpening() {
    if lastWasOpening { breakLine() }
    lastWasOpening = false
  }

  private mutating func breakLine() {
    lines.append(line)
    line = StyledText()
    line.append(String(repeating: "  ", count: min(depth, 40)))
  }
}

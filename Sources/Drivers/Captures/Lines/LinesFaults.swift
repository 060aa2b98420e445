import Capture
import Threads

/// What of a recording of JSON lines could not be read or is not known here, as far as it was looked at. Readers of one file
/// share it, so that it tells of all that any of them has seen. Any thread.
public final class LinesFaults: Sendable {
  /// What is wrong with a line.
  enum Kind: Sendable {
    /// It is no entry, and is passed over.
    case damaged
    /// Its kind of entry is one that this version does not know.
    case unknown
  }

  /// Lines of one kind: why, by the offset of each.
  private struct Lines {
    var reasons: [Int: String] = [:]
    /// There are more than are kept.
    var isCut = false
  }

  private struct State {
    var lines: [Kind: Lines] = [:]
    /// The last line has no end and is no entry.
    var isCutOff = false
    /// The numbers of lines that were named, by offset.
    var numbers: [Int: Int] = [:]
  }

  /// Lines of one kind that are told apart; a file may have any number.
  private static let limit = 100_000
  /// How many lines are named; the others are counted.
  private static let namedLimit = 5

  private let state = Locked<State>(State())

  public init() {}

  func note(_ kind: Kind, at offset: Int, _ reason: String) {
    state.withLock { state in
      guard state.lines[kind]?.reasons[offset] == nil else { return }
      if state.lines[kind]?.reasons.count ?? 0 < Self.limit {
        state.lines[kind, default: Lines()].reasons[offset] = reason
      } else {
        state.lines[kind]?.isCut = true
      }
    }
  }

  func noteCutOff() { state.withLock { $0.isCutOff = true } }

  /// All of it in a sentence; nil when nothing is wrong so far.
  /// - Parameter version: of the format of the file.
  func remark(_ path: String, _ file: LinesFile, version: Int) -> String? {
    state.withLock { state in
      let remarks = [
        state.isCutOff ? "the last line of \(path) was cut off and is left out" : nil,
        Self.remark(.damaged, "damaged and passed over", path, file, &state),
        Self.remark(.unknown, "of a kind that this version does not know and shown as is", path, file, &state),
        version > CaptureFormat.version
          ? "\(path) was written in version \(version) of the format, and this program knows \(CaptureFormat.version)"
          : nil,
      ]
      let remark = remarks.compactMap(\.self).joined(separator: "; ")
      return remark.isEmpty ? nil : remark
    }
  }

  /// As in `2 lines of a.jsonl are damaged and passed over: line 3 (not valid JSON), 7`.
  private static func remark(
    _ kind: Kind, _ what: String, _ path: String, _ file: LinesFile, _ state: inout State
  ) -> String? {
    guard let lines = state.lines[kind] else { return nil }
    let count = lines.reasons.count
    let named = lines.reasons.keys.sorted().prefix(namedLimit)
    findNumbers(of: named, file, &state)
    var list = named.map { state.numbers[$0].map(String.init) ?? "?" }
    if let first = named.first, let reason = lines.reasons[first] { list[0] += " (\(reason))" }
    if count > named.count { list.append("and \(count - named.count) more") }
    let amount = lines.isCut ? "more than \(count) lines" : count == 1 ? "1 line" : "\(count) lines"
    return "\(amount) of \(path) \(count == 1 ? "is" : "are") \(what): line \(list.joined(separator: ", "))"
  }

  /// Counts the lines before some offsets, which are in order, unless that was done.
  private static func findNumbers(of offsets: some Sequence<Int>, _ file: LinesFile, _ state: inout State) {
    var (place, number) = (0, 1)
    for offset in offsets {
      if let known = state.numbers[offset] {
        (place, number) = (offset, known)
        continue
      }
      guard let newlines = try? file.countNewlines(from: place, to: offset) else { return }
      (place, number) = (offset, number + newlines)
      state.numbers[offset] = number
    }
  }
}

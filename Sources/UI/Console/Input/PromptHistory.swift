import Wire

/// Command lines that were entered before, the newest last, each once.
struct PromptHistory: Sendable, Equatable {
  static let limit = 500
  /// Longer lines are not kept over a restart.
  static let longestKept = 4_096
  private(set) var lines: [String]

  init(_ lines: [String] = []) { self.lines = Array(lines.suffix(Self.limit)) }

  /// Remembers a line.
  /// - Returns: whether it may be kept over a restart: it is not too long, and nothing in it looks like a secret.
  mutating func add(_ text: String, to purpose: Prompt.Purpose) -> String? {
    guard let stem = purpose.stem, !text.isEmpty else { return nil }
    let line = stem + text
    lines.removeAll { $0 == line }
    lines.append(line)
    if lines.count > Self.limit { lines.removeFirst() }
    return Self.mayBeKept(line) ? line : nil
  }

  /// Walks to older (+1) or newer (-1) lines that begin with what was typed.
  func walk(_ step: Int, _ prompt: inout Prompt) {
    guard let stem = prompt.purpose.stem else { return }
    let draft = prompt.historyPosition == nil ? prompt.text : prompt.draft
    let found = lines.reversed().filter { $0.hasPrefix(stem + draft) && $0 != stem + draft }
    let next = (prompt.historyPosition ?? -1) + step
    guard next < found.count, next >= -1 else { return }
    prompt.show(next < 0 ? draft : String(found[next].dropFirst(stem.count)), from: next < 0 ? nil : next)
  }

  /// The newest line that begins with a text and goes on; nil when there is none.
  func continuation(of text: String) -> String? {
    text.isEmpty ? nil : lines.last { $0.hasPrefix(text) && $0.count > text.count }
  }

  private static func mayBeKept(_ line: String) -> Bool {
    line.utf8.count <= longestKept && Redaction.hideSecrets(in: line, isOurs: true) == line
      && !Redaction.mentionsSecrets(line)
  }
}

import Foundation
import TestKit

/// The console in a terminal, as its user drives it.
final class ConsoleScreen {
  let terminal: TmuxTerminal
  /// What it remembers by itself, unless the test says otherwise.
  private let state: TestFolder

  /// Starts the program with these arguments, and waits until its session is live.
  init(
    _ arguments: [String], columns: Int = 120, rows: Int = 40, term: String = "tmux-256color",
    environment: [String: String] = [:], waitsForLive: Bool = true
  ) throws {
    let words = [Program.path] + arguments
    state = try TestFolder()
    // A configuration of the test's own may leave captures on; that they are would be told on the screen at the first time.
    try FileManager.default.createDirectory(
      atPath: state.file("sidetone/captures"), withIntermediateDirectories: true)
    let own = Program.environment.merging(["XDG_STATE_HOME": state.path]) { $1 }
    terminal = try TmuxTerminal(
      words.map { "'\($0)'" }.joined(separator: " "), columns: columns, rows: rows, term: term,
      environment: own.merging(environment) { $1 })
    if waitsForLive { try waitForLive() }
  }

  /// What most tests start: no sound card, only typed speech.
  static let silent = ["--input", "silence", "--output", "null"]

  // MARK: - Driving

  /// Says something aloud into the microphone path.
  func say(_ words: String) throws { try command("s", words) }

  /// Presses a key that asks for a line, and enters the line in place of what stands there.
  func command(_ key: String, _ line: String) throws {
    try terminal.keys(key, "C-u")
    try terminal.type(line)
    try terminal.keys("Enter")
  }

  /// Runs a line at the `:` prompt.
  func run(_ line: String) throws {
    try terminal.keys(":")
    try terminal.type(line)
    try terminal.keys("Enter")
  }

  /// Quits by key and waits until the shell has the terminal back.
  func quit() throws {
    try terminal.keys("q")
    try waitForExit(0)
  }

  // MARK: - Waiting

  func waitForLive() throws {
    try terminal.wait(for: "a live session", within: 60) { $0.contains("● live") || $0.contains("* live") }
  }

  /// Waits for a text in a pane, across its line breaks.
  /// - Returns: the pane's text.
  @discardableResult
  func wait(for text: String, in pane: String, within seconds: Double = 60) throws -> String {
    var found = ""
    try terminal.wait(for: "\"\(text)\" in \(pane)", within: seconds) { screen in
      found = ScreenText(screen).pane(pane)?.running ?? ""
      return found.contains(text)
    }
    return found
  }

  /// Waits for a text in a pane's upper border.
  func wait(forBorder text: String, of pane: String) throws {
    try terminal.wait(for: "\"\(text)\" in the border of \(pane)", within: 60) {
      ScreenText($0).pane(pane)?.border.contains(text) == true
    }
  }

  /// Waits until the shell says that the program has ended.
  func waitForExit(_ status: Int) throws {
    try terminal.wait(for: "exit \(status)", within: 60) { $0.contains("[exit \(status)]") && $0.contains("[end]") }
  }

  var screen: ScreenText { ScreenText(terminal.screen()) }
}

/// A screen as text, and the panes in it.
struct ScreenText {
  let rows: [[Character]]

  init(_ text: String) { rows = text.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init) }

  /// What a pane shows.
  struct Pane: Equatable {
    /// The border's text, as in `⁵ protocol ─ frozen ─ 12 rows`.
    var border: String
    /// Without spaces at the ends of lines.
    var lines: [String]
    /// All lines as one text.
    var running: String { lines.flatMap { $0.split(separator: " ") }.joined(separator: " ") }
  }

  /// The pane with this name in its upper border; nil when there is none.
  func pane(_ name: String) -> Pane? {
    for (y, row) in rows.enumerated() {
      for left in row.indices where row[left] == "╭" {
        guard let right = row[left...].firstIndex(of: "╮") else { break }
        let border = String(row[left + 1..<right])
        guard border.contains(" \(name) ") else { continue }
        let below = rows[(y + 1)...].prefix { $0.count > right && $0[left] == "│" && $0[right] == "│" }
        let lines = below.map { row in
          let text = String(row[left + 1..<right])
          return String(text.prefix(text.count - text.reversed().prefix { $0 == " " }.count))
        }
        return Pane(border: border.filter { $0 != "─" }.trimmingCharacters(in: .whitespaces), lines: lines)
      }
    }
    return nil
  }

  /// The strip on top and the hints at the bottom.
  var strip: String { rows.first.map { String($0) } ?? "" }
  var hints: String { rows.last { !$0.isEmpty }.map { String($0) } ?? "" }
}

import Foundation

/// A real program in a real terminal: tmux without a window. Type keys, read the screen, wait for what should appear.
///
/// Each has a tmux server of its own, which ends with it.
public final class TmuxTerminal: @unchecked Sendable {
  // Sendable: all properties are constants; tmux itself serialises.
  private let socket = "sidetone-\(UUID().uuidString.prefix(8))"
  /// Columns and rows.
  public let columns: Int
  public let rows: Int

  /// Starts a command line, run by `sh`.
  /// - Parameters:
  ///   - term: what the program sees as TERM; any entry that tmux can serve, as `tmux-256color`.
  ///   - environment: added to the test's own.
  public init(
    _ command: String, columns: Int = 120, rows: Int = 40, term: String = "tmux-256color",
    environment: [String: String] = [:]
  ) throws {
    self.columns = columns
    self.rows = rows
    let settings = environment.map { "-e '\($0.key)=\($0.value)'" }.joined(separator: " ")
    // The shell stays after the program, so that what it leaves behind on the screen can be looked at.
    let script = """
      env TERM=\(term) \(command); echo "[exit $?]"; stty -a | grep -oE -- '-?(icanon|echo|isig|icrnl|opost)\\b' \
      | tr '\\n' ' '; echo '[end]'; exec sleep 600
      """
    try tmux(
      "-f /dev/null new-session -d -x \(columns) -y \(rows) \(settings) -e LANG=C.UTF-8 \(Self.quoted(script))")
  }

  deinit { _ = try? tmux("kill-server") }

  /// The screen as text, a line per row; `styled` keeps the escape sequences of colours.
  public func screen(styled: Bool = false) -> String { (try? tmux("capture-pane -p \(styled ? "-e" : "")")) ?? "" }

  /// Whether the terminal shows its other screen, as full-screen programs do.
  public var isOnAlternateScreen: Bool { flag("alternate_on") }
  /// Whether the terminal's cursor can be seen.
  public var isCursorVisible: Bool { flag("cursor_flag") }
  /// Whether programs would be told of the mouse.
  public var reportsMouse: Bool { flag("mouse_any_flag") }

  private func flag(_ name: String) -> Bool { (try? tmux("display-message -p '#{\(name)}'"))?.hasPrefix("1") == true }

  /// Lets programs set the clipboard (OSC 52); the terminal's own setting is not to.
  public func acceptClipboard() throws { try tmux("set-option -s set-clipboard on") }

  /// Waits until what programs have put on the clipboard is as it should be, and returns it.
  public func waitForClipboard(within seconds: Double = 30, _ condition: (String) -> Bool) throws -> String {
    var text = ""
    try wait(for: "the clipboard", within: seconds) { _ in
      text = (try? tmux("show-buffer")) ?? ""
      return condition(text)
    }
    return text
  }

  /// Types keys by their tmux names, as in `i`, `Enter`, `C-c`, `Escape`.
  public func keys(_ names: String...) throws { try tmux("send-keys " + names.map(Self.quoted).joined(separator: " ")) }

  /// Types text as it stands.
  public func type(_ text: String) throws { try tmux("send-keys -l -- \(Self.quoted(text))") }

  /// Pastes text as a terminal does, between the marks of a paste if the program has asked for them.
  public func paste(_ text: String) throws {
    try tmux("set-buffer \(Self.quoted(text))")
    try tmux("paste-buffer -p")
  }

  /// Changes the window's size.
  public func resize(columns: Int, rows: Int) throws { try tmux("resize-window -x \(columns) -y \(rows)") }

  /// Waits until the screen is as it should be, and returns it.
  /// - Throws: `TerminalWaitError` with the last screen when that takes too long.
  @discardableResult
  public func wait(
    for what: String, within seconds: Double = 30, _ condition: (String) -> Bool
  ) throws -> String {
    let deadline = Date().addingTimeInterval(seconds)
    var last = ""
    repeat {
      last = screen()
      if condition(last) { return last }
      Thread.sleep(forTimeInterval: 0.02)
    } while Date() < deadline
    throw TerminalWaitError(what: what, screen: last)
  }

  /// Waits until a text is somewhere on the screen.
  @discardableResult
  public func wait(forText text: String, within seconds: Double = 30) throws -> String {
    try wait(for: "\"\(text)\"", within: seconds) { $0.contains(text) }
  }

  /// The process id of the program that the shell runs.
  public func processID() throws -> Int32? {
    let shell = try tmux("display-message -p '#{pane_pid}'").trimmingCharacters(in: .whitespacesAndNewlines)
    let children = try Self.run("/bin/sh", ["-c", "cat /proc/\(shell)/task/*/children"])
    return children.split(whereSeparator: \.isWhitespace).first.flatMap { Int32($0) }
  }

  @discardableResult
  private func tmux(_ arguments: String) throws -> String {
    try Self.run("/bin/sh", ["-c", "exec tmux -L \(socket) \(arguments)"])
  }

  private static func run(_ program: String, _ arguments: [String]) throws -> String {
    // Not Foundation's Process: it takes a program as running while anybody holds a socket that it inherited, and the
    // tmux server does, to its end.
    let line = ([program] + arguments).map(quoted).joined(separator: " ") + " 2>/dev/null"
    guard let output = ChildProcess.withoutBlockedSignals({ popen(line, "r") }) else {
      throw CocoaError(.executableLoad)
    }
    var data: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&buffer, 1, buffer.count, output), count > 0 { data += buffer.prefix(count) }
    pclose(output)
    return String(decoding: data, as: UTF8.self)
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.replacingOccurrences(of: "'", with: "'\\''") + "'"
  }
}

/// The screen did not become what it should have in time.
public struct TerminalWaitError: Error, CustomStringConvertible {
  public var what: String
  public var screen: String
  public var description: String { "waited in vain for \(what); the screen:\n\(screen)" }
}

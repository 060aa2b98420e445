import Foundation
import TestKit

/// The console on a server of another language that says what the test tells it. See Peers/scripted_server.py.
final class ScriptedConsole {
  let console: ConsoleScreen
  private let server: ChildProcess
  var terminal: TmuxTerminal { console.terminal }

  /// - Parameters:
  ///   - acts: what the server says as soon as the client is there.
  ///   - zooms: the protocol has the whole screen, with room for what its rows say.
  init(
    _ acts: [String], _ arguments: [String] = ConsoleScreen.silent, columns: Int = 120, rows: Int = 40,
    zooms: Bool = true, environment: [String: String] = [:]
  ) throws {
    server = try PeerLibrary.python.run("scripted_server", acts)
    guard let line = server.waitForLine(where: { $0.hasPrefix("port ") }) else {
      throw TestFailure("no server: \(server.errorLines)")
    }
    console = try ConsoleScreen(
      ["connect", "ws://127.0.0.1:\(line.dropFirst(5))"] + arguments, columns: columns, rows: rows,
      environment: environment)
    guard zooms else { return }
    try terminal.keys("z")
    try terminal.wait(for: "the protocol alone") { ScreenText($0).pane("transcript") == nil }
  }

  deinit { server.kill() }

  /// A JSON text of one level.
  static func message(_ type: String, _ members: KeyValuePairs<String, String> = [:]) -> String {
    "{" + ([("type", type)] + Array(members)).map { "\"\($0)\":\"\($1)\"" }.joined(separator: ",") + "}"
  }

  /// Waits until the opened message shows a text, and nothing else is on the screen.
  @discardableResult
  func waitForMessage(_ text: String) throws -> String {
    try terminal.wait(for: "\"\(text)\" in the opened message") {
      $0.contains(text) && ScreenText($0).pane("protocol") == nil
    }
  }

  /// Closes what is open, and waits for the panes.
  func close() throws {
    try terminal.keys("Escape")
    try terminal.wait(for: "the panes") { ScreenText($0).pane("protocol") != nil }
  }
}

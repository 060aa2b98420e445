import Foundation
import TestKit
import Testing

/// The vendors' own client libraries, which `make test-deps` puts into `.build/python`.
enum VendorLibraries {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent(".build/python").path

  /// The condition of tests that need them.
  static let areThere = FileManager.default.fileExists(atPath: folder + "/.complete")
  /// What tests say that are left out without them.
  static let comment: Comment = "left out: no .build/python; `make test-deps` brings it"

  /// Starts a script of `Peers` by its name without extension.
  static func run(_ script: String, _ arguments: [String] = []) throws -> ChildProcess {
    try ChildProcess(
      "/usr/bin/python3", ["-u", "-W", "ignore", "\(PeerLibrary.folder)/\(script).py"] + arguments,
      environment: ["PYTHONPATH": folder])
  }
}

/// `Peers/openai_double.py`: a server of the protocol whose every message is checked by the vendor's own library.
final class OpenAIDouble {
  /// What is shown as a key, and where the program finds it.
  static let key = "sk-proj-not-a-real-key-0123456789abcdef"
  static let environment = ["OPENAI_TEST_KEY": key]

  let url: String
  private let process: ChildProcess

  init(_ flags: [String] = []) throws {
    process = try VendorLibraries.run("openai_double", flags)
    guard let line = process.waitForLine(timeout: 60, where: { $0.hasPrefix("port ") }) else {
      throw TestFailure("no port: \(process.errorLines)")
    }
    url = "ws://127.0.0.1:\(line.dropFirst(5))/v1/realtime"
  }

  deinit { process.kill() }

  /// What has happened so far, in order.
  var facts: [[String: Any]] {
    process.lines.compactMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
  }

  /// Waits for a line that holds a text.
  func wait(for text: String, within seconds: Double = 60) throws {
    guard process.waitForLine(timeout: seconds, where: { $0.contains(text) }) != nil else {
      throw TestFailure("no \(text) in \(process.lines.suffix(30)) \(process.errorLines.suffix(5))")
    }
  }

  /// The types of what it got, without audio.
  var got: [String] { facts.compactMap { $0["got"] as? String } }
  var said: [String] { facts.compactMap { $0["said"] as? String } }
  /// What the library would not take.
  var wrong: [String] {
    facts.compactMap { $0["wrong"] as? String } + process.errorLines.filter { $0.contains("Error") }
  }

  func first(got type: String) -> [String: Any]? { facts.first { $0["got"] as? String == type } }

  static func flags(_ more: [String] = []) -> [String] {
    ["--dialect", "openai", "--key-env", "OPENAI_TEST_KEY"] + more
  }

  /// `sidetone connect` to it, to its end. Blocks.
  func connect(_ flags: [String], timeout: Double = 120) throws -> Program.Outcome {
    let process = try ChildProcess(
      Program.path, ["connect", url] + Self.flags(flags),
      environment: Program.environment.merging(Self.environment) { $1 })
    process.closeInput()
    let status = process.waitUntilExit(timeout: timeout)
    return Program.Outcome(
      status: status, output: process.lines, errors: process.errorLines.joined(separator: "\n"))
  }

  /// The same on a screen.
  func console(_ flags: [String], environment: [String: String] = [:]) throws -> ConsoleScreen {
    try ConsoleScreen(
      ["connect", url] + Self.flags(flags), environment: Self.environment.merging(environment) { $1 })
  }
}

import Foundation
import TestKit
import Testing

/// A server of `Peers` whose every message is checked by the vendor's own library. It prints its port and what happens.
class VendorDouble {
  /// What is shown as a key, and where the program finds it.
  static let key = "sk-proj-not-a-real-key-0123456789abcdef"
  static let environment = ["VENDOR_TEST_KEY": key]

  let url: String
  private let dialect: String
  private let process: ChildProcess

  /// - Parameters:
  ///   - script: its name without extension.
  ///   - dialect: in which it is connected to.
  init(_ script: String, _ flags: [String], dialect: String, path: String) throws {
    self.dialect = dialect
    process = try VendorLibraries.run(script, flags)
    guard let line = process.waitForLine(timeout: 60, where: { $0.hasPrefix("port ") }) else {
      throw TestFailure("no port: \(process.errorLines)")
    }
    url = "ws://127.0.0.1:\(line.dropFirst(5))\(path)"
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

  private func flags(_ more: [String]) -> [String] { ["--dialect", dialect, "--key-env", "VENDOR_TEST_KEY"] + more }

  /// `sidetone connect` to it, to its end. Blocks.
  func connect(_ flags: [String], timeout: Double = 120) throws -> Program.Outcome {
    let process = try ChildProcess(
      Program.path, ["connect", url] + self.flags(flags),
      environment: Program.environment.merging(Self.environment) { $1 })
    process.closeInput()
    let status = process.waitUntilExit(timeout: timeout)
    return Program.Outcome(
      status: status, output: process.lines, errors: process.errorLines.joined(separator: "\n"))
  }

  /// The same on a screen.
  func console(_ flags: [String], environment: [String: String] = [:]) throws -> ConsoleScreen {
    try ConsoleScreen(
      ["connect", url] + self.flags(flags), environment: Self.environment.merging(environment) { $1 })
  }
}

/// `Peers/openai_double.py`.
final class OpenAIDouble: VendorDouble {
  init(_ flags: [String] = [], dialect: String = "openai") throws {
    try super.init("openai_double", flags, dialect: dialect, path: "/v1/realtime")
  }
}

/// `Peers/gemini_double.py`.
final class GeminiDouble: VendorDouble {
  init(_ flags: [String] = []) throws {
    try super.init(
      "gemini_double", flags, dialect: "gemini",
      path: "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent")
  }
}

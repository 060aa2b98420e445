import AudioCodecs
import Foundation
import TestKit
import Testing

/// A double of a vendor's server that is connected to.
class VendorDouble: ServiceDouble {
  /// What is shown as a key, and where the program finds it.
  static let key = "sk-proj-not-a-real-key-0123456789abcdef"
  static let environment = ["VENDOR_TEST_KEY": key]

  private let dialect: String
  private let path: String
  var url: String { "ws://127.0.0.1:\(port)\(path)" }

  /// - Parameters:
  ///   - script: its name without extension.
  ///   - dialect: in which it is connected to.
  init(_ script: String, _ flags: [String], dialect: String, path: String) throws {
    (self.dialect, self.path) = (dialect, path)
    try super.init(script: script, flags)
  }

  /// The types of what it got, without audio.
  var got: [String] { facts.compactMap { $0["got"] as? String } }
  var said: [String] { facts.compactMap { $0["said"] as? String } }
  /// Its library warns of what is no fault.
  override var complaints: [String] { super.complaints.filter { $0.contains("Error") } }

  func first(got type: String) -> [String: Any]? { facts.first { $0["got"] as? String == type } }

  /// The turn that each of these doubles has where it is told nothing else.
  @discardableResult func expectUsualTurn(
    _ outcome: Program.Outcome, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Recording {
    #expect(outcome.status == 0, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(wrong == [], sourceLocation: sourceLocation)
    let recording = try Recording(outcome.output)
    recording.expectWhole(sourceLocation: sourceLocation)
    #expect(recording.said(by: .user) == ["What time is it?"], sourceLocation: sourceLocation)
    #expect(
      recording.said(by: .agent) == ["It is a quarter past nine in the evening."], sourceLocation: sourceLocation)
    return recording
  }

  /// The answer of that turn: 27 pieces of 100 ms of 440 Hz.
  static func expectUsualSound(_ wav: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let tone = ToneMeasure(try AudioFile.read(path: wav, rate: 24_000), rate: 24_000)
    #expect(abs(tone.hertz - 440) < Double(3 + tone.gaps), "\(tone)", sourceLocation: sourceLocation)
    #expect(abs(tone.milliseconds - 2700) < Double(60 + 10 * tone.gaps), "\(tone)", sourceLocation: sourceLocation)
  }

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

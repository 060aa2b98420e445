import Foundation
import TestKit
import Testing

/// `Peers/anthropic_double.py`: Anthropic's API, its requests and events checked by the vendor's own library.
final class AnthropicDouble: ServiceDouble {
  /// What is shown as a key, and where the program finds it.
  static let key = "sk-ant-not-a-real-key-0123456789abcdef"
  static let environment = ["LANGUAGE_MODEL_KEY": key]

  init(_ flags: [String] = []) throws { try super.init(script: "anthropic_double", flags) }

  var flags: [String] {
    [
      "--llm", "anthropic", "--llm-model", "claude-haiku-4-5", "--llm-url", "http://127.0.0.1:\(port)",
      "--llm-key-env", "LANGUAGE_MODEL_KEY",
    ]
  }
}

extension SecondLane {
  /// Language models that are services of others, by doubles of them.
  @Suite(.enabled(if: VendorLibraries.areThere, VendorLibraries.comment)) struct LanguageModels {
    /// Typed, and understood without the speech engines.
    private static let question = "what time is it"

    private func talk(to server: AnthropicDouble, _ more: [String] = []) throws -> Program.Outcome {
      let process = try ChildProcess(
        Program.path,
        ["--headless", "--until-idle", "--input", "say:\(Self.question)", "--output", "null"] + server.flags + more,
        environment: Program.environment.merging(AnthropicDouble.environment) { $1 })
      process.closeInput()
      let status = process.waitUntilExit(timeout: 120)
      return Program.Outcome(
        status: status, output: process.lines, errors: process.errorLines.joined(separator: "\n"))
    }

    @Test func anAnswerOfAnthropicIsSpoken() throws {
      let server = try AnthropicDouble()
      let outcome = try talk(to: server, ["--llm-max-tokens", "90", "--llm-prompt", "You are a harbour master."])
      #expect(outcome.status == 0, "\(outcome.errors)")
      let recording = try Recording(outcome.output)
      recording.expectWhole()
      #expect(recording.said(by: .agent) == ["The harbour is quiet this evening."])
      #expect(recording.insight.turns.first?.claims?.llmFirstTokenMs != nil)
      #expect(server.wrong == [])
      let asked = try #require(server.facts.first { $0["asked"] != nil })
      #expect(asked["asked"] as? String == recording.said(by: .user).first)
      #expect(asked["model"] as? String == "claude-haiku-4-5" && asked["limit"] as? Int == 90)
      #expect(asked["system"] as? String == "You are a harbour master.")
      #expect(!(outcome.output.joined() + outcome.errors).contains(AnthropicDouble.key))
    }

    /// The connection is closed, so that nobody pays for what is not heard; and what was heard is in the next question.
    @Test func anInterruptEndsTheStreamAtTheService() throws {
      let words = (1...400).map { "word\($0)" }.joined(separator: " ")
      let server = try AnthropicDouble(["--word-ms", "100", "--answer", words])
      let console = try ConsoleScreen(
        ConsoleScreen.silent + server.flags, environment: AnthropicDouble.environment)
      try console.say(Self.question)
      try console.wait(forBorder: "playing", of: "agent")
      try console.terminal.keys("i")
      try server.wait(for: #""gone""#)
      try console.wait(for: "✂ cut after", in: "transcript")
      let sent = try #require(server.facts.first { $0["gone"] != nil }?["gone"] as? Int)
      #expect(sent < 300, "\(sent) words were made")
      try console.say("tell me more")
      try server.wait(for: #""number": 2"#)
      let second = try #require(server.facts.last { $0["asked"] != nil })
      // The first question, what was heard of its answer, and the second; one message where nothing was heard yet.
      let count = try #require(second["count"] as? Int)
      #expect(count == 3 || count == 1 && (second["asked"] as? String)?.contains("\n") == true)
      #expect(server.wrong == [])
      try console.quit()
    }

    @Test(arguments: [
      (["--fail", "429"], "wait 7 s"), (["--cut-after", "3"], "its answer broke off"),
    ])
    func whatFailsIsToldAndTheSessionStays(_ flags: [String], _ words: String) throws {
      let server = try AnthropicDouble(flags)
      let console = try ConsoleScreen(
        ConsoleScreen.silent + server.flags, columns: 200, environment: AnthropicDouble.environment)
      try console.say(Self.question)
      try console.terminal.wait(forText: words)
      try console.say(Self.question)
      try server.wait(for: #""number": 2"#)
      #expect(server.wrong == [])
      try console.terminal.wait(for: "a session that is live") { $0.contains("● live") }
      try console.quit()
    }
  }
}

import Foundation
import TestKit
import Testing
import Timeline

extension FirstLane {
  /// `sidetone connect --dialect gemini` with an independent double of the vendor's server, and the vendor's own client
  /// library with `sidetone serve --dialect gemini`.
  @Suite(.enabled(if: VendorLibraries.areThere, VendorLibraries.comment)) struct Gemini {
    private let folder: TestFolder
    init() throws { folder = try TestFolder() }

    private static let headless = ["--headless", "--until-idle"]

    @Test func aSpokenTurnIsHeardAndAnswered() throws {
      let server = try GeminiDouble()
      let wav = folder.file("out.wav")
      let outcome = try server.connect(
        Self.headless + ["--input", "say:what time is it", "--output", "file:\(wav)", "--model", "gemini-x"])
      try server.expectUsualTurn(outcome)
      try VendorDouble.expectUsualSound(wav)
      // The key goes into the header, and nowhere that anybody reads.
      let arrival = try #require(server.facts.first { $0["path"] != nil })
      #expect(arrival["key"] is String && (arrival["query"] as? [String])?.isEmpty == true)
      #expect(!(outcome.output.joined() + outcome.errors).contains(VendorDouble.key))
      #expect(server.first(got: "setup")?["model"] as? String == "models/gemini-x")
      // The detector counts audio: silence came after the speech, then the word that no more comes, and then the goodbye.
      #expect(server.facts.contains { $0["heard"] != nil } && server.said.contains("generation_complete"))
      #expect((server.first(got: "audio_stream_end")?["silence_ms"] as? Int ?? 0) >= 600)
      #expect(server.facts.last?["closed"] as? Int == 1000)
    }

    @Test func speechCutsAnAnswer() throws {
      let server = try GeminiDouble(["--answers", (0..<30).map { "word\($0)" }.joined(separator: " ") + "|It is noon."])
      let log = folder.file("log.jsonl")
      let console = try server.console(["--input", "silence", "--output", "null", "--log", log])
      try console.say("tell me a story")
      try console.wait(forBorder: "playing", of: "agent")
      try console.say("what time is it")
      try server.wait(for: #""said": "interrupted""#)
      try console.wait(for: "It is noon.", in: "transcript")
      try console.wait(forBorder: "silent", of: "agent")
      try console.quit()
      #expect(server.wrong == [])
      let recording = try Recording(file: log)
      recording.expectWhole()
      #expect(recording.said(by: .agent).last == "It is noon.")
      let story = try #require(recording.insight.transcript.first { $0.speaker == .agent })
      #expect(try #require(story.heardShare) < 0.9)
    }

    /// Push to talk: the client says where the turn begins and ends.
    @Test func aTurnIsEndedByHand() throws {
      let server = try GeminiDouble()
      let outcome = try server.connect(
        Self.headless + ["--vad", "ptt", "--input", "say:what time is it", "--output", "null"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(server.wrong == [])
      #expect(server.got == ["setup", "activity_start", "activity_end"])
      #expect(try Recording(outcome.output).said(by: .agent) == ["It is a quarter past nine in the evening."])
    }

    @Test func aToolCallIsShownAndAnswered() throws {
      let server = try GeminiDouble(["--tool-at", "1", "--answers", "It snows in Oslo."])
      let console = try server.console(ConsoleScreen.silent)
      try console.say("what is the weather in oslo")
      try console.wait(for: "get_weather", in: "protocol")
      try console.run(#"tool-result {"weather":"snow"}"#)
      try console.wait(for: "It snows in Oslo.", in: "transcript")
      try console.wait(for: "out 121", in: "protocol")
      try console.quit()
      #expect(server.wrong == [])
      let answers = try #require(server.first(got: "tool_response")?["responses"] as? [[String: Any]])
      #expect(answers.count == 1 && answers[0]["id"] as? String == "call-1")
      #expect(answers[0]["response"] as? [String: String] == ["weather": "snow"])
    }

    /// The handle of the session brings it back, and is shown nowhere.
    @Test func aLostSessionIsTakenUpAgain() throws {
      let server = try GeminiDouble(["--drop-after", "1", "--go-away", "60"])
      let log = folder.file("log.jsonl")
      let console = try server.console(["--input", "silence", "--output", "null", "--log", log])
      try console.say("what time is it")
      try server.wait(for: #""handle": "handle-0-0123456789abcdef""#)
      try console.quit()
      #expect(server.wrong == [])
      let text = try String(contentsOfFile: log, encoding: .utf8)
      #expect(!text.contains("handle-0-0123456789abcdef") && text.contains("expiryNear"))
    }

    // MARK: The stand-in

    @Test func theVendorsClientTalksWithTheStandIn() throws {
      let (process, port) = try Program.serve(["--dialect", "gemini"])
      defer { process.kill() }
      let questions = try ["what time is it", "tell me a story", "what is the weather in berlin"].enumerated().map {
        let file = folder.file("question-\($0.offset).wav")
        try Voice.write($0.element, to: file, voice: "slt", rate: 16_000)
        return file
      }
      let client = try VendorLibraries.run("gemini_sdk_client", ["http://127.0.0.1:\(port)"] + questions)
      #expect(client.waitUntilExit(timeout: 150) == 0, "\(client.errorLines.suffix(20))")
      let text = client.lines.joined(separator: "\n")
      let result = try #require(
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(client.errorLines)")
      let turn = try #require(result["turn"] as? [String: Any])
      #expect(turn["user"] as? String == "what time is it" && (turn["agent"] as? String)?.isEmpty == false, "\(turn)")
      #expect((turn["ms"] as? Int ?? 0) > 500 && (turn["dB"] as? Double ?? -99) > -40, "\(turn)")
      let cut = try #require(result["cut"] as? [String: Any])
      #expect(cut["was_whole"] as? Bool == false && cut["then"] as? String == "what time is it", "\(cut)")
      let tool = try #require(result["tool"] as? [String: Any])
      #expect(tool["name"] as? String == "get_weather")
      #expect(tool["arguments"] as? [String: String] == ["city": "Berlin"], "\(tool)")
      #expect((tool["answer"] as? String)?.contains("snow") == true, "\(tool)")
      #expect(result["voice_activity"] as? [String] == ["ACTIVITY_END", "ACTIVITY_START"])
    }
  }
}

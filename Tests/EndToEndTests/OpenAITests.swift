import AudioCodecs
import Foundation
import TestKit
import Testing
import Timeline

extension SecondLane {
  /// `sidetone connect --dialect openai` with an independent double of the vendor's server, and the vendor's own client
  /// library with `sidetone serve --dialect openai`.
  @Suite(.enabled(if: VendorLibraries.areThere, VendorLibraries.comment)) struct OpenAI {
    private let folder: TestFolder
    init() throws { folder = try TestFolder() }

    private static let headless = ["--headless", "--until-idle"]

    @Test func aSpokenTurnIsHeardAndAnswered() throws {
      let server = try OpenAIDouble()
      let wav = folder.file("out.wav")
      let outcome = try server.connect(
        Self.headless + ["--input", "say:what time is it", "--output", "file:\(wav)", "--model", "gpt-realtime-mini"])
      let recording = try server.expectUsualTurn(outcome)
      try VendorDouble.expectUsualSound(wav)

      // How it came: by the address, the key's header, and none of the header of before.
      let arrival = try #require(server.facts.first { $0["path"] != nil })
      #expect(arrival["path"] as? String == "/v1/realtime")
      #expect(arrival["query"] as? [String: [String]] == ["model": ["gpt-realtime-mini"]])
      #expect(arrival["key"] is String && arrival["beta"] is NSNull)
      // The detector counts audio: the uplink has sent silence after speech.
      #expect(server.said.contains("input_audio_buffer.speech_stopped"))
      #expect(server.got.filter { $0 == "session.update" }.count == 1 && server.got.first == "session.update")
      #expect(!(outcome.output.joined() + outcome.errors).contains(OpenAIDouble.key))
      #expect(recording.receivedTypes.contains("rate_limits.updated"))
    }

    /// Who was not told of the beta shape notices it.
    @Test func theBetaShapeIsNoticedAndSpoken() throws {
      let server = try OpenAIDouble(["--beta"])
      let outcome = try server.connect(Self.headless + ["--input", "say:what time is it", "--output", "null"])
      let recording = try server.expectUsualTurn(outcome)
      let notices = recording.entries.compactMap { if case .notice(let it) = $0.event { it.id } else { nil } }
      #expect(notices.contains(.otherDialect))
      #expect(server.first(got: "session.update") != nil && server.said.contains("response.audio.done"))
    }

    @Test(arguments: ["openai", "openai-beta"]) func anInterruptTakesBackWhatWasNotHeard(dialect: String) throws {
      let isBeta = dialect == "openai-beta"
      let words = (0..<20).map { "word\($0)" }.joined(separator: " ")
      let server = try OpenAIDouble(["--late", "5", "--answers", words] + (isBeta ? ["--beta"] : []), dialect: dialect)
      let log = folder.file("log.jsonl")
      let console = try server.console(["--input", "silence", "--output", "null", "--log", log])
      try console.say("tell me a story")
      try console.wait(forBorder: "playing", of: "agent")
      try console.wait(for: "word9", in: "transcript")
      try console.terminal.keys("i")
      try server.wait(for: #""said": "conversation.item.truncated""#)
      try console.wait(for: "✂ cut after", in: "transcript")
      try console.wait(forBorder: "silent", of: "agent")
      try console.quit()

      #expect(server.wrong == [])
      #expect(server.facts.first { $0["path"] != nil }?["beta"] as? String == (isBeta ? "realtime=v1" : nil))
      let recording = try Recording(file: log)
      recording.expectWhole()
      let flushed = try #require(
        recording.entries.compactMap { entry -> PlayoutChange? in
          if case .playoutChange(let change) = entry.event, change.kind == .flushed { change } else { nil }
        }.first)
      let played = try #require(flushed.playedMs)
      let told = try #require(server.first(got: "conversation.item.truncate")?["audio_end_ms"] as? Int)
      #expect(abs(Double(told) - played) <= 1, "\(told) ms were told, \(played) ms were played")
      // Audio came five times as fast as it was heard: far more had come.
      #expect(told < 6000)
      // What came of it after the end was dropped: nothing was played again.
      #expect(recording.moments(of: .started).count == 1)
      let story = try #require(recording.insight.transcript.last { $0.speaker == .agent })
      #expect(try #require(story.heardShare) < 0.9)
    }

    @Test func speechCutsAnAnswerAndTruncatesIt() throws {
      let server = try OpenAIDouble(["--answers", (0..<30).map { "word\($0)" }.joined(separator: " ") + "|It is noon."])
      let log = folder.file("log.jsonl")
      let console = try server.console(["--input", "silence", "--output", "null", "--log", log])
      try console.say("tell me a story")
      try console.wait(forBorder: "playing", of: "agent")
      try console.say("what time is it")
      try server.wait(for: #""said": "conversation.item.truncated""#)
      try console.wait(for: "It is noon.", in: "transcript")
      try console.wait(forBorder: "silent", of: "agent")
      try console.quit()
      #expect(server.wrong == [])
      let recording = try Recording(file: log)
      recording.expectWhole()
      #expect(recording.said(by: .agent).last == "It is noon.")
    }

    @Test func aToolCallIsShownAndAnswered() throws {
      let server = try OpenAIDouble(["--tool-at", "1", "--answers", "It snows in Oslo."])
      let console = try server.console(ConsoleScreen.silent)
      try console.run(
        #"config {"tools":[{"type":"function","name":"get_weather","description":"Weather.","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}]}"#
      )
      try server.wait(for: #""said": "session.updated""#)
      try console.say("what is the weather in oslo")
      try console.wait(for: "get_weather", in: "protocol")
      try console.run(#"tool-result {"weather":"snow"}"#)
      try console.wait(for: "It snows in Oslo.", in: "transcript")
      try console.wait(for: "253", in: "protocol")
      try console.quit()
      #expect(server.wrong == [])
      let result = try #require(server.facts.last { $0["got"] as? String == "conversation.item.create" })
      let item = try #require(result["item"] as? [String: Any])
      #expect(item["type"] as? String == "function_call_output")
      #expect(item["output"] as? String == #"{"weather":"snow"}"#)
      #expect(server.got.filter { $0 == "response.create" }.count == 1)
    }

    @Test func theEndOfTheSessionIsToldBeforeItComes() throws {
      let server = try OpenAIDouble(["--expires-in", "6"])
      let outcome = try server.connect(
        ["--headless", "--input", "silence", "--output", "null", "--duration", "8s"], timeout: 60)
      let recording = try Recording(outcome.output)
      let notices = recording.entries.compactMap { entry -> (Timestamp, Notice)? in
        if case .notice(let notice) = entry.event { (entry.at, notice) } else { nil }
      }
      let closed = try #require(
        recording.entries.first {
          if case .connection(let change) = $0.event { change.code == 1001 } else { false }
        }, "\(outcome.output.suffix(10))")
      #expect(notices.contains { $0.0 < closed.at && $0.1.text.contains("end") }, "\(notices)")
      #expect(outcome.output.contains { $0.contains("session_expired") })
    }

    /// Push to talk: the client ends the turn.
    @Test func aTurnIsEndedByHand() throws {
      let server = try OpenAIDouble()
      let outcome = try server.connect(
        Self.headless + ["--vad", "ptt", "--input", "say:what time is it", "--output", "null"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(server.wrong == [])
      #expect(server.got.filter { $0 != "session.update" } == ["input_audio_buffer.commit", "response.create"])
      #expect(!server.said.contains("input_audio_buffer.speech_started"))
      #expect(try Recording(outcome.output).said(by: .agent) == ["It is a quarter past nine in the evening."])
    }

    @Test(arguments: ["mulaw", "alaw"]) func telephoneAudioBothWays(codec: String) throws {
      let server = try OpenAIDouble()
      let wav = folder.file("out.wav")
      let outcome = try server.connect(
        Self.headless + [
          "--uplink", codec, "--downlink", codec, "--input", "say:what time is it", "--output", "file:\(wav)",
        ])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(server.wrong == [])
      #expect(try Recording(outcome.output).said(by: .user) == ["What time is it?"])
      let tone = ToneMeasure(try AudioFile.read(path: wav, rate: 8000), rate: 8000)
      #expect(abs(tone.hertz - 440) < Double(3 + tone.gaps), "\(tone)")
    }

    /// Who comes without a key is told why, and not again and again.
    @Test func withoutAKeyTheServerSaysWhy() throws {
      let server = try OpenAIDouble()
      let outcome = try Program.run(
        ["connect", server.url, "--dialect", "openai", "--headless", "--output", "null", "--duration", "3s"])
      let recording = try Recording(outcome.output)
      #expect(
        recording.entries.contains {
          if case .connection(let change) = $0.event { change.code == 3000 } else { false }
        })
      let home = try Program.run(["connect", "--dialect", "openai", "--headless"])
      #expect(home.status == 64 && home.errors.contains("OPENAI_API_KEY"), "\(home.errors)")
    }

    // MARK: The stand-in

    @Test(arguments: [("openai", [String]()), ("openai-beta", ["--beta"])])
    func theVendorsClientTalksWithTheStandIn(dialect: String, flags: [String]) throws {
      let (process, port) = try Program.serve(["--dialect", dialect])
      defer { process.kill() }
      let questions = try ["what time is it", "tell me a story", "what is the weather in berlin"].enumerated().map {
        let file = folder.file("question-\($0.offset).wav")
        try Voice.write($0.element, to: file, voice: "slt", rate: 24_000)
        return file
      }
      let client = try VendorLibraries.run("openai_sdk_client", ["ws://127.0.0.1:\(port)/v1"] + questions + flags)
      #expect(client.waitUntilExit(timeout: 150) == 0, "\(client.errorLines.suffix(20))")
      let text = client.lines.joined(separator: "\n")
      let result = try #require(
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(client.errorLines)")
      #expect(result["problems"] as? [String] == [])
      #expect(result["silence_ms"] as? Int == 600 && result["tools"] as? [String] == ["get_weather"])
      let turn = try #require(result["turn"] as? [String: Any])
      #expect(turn["status"] as? String == "completed" && turn["user"] as? String == "what time is it", "\(turn)")
      #expect((turn["agent"] as? String)?.isEmpty == false)
      #expect((turn["ms"] as? Int ?? 0) > 500 && (turn["dB"] as? Double ?? -99) > -40, "\(turn)")
      let cut = try #require(result["cut"] as? [String: Any])
      #expect(cut["status"] as? String == "cancelled" && cut["reason"] as? String == "turn_detected", "\(cut)")
      #expect(cut["answer"] as? String == "conversation.item.truncated" && cut["ms"] as? Int == cut["heard"] as? Int)
      #expect(result["late_cancel"] as? String == "response_cancel_not_active")
      let tool = try #require(result["tool"] as? [String: Any])
      #expect(tool["name"] as? String == "get_weather")
      #expect(tool["arguments"] as? [String: String] == ["city": "Berlin"], "\(tool)")
      #expect((tool["answer"] as? String)?.contains("snow") == true)
      #expect(tool["metadata"] as? [String: String] == ["tag": "after the tool"])
    }

    /// Our own client and our own server.
    @Test func bothSeatsTalkWithEachOther() throws {
      let (process, port) = try Program.serve(["--dialect", "openai"])
      defer { process.kill() }
      let outcome = try Program.run(
        ["connect", "ws://127.0.0.1:\(port)/v1/realtime", "--dialect", "openai"] + Self.headless + [
          "--input", "say:what is two plus two", "--output", "null",
        ])
      #expect(outcome.status == 0, "\(outcome.errors)")
      let recording = try Recording(outcome.output)
      recording.expectWhole()
      #expect(recording.said(by: .user) == ["what is two plus two"])
      #expect(recording.said(by: .agent) == ["That is four."])
    }
  }
}

import Foundation
import Testing
import Timeline

extension EndToEnd {
  /// A conversation on the screen.
  @Suite struct Conversation {
    private let folder: TestFolder
    init() throws { folder = try TestFolder() }

    @Test func bothSidesAreSeenAndHeardAndALongAnswerIsCutByTheKey() throws {
      let (wav, log) = (folder.file("out.wav"), folder.file("log.jsonl"))
      let console = try ConsoleScreen(["--input", "silence", "--output", "file:\(wav)", "--log", log])
      try console.say("what is two plus two")
      try console.wait(for: "you what is two plus two agent That is four.", in: "transcript")
      try console.wait(forBorder: "silent", of: "agent")
      try console.say("tell me a story")
      try console.wait(for: "agent Once upon a time", in: "transcript")
      try console.wait(forBorder: "playing", of: "agent")
      try console.terminal.keys("i")
      try console.wait(for: "✂ cut after", in: "transcript")
      try console.wait(for: "← interrupted", in: "protocol")
      let live = try still(console)
      try console.quit()

      let recording = try Recording(file: log)
      recording.expectWhole()
      // Only what was played before the key is in the file.
      let flushed = recording.seconds(try #require(recording.moments(of: .flushed).first))
      let last = try #require(Ear(file: wav).stretches.last)
      #expect(last.upperBound < flushed + 0.5)
      #expect(last.lowerBound < flushed)
      let story = try #require(recording.insight.transcript.last { $0.speaker == .agent })
      #expect(try #require(story.heardShare) < 0.5)

      // The log is the session: its replay ends with the same words and the same figures. Its bar takes two rows.
      let replay = try ConsoleScreen(["replay", log], rows: 42, waitsForLive: false)
      try replay.wait(for: "✂ cut after", in: "transcript")
      try replay.wait(for: "session ended", in: "protocol")
      let again = try still(replay)
      #expect(again == live)
      try replay.quit()
    }

    @Test func speechCutsALongAnswer() throws {
      let log = folder.file("log.jsonl")
      let console = try ConsoleScreen(ConsoleScreen.silent + ["--log", log])
      try console.say("tell me a story")
      try console.wait(forBorder: "playing", of: "agent")
      // More speech than fits into any queue: all of it has to get through.
      try console.say("what is three times three")
      try console.wait(for: "✂ cut after", in: "transcript")
      try console.wait(for: "you what is three times three agent That is nine.", in: "transcript")
      try console.wait(forBorder: "silent", of: "agent")
      for sum in ["one plus one", "two plus two", "four plus four"] {
        try console.say("what is \(sum)")
        try console.wait(for: "you what is \(sum) agent That is", in: "transcript")
        try console.wait(forBorder: "silent", of: "agent")
      }
      try console.quit()
      let recording = try Recording(file: log)
      recording.expectWhole()
      #expect(recording.receivedTypes.filter { $0 == "interrupted" }.count >= 1)
      #expect(recording.insight.sent.bytes > 300_000)
      #expect(recording.insight.queues.allSatisfy { $0.dropped == 0 })
    }

    @Test func aLogCutShortByKillIsReplayedAsFarAsItGoes() throws {
      let log = folder.file("log.jsonl")
      let console = try ConsoleScreen(ConsoleScreen.silent + ["--log", log])
      try console.say("what is five plus five")
      try console.wait(for: "agent That is ten.", in: "transcript")
      let program = try #require(try console.terminal.processID())
      // On disk within a second or two, without anybody's asking.
      try console.terminal.wait(for: "the answer in the log") { _ in
        (try? String(contentsOfFile: log, encoding: .utf8))?.contains("transcript_final") == true
      }
      kill(program, SIGKILL)
      try console.waitForExit(137)
      // In the middle of a line, wherever the last write ended.
      let bytes = try Data(contentsOf: URL(fileURLWithPath: log))
      let cut = bytes.last == 0x0a ? bytes.dropLast(20) : bytes
      try cut.write(to: URL(fileURLWithPath: log))

      let replay = try ConsoleScreen(["replay", log], waitsForLive: false)
      try replay.wait(for: "you what is five plus five", in: "transcript")
      try replay.wait(for: "was cut off and is left out", in: "transcript")
      try replay.quit()
    }

    /// Transcript and latency figures, once nothing moves in them any more.
    private func still(_ console: ConsoleScreen) throws -> [ScreenText.Pane] {
      var last: [ScreenText.Pane] = []
      var same = 0
      try console.terminal.wait(for: "panes that stand still") { text in
        let screen = ScreenText(text)
        // A pane's height depends on what else is on the screen.
        let panes = ["transcript", "latency"].compactMap(screen.pane).map { pane in
          var pane = pane
          // A barge-in counts once its exchange is over, which the recording's end makes sure of.
          pane.lines.removeAll { $0.hasPrefix(" barge-in") }
          while pane.lines.last?.isEmpty == true { pane.lines.removeLast() }
          return pane
        }
        same = panes == last ? same + 1 : 0
        last = panes
        return panes.count == 2 && same >= 40
      }
      return last
    }
  }
}

import Audio
import Testing
import Timeline
import Wire

@testable import Insight

/// What the transcript says of answers whose text is cut, marked, or missing.
@Suite struct SpokenTextTests {
  private func agentLines(_ script: Script) -> [TranscriptLine] {
    script.insight.transcript.filter { $0.speaker == .agent }
  }

  /// A message as it stands.
  private func say(_ script: inout Script, _ ms: Double, _ json: String) {
    script.at(
      ms,
      .message(Message(link: LinkID(1), way: .toClient, kind: .text, payload: Array(json.utf8))))
  }

  @Test func anEmojiThatIsCutBetweenTwoDeltasIsWhole() {
    var script = Script()
    say(&script, 0, #"{"type":"response_text","text":"It is sunny \ud83d"}"#)
    #expect(agentLines(script).map(\.text) == ["It is sunny "])
    say(&script, 1, #"{"type":"response_text","text":"\ude00 today."}"#)
    #expect(agentLines(script).map(\.text) == ["It is sunny 😀 today."])
    say(&script, 2, #"{"type":"response_text","text":"\ud83d"}"#)
    say(&script, 3, #"{"type":"response_complete"}"#)
    #expect(agentLines(script).map(\.text) == ["It is sunny 😀 today.\u{FFFD}"])
  }

  @Test func chunkMarksAreNotSpeech() {
    var script = Script()
    for (i, text) in ["Hello there. ", "•", " How are you?", "• Fine.•", "• Good • day."].enumerated() {
      script.received(Double(i), .responseText(text))
    }
    #expect(agentLines(script).map(\.text) == ["Hello there. How are you? Fine. Good day."])
    var alone = Script()
    alone.received(0, .responseText("•"))
    #expect(agentLines(alone).isEmpty)
  }

  @Test func anAnswerWithoutTextSaysHowLongTheAgentSpoke() throws {
    var script = Script()
    script.audio(0)
    for i in 0..<120 { script.played(Double(i) * 20, response: 1) }
    let growing = try #require(agentLines(script).first)
    #expect(growing.text == "(spoke for 2.4 s, without text)")
    #expect(growing.spokenMs != nil && !growing.isFinal)
    script.received(2_390, .responseComplete)
    #expect(agentLines(script).first?.isFinal == false)
    for i in 120..<150 { script.played(Double(i) * 20, response: 1) }
    script.at(3_010, .playoutChange(PlayoutChange(ResponseID(1), .finished(playedMs: 3_000))))
    let line = try #require(agentLines(script).first)
    #expect(agentLines(script).count == 1)
    #expect(line.text == "(spoke for 3.0 s, without text)" && line.isFinal && line.heardShare == nil)
    #expect(script.insight.shareHeard(of: line) == nil)
  }

  @Test func aCutAnswerWithoutTextSaysWhatWasHeard() throws {
    var script = Script()
    script.audio(0)
    for i in 0..<50 { script.played(Double(i) * 20, response: 1) }
    script.received(1_000, .interrupted)
    script.at(
      1_001,
      .playoutChange(PlayoutChange(ResponseID(1), .flushed(playedMs: 700, discardedMs: 900))))
    let line = try #require(agentLines(script).first)
    #expect(line.text == "(spoke for 0.7 s, without text)" && line.isFinal && line.heardShare == nil)
  }

  @Test func textThatComesAfterItsSoundTakesThePlace() throws {
    var script = Script()
    script.audio(0)
    for i in 0..<20 { script.played(Double(i) * 20, response: 1) }
    script.received(401, .responseText("Half past "))
    script.received(402, .responseText("nine."))
    script.received(403, .responseComplete)
    let line = try #require(agentLines(script).first)
    #expect(agentLines(script).count == 1)
    #expect(line.text == "Half past nine." && line.spokenMs == nil && line.isFinal)
  }

  /// Nothing is known of an MP3's length but what its decoder says.
  @Test func compressedAudioIsAsLongAsItsDecoderSays() throws {
    var script = Script()
    for i in 0..<10 {
      script.received(Double(i) * 20, .audio(AudioPayload(bytes: [UInt8](repeating: 1, count: 4_000), format: "mp3")))
      if i == 0 {
        script.at(1, .playoutChange(PlayoutChange(ResponseID(1), .format("mp3", rate: 44_100))))
      }
      script.at(
        Double(i) * 20 + 1, .playoutChange(PlayoutChange(ResponseID(1), .decoded(ms: 261))))
    }
    let turn = try #require(script.insight.turns.first)
    #expect(turn.receivedMs == 2_610)
    #expect(script.insight.delivery.chunks == 10)
    // 2 349 ms came in the 180 ms before the last piece.
    let factor = try #require(script.insight.delivery.burst.factor)
    #expect(abs(factor - 13.05) < 0.01)
  }
}

/// However much is said, a line and the whole transcript stay within their bytes, and say what is missing.
@Suite struct TranscriptBoundTests {
  private let line = TranscriptLine.textLimit

  @Test func anEndlessAnswerIsCutAndCounted() throws {
    var script = Script()
    script.received(0, .transcriptFinal("go on"))
    let piece = String(repeating: "word ", count: 200)
    for i in 0..<200 { script.received(Double(i), .responseText(piece)) }
    let answer = try #require(script.insight.transcript.last)
    #expect(answer.text.utf8.count == line && answer.cutBytes == 200_000 - line)
    #expect(answer.text.hasPrefix("word word ") && abs(answer.keptShare - Double(line) / 200_000) < 1e-9)
    #expect(script.insight.transcriptBytes == line + 5)
    script.received(300, .responseComplete)
    #expect(script.insight.transcript.last?.isFinal == true)
  }

  @Test func whatComesAfterACutIsNotJoinedToIt() throws {
    var script = Script()
    // The last character has no room.
    script.received(0, .responseText(String(repeating: "x", count: line - 1) + "é"))
    script.received(1, .responseText("y"))
    let answer = try #require(script.insight.transcript.last)
    #expect(answer.text.utf8.count == line - 1 && answer.cutBytes == 3)
    #expect(!answer.text.contains("y"))
  }

  @Test func wordsOfTheUserNoticesAndBreaksAreCut() {
    var script = Script()
    let long = String(repeating: "z", count: line + 10)
    script.received(0, .transcriptInterim(long))
    #expect(script.insight.transcript.last.map { [$0.text.utf8.count, $0.cutBytes] } == [line, 10])
    script.received(1, .transcriptInterim("short"))
    #expect(script.insight.transcript.last.map { [$0.text.utf8.count, $0.cutBytes] } == [5, 0], "it is replaced")
    script.received(2, .transcriptFinal(long))
    #expect(script.insight.transcript.last.map { [$0.text.utf8.count, $0.cutBytes] } == [line, 10])
    script.at(3, .notice(Notice(.serverError, .error, .server, long, remedy: long)))
    let notice = Notice.longestText + "… (61450 bytes more)".utf8.count
    #expect(script.insight.transcript.last?.text.utf8.count == 2 * notice + " – ".utf8.count)
    script.at(4, .connection(ConnectionChange(LinkID(1), .to(.ready))))
    script.at(5, .connection(ConnectionChange(LinkID(1), .failed(reason: long, by: nil))))
    #expect(script.insight.transcript.last?.cutBytes == 10 + "connection lost: ".utf8.count)
  }

  @Test func theOldestLinesMakeRoom() {
    var script = Script()
    let long = String(repeating: "z", count: line)
    for i in 0..<100 { script.received(Double(i), .transcriptFinal("\(i) " + long)) }
    let insight = script.insight
    #expect(insight.transcript.count == Insight.transcriptByteLimit / line)
    #expect(insight.transcriptBytes == Insight.transcriptByteLimit)
    #expect(insight.forgottenLines == 100 - insight.transcript.count)
    #expect(insight.transcript.last?.text.hasPrefix("99 ") == true)
    // What is taken back is not counted any longer.
    script.received(101, .transcriptInterim("hm"))
    script.received(102, .transcriptFinal(""))
    #expect(script.insight.transcriptBytes == script.insight.transcript.reduce(0) { $0 + $1.text.utf8.count })
  }

  @Test func tailsOfAnAnswerAreBounded() {
    var turn = Turn(number: 1)
    for i in 1...1000 { turn.addTail(ResponseID(i)) }
    #expect(turn.tails == (985...1000).map { ResponseID($0) })
  }
}

import Audio
import Insight
import Testing
import Timeline
import Wire

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

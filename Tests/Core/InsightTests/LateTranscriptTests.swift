import Findings
import Insight
import Testing
import Timeline
import Wire

/// Where another model than the one that answers writes the user's words down, they come while the answer is heard. They
/// belong to the turn that is answered, and say nothing against it.
@Suite struct LateTranscriptTests {
  private static let spoken = [
    #"{"type":"session.created","event_id":"e0","session":{"type":"realtime","id":"sess_1"}}"#,
    #"{"type":"input_audio_buffer.speech_started","event_id":"e1","audio_start_ms":0,"item_id":"i1"}"#,
    #"{"type":"input_audio_buffer.speech_stopped","event_id":"e2","audio_end_ms":1480,"item_id":"i1"}"#,
    #"{"type":"input_audio_buffer.committed","event_id":"e3","item_id":"i1","previous_item_id":null}"#,
    #"{"type":"response.created","event_id":"e4","response":{"id":"r1","object":"realtime.response"}}"#,
    #"{"type":"response.output_audio_transcript.delta","event_id":"e5","response_id":"r1","item_id":"i2","output_index":0,"content_index":0,"delta":"It is nine."}"#,
    #"{"type":"response.output_audio.delta","event_id":"e6","response_id":"r1","item_id":"i2","output_index":0,"content_index":0,"delta":"AAAAAAAA"}"#,
    #"{"type":"conversation.item.input_audio_transcription.delta","event_id":"e7","item_id":"i1","content_index":0,"delta":"What time"}"#,
    #"{"type":"conversation.item.input_audio_transcription.completed","event_id":"e8","item_id":"i1","content_index":0,"transcript":"What time is it?"}"#,
    #"{"type":"response.done","event_id":"e9","response":{"id":"r1","object":"realtime.response","status":"completed"}}"#,
  ]

  @Test func itBelongsToTheTurnThatIsAnswered() throws {
    let dialect = DialectTable.builtIn.dialect("openai")
    var insight = Insight(dialect: dialect)
    var linter = FindingsLinter(dialect: dialect)
    var index = 0
    func add(_ ms: Double, _ event: Entry.Event) {
      let entry = Entry(index: index, at: Timestamp(milliseconds: ms), event: event)
      insight.observe(entry)
      linter.observe(entry)
      index += 1
    }
    add(40, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 40)))
    add(1300, .voiceEdge(VoiceEdge(isStart: false, sinceMs: 300)))
    for (i, text) in Self.spoken.enumerated() {
      add(
        1500 + Double(i) * 10,
        .message(Message(link: LinkID(1), way: .toClient, kind: .text, payload: Array(text.utf8))))
      // It is heard before its last message has come.
      guard i == 6 else { continue }
      add(
        1565,
        .playout(
          PlayoutBlock(
            response: ResponseID(1), sampleCount: 3, rate: 24_000, peaks: [], rmsDB: -20, depthMs: 0, targetMs: 80,
            deviceDelayMs: 0)))
    }
    #expect(insight.turns.count == 1)
    #expect(insight.transcript.map(\.text) == ["What time is it?", "It is nine."])
    #expect(insight.transcript.map(\.turn) == [1, 1])
    let turn = try #require(insight.turns.first)
    #expect(turn.responseTime == .milliseconds(565) && turn.marks.isEmpty && turn.ending == .completed)
    #expect(turn.stages.reduce(.zero) { $0 + $1.duration } == turn.responseTime)
    #expect(!turn.waterfall.contains { $0.name == "final" })
    #expect(insight.latency.count == 1 && insight.latency.excluded.isEmpty)
    #expect(linter.findings.map(\.rule.id).contains("response-never-completed") == false)
  }
}

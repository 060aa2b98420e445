import Audio
import TestKit
import Timeline
import Wire

/// The entries of a session as the program makes them: every ten seconds the user speaks for three and the agent
/// answers for five, with a message for each 20 ms of either.
struct SyntheticSession {
  /// Seconds of one turn.
  static let turnSeconds = 10
  private var index = 0
  private var turn = 0
  /// Numbers the user's audio messages without gaps, as the program does: a gap is a finding.
  private var sequence = 0
  private let dialect = VoiceDialect()
  private let audio: [UInt8]
  private let shapes: [[Peak]]

  init() {
    let speech = Signals.speech(rate: 16_000, count: 16_000)
    audio = Array(littleEndian(speech[..<640]).prefix(640))
    shapes = stride(from: 0, to: 16_000, by: 320).map { peaks(of: Array(speech[$0..<$0 + 320]), window: 80) }
  }

  /// The opening, up to `ready`.
  mutating func opening() -> [Entry] {
    [
      entry(
        0,
        .sessionStarted(
          SessionStarted(
            version: "0", wallClockMilliseconds: 1_790_000_000_000, url: "ws://127.0.0.1:8765/voice",
            dialect: "voice", inputRate: 16_000, input: "mic", output: "speaker"))),
      entry(0, .connection(ConnectionChange(LinkID(1), .connecting, attempt: 1))),
      entry(0, .connection(ConnectionChange(LinkID(1), .open()))),
      received(0, .ready(Ready(sessionID: "s_bench"))),
      entry(0, .connection(ConnectionChange(LinkID(1), .ready(sessionID: "s_bench")))),
    ]
  }

  /// The next turn's entries, about 1600 of them.
  mutating func nextTurn() -> [Entry] {
    turn += 1
    let start = Double(turn * Self.turnSeconds) * 1000
    let response = ResponseID(turn)
    var entries = [entry(start, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 60)))]
    for i in 0..<Self.turnSeconds * 50 {
      let now = start + Double(i) * 20
      let isSpeech = i < 150
      entries.append(entry(now, .micFrame(micFrame(i, isSpeech))))
      if i < 190 {
        entries.append(sent(now, .audio(AudioPayload(bytes: audio, sequence: sequence))))
        sequence += 1
      }
      switch i {
      case 0: entries.append(received(now, .userSpeechStart))
      case 10, 40, 70, 100, 130:
        entries.append(received(now, .transcriptInterim("what time is it in turn \(turn) word \(i)")))
      case 150: entries.append(entry(now, .voiceEdge(VoiceEdge(isStart: false, sinceMs: 200))))
      case 175:
        entries.append(received(now, .userSpeechEnd))
        entries.append(received(now, .transcriptFinal("what time is it in turn \(turn)")))
      case 176...190: entries.append(received(now, .responseText("word\(i) ")))
      case 440: entries.append(received(now, .responseComplete))
      default: break
      }
      if (180..<430).contains(i) {
        entries.append(received(now, .audio(AudioPayload(bytes: audio, format: "pcm16", rate: 16_000))))
        if i == 180 { entries.append(entry(now, .playoutChange(PlayoutChange(response, .started)))) }
        entries.append(entry(now, .playout(block(i, response))))
        if i == 429 {
          entries.append(
            entry(now, .playoutChange(PlayoutChange(response, .finished(playedMs: 5000)))))
        }
      }
      if i % 50 == 0 {
        entries.append(
          entry(now, .queue(QueueDepth(name: .uplink, depth: i % 3, capacity: 100, dropped: 0, unit: .frames))))
      }
    }
    return entries
  }

  private func micFrame(_ i: Int, _ isSpeech: Bool) -> MicFrame {
    MicFrame(
      sampleCount: 320, rate: 16_000, rmsDB: isSpeech ? -23 : -62, peakDB: isSpeech ? -14 : -55,
      peaks: shapes[i % shapes.count], fate: i < 190 ? .sent : .gated, vadLevelDB: isSpeech ? -23 : -62,
      vadThresholdDB: -45, isSpeech: isSpeech)
  }

  private func block(_ i: Int, _ response: ResponseID) -> PlayoutBlock {
    PlayoutBlock(
      response: response, sampleCount: 320, rate: 16_000, peaks: shapes[i % shapes.count], rmsDB: -20, depthMs: 80,
      targetMs: 80, deviceDelayMs: 40)
  }

  private mutating func received(_ ms: Double, _ event: VoiceEvent) -> Entry { message(ms, .toClient, event, .server) }
  private mutating func sent(_ ms: Double, _ event: VoiceEvent) -> Entry { message(ms, .toServer, event, .client) }

  private mutating func message(_ ms: Double, _ way: Way, _ event: VoiceEvent, _ side: Side) -> Entry {
    // Events of the dialect's own vocabulary: it can say all of them.
    let frame = dialect.encode(event, from: side)!
    return entry(
      ms,
      .message(
        Message(
          link: LinkID(1), way: way, kind: frame.isText ? .text : .binary,
          payload: frame.payload)))
  }

  private mutating func entry(_ ms: Double, _ event: Entry.Event) -> Entry {
    defer { index += 1 }
    return Entry(index: index, at: Timestamp(milliseconds: ms), event: event)
  }
}

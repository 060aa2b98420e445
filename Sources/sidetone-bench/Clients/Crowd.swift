import Audio
import Glibc
import TestKit
import Threads
import Timeline
import WebSockets
import Wire

/// Clients of the `voice` dialect, on one thread: at any time one in ten speaks, in messages of 64 ms, and each asks a
/// question every two seconds, and notes when the first audio of the answer is there.
final class Crowd: Sendable {
  private static let messageLength = 0.064
  private static let speakingShare = 0.1
  private static let questionInterval = 2.0
  /// No other message of either server is as long as one of audio.
  private static let fewestAudioBytes = 1000

  private struct State {
    /// Clients that have heard from the server.
    var joined: Set<Int> = []
    /// When each asked what is not answered yet.
    var asked: [Int: Int64] = [:]
    var answers: [Double] = []
    var failures: [String] = []
  }
  private let state: Locked<State>
  private let client: WebSocketClient
  private let count: Int

  /// Connects them, and waits until each was greeted.
  init(port: Int, count: Int) throws {
    self.count = count
    let state = Locked<State>(State())
    self.state = state
    client = WebSocketClient { id, event in
      let now = monotonicNanoseconds()
      state.withLock { state in
        switch event {
        case .message(let bytes, _):
          state.joined.insert(id.rawValue)
          if bytes.count > Self.fewestAudioBytes, let asked = state.asked.removeValue(forKey: id.rawValue) {
            state.answers.append(Double(now - asked) / 1e6)
          }
        case .failed(let failure): state.failures.append("\(failure)")
        case .refused: state.failures.append("the machine is too busy to send what it has to say")
        case .closed(let code, let reason, _): state.failures.append("closed: \(code) \(reason)")
        default: break
        }
      }
    }
    let url = try WebSocketURL.parse("ws://127.0.0.1:\(port)/voice")
    // A few at a time, as clients come.
    for first in stride(from: 0, to: count, by: 50) {
      let last = min(first + 50, count)
      for id in first..<last { client.connect(LinkID(id + 1), ConnectRequest(url: url)) }
      try waitUntil("\(last) clients are connected") { try check { $0.joined.count >= last } }
    }
  }

  func stop() { client.stop(deadline: .seconds(2)) }

  /// - Returns: from question to answer, in milliseconds, for each question.
  /// - Throws: `BenchmarkFailure` when a connection ends or a question gets no answer.
  func talk(seconds: Int) throws -> [Double] {
    state.withLock { $0.answers = [] }
    let dialect = VoiceDialect()
    let samples = Signals.speech(rate: 16_000, count: Int(16_000 * Self.messageLength), levelDB: -23)
    let audio = dialect.encode(
      .audio(AudioPayload(bytes: littleEndian(samples), format: "pcm16", rate: 16_000)), from: .client)!
    let question = dialect.encode(.text("what time is it"), from: .client)!
    let start = monotonicNanoseconds()
    // Spread evenly: client i is i/count of an interval behind the first.
    let (audioStep, questionStep) = (
      Int64(Self.messageLength / Self.speakingShare / Double(count) * 1e9),
      Int64(Self.questionInterval / Double(count) * 1e9)
    )
    var (sent, asked) = (0, 0)
    var now = start
    while now - start < Int64(seconds) * 1_000_000_000 {
      while Int64(sent) * audioStep <= now - start {
        client.send(LinkID(sent % count + 1), audio.payload, isText: audio.isText)
        sent += 1
      }
      while Int64(asked) * questionStep <= now - start {
        let id = asked % count + 1
        state.withLock { $0.asked[id] = monotonicNanoseconds() }
        client.send(LinkID(id), question.payload, isText: question.isText)
        asked += 1
      }
      sleepUntil(now + 1_000_000)
      now = monotonicNanoseconds()
    }
    try waitUntil("all questions are answered") { try check { $0.asked.isEmpty } }
    return state.withLock { $0.answers }
  }

  private func check(_ isSo: (State) -> Bool) throws -> Bool {
    try state.withLock { state in
      if let failure = state.failures.first { throw BenchmarkFailure("a client of \(count): \(failure)") }
      return isSo(state)
    }
  }
}

import Agent
import Glibc
import Speech
import TestKit
import Threads

/// A recognizer as the server has it, fed in messages of 20 ms.
final class SpeechEar {
  /// Samples of a message.
  static let message = Signals.speechRate / 50

  /// What the recognizer told, and when, on the monotonic clock.
  struct Told: Sendable {
    var event: RecognizerEvent
    var at: Int64
  }

  private let told = Locked<[Told]>([])
  private let waker = Waker()
  private let recognizer: StreamingRecognizer
  private var turn = TurnID(rawValue: 0)
  /// Samples that were fed so far.
  private(set) var position = 0

  init(_ choice: HearingChoice) {
    recognizer = StreamingRecognizer(choice.resolved()) { [told, waker] event in
      if case .backlog = event { return }
      told.withLock { $0.append(Told(event: event, at: monotonicNanoseconds())) }
      waker.wake()
    }
  }

  func stop() { recognizer.stop() }

  /// Begins a turn, and forgets what was told before.
  func beginTurn() {
    turn = TurnID(rawValue: turn.rawValue + 1)
    told.withLock { $0 = [] }
  }

  func feed(_ samples: ArraySlice<Int16>) {
    recognizer.accept(Array(samples), turn: turn)
    position += samples.count
  }

  func endTurn() { recognizer.endUtterance(turn) }

  /// What was told in this turn so far.
  var soFar: [Told] { told.withLock { $0 } }

  /// The turn's transcript, once it is there.
  /// - Throws: `BenchmarkFailure` when the recognizer fails, or another one has taken its place.
  func final() throws -> (text: String, at: Int64) {
    let deadline = monotonicNanoseconds() + 120_000_000_000
    while monotonicNanoseconds() < deadline {
      for told in soFar {
        switch told.event {
        case .final(turn, let text): return (text, told.at)
        case .failed(let reason), .substituted(_, let reason):
          throw BenchmarkFailure("recognition has failed: \(reason)")
        case .refused: throw BenchmarkFailure("the recognizer has refused audio")
        default: break
        }
      }
      waker.wait(timeout: .milliseconds(100))
    }
    throw BenchmarkFailure("no transcript came within two minutes")
  }

  /// Hears a turn as fast as it goes.
  func transcript(of samples: [Int16]) throws -> String {
    beginTurn()
    for start in stride(from: 0, to: samples.count, by: Self.message) {
      // It takes 30 s that wait.
      while (recognizer.waitingCount ?? 0) > 10 * Signals.speechRate { usleep(5_000) }
      feed(samples[start..<min(start + Self.message, samples.count)])
    }
    endTurn()
    return try final().text
  }
}

import Audio
import TestKit
import Testing
import Timeline

/// Everything at 1000 samples a second, so that a sample is a millisecond; the speaker takes 20 ms at a time.
@Suite struct PlayoutBufferTests {
  private typealias Kind = PlayoutChange.Kind

  /// What came out of a buffer that was fed by a script.
  private struct Run {
    var samples: [Int16] = []
    var changes: [(atMs: Double, change: PlayoutChange)] = []
    var real = 0

    var kinds: [Kind] { changes.map(\.change.kind) }
    func at(_ kind: Kind) -> Double? { changes.first { $0.change.kind == kind }?.atMs }
  }

  /// Plays from 0 to `until`. Arrivals: when, how many milliseconds of audio; then the end of the response.
  private func play(
    _ buffer: inout PlayoutBuffer, arrivals: [(atMs: Double, count: Int)], endAtMs: Double?, until: Double
  ) -> Run {
    var run = Run()
    var waiting = arrivals[...]
    var next: Int16 = 1
    var hasEnded = false
    for now in stride(from: 0.0, through: until, by: 20) {
      while let arrival = waiting.first, arrival.atMs <= now {
        waiting.removeFirst()
        buffer.push(
          (0..<arrival.count).map { next + Int16($0) }, response: ResponseID(1),
          at: Timestamp(milliseconds: arrival.atMs))
        next += Int16(arrival.count)
      }
      if let endAtMs, endAtMs <= now, !hasEnded {
        hasEnded = true
        buffer.endOfResponse(ResponseID(1))
      }
      let pulled = buffer.pull(20, at: Timestamp(milliseconds: now))
      #expect(pulled.samples.count == 20)
      #expect(pulled.samples.dropFirst(pulled.realSampleCount).allSatisfy { $0 == 0 })
      #expect((pulled.response == nil) == (pulled.realSampleCount == 0))
      run.samples += pulled.samples
      run.real += pulled.realSampleCount
      run.changes += pulled.changes.map { (now, $0) }
    }
    return run
  }

  @Test func steadyArrivalsPlayWithoutAGap() {
    var buffer = PlayoutBuffer(rate: 1_000)
    let run = play(
      &buffer, arrivals: (0..<50).map { (Double($0) * 20, 20) }, endAtMs: 1_000, until: 1_400)
    #expect(run.kinds == [.started, .finished])
    // 80 ms of target: with the fourth arrival.
    #expect(run.at(.started) == 60)
    #expect(run.at(.finished) == 1_040)
    #expect(run.changes.last?.change.playedMs == 1_000)
    #expect(run.samples.filter { $0 != 0 } == (1...1_000).map { Int16($0) })
    #expect(buffer.underruns == 0)
    #expect(buffer.jitterMs == 0)
    #expect(buffer.targetMs < 80 && buffer.targetMs > 78.5, "sinks by 1 ms a second")
    #expect(!buffer.isPlaying && buffer.isEmpty)
  }

  @Test func jitterBelowTheTargetIsNotHeard() {
    var random = SeededGenerator(seed: 21)
    let arrivals = (0..<100).map { (Double($0) * 20 + Double.random(in: 0...40, using: &random), 20) }
      .sorted { $0.0 < $1.0 }
    var buffer = PlayoutBuffer(rate: 1_000)
    let run = play(&buffer, arrivals: arrivals, endAtMs: 2_050, until: 2_600)
    #expect(run.kinds == [.started, .finished])
    #expect(run.real == 2_000)
    #expect((4...20).contains(buffer.jitterMs), "\(buffer.jitterMs)")
  }

  @Test func aBurstPlaysAtOnceAndIsKept() {
    var buffer = PlayoutBuffer(rate: 1_000)
    let run = play(&buffer, arrivals: (0..<40).map { (5 + Double($0) * 0.1, 50) }, endAtMs: 10, until: 2_200)
    #expect(run.at(.started) == 20)
    #expect(run.kinds == [.started, .finished])
    #expect(run.changes.last?.change.playedMs == 2_000)
    // A sender that is steadily ahead of real time does not jitter.
    #expect(buffer.jitterMs < 1)
  }

  @Test func starvationIsHeardCountedAndRecoveredFrom() {
    var buffer = PlayoutBuffer(rate: 1_000)
    // 100 ms at once, nothing until 300 ms, then the rest in real time.
    let arrivals = [(0.0, 100)] + (0..<20).map { (300 + Double($0) * 20, 20) }
    let run = play(&buffer, arrivals: arrivals, endAtMs: 720, until: 1_200)
    #expect(run.kinds == [.started, .underrun, .recovered, .finished])
    #expect(run.at(.started) == 0)
    #expect(run.at(.underrun) == 100)
    // The target has risen from 80 to 100 ms: five arrivals, the last at 380 ms.
    #expect(run.at(.recovered) == 380)
    #expect(run.changes.map { $0.change.playedMs } == [nil, 100, 100, 500])
    #expect(buffer.underruns == 1)
    #expect(run.samples.filter { $0 != 0 } == (1...500).map { Int16($0) }, "late, but not lost")
  }

  @Test func theTargetStaysWithinItsRange() {
    var buffer = PlayoutBuffer(rate: 1_000, targetRangeMs: 50...70, initialTargetMs: 200)
    #expect(buffer.targetMs == 70)
    // Starved again and again.
    _ = play(&buffer, arrivals: (0..<10).map { (Double($0) * 400, 80) }, endAtMs: nil, until: 4_200)
    #expect(buffer.underruns == 10)
    #expect(buffer.targetMs <= 70)
    // A minute of regular audio.
    _ = play(&buffer, arrivals: (0..<1_500).map { (Double($0) * 20, 20) }, endAtMs: nil, until: 30_000)
    #expect(buffer.targetMs == 50)
  }

  @Test func anIncompleteBlockIsPaddedWhenTheResponseEnds() {
    var buffer = PlayoutBuffer(rate: 1_000)
    buffer.push([1, 2, 3], response: ResponseID(4), at: .zero)
    let early = buffer.pull(20, at: .zero)
    #expect(early.realSampleCount == 0)
    #expect(buffer.isBuffering)
    buffer.endOfResponse(ResponseID(4))
    let pulled = buffer.pull(20, at: Timestamp(milliseconds: 20))
    #expect(pulled.samples == [1, 2, 3] + [Int16](repeating: 0, count: 17))
    #expect(pulled.response == ResponseID(4))
    #expect(pulled.changes.map(\.kind) == [.started, .finished])
    #expect(pulled.changes.last?.playedMs == 3)
  }

  @Test func anEndThatComesLateFinishesWithTheNextPull() {
    var buffer = PlayoutBuffer(rate: 1_000)
    buffer.push([Int16](repeating: 9, count: 80), response: ResponseID(1), at: .zero)
    for now in stride(from: 0.0, to: 80, by: 20) { _ = buffer.pull(20, at: Timestamp(milliseconds: now)) }
    #expect(buffer.isPlaying)
    buffer.endOfResponse(ResponseID(1))
    let last = buffer.pull(20, at: Timestamp(milliseconds: 80))
    #expect(last.changes.map(\.kind) == [.finished])
    #expect(buffer.underruns == 0)
  }

  @Test func withoutAnEndTheRestIsPlayedAfterAWhile() {
    var buffer = PlayoutBuffer(rate: 1_000)
    let run = play(&buffer, arrivals: [(0, 30)], endAtMs: nil, until: 600)
    #expect(run.at(.started) == PlayoutBuffer.patience.milliseconds)
    #expect(run.real == 30)
  }

  @Test func responsesKeepTheirOrderAndNeverShareABlock() {
    var buffer = PlayoutBuffer(rate: 1_000)
    for id in 1...3 {
      buffer.push([Int16](repeating: Int16(id), count: 30), response: ResponseID(id), at: .zero)
    }
    buffer.endOfResponse(ResponseID(3))
    #expect(buffer.depthMs == 90)
    var heard: [[Int]] = []
    var kinds: [Kind] = []
    for now in stride(from: 0.0, to: 160, by: 20) {
      let pulled = buffer.pull(20, at: Timestamp(milliseconds: now))
      heard.append([pulled.response?.rawValue ?? 0, pulled.realSampleCount])
      kinds += pulled.changes.map(\.kind)
    }
    #expect(heard == [[1, 20], [1, 10], [2, 20], [2, 10], [3, 20], [3, 10], [0, 0], [0, 0]])
    #expect(kinds == [.started, .finished, .started, .finished, .started, .finished])
  }

  @Test func flushTellsWhatWasHeardAndWhatNot() {
    var buffer = PlayoutBuffer(rate: 1_000)
    buffer.push([Int16](repeating: 1, count: 300), response: ResponseID(1), at: .zero)
    buffer.push([Int16](repeating: 2, count: 100), response: ResponseID(2), at: .zero)
    for now in stride(from: 0.0, to: 100, by: 20) { _ = buffer.pull(20, at: Timestamp(milliseconds: now)) }
    let changes = buffer.flush(at: Timestamp(milliseconds: 100))
    #expect(changes.map(\.kind) == [.flushed, .flushed])
    #expect(changes.map(\.playedMs) == [100, 0])
    #expect(changes.map(\.discardedMs) == [200, 100])
    #expect(buffer.depthMs == 0 && !buffer.isPlaying && buffer.isEmpty)
    let again = buffer.flush(at: Timestamp(milliseconds: 120))
    let silence = buffer.pull(20, at: Timestamp(milliseconds: 120))
    #expect(again.isEmpty && silence.changes.isEmpty)
    // It is ready for what comes next.
    buffer.push([Int16](repeating: 3, count: 100), response: ResponseID(3), at: Timestamp(milliseconds: 130))
    let next = buffer.pull(20, at: Timestamp(milliseconds: 140))
    #expect(next.changes.map(\.kind) == [.started])
  }

  @Test func whatDoesNotFitIsRefusedAndCounted() {
    var buffer = PlayoutBuffer(rate: 1_000, capacity: .milliseconds(200))
    let refused = [(1, 150), (2, 80), (3, 10)].map { value, count in
      buffer.push([Int16](repeating: value, count: count), response: ResponseID(1), at: .zero)
    }
    #expect(refused == [0, 30, 10])
    #expect(buffer.droppedMs == 40)
    #expect(buffer.depthMs == 200)
    let pulled = buffer.pull(200, at: .zero)
    #expect(pulled.samples == [Int16](repeating: 1, count: 150) + [Int16](repeating: 2, count: 50))
  }

  @Test func aPauseBetweenResponsesIsNoJitter() {
    var buffer = PlayoutBuffer(rate: 1_000)
    for response in 0..<5 {
      let start = Double(response) * 5_000
      for i in 0..<10 {
        buffer.push(
          [Int16](repeating: 1, count: 20), response: ResponseID(response),
          at: Timestamp(milliseconds: start + Double(i) * 20))
      }
      buffer.endOfResponse(ResponseID(response))
    }
    #expect(buffer.jitterMs == 0)
  }

  /// Whatever happens in whatever order: exact counts, bounded depth, each response started once and ended once.
  @Test(arguments: 0..<20) func invariantsHoldUnderRandomUse(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var buffer = PlayoutBuffer(rate: 1_000, capacity: .milliseconds(500))
    var (pushed, played, discarded, refused, now) = (0, 0, 0.0, 0, 0.0)
    var response = 1
    var open: Set<Int> = []
    for _ in 0..<2_000 {
      now += Double(Int.random(in: 0...30, using: &random))
      let at = Timestamp(milliseconds: now)
      switch Int.random(in: 0..<20, using: &random) {
      case 0..<9:
        let count = Int.random(in: 0...60, using: &random)
        refused += buffer.push([Int16](repeating: 1, count: count), response: ResponseID(response), at: at)
        pushed += count
      case 9:
        buffer.endOfResponse(ResponseID(response))
        response += 1
      case 10:
        let changes = buffer.flush(at: at)
        discarded += changes.reduce(0) { $0 + ($1.discardedMs ?? 0) }
        for change in changes { open.remove(change.response!.rawValue) }
        response += 1
      default:
        let count = Int.random(in: 0...40, using: &random)
        let pulled = buffer.pull(count, at: at)
        #expect(pulled.samples.count == count)
        played += pulled.realSampleCount
        for change in pulled.changes {
          switch change.kind {
          case .started:
            let isFirst = open.insert(change.response!.rawValue).inserted
            #expect(isFirst)
          case .finished: open.remove(change.response!.rawValue)
          default: #expect(open.contains(change.response!.rawValue))
          }
        }
      }
      #expect(buffer.depthMs <= 500)
      #expect(pushed == played + Int(discarded) + refused + Int(buffer.depthMs))
      #expect((50...100).contains(buffer.targetMs))
    }
    #expect(open.count <= 1)
  }

  /// Two responses are sent in turns: they are heard one behind the other, and each is whole.
  @Test func interleavedResponsesArePlayedOneBehindTheOther() {
    var buffer = PlayoutBuffer(rate: 1_000)
    var heard: [ResponseID] = []
    var changes: [PlayoutChange] = []
    for now in stride(from: 0.0, through: 4_000, by: 20) {
      let at = Timestamp(milliseconds: now)
      if now < 1_000, Int(now) % 100 == 0 {
        // The second comes just when there is nothing left of the first.
        if now >= 300 {
          buffer.expectMore(of: ResponseID(1))
          buffer.push(Array(repeating: 2, count: 100), response: ResponseID(2), at: at)
          _ = buffer.pull(20, at: at)
        }
        buffer.push(Array(repeating: 1, count: 100), response: ResponseID(1), at: at)
      }
      // The end of the second is never told, and neither is that of the first before its last audio.
      if now == 1_000 { buffer.endOfResponse(ResponseID(2)) }
      let pulled = buffer.pull(20, at: at)
      changes += pulled.changes
      if let response = pulled.response { heard.append(response) }
    }
    #expect(heard == Array(repeating: ResponseID(1), count: 50) + Array(repeating: ResponseID(2), count: 35))
    #expect(changes.filter { $0.kind == .finished }.map(\.playedMs) == [1_000, 700])
    #expect(buffer.isEmpty)
  }
}

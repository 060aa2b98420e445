import Audio
import TestKit
import Testing
import Timeline
import Wire

@testable import Runtime

@Suite struct PlayoutPumpTests {
  private let rate = 16_000
  private let first = ResponseID(1)
  private let second = ResponseID(2)

  /// A pump, its output, and virtual time.
  private struct Rig {
    private final class Time {
      var now = Timestamp.zero
    }

    let output = FakeOutput()
    let clock = TimelineClock()
    var pump: PlayoutPump
    private let time = Time()
    var now: Timestamp {
      get { time.now }
      set { time.now = newValue }
    }
    var facts: [PlayoutFact] = []
    var heard: [Int16] = []

    init() {
      let time = time
      pump = PlayoutPump(
        output: output, rate: 16_000, defaultRate: 16_000, jitterMs: 50...100, targetMs: 80,
        clock: clock, now: { time.now })
    }

    var events: [Entry.Event] { facts.map(\.event) }

    mutating func play(_ samples: [Int16], _ response: ResponseID) {
      facts += pump.play(pcm(samples), format: "pcm16", rate: nil, response: response, at: now)
    }
    mutating func end(_ response: ResponseID) { facts += pump.endOfResponse(response, at: now) }

    /// The device takes 10 ms at a time.
    mutating func run(milliseconds: Int) {
      for _ in 0..<milliseconds / 10 {
        now += .milliseconds(10)
        heard += output.take(160)
        facts += pump.feed(at: now)
      }
    }

    var changes: [PlayoutChange] {
      events.compactMap { if case .playoutChange(let change) = $0 { change } else { nil } }
    }
    var blocks: [PlayoutBlock] { events.compactMap { if case .playout(let block) = $0 { block } else { nil } } }
  }

  private func tone(milliseconds: Int) -> [Int16] { Signals.tone(440, rate: rate, count: milliseconds * 16) }

  @Test func theRingIsKeptJustFullEnough() {
    var rig = Rig()
    let speech = tone(milliseconds: 1_000)
    rig.play(speech, first)
    // 40 ms, and what of a block of 20 ms goes over it.
    #expect((640..<960).contains(rig.output.ring.count))
    for _ in 0..<90 {
      rig.run(milliseconds: 10)
      #expect((640..<960).contains(rig.output.ring.count))
    }
    rig.end(first)
    rig.run(milliseconds: 200)
    #expect(rig.heard == speech)
    #expect(rig.output.ring.count == 0)
    #expect(rig.pump.isIdle)
    #expect(rig.changes.map(\.kind) == [.format, .started, .finished])
    #expect(rig.changes.last?.playedMs == 1_000)
    #expect(rig.blocks.filter { $0.response == first }.reduce(0) { $0 + $1.sampleCount } == 16_000)
    #expect(rig.blocks.last?.response == nil, "the silence after it is told")
    #expect(rig.blocks.first?.deviceDelayMs == 0)
    #expect(rig.blocks.first.map { $0.peaks.count } == 4)
  }

  @Test func nothingIsPlayedBeforeTheTarget() {
    var rig = Rig()
    rig.play(tone(milliseconds: 60), first)
    rig.run(milliseconds: 50)
    #expect(rig.heard.isEmpty && rig.blocks.isEmpty)
    rig.play(tone(milliseconds: 20), first)
    #expect(rig.output.ring.count > 0)
  }

  @Test func aBlockIsHeardWhenItsPlaceInTheRingIs() {
    var rig = Rig()
    rig.now = Timestamp(milliseconds: 1_000)
    // The ring's first sample is heard 35 ms from now, and each block 20 ms after the one before.
    rig.output.status.ringOrigin = rig.clock.nanoseconds(Timestamp(milliseconds: 1_035))
    rig.play(tone(milliseconds: 200), first)
    #expect(rig.blocks.map(\.deviceDelayMs) == [35, 55])
    rig.run(milliseconds: 10)
    #expect(rig.blocks.map(\.deviceDelayMs) == [35, 55, 65])
    // Silence was put in before what is still to come.
    rig.output.status.ringOrigin += 10_000_000
    rig.run(milliseconds: 20)
    #expect(rig.blocks.last?.deviceDelayMs == 75)
  }

  @Test func whatAFlushTakesBackIsWhatHasNotBeenHeard() throws {
    var rig = Rig()
    rig.output.status.ringOrigin = rig.clock.nanoseconds(Timestamp(milliseconds: 35))
    rig.output.status.deviceDelay = 480
    rig.output.status.latencyBehindBuffer = 160
    rig.play(tone(milliseconds: 1_000), first)
    rig.run(milliseconds: 100)
    // 65 ms were heard, and 10 ms behind the device's buffer still will be.
    let flushed = try #require(
      rig.pump.flush(at: rig.now).compactMap { if case .playoutChange(let change) = $0.event { change } else { nil } }
        .first)
    #expect(flushed.playedMs == 75 && flushed.discardedMs == 925 && flushed.remainingMs == 10)
  }

  /// A sound server's stream that is kept through a flush plays its buffer out: 20 ms of it, and 10 ms behind it.
  @Test func whatAServersStreamPlaysOutIsHeard() throws {
    var rig = Rig()
    rig.output.status.ringOrigin = rig.clock.nanoseconds(Timestamp(milliseconds: 35))
    rig.output.status.deviceDelay = 480
    rig.output.status.latencyBehindBuffer = 160
    rig.output.status.bufferAfterFlush = 320
    rig.play(tone(milliseconds: 1_000), first)
    rig.run(milliseconds: 100)
    let flushed = try #require(
      rig.pump.flush(at: rig.now).compactMap { if case .playoutChange(let change) = $0.event { change } else { nil } }
        .first)
    #expect(flushed.playedMs == 95 && flushed.discardedMs == 905 && flushed.remainingMs == 30)
  }

  /// The ring is empty, and the device still has 30 ms of it, the last 10 of them behind its buffer.
  @Test(arguments: [false, true]) func whatTheDeviceHoldsIsTakenBackFromAResponseThatRanOut(isWhole: Bool) throws {
    var rig = Rig()
    rig.play(tone(milliseconds: 200), first)
    if isWhole { rig.end(first) }
    rig.run(milliseconds: 300)
    #expect(rig.changes.last?.kind == (isWhole ? .finished : .underrun))
    #expect(rig.blocks.last?.response == nil)
    rig.output.status.ringOrigin = 1
    rig.output.status.playedOutAt = rig.clock.nanoseconds(rig.now + .milliseconds(30))
    rig.output.status.latencyBehindBuffer = 160
    rig.facts = rig.pump.flush(at: rig.now)
    let flushed = try #require(rig.changes.first)
    #expect(rig.changes.count == 1 && flushed.kind == .flushed && flushed.response == first)
    #expect(flushed.playedMs == 180 && flushed.discardedMs == 20 && flushed.remainingMs == 10)
    // Once is enough, and what was heard to its end is not cut.
    #expect(rig.pump.flush(at: rig.now).isEmpty)
    rig.play(tone(milliseconds: 200), second)
    rig.end(second)
    rig.run(milliseconds: 300)
    #expect(rig.pump.flush(at: rig.now + .seconds(1)).isEmpty)
  }

  @Test func recordedAudioThatIsCutIsNoEndOfAResponse() {
    var rig = Rig()
    rig.play(tone(milliseconds: 200), first)
    rig.end(first)
    rig.run(milliseconds: 300)
    rig.facts = rig.pump.audition([AudioPayload(bytes: pcm(tone(milliseconds: 500)), rate: rate)], at: rig.now)
    rig.output.status.ringOrigin = 1
    rig.output.status.playedOutAt = rig.clock.nanoseconds(rig.now + .milliseconds(30))
    #expect(rig.output.ring.count > 0)
    rig.facts = rig.pump.flush(at: rig.now)
    #expect(rig.changes.isEmpty)
  }

  @Test(arguments: [0, 100, 460]) func whatWasHeardAndWhatWasCutAddUp(_ playedMs: Int) throws {
    var rig = Rig()
    // 20 ms in the device's buffer that a flush takes back, and 10 ms behind it that it does not.
    rig.output.status.deviceDelay = 480
    rig.output.status.latencyBehindBuffer = 160
    rig.play(tone(milliseconds: 1_000), first)
    rig.run(milliseconds: playedMs)
    rig.facts = []
    rig.facts += rig.pump.flush(at: rig.now)
    let flushed = try #require(rig.changes.first)
    #expect(flushed.kind == .flushed && flushed.response == first)
    #expect(flushed.playedMs.map { $0 + (flushed.discardedMs ?? 0) } == 1_000)
    #expect(flushed.playedMs == Double(max(0, playedMs - 20)), "what the device had taken, less what it gives back")
    #expect(flushed.remainingMs == min(10, flushed.playedMs ?? 0), "what it does not give back is still heard")
    #expect(rig.output.ring.count == 0 && rig.output.flushes == 1)
    #expect(rig.blocks.count == 1 && rig.blocks[0].response == nil)
    #expect(rig.pump.isIdle)
  }

  @Test func aFlushTellsEachResponseOnce() {
    var rig = Rig()
    rig.play(tone(milliseconds: 300), first)
    rig.end(first)
    rig.run(milliseconds: 100)
    rig.play(tone(milliseconds: 500), second)
    rig.facts = rig.pump.flush(at: rig.now)
    let changes = rig.changes
    #expect(changes.map(\.kind) == [.flushed, .flushed])
    #expect(changes.map(\.response) == [first, second])
    #expect(changes[0].playedMs == 100 && changes[0].discardedMs == 200)
    #expect(changes[1].playedMs == 0 && changes[1].discardedMs == 500)
    #expect(changes.map(\.remainingMs) == [0, nil], "of the one that was heard")
    rig.run(milliseconds: 100)
    let heard = rig.heard.count
    rig.play(tone(milliseconds: 100), ResponseID(3))
    rig.end(ResponseID(3))
    rig.run(milliseconds: 300)
    #expect(rig.heard.count - heard == 1_600, "what comes after a flush is played whole")
  }

  @Test func aResponseThatRunsDryIsTold() {
    var rig = Rig()
    rig.play(tone(milliseconds: 100), first)
    rig.run(milliseconds: 300)
    #expect(rig.changes.map(\.kind) == [.format, .started, .underrun])
    #expect(rig.heard.count == 1_600)
    #expect(rig.blocks.last?.response == nil)
    rig.play(tone(milliseconds: 200), first)
    rig.end(first)
    rig.run(milliseconds: 400)
    #expect(rig.changes.map(\.kind) == [.format, .started, .underrun, .recovered, .finished])
    #expect(rig.heard.count == 4_800)
    #expect((rig.blocks.map(\.targetMs).max() ?? 0) > 95, "the target was raised by 20 ms")
  }

  @Test func formatsAndNonsenseAreToldOnce() {
    var rig = Rig()
    let speech = tone(milliseconds: 200)
    let wav = WAV.header(rate: 16_000, sampleCount: speech.count) + pcm(speech)
    for _ in 0..<3 { rig.facts += rig.pump.play(wav, format: nil, rate: nil, response: first, at: rig.now) }
    rig.end(first)
    let formats = rig.changes.filter { $0.kind == .format }
    #expect(formats.count == 1)
    #expect(formats.first?.format == "wav" && formats.first?.rate == 16_000)
    rig.run(milliseconds: 800)
    #expect(rig.heard == speech + speech + speech)
    rig.facts = []
    for _ in 0..<3 {
      rig.facts += rig.pump.play([1, 2, 3, 4], format: "speex", rate: nil, response: second, at: rig.now)
    }
    let problems = rig.changes.filter { $0.kind == .undecodable }
    #expect(problems.count == 1)
    #expect(problems.first?.text?.contains("speex") == true, "\(problems)")
  }

  @Test func moreThanTheBufferHoldsIsLostAloud() {
    var rig = Rig()
    let minute = [Int16](repeating: 1_000, count: 60 * rate)
    for _ in 0..<4 { rig.play(minute, first) }
    let notices = rig.events.compactMap { if case .notice(let notice) = $0 { notice } else { nil } }
    #expect(notices.count == 1)
    #expect(notices.first?.text.contains("120 s") == true)
    #expect(notices.first?.remedy != nil)
  }

  @Test func queuesThatLoseAreTold() {
    var watch = QueueWatch()
    let due = [watch.isDue(at: .zero), watch.isDue(at: Timestamp(milliseconds: 900))]
    #expect(due == [true, false])
    func news(depth: Int, dropped: Int) -> [QueueDepth] {
      watch.observe(.other("a"), depth, of: 10, dropped: dropped, .samples)
      return watch.takeChanged()
    }
    #expect(news(depth: 5, dropped: 0).isEmpty)
    let lost = QueueDepth(name: .other("a"), depth: 10, capacity: 10, dropped: 3, unit: .samples)
    #expect(news(depth: 10, dropped: 3) == [lost])
    #expect(news(depth: 10, dropped: 3).isEmpty)
    #expect(news(depth: 0, dropped: 3).map(\.depth) == [0], "it has room again")
  }
}

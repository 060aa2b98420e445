import Audio
import TestKit
import Testing
import Timeline

@Suite struct OutputReportTests {
  @Test func whatRestsBeginsAtOnce() {
    func ms(_ value: Double) -> Timestamp { Timestamp(milliseconds: value) }
    var report = OutputReport(queued: .zero, written: 0, ringRate: 16_000)
    #expect(report.moment(ofSample: 0, at: .zero) == nil)
    report.origin = ms(1_000)
    #expect(report.moment(ofSample: 1_600, at: .zero) == ms(1_100))
    // In the past: it is late, and so is what follows.
    #expect(report.moment(ofSample: 1_600, at: ms(1_205)) == ms(1_100))
    report.isResting = true
    #expect(report.moment(ofSample: 1_600, at: ms(1_205)) == ms(1_205))
    #expect(report.moment(ofSample: 1_600, at: ms(1_220)) == ms(1_220))
    report.resamplerDelay = .milliseconds(3)
    #expect(report.moment(ofSample: 1_600, at: .zero) == ms(1_103))
  }
}

/// The playout against an output that knows what it has let be heard, sample by sample.
@Suite struct PlayoutTests {
  private let first = ResponseID(1)
  private let second = ResponseID(2)

  @Test func anAnswerIsHeardWholeAndInOrder() {
    let rig = PlayoutRig()
    rig.arrive(3_200, of: first)
    rig.input(.ended(first, rest: []))
    rig.arrive(1_600, of: second)
    rig.input(.ended(second, rest: [Int16](repeating: 2, count: 100)))
    rig.run(milliseconds: 600)
    #expect(rig.output.heard[1]?.count == 3_200 && rig.output.heard[2]?.count == 1_700)
    #expect(rig.changes.map(\.kind) == [.started, .finished, .started, .finished])
    #expect(rig.playout.isIdle)
  }

  /// The end of one answer and the beginning of the next are in the output, 200 ms each.
  private func betweenTwoAnswers() -> PlayoutRig {
    let rig = PlayoutRig()
    rig.arrive(3_200, of: first)
    rig.input(.ended(first, rest: []))
    rig.run(milliseconds: 170)
    rig.arrive(3_200, of: second)
    rig.run(milliseconds: 20)
    return rig
  }

  /// The end of one answer and the begin of the next are in the output when both are cut: what was not heard of the first is
  /// told, too.
  @Test func aFlushTakesBackTheEndOfAnAnswerBeforeTheLast() throws {
    let rig = betweenTwoAnswers()
    rig.flush()
    rig.run(milliseconds: 200)
    let flushes = rig.changes.filter { $0.kind == .flushed }
    #expect(flushes.map(\.response) == [first, second])
    let heard = [1, 2].map { Double(rig.output.heard[$0]?.count ?? 0) / 16 }
    #expect(heard[0] > 0 && heard[0] < 200, "both were in the output: \(heard)")
    #expect(flushes.map { $0.playedMs ?? -1 } == heard)
    #expect(flushes.map { ($0.playedMs ?? 0) + ($0.discardedMs ?? 0) } == [200, 200])
    #expect(flushes.map(\.remainingMs) == [0, nil])
  }

  /// Silence that the device puts between two answers is nobody's: it is not taken back of either.
  @Test func silenceBetweenTwoAnswersIsNotTakenBack() throws {
    let rig = PlayoutRig()
    rig.arrive(1_600, of: first)
    rig.input(.ended(first, rest: []))
    // Its last sample is heard 40 ms after it was taken; now the device holds 20 ms of it, and 20 ms of silence.
    while rig.output.holds(1) > 320 || rig.output.ringCount > 0 { rig.run(milliseconds: 1) }
    rig.arrive(3_200, of: second)
    rig.run(milliseconds: 1)
    rig.flush()
    rig.run(milliseconds: 100)
    let flushes = rig.changes.filter { $0.kind == .flushed }
    #expect(flushes.map(\.response) == [first, second])
    #expect(flushes.map { $0.playedMs ?? -1 } == [1, 2].map { Double(rig.output.heard[$0]?.count ?? 0) / 16 })
  }

  /// Held, it is silent at once but for what the device keeps; then it goes on with the very next sample.
  @Test(arguments: [(0, false), (160, false), (0, true)]) func whatIsHeldGoesOnWhereItWas(behind: Int, keeps: Bool)
    throws
  {
    let rig = PlayoutRig(behind: behind, keepsStream: keeps)
    rig.arrive(8_000, of: first)
    rig.run(milliseconds: 200)
    rig.hold()
    let kept = (keeps ? 640 : 0) + behind
    let before = rig.output.heard[1]?.count ?? 0
    rig.run(milliseconds: 500)
    #expect(try #require(rig.output.heard[1]).count - before == kept, "only what the device keeps is heard")
    let held = try #require(rig.changes.last)
    #expect(held.kind == .held && held.playedMs == Double(before + kept) / 16 && held.remainingMs == Double(kept) / 16)
    rig.arrive(1_600, of: first)
    rig.input(.ended(first, rest: []))
    rig.input(.resume)
    rig.run(milliseconds: 700)
    #expect(rig.output.heard[1]?.count == 9_600, "nothing is lost, and nothing heard twice")
    #expect(rig.changes.map(\.kind) == [.started, .held, .resumed, .finished])
    #expect(rig.changes.last?.playedMs == 600)
    #expect(rig.playout.isIdle)
  }

  @Test func aFlushDropsWhatIsHeld() throws {
    let rig = PlayoutRig()
    rig.arrive(8_000, of: first)
    rig.run(milliseconds: 200)
    rig.hold()
    rig.run(milliseconds: 300)
    rig.flush()
    rig.input(.resume)
    rig.run(milliseconds: 300)
    let heard = Double(rig.output.heard[1]?.count ?? 0) / 16
    #expect(rig.changes.map(\.kind) == [.started, .held, .flushed])
    #expect(rig.changes.last?.playedMs == heard && rig.changes.last?.discardedMs == 500 - heard)
    #expect(rig.changes.last?.remainingMs == 0)
    rig.arrive(1_600, of: second)
    rig.input(.ended(second, rest: []))
    rig.run(milliseconds: 300)
    #expect(rig.output.heard[2]?.count == 1_600)
  }

  @Test func aHoldThatNobodyEndsIsOverAfterThreeSeconds() throws {
    let rig = PlayoutRig()
    rig.arrive(8_000, of: first)
    rig.run(milliseconds: 200)
    rig.hold()
    let held = rig.now
    rig.run(milliseconds: 3_500)
    let resumed = try #require(
      rig.facts.first { if case .playoutChange(let c) = $0.event { c.kind == .resumed } else { false } })
    #expect(resumed.at - held >= .seconds(3) && resumed.at - held <= .milliseconds(3_010))
    #expect(rig.output.heard[1]?.count == 8_000)
  }

  /// The end of one that has ended is heard; the next one waits.
  @Test func whatHasEndedIsNotHeld() {
    let rig = betweenTwoAnswers()
    rig.hold()
    rig.run(milliseconds: 300)
    #expect(rig.output.heard[1]?.count == 3_200)
    rig.input(.resume)
    rig.input(.ended(second, rest: []))
    rig.run(milliseconds: 300)
    #expect(rig.output.heard[2]?.count == 3_200)
  }

  @Test func whatComesWhileNothingIsPlayedWaitsAsWell() {
    let rig = PlayoutRig()
    rig.hold()
    rig.arrive(3_200, of: first)
    rig.input(.ended(first, rest: []))
    rig.run(milliseconds: 500)
    #expect(rig.output.heard.isEmpty && rig.changes.isEmpty)
    rig.input(.resume)
    rig.run(milliseconds: 300)
    #expect(rig.output.heard[1]?.count == 3_200)
    #expect(rig.changes.map(\.kind) == [.started, .finished])
  }

  @Test func factsHaveTheirOwnMomentsInOrder() {
    let rig = PlayoutRig()
    rig.run(milliseconds: 100)
    // A message that had waited for 30 ms: its audio arrived then, and is handed over now.
    let first = ArrivedAudio(samples: [Int16](repeating: 1, count: 3_200), detected: (name: "pcm16", rate: 16_000))
    rig.facts += rig.playout.handle(.arrived(first, of: self.first), at: rig.now - .milliseconds(30)).facts
    rig.feed()
    #expect(rig.facts.map(\.at) == rig.facts.map(\.at).sorted())
    #expect(rig.facts.first?.at == rig.now - .milliseconds(30))
    #expect(rig.facts.last?.at == rig.now)
    // And a message that had waited for longer than that is no step back.
    let late = ArrivedAudio(samples: [], detected: (name: "wav", rate: 16_000))
    rig.facts += rig.playout.handle(.arrived(late, of: self.first), at: rig.now - .milliseconds(40)).facts
    #expect(rig.facts.last?.at == rig.now)
  }

  /// Messages, ends, interrupts, late feeding, a lost device, and a server's stream that is kept: whatever the order, what is
  /// told of each answer is what was heard of it.
  @Test(arguments: UInt64(1)...15) func whatIsToldIsWhatWasHeard(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let rig = PlayoutRig(behind: [0, 160, 480][random.below(3)], keepsStream: random.below(3) == 0)
    var response = 1
    var isEnded = false
    var arrived: [Int: Int] = [:]
    for _ in 0..<250 {
      switch random.below(14) {
      case 0...5:
        if isEnded { (response, isEnded) = (response + 1, false) }
        let count = 1 + random.below(2_400)
        rig.arrive(count, of: ResponseID(response))
        arrived[response, default: 0] += count
      case 6:
        rig.input(.ended(ResponseID(response), rest: []))
        isEnded = true
      case 7 where random.below(2) == 0:
        rig.flush()
        isEnded = true
      case 8 where random.below(3) == 0:
        rig.output.isLost.toggle()
      case 12: rig.hold()
      case 13: rig.input(.resume)
      case 9: rig.sleep(milliseconds: random.below(150))
      default: rig.run(milliseconds: random.below(60))
      }
      rig.run(milliseconds: random.below(20))
    }
    rig.input(.ended(ResponseID(response), rest: []))
    rig.input(.resume)
    if rig.output.isLost { rig.output.isLost = false }
    rig.run(milliseconds: 2_000 + arrived.values.reduce(0, +) / 16)
    #expect(rig.playout.isIdle && rig.output.ringCount == 0)
    #expect(rig.facts.map(\.at) == rig.facts.map(\.at).sorted())
    for (response, count) in arrived {
      let changes = rig.changes.filter { $0.response == ResponseID(response) }
      let ends = changes.filter { $0.kind == .flushed || $0.kind == .finished }
      let heard = rig.output.heard[response] ?? []
      #expect(
        ends.map(\.kind) == [.finished] || ends.map(\.kind) == [.flushed] || ends.map(\.kind) == [.finished, .flushed],
        "seed \(seed), response \(response): \(changes.map(\.kind))")
      guard let end = ends.last, let playedMs = end.playedMs else { continue }
      let all = playedMs + (end.discardedMs ?? 0)
      #expect(abs(all - Double(count) / 16) < 0.01, "seed \(seed), response \(response): \(all) ms of \(count / 16)")
      let tolerance = rig.output.uncertain.contains(response) ? 90.0 : 2
      let difference = playedMs - Double(heard.count) / 16
      #expect(abs(difference) <= tolerance, "seed \(seed), response \(response): \(end), heard \(heard.count / 16) ms")
      guard !rig.output.uncertain.contains(response) else { continue }
      // Each block is heard when it was said to be, unless it was taken back.
      var offset = 0
      var told: [(offset: Int, at: Double)] = []
      for fact in rig.facts {
        switch fact.event {
        case .playoutChange(let change) where change.response == ResponseID(response):
          guard case .held(_, let takenBackMs, _) = change.step else { continue }
          offset -= Int((takenBackMs * 16).rounded())
          told.removeAll { $0.offset >= offset }
        case .playout(let block) where block.response == ResponseID(response):
          told.append((offset, fact.at.milliseconds + block.deviceDelayMs))
          offset += block.sampleCount
        default: continue
        }
      }
      for block in told where block.offset < heard.count {
        let moment = Double(heard[block.offset]) / 16
        #expect(
          abs(block.at - moment) < 0.1,
          "seed \(seed), response \(response), sample \(block.offset): told \(block.at), heard \(moment)")
      }
      #expect(offset >= heard.count)
    }
  }
}

/// A playout, its output, and virtual time in samples of 1/16 ms. Each sample is the number of its response.
private final class PlayoutRig {
  var playout = Playout(rate: 16_000, targetRangeMs: 50...100, initialTargetMs: 80)
  let output: ModelOutput
  var facts: [PlayoutFact] = []

  init(behind: Int = 0, keepsStream: Bool = false) { output = ModelOutput(behind: behind, keepsStream: keepsStream) }

  var now: Timestamp { output.timestamp(output.now) }
  var changes: [PlayoutChange] {
    facts.compactMap { if case .playoutChange(let change) = $0.event { change } else { nil } }
  }
  var blocks: [(at: Timestamp, block: PlayoutBlock)] {
    facts.compactMap { if case .playout(let block) = $0.event { ($0.at, block) } else { nil } }
  }

  func arrive(_ count: Int, of response: ResponseID) {
    let samples = [Int16](repeating: Int16(response.rawValue), count: count)
    input(.arrived(ArrivedAudio(samples: samples), of: response))
  }
  func feed() { input(.stood(output.report)) }
  func flush() { input(.flush(output.report)) }
  func hold() { input(.hold(output.report)) }

  func input(_ input: Playout.Input) {
    var outcome = playout.handle(input, at: now)
    facts += outcome.facts
    while let order = outcome.order {
      switch order {
      case .look: break
      case .write(let samples): output.write(samples)
      case .flush, .takeBack: output.flush()
      }
      outcome = playout.handle(.stood(output.report), at: now)
      facts += outcome.facts
    }
  }

  /// Fed each 10 ms.
  func run(milliseconds: Int) {
    for i in 0..<milliseconds {
      output.step()
      if i % 10 == 9 { feed() }
    }
    feed()
  }

  /// Nobody feeds the output meanwhile.
  func sleep(milliseconds: Int) { for _ in 0..<milliseconds { output.step() } }
}

/// A sound device of 40 ms that is filled in periods of 10 ms, with silence where the ring has nothing, and what lies behind
/// it. While it is lost, samples are taken 20 ms at a time and count as heard.
private final class ModelOutput {
  private static let size = 640
  private static let period = 160
  /// Samples since the begin.
  private(set) var now = 0
  /// When each sample of a response was heard.
  private(set) var heard: [Int: [Int]] = [:]
  private let keepsStream: Bool
  private var ring: [Int16] = []
  private var written = 0
  private var device = [Int16](repeating: 0, count: ModelOutput.size)
  private var behind: [Int16]
  private var playedOutAt = 0
  private var nextTick = 0
  private var lastLoss = Int.min / 2
  /// The device was lost or came back while these were on the way: what it held is neither heard nor taken back.
  private(set) var uncertain: Set<Int> = []

  init(behind: Int, keepsStream: Bool) {
    self.behind = [Int16](repeating: 0, count: behind)
    self.keepsStream = keepsStream
  }

  var isLost = false {
    didSet {
      lastLoss = now
      doubt(ring + device + behind)
      for sample in behind + device { note(sample, at: now) }
      device = [Int16](repeating: 0, count: Self.size)
      behind = behind.map { _ in 0 }
      nextTick = now + 320
    }
  }

  var ringCount: Int { ring.count }
  func holds(_ response: Int16) -> Int { device.count { $0 == response } }
  private func doubt(_ samples: [Int16]) { uncertain.formUnion(samples.lazy.filter { $0 != 0 }.map { Int($0) }) }
  func timestamp(_ samples: Int) -> Timestamp { Timestamp(nanoseconds: Int64(samples) * 62_500) }

  func write(_ samples: [Int16]) {
    if isLost { doubt(samples) }
    ring += samples
    written += samples.count
  }

  func flush() {
    if isLost || now - lastLoss < 1_600 { doubt(ring + device + behind) }
    ring = []
    guard !isLost, !keepsStream, device.contains(where: { $0 != 0 }) else { return }
    device = [Int16](repeating: 0, count: Self.size)
    playedOutAt = now
  }

  var report: OutputReport {
    let next = isLost ? nextTick : now + device.count + behind.count
    let kept = isLost ? 0 : behind.count + (keepsStream ? device.count : 0)
    return OutputReport(
      queued: .samples(ring.count, rate: 16_000), written: written, ringRate: 16_000,
      origin: timestamp(next - (written - ring.count)), playedOutAt: timestamp(playedOutAt),
      keptByFlush: .samples(kept, rate: 16_000))
  }

  /// 1 ms passes.
  func step() {
    if !isLost {
      behind += device[..<16]
      device.removeFirst(16)
      for (i, sample) in behind[..<16].enumerated() { note(sample, at: now + i) }
      behind.removeFirst(16)
    }
    now += 16
    if isLost {
      guard now >= nextTick else { return }
      nextTick += 320
      for sample in take(320) { note(sample, at: now) }
      return
    }
    while device.count <= Self.size - Self.period {
      let real = min(ring.count, Self.period)
      if real > 0 { playedOutAt = now + device.count + behind.count + real }
      device += take(Self.period)
    }
  }

  /// Silence where there is nothing.
  private func take(_ count: Int) -> [Int16] {
    let taken = Array(ring.prefix(count))
    ring.removeFirst(taken.count)
    if isLost, !taken.isEmpty { playedOutAt = now }
    return taken + [Int16](repeating: 0, count: count - taken.count)
  }

  private func note(_ sample: Int16, at time: Int) {
    if sample != 0 { heard[Int(sample), default: []].append(time) }
  }
}

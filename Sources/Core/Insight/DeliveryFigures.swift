import Audio
import DequeModule
import Timeline

/// How the agent's audio arrives and how the playout copes with it.
public struct DeliveryFigures: Sendable {
  /// The buffer at one moment, in milliseconds.
  public struct Depth: Sendable, Equatable {
    public var at: Timestamp
    public var depthMs: Double
    public var targetMs: Double
    public init(at: Timestamp, depthMs: Double, targetMs: Double) {
      self.at = at
      self.depthMs = depthMs
      self.targetMs = targetMs
    }
  }

  /// One sample each 100 ms, for two minutes.
  static let depthInterval = Duration.milliseconds(100)
  static let depthLimit = 1200
  /// A shorter gap between two blocks without an underrun is the uncertainty of their moments.
  static let unexplainedGapMs = 5.0

  /// Depth and target over time, oldest first: the least depth of each 100 ms.
  public private(set) var depths: Deque<Depth> = []
  /// Times that a response ran dry before its end, and for how long, in milliseconds.
  public private(set) var underruns = 0
  public private(set) var underrunMs = 0.0
  /// Silence heard in the middle of responses in the place of audio that was late, in milliseconds.
  public private(set) var concealedMs = 0.0
  /// How fast the response that came last was sent: 1 is as fast as it is heard.
  public private(set) var burst = FlowRate()
  /// The fastest response so far.
  public private(set) var highestBurst: Double?
  /// Inter-arrival jitter (RFC 3550, the sender's pace taken out) in milliseconds.
  public var jitterMs: Double { jitter.ms }
  /// How far arrivals were from the sender's pace.
  public private(set) var deviations = DelayCounts()
  /// Audio messages, and those that came when a listener with the buffer's target depth had run dry already.
  public private(set) var chunks = 0
  public private(set) var lateChunks = 0
  /// How late those were.
  public private(set) var lateness = DelayCounts()
  /// What it takes on the wire.
  public internal(set) var wire = WireCost()
  /// What arrives to what is played, in samples a second.
  public private(set) var sourceRate: Int?
  public private(set) var outputRate: Int?
  /// The server's clock against ours, from its messages' timestamps; the speaker's, as its driver measures it.
  public private(set) var serverClock = ClockDrift()
  public private(set) var speakerDriftPPM: Double?

  private var jitter = ArrivalJitter()
  private var isBurstOver = false
  private var targetMs = 80.0
  /// When the next chunk is due to whoever listens without a buffer.
  private var dueAt: Timestamp?
  private var dryAt: Timestamp?
  /// The response that is heard ran dry, and has not been heard again.
  private var wasDry = false
  /// That response was told to go on since.
  private var goesOn = true
  private var heardUntil: Timestamp?
  private var heardResponse: ResponseID?

  public init() {}

  /// Output samples for each sample that arrives; nil before both rates are known.
  public var resamplingRatio: Double? {
    guard let sourceRate, let outputRate, sourceRate > 0 else { return nil }
    return Double(outputRate) / Double(sourceRate)
  }

  /// A piece of the agent's audio arrived.
  mutating func arrived(_ ms: Double, at now: Timestamp) {
    chunks += 1
    if let deviation = jitter.arrived(ms, at: now) { deviations.add(abs(deviation)) }
    timed(ms, at: now)
  }

  /// So much sound is there now: whether that is in time, and how fast it comes.
  private mutating func timed(_ ms: Double, at now: Timestamp) {
    if isBurstOver { (burst, isBurstOver) = (FlowRate(), false) }
    burst.passed(ms, at: now)
    if let factor = burst.factor { highestBurst = max(highestBurst ?? 0, factor) }
    var due = dueAt ?? now
    let lateMs = (now - due).milliseconds - targetMs
    if lateMs > 0 {
      lateChunks += 1
      lateness.add(lateMs)
      // The listener has waited: what follows is due that much later.
      due += .recorded(milliseconds: lateMs)
    }
    dueAt = due + .recorded(milliseconds: ms)
  }

  /// Compressed audio arrived. How long it plays is told by its decoder (`PlayoutChange.Step.decoded`), in whole frames; for
  /// jitter only its difference from the others counts, and what is steady is taken out as the sender's pace, so a nominal
  /// bit rate serves (128 kbit/s; 32 of Opus).
  mutating func arrived(byteCount: Int, isOpus: Bool, at now: Timestamp) {
    let nominalMs = Double(byteCount) * 1000 / (isOpus ? 4_000 : 16_000)
    chunks += 1
    if let deviation = jitter.arrived(nominalMs, at: now) { deviations.add(abs(deviation)) }
  }

  /// The server's own timestamp of a message.
  mutating func stamped(_ sentAtMs: Double, at now: Timestamp) { serverClock.observe(sentAtMs: sentAtMs, at: now) }

  /// The response was sent whole, cut, or held back: what comes next arrives when it likes.
  mutating func responsePaused() {
    jitter.pause()
    isBurstOver = true
    dueAt = nil
  }

  mutating func connectionChanged() { serverClock.restart() }

  mutating func played(_ block: PlayoutBlock, at now: Timestamp) {
    targetMs = block.targetMs
    note(Depth(at: now, depthMs: block.depthMs, targetMs: block.targetMs))
    guard let response = block.response else {
      // The silence of an underrun is not the end of it.
      if !wasDry { heardUntil = nil }
      return
    }
    outputRate = block.rate
    let start = now + .recorded(milliseconds: block.deviceDelayMs)
    // A fraction of a sample is rounding. Without an underrun the device ran dry, for who feeds it came late; that
    // shows in the moments alone, which are a few milliseconds exact.
    if let heardUntil, heardResponse == response {
      let gapMs = (start - heardUntil).milliseconds
      if gapMs > (wasDry && goesOn ? 0.1 : Self.unexplainedGapMs) { concealedMs += gapMs }
    }
    // A block whose end was short of audio is told after the underrun, and lies before it.
    if goesOn { wasDry = false }
    heardResponse = response
    heardUntil = start + .samples(block.sampleCount, rate: block.rate)
  }

  mutating func changed(_ change: PlayoutChange, at now: Timestamp) {
    switch change.step {
    case .underrun:
      underruns += 1
      dryAt = now
      (wasDry, goesOn) = (true, false)
    case .recovered, .flushed, .held, .finished:
      if let dryAt { underrunMs += (now - dryAt).milliseconds }
      dryAt = nil
      goesOn = true
      if change.kind != .recovered { (heardUntil, wasDry) = (nil, false) }
    case .format(_, let rate): sourceRate = rate ?? sourceRate
    case .decoded(let ms): if ms.isFinite, ms > 0 { timed(ms, at: now) }
    case .started, .resumed, .undecodable: break
    }
  }

  mutating func device(_ change: DeviceChange) {
    if change.role == .speaker { speakerDriftPPM = change.driftPPM ?? speakerDriftPPM }
  }

  private mutating func note(_ depth: Depth) {
    if let last = depths.last, depth.at - last.at < Self.depthInterval {
      depths[depths.count - 1].depthMs = min(last.depthMs, depth.depthMs)
      depths[depths.count - 1].targetMs = depth.targetMs
      return
    }
    depths.append(depth)
    if depths.count > Self.depthLimit { depths.removeFirst() }
  }
}

/// Delays counted by size.
public struct DelayCounts: Sendable, Equatable {
  /// The upper end of each class in milliseconds; the last class has none.
  public static let bounds: [Double] = [1, 2, 5, 10, 20, 50, 100, 200, 500]
  /// One more than there are bounds.
  public private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)

  public init() {}

  public var total: Int { counts.reduce(0, +) }

  mutating func add(_ ms: Double) {
    counts[Self.bounds.firstIndex { ms <= $0 } ?? Self.bounds.count] += 1
  }
}

import DequeModule
import Timeline

/// How the connection holds.
public struct ConnectionFigures: Sendable {
  /// A connection that was lost, and found again.
  public struct Outage: Sendable, Equatable {
    public var lostAt: Timestamp
    /// Ready again; nil while it is not.
    public var recoveredAt: Timestamp?
    /// The close code, where there was one.
    public var code: Int?
    /// Speech of the user that was dropped because of it, in milliseconds.
    public var lostMs = 0.0
    public init(lostAt: Timestamp, code: Int? = nil) {
      self.lostAt = lostAt
      self.code = code
    }
    public var recovery: Duration? { recoveredAt.map { $0 - lostAt } }
  }

  /// How many outages are kept in detail.
  static let outageLimit = 100
  /// The queue tells of its drops ten times a second: the last may come after the recovery.
  static let afterRecovery = Duration.milliseconds(200)

  /// Pings that were answered.
  public private(set) var roundTrips = DurationHistogram(resolutionMs: 0.01, highestMs: 600_000)
  public private(set) var missedPongs = 0
  /// How long the last connection took, by stage: `dns`, `tcp`, `tls`, `upgrade`, and from there to `ready`.
  public private(set) var stages: [ConnectStage] = []
  /// From the attempt to `ready`, of all connections.
  public private(set) var connectTimes = DurationHistogram(resolutionMs: 0.1)
  /// The last losses, oldest first. The last one may be going on.
  public private(set) var outages: Deque<Outage> = []
  /// All of them, those that are no longer kept included.
  public private(set) var losses = 0
  /// Speech of the user that was dropped because of any of them, in milliseconds.
  public private(set) var lostSpeechMs = 0.0
  /// Loss to ready.
  public private(set) var recoveryTimes = DurationHistogram()

  private var attemptedAt: Timestamp?
  private var openedAt: Timestamp?
  private var wasReady = false
  private var droppedChunks = 0

  public init() {}

  mutating func answered(_ trip: RoundTrip) {
    if let ms = trip.ms { roundTrips.record(ms) } else { missedPongs += 1 }
  }

  /// - Parameter isLeaving: the operator has quit: what ends now is not lost.
  mutating func changed(_ change: ConnectionChange, isLeaving: Bool, at now: Timestamp) {
    switch change.step {
    case .connecting: attemptedAt = now
    case .open(let stages, _):
      openedAt = now
      self.stages = stages
    case .ready: ready(at: now)
    case .closed(let code, _, _):
      if wasReady, !isLeaving {
        losses += 1
        outages.append(Outage(lostAt: now, code: code))
        if outages.count > Self.outageLimit { outages.removeFirst() }
      }
      wasReady = false
      openedAt = nil
    case .closing, .failed, .waiting, .gaveUp: break
    }
  }

  private mutating func ready(at now: Timestamp) {
    wasReady = true
    if let openedAt { stages.append(ConnectStage(.ready, ms: (now - openedAt).milliseconds)) }
    if let attemptedAt { connectTimes.record((now - attemptedAt).milliseconds) }
    (attemptedAt, openedAt) = (nil, nil)
    guard let i = outages.indices.last, outages[i].recoveredAt == nil else { return }
    outages[i].recoveredAt = now
    recoveryTimes.record((now - outages[i].lostAt).milliseconds)
  }

  /// The uplink's queue told how it stands.
  /// - Parameter chunkMs: how long its chunks are.
  mutating func queued(_ queue: QueueDepth, chunkMs: Double, at now: Timestamp) {
    guard queue.name == .uplink else { return }
    defer { droppedChunks = max(droppedChunks, queue.dropped) }
    guard queue.dropped > droppedChunks, let i = outages.indices.last else { return }
    if let recovered = outages[i].recoveredAt, now - recovered > Self.afterRecovery { return }
    let ms = Double(queue.dropped.subtracting(droppedChunks)) * chunkMs
    outages[i].lostMs += ms
    lostSpeechMs += ms
  }
}

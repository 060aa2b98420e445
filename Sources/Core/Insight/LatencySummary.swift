/// Response times over turns: those that went undisturbed, and, apart from them, those that did not.
///
///   first sound ─► pending ─┬─► nothing disturbed it until it was heard out ─► session
///                           └─► cut, spoken over, …  ─► excluded, by mark
///
/// A pending turn counts in the session's figures at once, and leaves them when it turns out to be disturbed: so the
/// percentiles never average in silently what the listener would not call a response.
public struct LatencySummary: Sendable {
  /// A turn's wait.
  private struct Wait: Sendable {
    var turn: Int
    var ms: Double
    var biggestPart: Turn.Stage?
  }

  /// Turns that wait for their end are few; a server that never ends a response must not let them grow.
  private static let pendingLimit = 8

  private var settled = DurationHistogram()
  private var settledWorst: Wait?
  private var pending: [Wait] = []
  /// Turns up to this one were settled for want of room.
  private var settledUpTo = 0

  /// Turns with a response time.
  public private(set) var count = 0
  /// The undisturbed turns' percentiles; nil without any.
  public private(set) var percentiles: Percentiles?
  /// The longest wait, and where most of it went.
  public private(set) var worst: WorstTurn?
  /// Turns kept out, by mark. One that has two marks counts under both.
  public private(set) var excluded: [Turn.Mark: Int] = [:]
  /// Their response times, as far as they have any.
  public private(set) var excludedTimes = DurationHistogram()

  public init() {}

  public var p50: Double? { percentiles?.p50 }
  public var p95: Double? { percentiles?.p95 }

  /// The value in milliseconds below which `percent` of the turns are (0…100); nil without turns.
  public func percentile(_ percent: Double) -> Double? { all().percentile(percent) }

  /// A turn came to its first sound, to its end, or to a mark.
  mutating func observe(_ turn: inout Turn) {
    guard !turn.isCounted, turn.number > settledUpTo else { return }
    let at = pending.firstIndex { $0.turn == turn.number }
    if turn.marks.isEmpty {
      guard let ms = turn.responseTime?.milliseconds, ms >= 0 else { return }
      if let at, pending[at].ms != ms {
        // Its end of speech is known better now.
        pending[at] = Wait(turn: turn.number, ms: ms, biggestPart: turn.biggestPart)
        refresh()
      } else if at == nil {
        pending.append(Wait(turn: turn.number, ms: ms, biggestPart: turn.biggestPart))
        if pending.count > Self.pendingLimit {
          settledUpTo = pending[0].turn
          settle(pending.removeFirst())
        }
        refresh()
      }
      guard turn.isOver, turn.isPlayedOut else { return }
      turn.isCounted = true
      if let i = pending.firstIndex(where: { $0.turn == turn.number }) { settle(pending.remove(at: i)) }
      refresh()
    } else {
      if let at {
        pending.remove(at: at)
        refresh()
      }
      guard turn.isOver || turn.firstSound != nil else { return }
      turn.isCounted = true
      for mark in turn.marks { excluded[mark, default: 0] += 1 }
      if let ms = turn.responseTime?.milliseconds { excludedTimes.record(ms) }
    }
  }

  private mutating func settle(_ wait: Wait) {
    settled.record(wait.ms)
    if wait.ms > settledWorst?.ms ?? -1 { settledWorst = wait }
  }

  private func all() -> DurationHistogram {
    var all = settled
    for wait in pending { all.record(wait.ms) }
    return all
  }

  private mutating func refresh() {
    let all = all()
    count = all.count
    percentiles = all.percentiles
    let longest = pending.max { $0.ms < $1.ms }
    let wait = [settledWorst, longest].compactMap(\.self).max { $0.ms < $1.ms }
    worst = wait.map { WorstTurn(turn: $0.turn, ms: $0.ms, biggestPart: $0.biggestPart) }
  }
}

/// The turn with the longest wait.
public struct WorstTurn: Sendable, Equatable {
  public var turn: Int
  public var ms: Double
  public var biggestPart: Turn.Stage?
  public init(turn: Int, ms: Double, biggestPart: Turn.Stage?) {
    self.turn = turn
    self.ms = ms
    self.biggestPart = biggestPart
  }
}

/// Response times of the last turns, exactly.
public struct LatencyWindow: Sendable, Equatable {
  /// Undisturbed turns in the window.
  public var count: Int
  /// Turns in the window that are marked, and so left out.
  public var excludedCount: Int
  public var percentiles: Percentiles?
  public var worst: WorstTurn?

  /// - Parameter turns: the window's turns.
  init(_ turns: some Sequence<Turn>) {
    var waits: [Double] = []
    (count, excludedCount) = (0, 0)
    for turn in turns {
      guard turn.marks.isEmpty else {
        excludedCount += 1
        continue
      }
      guard let ms = turn.responseTime?.milliseconds, ms >= 0 else { continue }
      waits.append(ms)
      if ms > worst?.ms ?? -1 { worst = WorstTurn(turn: turn.number, ms: ms, biggestPart: turn.biggestPart) }
    }
    count = waits.count
    percentiles = Percentiles(of: waits)
  }
}

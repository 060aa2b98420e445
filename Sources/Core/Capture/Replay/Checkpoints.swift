import Timeline

/// What was known at some places of a recording, so that the way to any other place is short.
///
///     entries  ───────────────────────────────────────────────►
///     kept     ●       ●       ●       ●       ●                  distance 2
///     full     ●               ●               ●                  distance 4: every other one goes
///
/// There are never more than `limit` of them, evenly spread however long the recording is. A value.
public struct Checkpoints<State: Sendable>: Sendable {
  public struct Checkpoint: Sendable {
    /// Where the entries after it begin, as `CaptureWalk` takes it.
    public var next: Int
    /// How many entries come before it.
    public var count: Int
    /// The last entry before it, and the latest moment so far; nil at the beginning.
    public var last: CaptureExtent.Moment?
    /// Bytes of what the state leaves out, of all entries before it.
    public var leftOut: Int
    public var state: State

    public init(next: Int, count: Int, last: CaptureExtent.Moment?, leftOut: Int, state: State) {
      self.next = next
      self.count = count
      self.last = last
      self.leftOut = leftOut
      self.state = state
    }
  }

  public let limit: Int
  /// Entries from one to the next, at least.
  public private(set) var distance: Int
  /// In order; the first is the beginning.
  public private(set) var all: [Checkpoint]

  /// - Parameters:
  ///   - limit: the most that are kept; 2 at least.
  ///   - distance: entries from one to the next while there are few.
  ///   - start: the state before the first entry.
  ///   - next: where the entries begin.
  public init(limit: Int, distance: Int, start: State, next: Int) {
    self.limit = max(2, limit)
    self.distance = max(1, distance)
    all = [Checkpoint(next: next, count: 0, last: nil, leftOut: 0, state: start)]
  }

  /// Whether one is wanted after so many entries.
  public func isDue(count: Int) -> Bool { count >= all[all.count - 1].count.adding(distance) }

  /// Adds one behind the last. When it is one too many, every other one goes.
  public mutating func add(_ checkpoint: Checkpoint) {
    all.append(checkpoint)
    guard all.count > limit else { return }
    all = all.indices.filter { $0 % 2 == 0 }.map { all[$0] }
    distance = distance.multipliedReportingOverflow(by: 2).overflow ? distance : distance * 2
  }

  /// Where to begin on the way to a place.
  /// - Parameters:
  ///   - place: it must not lie behind.
  ///   - bytes: of what states leave out, this much before the place is to be seen on the way.
  public func start(to place: ReplayPlace, seeing bytes: Int) -> Checkpoint {
    let before = all.lastIndex { $0.last.map { !place.isPassed($0) } ?? true } ?? 0
    let seen = all[before].leftOut
    let start = all[...before].lastIndex { seen - $0.leftOut >= bytes } ?? 0
    return all[bytes > 0 ? start : before]
  }
}

/// A place of a recording that one can go to.
public enum ReplayPlace: Sendable, Equatable {
  /// Behind all entries up to this moment.
  case moment(Timestamp)
  /// Behind the entry of this index.
  case entry(Int)

  /// Whether who has observed everything up to an entry is behind it.
  public func isPassed(_ last: CaptureExtent.Moment) -> Bool {
    switch self {
    case .moment(let moment): last.at > moment
    case .entry(let index): last.index > index
    }
  }

  /// Whether an entry lies behind it, so that it is the first that is not observed on the way.
  public func precedes(_ entry: Entry, at moment: Timestamp) -> Bool {
    switch self {
    case .moment(let place): moment > place
    case .entry(let index): entry.index > index
    }
  }
}

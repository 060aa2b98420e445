import DequeModule

/// What waits to be written to a capture, bounded in bytes: when the disk is slower than the session, the newest is refused
/// and counted by its kind, so that the session never waits and the memory never grows.
///
/// Sound may fill three quarters of the room. The rest is kept for entries: they are few bytes, and without them the
/// sound says little.
public struct CaptureQueue<Element> {
  /// What an element is.
  public enum Kind: Sendable, Equatable {
    case entry
    /// A number of samples of all channels.
    case audio(samples: Int)

    fileprivate var counts: CaptureCounts {
      switch self {
      case .entry: CaptureCounts(entries: 1)
      case .audio(let samples): CaptureCounts(samples: samples)
      }
    }
  }

  private var waiting: Deque<(element: Element, kind: Kind, byteCount: Int)> = []
  /// What the elements may weigh together, in bytes.
  public let byteLimit: Int
  /// What they weigh.
  public private(set) var byteCount = 0
  /// How much of each kind waits.
  public private(set) var counts = CaptureCounts()
  /// What found no room.
  public private(set) var refused = CaptureCounts()

  /// - Parameter byteLimit: an entry that is heavier is taken when nothing else waits.
  public init(byteLimit: Int) { self.byteLimit = max(1, byteLimit) }

  public var count: Int { waiting.count }

  /// Puts an element at the end.
  /// - Parameter byteCount: its weight, 1 at least.
  /// - Returns: false when there is no room; it is counted.
  public mutating func offer(_ element: Element, _ kind: Kind, byteCount weight: Int) -> Bool {
    let weight = max(1, weight)
    let limit =
      switch kind {
      case .entry: byteLimit
      case .audio: byteLimit - byteLimit / 4
      }
    guard waiting.isEmpty || byteCount.adding(weight) <= limit else {
      refuse(kind)
      return false
    }
    waiting.append((element, kind, weight))
    byteCount = byteCount.adding(weight)
    counts += kind.counts
    return true
  }

  /// Counts an element that is not put there, because the queue is not emptied any more.
  public mutating func refuse(_ kind: Kind) {
    refused += kind.counts
  }

  /// Takes the oldest elements.
  /// - Parameters:
  ///   - limit: how many at most.
  ///   - byteLimit: what they may weigh together; a heavier one is taken alone.
  public mutating func take(_ limit: Int, byteLimit: Int) -> [Element] {
    var taken: [Element] = []
    var weight = 0
    while taken.count < limit, let first = waiting.first {
      guard taken.isEmpty || weight.adding(first.byteCount) <= byteLimit else { break }
      weight = weight.adding(first.byteCount)
      taken.append(first.element)
      counts.entries -= first.kind.counts.entries
      counts.samples -= first.kind.counts.samples
      waiting.removeFirst()
    }
    byteCount -= weight
    return taken
  }
}

extension CaptureQueue: Sendable where Element: Sendable {}

/// Many producers, one consumer. Bounded by number and, where that says too little, by weight: when it is full the
/// newest event is refused and counted.
public final class Mailbox<Element: Sendable>: Sendable {
  private struct State {
    var queue: [Element] = []
    var weight = 0
    var refused = 0
  }
  private let state = Locked<State>(State())
  /// The most events that wait at a time.
  public let capacity: Int
  private let weightLimit: Int
  private let weigh: @Sendable (Element) -> Int
  private let wake: (@Sendable () -> Void)?

  /// - Parameter wake: called when the mailbox stops being empty, on the posting thread.
  public convenience init(capacity: Int = 16_384, wake: (@Sendable () -> Void)? = nil) {
    self.init(capacity: capacity, weightLimit: .max, weigh: { _ in 0 }, wake: wake)
  }

  /// - Parameters:
  ///   - weightLimit: what the waiting events may weigh together; a heavier one is taken when nothing else waits.
  ///   - weigh: an event's weight, as in bytes; on the posting thread.
  ///   - wake: called when the mailbox stops being empty, on the posting thread.
  public init(
    capacity: Int, weightLimit: Int, weigh: @escaping @Sendable (Element) -> Int, wake: (@Sendable () -> Void)?
  ) {
    self.capacity = capacity
    self.weightLimit = weightLimit
    self.weigh = weigh
    self.wake = wake
  }

  /// Any thread. Returns false, and counts it, when the mailbox was full.
  @discardableResult
  public func post(_ element: Element) -> Bool {
    let weight = weigh(element)
    let (isFirst, isTaken) = state.withLock { state in
      guard state.queue.count < capacity, state.queue.isEmpty || state.weight + weight <= weightLimit else {
        state.refused += 1
        return (false, false)
      }
      state.queue.append(element)
      state.weight += weight
      return (state.queue.count == 1, true)
    }
    if isFirst { wake?() }
    return isTaken
  }

  /// The consumer: swaps everything that waits into `buffer`, whose old content is dropped and storage reused.
  public func drain(into buffer: inout [Element]) {
    // Most wake-ups of a thread that also serves a device find nothing here.
    if !buffer.isEmpty { buffer.removeAll(keepingCapacity: true) }
    var taken = buffer
    buffer = []
    state.withLock {
      swap(&$0.queue, &taken)
      $0.weight = 0
    }
    buffer = taken
  }

  /// How many events wait, and how many were refused since the start.
  public var status: (depth: Int, refused: Int) { state.withLock { ($0.queue.count, $0.refused) } }
}

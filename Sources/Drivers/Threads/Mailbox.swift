import DequeModule

/// Whom an event that is posted wakes.
public enum MailboxWake: Sendable {
  case consumer
  /// The consumer finds it when it looks for another reason.
  case nobody
}

/// Many producers, one consumer. Bounded by number and, where that says too little, by weight: when it is full the
/// newest event is refused and counted.
public final class Mailbox<Element: Sendable>: Sendable {
  @usableFromInline
  struct State {
    @usableFromInline var queue: Deque<Element> = []
    @usableFromInline var weight = 0
    @usableFromInline var refused = 0
    /// The consumer has been woken since it last looked.
    @usableFromInline var hasWoken = false
    init() {}
  }
  @usableFromInline let state = Locked<State>(State())
  /// The most events that wait at a time.
  public let capacity: Int
  @usableFromInline let weightLimit: Int
  @usableFromInline let weigh: @Sendable (Element) -> Int
  @usableFromInline let wake: (@Sendable () -> Void)?

  /// - Parameter wake: called at the first event that shall wake the consumer since it looked, on the posting thread.
  public convenience init(capacity: Int = 16_384, wake: (@Sendable () -> Void)? = nil) {
    self.init(capacity: capacity, weightLimit: .max, weigh: { _ in 0 }, wake: wake)
  }

  /// - Parameters:
  ///   - weightLimit: what the waiting events may weigh together; a heavier one is taken when nothing else waits.
  ///   - weigh: an event's weight, as in bytes; on the posting thread.
  ///   - wake: called at the first event that shall wake the consumer since it looked, on the posting thread.
  public init(
    capacity: Int, weightLimit: Int, weigh: @escaping @Sendable (Element) -> Int, wake: (@Sendable () -> Void)?
  ) {
    self.capacity = capacity
    self.weightLimit = weightLimit
    self.weigh = weigh
    self.wake = wake
  }

  /// Any thread. Returns false, and counts it, when the mailbox was full.
  /// - Parameter wakes: whether the consumer is woken, or finds the element when it looks for another reason.
  @discardableResult
  @inlinable
  public func post(_ element: Element, wakes woken: MailboxWake = .consumer) -> Bool {
    let weight = weigh(element)
    let (wakes, isTaken) = state.withLock { state in
      guard state.queue.count < capacity, state.queue.isEmpty || state.weight + weight <= weightLimit else {
        state.refused += 1
        return (false, false)
      }
      state.queue.append(element)
      state.weight += weight
      let wakes = woken == .consumer && !state.hasWoken
      if wakes { state.hasWoken = true }
      return (wakes, true)
    }
    if wakes { wake?() }
    return isTaken
  }

  /// The consumer: moves everything that waits into `buffer`, whose old content is dropped and storage reused.
  @inlinable
  public func drain(into buffer: inout [Element]) {
    // Most wake-ups of a thread that also serves a device find nothing here.
    if !buffer.isEmpty { buffer.removeAll(keepingCapacity: true) }
    var taken = buffer
    buffer = []
    state.withLock {
      taken.append(contentsOf: $0.queue)
      $0.queue.removeAll(keepingCapacity: true)
      $0.weight = 0
      $0.hasWoken = false
    }
    buffer = taken
  }

  /// The consumer: moves the oldest events into `buffer`, whose old content is dropped and storage reused, and leaves the
  /// rest waiting.
  /// - Parameters:
  ///   - limit: the most events that are taken.
  ///   - weightLimit: what they may weigh together; a heavier one is taken alone.
  /// - Returns: how many are left.
  @inlinable
  public func drain(into buffer: inout [Element], limit: Int, weightLimit: Int = .max) -> Int {
    if !buffer.isEmpty { buffer.removeAll(keepingCapacity: true) }
    var taken = buffer
    buffer = []
    let left = state.withLock { state in
      var weight = 0
      var count = 0
      while count < min(limit, state.queue.count) {
        let next = weigh(state.queue[count])
        guard count == 0 || weight + next <= weightLimit else { break }
        weight += next
        count += 1
      }
      taken.append(contentsOf: state.queue[..<count])
      state.queue.removeFirst(count)
      state.weight -= weight
      state.hasWoken = false
      return state.queue.count
    }
    buffer = taken
    return left
  }

  /// How many events wait, and how many were refused since the start.
  public var status: (depth: Int, refused: Int) { state.withLock { ($0.queue.count, $0.refused) } }
}

/// Many producers, one consumer. Bounded: when it is full the newest event is refused and counted.
public final class Mailbox<Element: Sendable>: Sendable {
  private struct State {
    var queue: [Element] = []
    var refused = 0
  }
  private let state = Locked<State>(State())
  /// The most events that wait at a time.
  public let capacity: Int
  private let wake: (@Sendable () -> Void)?

  /// - Parameter wake: called when the mailbox stops being empty, on the posting thread.
  public init(capacity: Int = 16_384, wake: (@Sendable () -> Void)? = nil) {
    self.capacity = capacity
    self.wake = wake
  }

  /// Any thread. Returns false, and counts it, when the mailbox was full.
  @discardableResult
  public func post(_ element: Element) -> Bool {
    let (isFirst, isTaken) = state.withLock { state in
      guard state.queue.count < capacity else {
        state.refused += 1
        return (false, false)
      }
      state.queue.append(element)
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
    state.withLock { swap(&$0.queue, &taken) }
    buffer = taken
  }

  /// How many events wait, and how many were refused since the start.
  public var status: (depth: Int, refused: Int) { state.withLock { ($0.queue.count, $0.refused) } }
}

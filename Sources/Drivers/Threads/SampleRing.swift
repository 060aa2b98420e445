import Synchronization

/// A ring of 16-bit samples between exactly one producer thread and one consumer thread.
///
/// Neither side locks, allocates or waits. When it is full, `write` takes what fits and counts the rest as dropped.
///
///     flushed by the mark │ to be read          │ room
///     ────────────────────┼─────────────────────┼──────────────
///     head              mark                  tail      head + capacity
///
/// Positions count samples since the start and only grow; the index in the storage is the position modulo the
/// capacity. `flush` does not touch the samples: it notes the producer's position, and the consumer's next read
/// begins there. So audio written after a flush is never lost to it.
public final class SampleRing: @unchecked Sendable {
  // Sendable: the producer alone writes `storage` between tail and head + capacity, the consumer alone reads
  // between head and tail; the two indexes are published with release and read with acquire. The rest is atomic.
  private let storage: UnsafeMutablePointer<Int16>
  private let mask: Int
  private let head = Atomic<Int>(0)
  private let tail = Atomic<Int>(0)
  private let mark = Atomic<Int>(0)
  private let flushes = Atomic<Int>(0)
  private let droppedCount = Atomic<Int>(0)
  private let flushedCount = Atomic<Int>(0)

  /// Samples it holds: the requested number rounded up to a power of two.
  public let capacity: Int

  /// - Parameter capacity: in samples, at least.
  public init(capacity: Int) {
    var size = 1
    while size < capacity { size <<= 1 }
    self.capacity = size
    mask = size - 1
    storage = .allocate(capacity: size)
    storage.initialize(repeating: 0, count: size)
  }

  deinit { storage.deallocate() }

  /// Samples that wait to be read; those already flushed do not count. Any thread.
  public var count: Int {
    // The head first: a tail that is read later can only be further on.
    let start = max(head.load(ordering: .acquiring), mark.load(ordering: .acquiring))
    return min(capacity, max(0, tail.load(ordering: .acquiring) - start))
  }
  /// Samples that found no room since the start. Any thread.
  public var dropped: Int { droppedCount.load(ordering: .relaxed) }
  /// Samples that were thrown away unread, by `flush` or `discard`, since the start. Any thread.
  public var flushed: Int { flushedCount.load(ordering: .relaxed) }
  /// How often `flush` was called. Any thread.
  public var flushCount: Int { flushes.load(ordering: .acquiring) }
  /// Samples read or thrown away since the start. Any thread.
  public var readPosition: Int { max(head.load(ordering: .acquiring), mark.load(ordering: .acquiring)) }
  /// Where the consumer stands: samples that it has read, or passed over after a flush, since the start. Any thread.
  public var consumerPosition: Int { head.load(ordering: .acquiring) }
  /// Samples written since the start. Any thread.
  public var writePosition: Int { tail.load(ordering: .acquiring) }

  /// The producer. Returns how many samples were taken.
  @discardableResult
  public func write(_ samples: UnsafeBufferPointer<Int16>) -> Int {
    let end = tail.load(ordering: .relaxed)
    let taken = min(samples.count, capacity - (end - head.load(ordering: .acquiring)))
    if taken < samples.count { droppedCount.add(samples.count - taken, ordering: .relaxed) }
    guard taken > 0, let source = samples.baseAddress else { return 0 }
    let index = end & mask
    let first = min(taken, capacity - index)
    (storage + index).update(from: source, count: first)
    storage.update(from: source + first, count: taken - first)
    tail.store(end + taken, ordering: .releasing)
    return taken
  }

  /// The producer: `count` zeros. Returns how many were taken.
  @discardableResult
  public func writeSilence(_ count: Int) -> Int {
    let end = tail.load(ordering: .relaxed)
    let taken = min(count, capacity - (end - head.load(ordering: .acquiring)))
    if taken < count { droppedCount.add(count - taken, ordering: .relaxed) }
    guard taken > 0 else { return 0 }
    let index = end & mask
    let first = min(taken, capacity - index)
    (storage + index).update(repeating: 0, count: first)
    storage.update(repeating: 0, count: taken - first)
    tail.store(end + taken, ordering: .releasing)
    return taken
  }

  /// The consumer. Fills the front of `samples` and returns how many there were.
  /// - Parameter limit: a write position; samples at and behind it stay.
  public func read(into samples: UnsafeMutableBufferPointer<Int16>, until limit: Int = .max) -> Int {
    let end = min(tail.load(ordering: .acquiring), limit)
    let start = skipFlushed()
    let taken = min(samples.count, end - start)
    guard taken > 0, let target = samples.baseAddress else { return 0 }
    let index = start & mask
    let first = min(taken, capacity - index)
    target.update(from: storage + index, count: first)
    (target + first).update(from: storage, count: taken - first)
    head.store(start + taken, ordering: .releasing)
    return taken
  }

  /// The consumer: throws away everything that waits and returns how many samples it was.
  @discardableResult
  public func discard() -> Int {
    let start = head.load(ordering: .relaxed)
    let end = tail.load(ordering: .acquiring)
    head.store(end, ordering: .releasing)
    flushedCount.add(end - start, ordering: .relaxed)
    return end - start
  }

  /// Any thread: what was written before this call will not be read; what is written after it will.
  public func flush() {
    mark.max(tail.load(ordering: .acquiring), ordering: .acquiringAndReleasing)
    flushes.add(1, ordering: .acquiringAndReleasing)
  }

  /// The consumer: moves the head to the mark, if that is further on. Returns the head.
  private func skipFlushed() -> Int {
    let start = head.load(ordering: .relaxed)
    let flushedTo = mark.load(ordering: .acquiring)
    guard flushedTo > start else { return start }
    head.store(flushedTo, ordering: .releasing)
    flushedCount.add(flushedTo - start, ordering: .relaxed)
    return flushedTo
  }
}

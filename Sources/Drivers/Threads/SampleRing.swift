import Synchronization

/// A ring of 16-bit samples between exactly one producer thread and one consumer thread.
///
/// Neither side locks, allocates or waits. When it is full, `write` takes what fits and counts the rest as dropped.
public final class SampleRing: @unchecked Sendable {
  // Sendable: the producer alone writes `storage` between tail and head + capacity, the consumer alone reads
  // between head and tail; the two indexes are published with release and read with acquire.
  private let storage: UnsafeMutablePointer<Int16>
  private let mask: Int
  private let head = Atomic<Int>(0)
  private let tail = Atomic<Int>(0)
  private let droppedCount = Atomic<Int>(0)

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

  /// Samples that wait. Either thread.
  public var count: Int { tail.load(ordering: .acquiring) - head.load(ordering: .acquiring) }
  /// Samples that found no room since the start.
  public var dropped: Int { droppedCount.load(ordering: .relaxed) }

  /// The producer. Returns how many samples were taken.
  @discardableResult
  public func write(_ samples: UnsafeBufferPointer<Int16>) -> Int {
    let end = tail.load(ordering: .relaxed)
    let taken = min(samples.count, capacity - (end - head.load(ordering: .acquiring)))
    for i in 0..<taken { storage[(end + i) & mask] = samples[i] }
    tail.store(end + taken, ordering: .releasing)
    if taken < samples.count { droppedCount.add(samples.count - taken, ordering: .relaxed) }
    return taken
  }

  /// The consumer. Fills the front of `samples` and returns how many there were.
  public func read(into samples: UnsafeMutableBufferPointer<Int16>) -> Int {
    let start = head.load(ordering: .relaxed)
    let taken = min(samples.count, tail.load(ordering: .acquiring) - start)
    for i in 0..<taken { samples[i] = storage[(start + i) & mask] }
    head.store(start + taken, ordering: .releasing)
    return taken
  }

  /// The consumer: throws away everything that waits and returns how many samples it was.
  @discardableResult
  public func discard() -> Int {
    let start = head.load(ordering: .relaxed)
    let end = tail.load(ordering: .acquiring)
    head.store(end, ordering: .releasing)
    return end - start
  }
}

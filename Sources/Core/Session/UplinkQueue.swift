import DequeModule
import Timeline

/// Audio on its way to the socket: cut into chunks of equal length, bounded, the oldest dropped when full.
struct UplinkQueue: Sendable {
  /// One audio message to be.
  struct Chunk: Sendable, Equatable {
    var samples: [Int16]
    /// The utterance it belongs to; nil in an open mic.
    var utterance: Int?
    /// Counts the session's chunks from 0, dropped ones included: a gap on the wire is a drop.
    var sequence: Int
    /// When its first sample was captured.
    var startedAt: Timestamp
    /// Nothing goes on behind it: it is the end of an utterance, or the flow was cut there.
    var isLast = false
  }

  let capacity: Int
  private(set) var chunkSampleCount: Int
  /// Samples a second.
  let rate: Int
  /// Chunks dropped since the session's start.
  private(set) var dropped = 0
  private var chunks: Deque<Chunk> = []
  private var partial: Chunk?
  private var nextSequence = 0

  init(capacity: Int, chunkSampleCount: Int, rate: Int) {
    self.capacity = max(capacity, 1)
    self.chunkSampleCount = max(chunkSampleCount, 1)
    self.rate = max(rate, 1)
  }

  /// Whole chunks waiting.
  var count: Int { chunks.count }

  /// Adds samples whose last one was captured at `end`. A change of utterance ends the chunk before it.
  mutating func append(_ samples: some RandomAccessCollection<Int16>, utterance: Int?, end: Timestamp) {
    if let partial, partial.utterance != utterance { flush() }
    var rest = samples[...]
    while !rest.isEmpty {
      var chunk =
        partial
        ?? Chunk(
          samples: [], utterance: utterance, sequence: 0, startedAt: end - .samples(rest.count, rate: rate))
      // Not held twice while it grows: no copy.
      partial = nil
      let taken = rest.prefix(chunkSampleCount - chunk.samples.count)
      chunk.samples.append(contentsOf: taken)
      rest = rest.dropFirst(taken.count)
      if chunk.samples.count < chunkSampleCount { partial = chunk } else { enqueue(chunk) }
    }
  }

  /// Ends the current chunk, however short.
  mutating func flush() {
    guard var chunk = partial else { return }
    partial = nil
    chunk.isLast = true
    enqueue(chunk)
  }

  /// Cuts what comes from now on into chunks of another length.
  mutating func setChunk(_ sampleCount: Int) {
    guard sampleCount != chunkSampleCount else { return }
    flush()
    chunkSampleCount = max(sampleCount, 1)
  }

  mutating func popFirst() -> Chunk? { chunks.popFirst() }

  /// Gives up what waits; it counts as dropped.
  mutating func dropAll() {
    flush()
    dropped += chunks.count
    chunks.removeAll()
  }

  private mutating func enqueue(_ chunk: Chunk) {
    var chunk = chunk
    chunk.sequence = nextSequence
    nextSequence += 1
    if chunks.count >= capacity {
      chunks.removeFirst()
      dropped += 1
    }
    chunks.append(chunk)
  }
}

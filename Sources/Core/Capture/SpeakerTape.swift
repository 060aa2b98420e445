import Audio
import DequeModule
import Timeline

/// What the speaker was handed, as pieces of a track: a machine.
///
///     written ─► in the ring ─► taken by the device ─► heard: a piece of the track
///     flushed ─► what was not taken is dropped; what the device gives back is cut off
///
/// A piece stands where it was heard, as the output's clock tells it. What went through the ring without a gap was heard
/// without a gap. A piece is given out only when it was heard to its end, so that nothing has to be taken back of a track.
public struct SpeakerTape: Sendable {
  /// How the output stands.
  public struct Standing: Sendable {
    public var report: OutputReport
    /// Samples of the ring that were taken out of it, or thrown away.
    public var taken: Int
    /// Samples at the track's rate that flushes took back from the device since its start.
    public var withdrawn: Int

    public init(_ report: OutputReport, taken: Int, withdrawn: Int) {
      self.report = report
      self.taken = taken
      self.withdrawn = withdrawn
    }
  }

  /// A device tells within this time what a flush took back of it: far more than a period.
  static let settlingTime: Duration = .milliseconds(100)
  /// So far the measured moment of what follows without a gap may be away: the unrest of what a device tells, and what its
  /// clock makes of one answer.
  static let tolerance: Duration = .milliseconds(20)
  /// The same of what follows a dry ring: devices put silence in by periods, which last longer.
  static let leastGap: Duration = .milliseconds(1)
  /// More than a ring and a device hold. What is older was heard.
  private static let mostBlocks = 512

  private struct Block: Sendable {
    var samples: [Int16]
    /// Its place in the ring.
    var ring: Range<Int>
    /// When its first sample is heard, as far as that is known.
    var start: Timestamp
    /// Silence was put in before it, or a flush came before it.
    var followsGap: Bool
  }

  public let track: AudioTrack
  private var placement: TrackPlacement
  private var blocks: Deque<Block> = []
  /// Blocks from here on were written after the last flush: the output's clock tells of them.
  private var stretch = 0
  /// The next block comes after a flush.
  private var wasFlushed = true
  /// Of a flush whose outcome is not known: blocks before it, what was withdrawn before it, and when it will be known.
  private var settling: (count: Int, withdrawn: Int, until: Timestamp)?

  /// - Parameter rate: samples a second of what is written.
  public init(rate: Int) {
    track = AudioTrack(.agent, rate: rate, start: .zero)
    placement = TrackPlacement(track)
  }

  /// A block was written to the ring.
  /// - Parameters:
  ///   - ring: its place there; shorter than the block when the ring was full.
  ///   - standing: how the output stands after it.
  public mutating func wrote(
    _ samples: [Int16], ring: Range<Int>, _ standing: Standing, at now: Timestamp
  ) {
    guard !samples.isEmpty, !ring.isEmpty else { return }
    let isWhole = standing.report.ringRate != track.rate || ring.count >= samples.count
    // Where nothing tells when it is heard: behind what waits, and what the device holds.
    let ahead = max(.zero, standing.report.queued - .samples(samples.count, rate: track.rate))
    blocks.append(
      Block(
        samples: isWhole ? samples : Array(samples.prefix(ring.count)), ring: ring,
        start: now + ahead + standing.report.deviceDelay, followsGap: wasFlushed))
    wasFlushed = false
    measure(standing, at: now)
  }

  /// Time has passed.
  /// - Returns: what was heard to its end.
  public mutating func stood(_ standing: Standing, at now: Timestamp) -> [TapedSound] {
    measure(standing, at: now)
    if let settling, now >= settling.until { settle(standing) }
    guard settling == nil else { return [] }
    var heard: [TapedSound] = []
    while let first = blocks.first,
      first.ring.upperBound <= standing.taken && end(of: first) <= now || blocks.count > Self.mostBlocks
    {
      place(first, &heard)
      removeFirst()
    }
    return heard
  }

  /// What was written and not taken is thrown away, and the device may give back what it holds.
  /// - Parameters:
  ///   - taken: up to here samples were taken out of the ring.
  ///   - withdrawn: as `Standing` has it, before the flush.
  public mutating func flushed(taken: Int, withdrawn: Int, at now: Timestamp) {
    cut(to: taken)
    settling = (blocks.count, settling?.withdrawn ?? withdrawn, now + Self.settlingTime)
    stretch = blocks.count
    wasFlushed = true
  }

  /// The output has stopped.
  /// - Returns: what was taken of the rest.
  public mutating func finish(_ standing: Standing) -> [TapedSound] {
    settle(standing)
    cut(to: standing.taken)
    var heard: [TapedSound] = []
    for block in blocks { place(block, &heard) }
    blocks = []
    return heard
  }

  // MARK: -

  /// The output's clock tells when blocks are heard, as long as no more than one gap came after them.
  private mutating func measure(_ standing: Standing, at now: Timestamp) {
    guard stretch < blocks.count else { return }
    for i in stretch..<blocks.count {
      let position = blocks[i].ring.lowerBound
      // What was taken is on its way; only what waits can still be put off by a rest.
      var report = standing.report
      report.isResting = report.isResting && position >= standing.taken
      guard let start = report.moment(ofSample: position, at: now) else { continue }
      blocks[i].start = start
      if position == report.stretchStart || position == report.earlierStart { blocks[i].followsGap = true }
      if report.isResting { return follow(from: i) }
    }
  }

  /// Blocks behind one that waits for a rest to end follow it.
  private mutating func follow(from first: Int) {
    for i in (first..<blocks.count).dropFirst() { blocks[i].start = end(of: blocks[i - 1]) }
  }

  private func end(of block: Block) -> Timestamp { block.start + .samples(block.samples.count, rate: track.rate) }

  /// Leaves out what lies in the ring from a place on.
  private mutating func cut(to taken: Int) {
    while let last = blocks.last, last.ring.upperBound > taken {
      blocks.removeLast()
      guard last.ring.lowerBound < taken else { continue }
      let share = last.samples.count * (taken - last.ring.lowerBound) / last.ring.count
      guard share > 0 else { break }
      var part = last
      part.samples = Array(last.samples.prefix(share))
      part.ring = last.ring.lowerBound..<taken
      blocks.append(part)
      break
    }
    stretch = min(stretch, blocks.count)
  }

  /// Cuts off what the device gave back.
  private mutating func settle(_ standing: Standing) {
    guard let flush = settling else { return }
    settling = nil
    var rest = max(0, standing.withdrawn - flush.withdrawn)
    var index = min(flush.count, blocks.count)
    while rest > 0, index > 0 {
      index -= 1
      let part = min(rest, blocks[index].samples.count)
      blocks[index].samples.removeLast(part)
      rest -= part
    }
  }

  private mutating func place(_ block: Block, _ heard: inout [TapedSound]) {
    guard !block.samples.isEmpty else { return }
    let (position, skipped) = placement.place(
      block.samples.count, measured: track.position(at: block.start),
      tolerance: block.followsGap ? Self.leastGap : Self.tolerance)
    guard skipped < block.samples.count else { return }
    heard.append(TapedSound(at: position, Array(block.samples[skipped...])))
  }

  private mutating func removeFirst() {
    blocks.removeFirst()
    stretch = max(0, stretch - 1)
    if let flush = settling { settling?.count = max(0, flush.count - 1) }
  }
}

import Capture
import Timeline

/// Goes through a recording once, from the beginning to the end, and keeps checkpoints and what happened where. A value
/// without a thread: who has time calls `read`.
public struct ReplayIndex: Sendable {
  /// What was found so far. Copies are cheap: they share what is in them.
  public struct Progress: Sendable {
    public fileprivate(set) var checkpoints: Checkpoints<ConsoleReadings>
    public fileprivate(set) var overview = ReplayOverview()
    /// The last entry that was read, and the latest moment.
    public fileprivate(set) var last: CaptureExtent.Moment?
    /// All that is recorded so far was read.
    public fileprivate(set) var isComplete = false
    /// Entries that could not be read.
    public fileprivate(set) var unreadable = 0
  }

  /// As many as leave little to be read on a way through an hour, and little enough that they can all be kept: a long
  /// session's are up to 1 MB each.
  public static let checkpointLimit = 64
  /// Entries from one checkpoint to the next in a short recording.
  public static let firstDistance = 256

  public private(set) var progress: Progress
  private var readings: ConsoleReadings
  private var walk: CaptureWalk
  private var count = 0

  /// - Parameters:
  ///   - start: the index of the first entry.
  ///   - limit: checkpoints that are kept at most.
  ///   - distance: entries from one checkpoint to the next, at first.
  public init(
    _ source: any CaptureSource, _ options: ConsoleOptions, from start: Int, limit: Int = checkpointLimit,
    distance: Int = firstDistance
  ) {
    readings = ConsoleReadings(options)
    walk = CaptureWalk(source, from: start, pageSize: min(max(1, distance), 256))
    progress = Progress(
      checkpoints: Checkpoints(limit: limit, distance: distance, start: readings, next: start))
  }

  /// Reads on.
  /// - Parameter limit: how many entries at most.
  /// - Throws: `CaptureReadError`.
  public mutating func read(_ limit: Int) throws {
    for _ in 0..<limit {
      guard let entry = try walk.peek() else {
        progress.isComplete = true
        break
      }
      keepCheckpoint()
      _ = readings.observe(entry)
      progress.overview.observe(entry, readings)
      progress.last = progress.last.after(entry)
      walk.advance()
      count += 1
    }
    progress.unreadable = walk.unreadable
  }

  /// More may have been recorded meanwhile.
  public mutating func lookAgain() {
    walk.lookAgain()
    progress.isComplete = false
  }

  private mutating func keepCheckpoint() {
    // Only between two pages one can begin anew.
    guard progress.checkpoints.isDue(count: count), let next = walk.startOfPage else { return }
    progress.checkpoints.add(
      .init(
        next: next, count: count, last: progress.last, leftOut: readings.log.store.payloadBytesSeen,
        state: readings.withoutPayloads()))
  }
}

extension CaptureExtent.Moment? {
  /// With another entry: its index, and the latest moment so far. In a damaged recording times may run backwards.
  func after(_ entry: Entry) -> CaptureExtent.Moment {
    CaptureExtent.Moment(index: entry.index, at: self.map { Swift.max($0.at, entry.at) } ?? entry.at)
  }
}

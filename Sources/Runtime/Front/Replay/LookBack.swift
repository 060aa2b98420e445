import Capture
import Captures
import Console
import Timeline

/// The way back in a session that is running: plays its capture while that is being written, and keeps what was read of it
/// for the next time. Closed before the capture is.
struct LookBack {
  private let options: ConsoleOptions
  private let clock: TimelineClock
  private let wake: @Sendable () -> Void
  private var index: ReplayIndex?
  private(set) var indexer: ReplayIndexer?

  /// - Parameters:
  ///   - options: of the console that shows it.
  ///   - wake: more was read; any thread.
  init(_ options: ConsoleOptions, clock: TimelineClock, wake: @escaping @Sendable () -> Void) {
    self.options = options.forRecording
    self.clock = clock
    self.wake = wake
  }

  /// Opens the capture.
  /// - Returns: what plays it, standing still, for a console that shows something else so far.
  /// - Throws: `CaptureReadError`.
  mutating func begin(_ path: String, at now: Timestamp) throws -> Replayer {
    let shown = try Recordings.open(path)
    let extent = try shown.extent()
    guard let first = extent.first else { throw CaptureReadError.empty }
    var index: ReplayIndex
    if let known = self.index {
      index = known
      index.lookAgain()
    } else {
      index = ReplayIndex(try Recordings.open(path), options, from: first.index)
    }
    let player = Replayer(shown, options, extent, index.progress, isShown: false, at: now)
    indexer = ReplayIndexer(index, clock: clock, isGrowing: { true }, wake: wake)
    return player
  }

  /// Reads no further until the next time.
  mutating func end() {
    index = indexer?.stop() ?? index
    indexer = nil
  }
}

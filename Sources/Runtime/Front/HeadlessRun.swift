import Session
import Store
import Threads
import Timeline

/// A session without a screen: the timeline goes to standard output, one JSON object per line.
public struct HeadlessRun: Sendable {
  /// When to end by itself; otherwise at a signal or when the session ends.
  public enum Limit: Sendable, Equatable {
    case none
    case duration(Duration)
    case untilIdle
  }

  /// How it ended.
  public struct Outcome: Sendable {
    /// The session was live at some time.
    public var wasReady = false
    /// Why it never was, or why it was lost.
    public var failure: String?
    /// Entries that did not reach stdout or the log, and why if that is known.
    public var lostCount = 0
    public var lostWhy: String?
  }

  private let options: SessionOptions
  private let limit: Limit
  private let logPath: String?
  private let clock: TimelineClock
  private let output: Int32

  /// - Parameter output: the file descriptor that gets the lines; standard output.
  public init(_ options: SessionOptions, limit: Limit, logPath: String?, clock: TimelineClock, output: Int32 = 1) {
    self.options = options
    self.limit = limit
    self.logPath = logPath
    self.clock = clock
    self.output = output
  }

  private struct State: Sendable {
    var watch: IdleWatch
    var outcome = Outcome()
    var isFinished = false
    /// Nobody is there to press the key that tries again.
    var hasGivenUp = false
    /// The server said goodbye: nothing failed.
    var wasEndedByServer = false
    /// What fails from here on fails because this side ends.
    var isEnding = false
  }

  /// Runs to the end.
  /// - Parameter waker: woken when the program is asked to stop.
  /// - Throws: `StoreError` when the log cannot be written.
  public func run(stopRequested: @escaping @Sendable () -> Bool, waker: Waker) throws -> Outcome {
    let log = try logPath.map { try TimelineWriter(path: $0) }
    let output = TimelineWriter(fileDescriptor: output)
    let state = Locked(State(watch: IdleWatch(waitsForInput: waitsForInput)))
    let session = SessionLoop(
      options, clock: clock,
      readers: [
        { output.write($0) }, { log?.write($0) },
        { entry in state.withLock { HeadlessRun.observe(entry, &$0) } },
      ],
      recording: (log ?? output).recording,
      finished: {
        state.withLock { $0.isFinished = true }
        waker.wake()
      })
    var asked = false
    while !state.withLock({ $0.isFinished }) {
      waker.wait(timeout: .milliseconds(50))
      let now = clock.now
      if !asked, stopRequested() || state.withLock({ $0.hasGivenUp }) || isOver(at: now, state) {
        asked = true
        state.withLock { $0.isEnding = true }
        session.post(.quit)
      }
    }
    session.stop()
    output.close()
    log?.close()
    var outcome = state.withLock { $0.outcome }
    for status in [output.status, log?.status].compactMap(\.self) {
      outcome.lostCount += status.lost
      outcome.lostWhy = outcome.lostWhy ?? status.failure
    }
    return outcome
  }

  private var waitsForInput: Bool {
    switch options.input {
    case .file, .say, .stdin: true
    case .mic, .silence: false
    }
  }

  private func isOver(at now: Timestamp, _ state: Locked<State>) -> Bool {
    switch limit {
    case .none: false
    case .duration(let duration): now >= .zero + duration
    case .untilIdle: state.withLock { $0.watch.isIdle(at: now) }
    }
  }

  private static func observe(_ entry: Entry, _ state: inout State) {
    state.watch.observe(entry)
    switch entry.event {
    case .connection(let change): observe(change, &state)
    case .sessionEnded(let end): if !end.orderly { state.outcome.failure = end.reason }
    default: break
    }
  }

  private static func observe(_ change: ConnectionChange, _ state: inout State) {
    switch change.state {
    case .ready:
      state.outcome.wasReady = true
      state.outcome.failure = nil
    case .closed: state.wasEndedByServer = change.code == 1000 && change.by == .server
    case .failed:
      state.wasEndedByServer = false
      if !state.isEnding { state.outcome.failure = change.reason ?? state.outcome.failure }
    case .gaveUp:
      state.hasGivenUp = true
      if !state.wasEndedByServer, !state.isEnding { state.outcome.failure = change.reason ?? state.outcome.failure }
    case .connecting, .open, .closing, .waiting: break
    }
  }
}

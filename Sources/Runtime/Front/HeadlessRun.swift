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

  private let options: SessionOptions
  private let limit: Limit
  private let logPath: String?
  private let clock: TimelineClock
  private let output: Int32
  private let summary: FiguresInWords?

  /// - Parameters:
  ///   - output: the file descriptor that gets the lines; standard output.
  ///   - summary: reads along and is told in the outcome, if it is wanted.
  public init(
    _ options: SessionOptions, limit: Limit, logPath: String?, clock: TimelineClock, output: Int32 = 1,
    summary: FiguresInWords? = nil
  ) {
    self.summary = summary
    self.options = options
    self.limit = limit
    self.logPath = logPath
    self.clock = clock
    self.output = output
  }

  private struct State: Sendable {
    var idle: IdleWatch
    var fate = SessionFate()
    var isFinished = false
    var summary: FiguresInWords?
  }

  /// Runs to the end.
  /// - Parameter waker: woken when the program is asked to stop.
  /// - Throws: `StoreError` when the log cannot be written.
  public func run(stopRequested: @escaping @Sendable () -> Bool, waker: Waker) throws -> SessionFate.Outcome {
    let log = try logPath.map { try TimelineWriter(path: $0) }
    let output = TimelineWriter(fileDescriptor: output)
    let state = Locked(State(idle: IdleWatch(waitsForInput: options.waitsForInput), summary: summary))
    let session = SessionLoop(
      options, clock: clock,
      readers: [
        { output.write($0) }, { log?.write($0) },
        { entry in
          state.withLock {
            $0.idle.observe(entry)
            $0.fate.observe(entry)
            $0.summary?.observe(entry)
          }
        },
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
      if !asked, stopRequested() || state.withLock({ $0.fate.hasGivenUp }) || isOver(at: now, state) {
        asked = true
        state.withLock { $0.fate.isEnding = true }
        session.post(.quit)
      }
    }
    session.stop()
    output.close()
    log?.close()
    var outcome = state.withLock { $0.fate.outcome }
    outcome.summary = state.withLock { $0.summary?.lines ?? [] }
    for status in [output.status, log?.status].compactMap(\.self) {
      outcome.lostCount += status.lost
      outcome.lostWhy = outcome.lostWhy ?? status.failure
    }
    return outcome
  }

  private func isOver(at now: Timestamp, _ state: Locked<State>) -> Bool {
    switch limit {
    case .none: false
    case .duration(let duration): now >= .zero + duration
    case .untilIdle: state.withLock { $0.idle.isIdle(at: now) }
    }
  }
}

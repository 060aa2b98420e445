import Insight
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
  private let summary: SummaryReader?
  private let capture: SessionCapture?
  private let isImpatient: @Sendable () -> Bool
  private let complain: @Sendable (String) -> Void

  /// - Parameters:
  ///   - output: the file descriptor that gets the lines; standard output.
  ///   - capture: of the session, if there is one; whoever began it closes it.
  ///   - summary: reads along and is told in the outcome, if it is wanted.
  ///   - isImpatient: a reader of the lines that takes nothing is not waited for any longer; any thread.
  ///   - complain: told in words, at once, what cannot be written; any thread.
  public init(
    _ options: SessionOptions, limit: Limit, logPath: String?, clock: TimelineClock, output: Int32 = 1,
    capture: SessionCapture? = nil, summary: SummaryReader? = nil,
    isImpatient: @escaping @Sendable () -> Bool = { false },
    complain: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.summary = summary
    self.capture = capture
    self.isImpatient = isImpatient
    self.complain = complain
    self.options = options
    self.limit = limit
    self.logPath = logPath
    self.clock = clock
    self.output = output
  }

  private struct State: Sendable {
    var idle: IdleWatch
    var fate: SessionFate
    var isFinished = false
    var summary: SummaryReader?
  }

  /// Runs to the end.
  /// - Parameter waker: woken when the program is asked to stop.
  /// - Throws: `StoreError` when the log cannot be written.
  public func run(stopRequested: @escaping @Sendable () -> Bool, waker: Waker) throws -> SessionFate.Outcome {
    let log = try logPath.map { try TimelineWriter(path: $0) }
    let output = TimelineWriter(fileDescriptor: output)
    let state = Locked(
      State(
        idle: IdleWatch(waitsForInput: options.waitsForInput), fate: SessionFate(devices: options.devices),
        summary: summary))
    let session = SessionLoop(
      options, clock: clock,
      readers: [
        { output.write($0) }, { log?.write($0) ?? true },
        { entry in
          tellWhatCannotBeWritten(entry)
          state.withLock {
            $0.idle.observe(entry)
            $0.fate.observe(entry)
            $0.summary?.observe(entry)
          }
          return true
        },
      ],
      recording: (log ?? output).recording, capture: capture,
      finished: {
        state.withLock { $0.isFinished = true }
        waker.wake()
      })
    var asked = false
    var hasToldOutput = false
    while !state.withLock({ $0.isFinished }) {
      waker.wait(timeout: .milliseconds(50))
      let now = clock.now
      // Without a log this is the recording, and the session tells of it.
      if log != nil, !hasToldOutput, !output.isAbandoned, let failure = output.status.failure {
        hasToldOutput = true
        complain("\(output.name): \(failure)")
      }
      // Who read the lines has gone, as `head` does when it has enough: nobody waits for the rest.
      if !asked, stopRequested() || output.isAbandoned || isOver(at: now, state) {
        asked = true
        state.withLock { $0.fate.isEnding = true }
        session.perform(.quit)
      }
    }
    session.stop()
    output.close(givingUp: isImpatient)
    log?.close(givingUp: isImpatient)
    var outcome = state.withLock { $0.fate.outcome }
    outcome.summary = state.withLock { $0.summary?.lines ?? [] }
    outcome.isAbandoned = output.isAbandoned
    outcome.unwritten = [session.outputFailure, output.lossText, log?.lossText].compactMap(\.self)
    return outcome
  }

  /// On the session's thread. Standard output is the timeline: words go elsewhere.
  private func tellWhatCannotBeWritten(_ entry: Entry) {
    switch entry.event {
    case .notice(let notice) where [.log, .capture].contains(notice.source) && notice.severity == .error:
      complain(notice.text)
    case .device(let change) where change.role == .speaker && change.state == .failed:
      if case .file = options.output { complain(change.text) }
    default: break
    }
  }

  private func isOver(at now: Timestamp, _ state: Locked<State>) -> Bool {
    state.withLock { state in
      if state.fate.hasGivenUp || state.fate.isWithoutPort(at: now) { return true }
      switch limit {
      case .none: return false
      case .duration(let duration): return now >= .zero + duration
      case .untilIdle:
        let verdict = state.idle.verdict(at: now)
        if case .unanswered(let why) = verdict { state.fate.outcome.noAnswer = why }
        return verdict != .busy
      }
    }
  }
}

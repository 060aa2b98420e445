import Capture
import Console
import Glibc
import Threads
import Timeline

/// A recorded session in words: at its pace, with commands typed as lines, or all of it at once.
///
///     stdin ─► lines ─► PlainConsole.run ─► lines ─► stdout
///     entries ─► ReplayCursor ─► PlainConsole.read ─► lines ─► stdout
public struct PlainReplay {
  /// How many entries are said before the output and the signals are looked at again.
  private static let portion = 1000

  private let clock: TimelineClock
  private let isFast: Bool
  private let waker: Waker
  private var cursor: ReplayCursor
  private var console: PlainConsole
  private var output: PlainOutput
  private var input: LineInput?
  /// Typed lines that wait for the end of the recording, and those behind them.
  private var waiting: [String] = []
  private var isQuitting = false

  /// - Parameters:
  ///   - isFast: all at once, each line with its time of day; nothing is read from the input then.
  ///   - waker: woken when the program is asked to stop.
  public init(_ entries: [Entry], isFast: Bool, clock: TimelineClock, waker: Waker, setup: PlainRun.Setup) {
    self.clock = clock
    self.waker = waker
    self.isFast = isFast
    cursor = ReplayCursor(entries, startingAt: clock.now)
    console = PlainConsole(setup.console, isPaced: !isFast)
    output = PlainOutput(setup.output, setup.ink, isImpatient: setup.isImpatient)
    input = isFast ? nil : setup.input.map(LineInput.init)
  }

  /// Runs to the end of the recording, or until it is told to quit. Main thread.
  public mutating func run(stopRequested: () -> Bool) {
    if isFast { return runAtOnce(stopRequested: stopRequested) }
    // What was typed beforehand, as in a pipe, comes first.
    sleep(until: clock.now)
    while !isQuitting, !stopRequested(), !output.isBroken {
      let now = clock.now
      output.write(console.read(Array(cursor.due(at: now))))
      output.write(console.advance(to: cursor.recordedTime(at: now)))
      takeLines()
      guard let deadline = cursor.deadline else { break }
      if !isQuitting { sleep(until: deadline) }
    }
    output.write(console.finish())
  }

  /// In the order in which it was recorded, whatever its moments are: those of a damaged recording may lie anywhere.
  private mutating func runAtOnce(stopRequested: () -> Bool) {
    while !stopRequested(), !output.isBroken {
      let entries = cursor.next(Self.portion)
      if entries.isEmpty { break }
      output.write(console.read(Array(entries)))
    }
    output.write(console.finish())
  }

  /// Why not all of it was said; nil when it was, or when the reader has gone.
  public var failure: String? { output.failure }

  private mutating func sleep(until deadline: Timestamp) {
    var requests = [
      pollfd(fd: waker.fileDescriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: input?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
    ]
    // Not for ever: what was counted only is said when there is room for it.
    let milliseconds = min(200, max(.zero, deadline - clock.now).milliseconds.rounded(.up))
    _ = poll(&requests, nfds_t(requests.count), Int32(milliseconds))
    if requests[1].revents != 0, let lines = input?.read() {
      waiting += lines
      // The recording goes on without who typed.
      if input?.hasEnded == true { input = nil }
    }
  }

  private mutating func takeLines() {
    while let line = waiting.first, !isQuitting {
      if PlainConsole.isWait(line), cursor.deadline != nil { return }
      waiting.removeFirst()
      let (effects, lines) = console.run(line)
      output.write(lines)
      isQuitting = effects.contains(.quit)
    }
  }
}

import CLinux
import Console
import Glibc
import Insight
import Session
import Store
import Threads
import Timeline

/// A session without a screen, in words: lines out, typed commands in. For screen readers, pipes and poor terminals.
///
///     stdin ─► lines ─► PlainConsole.run ─► effects ─► session        held until the session can take them
///     entries ─► PlainConsole.read ─► lines ─► stdout
///
/// When stdin ends, so does the session, once everything is answered and heard.
public struct PlainRun {
  /// What it works on.
  public struct Setup {
    public var console: ConsoleOptions
    /// File descriptors. No commands are read where the input is nil, as when stdin is the microphone.
    public var input: Int32?
    public var output: Int32
    /// Makes a line of bytes, in colour or not.
    public var ink: PlainInk
    /// A reader of the output that takes nothing is not waited for any longer; asked on the main thread.
    public var isImpatient: @Sendable () -> Bool

    public init(
      console: ConsoleOptions, input: Int32?, output: Int32 = 1, ink: PlainInk = PlainInk(),
      isImpatient: @escaping @Sendable () -> Bool = { false }
    ) {
      self.console = console
      self.input = input
      self.output = output
      self.ink = ink
      self.isImpatient = isImpatient
    }
  }

  private let limit: HeadlessRun.Limit
  private let clock: TimelineClock
  private let session: SessionLoop
  private let feed: EntryFeed
  /// Nothing is drawn; what nobody tells of, as the end of a wait, is looked at ten times a second.
  private var policy = WakePolicy(frame: nil, longestSleep: .milliseconds(100))
  private var batch: [Entry] = []
  private let log: TimelineWriter?
  private let capture: SessionCapture?
  private let isFinished = Locked<Bool>(false)

  private var console: PlainConsole
  private var idle: IdleWatch
  private var fate: SessionFate
  private var input: LineInput?
  /// Typed lines that wait for the session, oldest first.
  private var waiting: [String] = []
  private var lastCommand = Timestamp.zero
  private var output: PlainOutput
  private let isImpatient: @Sendable () -> Bool

  /// Starts the session.
  /// - Parameter capture: of the session, if there is one; whoever began it closes it.
  /// - Throws: `StoreError` when the log cannot be written.
  public init(
    _ options: SessionOptions, limit: HeadlessRun.Limit, logPath: String?, clock: TimelineClock, feed: EntryFeed,
    capture: SessionCapture? = nil, setup: Setup
  ) throws(StoreError) {
    self.limit = limit
    self.clock = clock
    self.feed = feed
    let log: TimelineWriter? = if let logPath { try TimelineWriter(path: logPath) } else { nil }
    self.log = log
    self.capture = capture
    console = PlainConsole(setup.console)
    output = PlainOutput(setup.output, setup.ink, isImpatient: setup.isImpatient)
    isImpatient = setup.isImpatient
    idle = IdleWatch(waitsForInput: options.waitsForInput)
    fate = SessionFate(devices: options.devices)
    input = setup.input.map(LineInput.init)
    let isFinished = isFinished
    session = SessionLoop(
      options, clock: clock, readers: [{ feed.read($0) }, { log?.write($0) ?? true }], recording: log?.recording,
      capture: capture,
      finished: {
        isFinished.withLock { $0 = true }
        feed.wake()
      })
  }

  /// Runs to the end. Main thread.
  /// - Parameter stopRequested: whether a signal has asked for the end; it also wakes the feed's waker.
  public mutating func run(stopRequested: () -> Bool) -> SessionFate.Outcome {
    while !isFinished.withLock({ $0 }) {
      sleep()
      takeLines()
      takeEntries()
      let now = clock.now
      if stopRequested() || output.isBroken || isOver(at: now) { quit() }
      output.write(console.advance(to: now))
    }
    session.stop()
    // All that is left.
    repeat { takeEntries() } while policy.hasMore
    output.write(console.finish())
    log?.close(givingUp: isImpatient)
    var outcome = fate.outcome
    // Who types was told, and could go on.
    if limit == .none { (outcome.inputFault, outcome.outputFault) = (nil, nil) }
    outcome.isAbandoned = output.isBroken && output.failure == nil
    outcome.unwritten = [session.outputFailure, log?.lossText, output.failure.map { "standard output: \($0)" }]
      .compactMap(\.self)
    return outcome
  }

  private mutating func sleep() {
    var requests = [
      pollfd(fd: feed.waker.fileDescriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: input?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
    ]
    let now = clock.now
    let sleep = policy.sleep(RedrawDemand(), isScreenBusy: false, at: now)
    _ = clinux_poll(&requests, nfds_t(requests.count), max(0, (sleep.until - now).nanoseconds))
    if requests[0].revents != 0 {
      feed.waker.clear()
      policy.handle(.entriesSignalled, at: clock.now)
    }
    if requests[1].revents != 0 { readInput() }
  }

  private mutating func readInput() {
    guard let lines = input?.read() else { return }
    waiting += lines
    // A flood of lines waits where it comes from, in the pipe.
    guard input?.hasEnded == true else { return }
    input = nil
    if limit == .none { waiting += ["wait", "quit"] }
  }

  private mutating func takeEntries() {
    let start = clock.now
    let limit = policy.entryLimit(at: start)
    guard limit > 0 else { return }
    let left = feed.take(limit, into: &batch)
    for entry in batch {
      idle.observe(entry)
      fate.observe(entry)
    }
    let lines = console.read(batch)
    policy.handle(.entriesTaken(batch.count, left: left, took: clock.now - start, behind: .zero), at: start)
    batch.removeAll(keepingCapacity: true)
    // Not part of the slice: who reads the lines may take their time.
    output.write(lines)
  }

  /// Carries out what was typed, in order. While the session is connecting its commands wait, and `wait` waits for
  /// everything before it to be answered and heard.
  private mutating func takeLines() {
    while let line = waiting.first {
      if PlainConsole.isWait(line) {
        guard isIdle(at: clock.now) else { return }
      } else if console.isConnecting, console.isForSession(line) {
        return
      }
      waiting.removeFirst()
      console.note(capture?.shown)
      let (effects, lines) = console.run(line)
      output.write(lines)
      lastCommand = clock.now
      for effect in effects { perform(effect) }
    }
  }

  private mutating func perform(_ effect: ConsoleEffect) {
    switch effect {
    case .command(let command): session.perform(command)
    case .quit: quit()
    case .sendFile(let path):
      do {
        session.perform(.sendRaw(.binary(try MessageFile.read(path))))
      } catch {
        output.write(PlainConsole.failed("\(error)"))
      }
    // Only a screen has these.
    case .showTheme, .setTheme, .findThemes, .list, .remember, .copy, .write, .redraw, .suspend, .replay, .lookBack,
      .goLive:
      break
    }
  }

  private mutating func isOver(at now: Timestamp) -> Bool {
    // Somebody who types can ask for another attempt, and needs no microphone.
    let isHopeless = input == nil && fate.hasGivenUp || limit != .none && fate.isWithoutPort(at: now)
    switch limit {
    case .none: return isHopeless
    case .duration(let duration): return now >= .zero + duration || isHopeless
    case .untilIdle:
      guard waiting.isEmpty, isIdle(at: now) else { return isHopeless }
      if !fate.isEnding, case .unanswered(let why) = idle.verdict(at: now) { fate.outcome.noAnswer = why }
      return true
    }
  }

  /// A command's effect may take a moment to show on the timeline.
  private func isIdle(at now: Timestamp) -> Bool {
    !policy.hasMore && idle.isIdle(at: now) && now - lastCommand > .seconds(2)
  }

  private mutating func quit() {
    guard !fate.isEnding else { return }
    fate.isEnding = true
    session.perform(.quit)
  }
}

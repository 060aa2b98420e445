import CLinux
import Console
import Glibc
import Insight
import Screen
import Session
import Store
import Synchronization
import Terminal
import Threads
import Timeline

/// The console on the terminal: the main thread's loop.
///
///     poll(terminal, entries) ─► Console.update ─► effects ─► session
///                                Console.frame ─► TerminalScreen.present     at most 30 times a second, or 60
///
/// It draws only when something changed. Entries that tell something new wake it, at most as often as it may draw;
/// those that only move a meter are looked at when the meter is due, or when it is awake anyway: a wake-up costs more
/// than what it finds. In silence that is once a second, and the first sound wakes it.
///
/// A value, used once: in a class each question to the console would copy the whole of it first.
public struct ConsoleLoop {
  /// The shortest time between two frames that nobody waits for.
  private let frame: Duration
  /// After a key: it is seen within half a frame of the usual terminal, whenever the last frame was.
  private static let hurriedFrame = Duration.nanoseconds(8_333_333)
  private let clock: TimelineClock
  private let screen: TerminalScreen
  private let themes: ThemeStore
  private var theme: Theme
  private var console: Console
  private let feed: EntryFeed
  private var lastFrame = Timestamp(nanoseconds: -1_000_000_000)
  private var lastReport: FrameReport?
  private var lastFrameMs = 0.0
  private var cpu = ProcessorUse()
  private var port: any SessionPort = RecordingPort()
  private let files: FileWorker
  private let time: () -> Timestamp
  private var memory: ConsoleMemory
  private var isQuitting = false
  private var hasAskedToQuit = false
  private var stoppedBy: Int32?
  private var stoppedAt = Timestamp.zero
  private var wantsRedraw = true
  private var isHurried = false
  /// When entries were last looked at, and when they last asked for it.
  private var lastLook = Timestamp(nanoseconds: -1_000_000_000)
  private var lastWoken = Timestamp(nanoseconds: -1_000_000_000)
  private var isLookDue = true
  /// The terminal had something to read at the last look.
  private var hasInput = true

  /// - Parameters:
  ///   - feed: where entries come from; its waker is the one that the screen was made with.
  ///   - memory: what is kept of the panes and the theme.
  ///   - history: where command lines are kept.
  ///   - time: the present on the entries' clock; a replay's differs from ours.
  public init(
    clock: TimelineClock, screen: TerminalScreen, themes: ThemeStore, theme: Theme, console: Console, feed: EntryFeed,
    memory: ConsoleMemory, history: CommandHistory, time: @escaping () -> Timestamp
  ) {
    frame = .nanoseconds(1_000_000_000 / Int64(console.options.metersPerSecond))
    self.clock = clock
    self.screen = screen
    self.themes = themes
    self.theme = theme
    self.console = console
    self.memory = memory
    self.time = time
    self.feed = feed
    files = FileWorker(history: history, wake: feed.wake)
  }

  /// Draws the first frame: before devices are opened and servers are asked, so that who waits sees what for.
  public mutating func begin() {
    perform(console.update(.event(.resized(screen.size))))
    if let remark = memory.remark { perform(console.update(.remarked(remark))) }
    draw()
  }

  /// Runs until the operator quits, the session is over after a quit, or a signal ends the program.
  /// - Parameter port: what the operator's commands go to.
  /// - Returns: the signal that asked for the end, if one did.
  public mutating func run(_ port: any SessionPort, isFinished: () -> Bool) -> Int32? {
    self.port = port
    defer { files.stop() }
    while !isQuitting {
      sleep()
      takeSignals()
      takeEntries()
      for answer in files.takeAnswers() { perform(console.update(answer)) }
      let events = screen.readEvents(isReadable: hasInput)
      // The console tells a double click by the time between two.
      if !events.isEmpty { perform(console.update(.tick(time()))) }
      for event in events {
        // What a key does is seen at the next of 120 frames, not of 30.
        isHurried = true
        perform(console.update(.event(event)))
      }
      let now = time()
      if let tick = console.nextTick, tick <= now { perform(console.update(.tick(now))) }
      reportOnSelf()
      remember()
      if console.needsRedraw || wantsRedraw { draw() }
      if hasAskedToQuit, isFinished() { isQuitting = true }
    }
    _ = memory.keep(console.arrangement, at: clock.now, isLast: true)
    return stoppedBy
  }

  /// What the console has made of the entries so far.
  public var insight: Insight { console.insight }

  // MARK: Sleep

  /// Keys wake at once; entries and signals, which use one waker, wait for the next frame.
  private mutating func sleep() {
    feed.setDozing(!console.isAudible)
    let now = clock.now
    // What came could not be drawn sooner; and drawing looks at it.
    let pollDue = max(lastWoken, lastFrame) + frame
    let maySee = now >= pollDue
    let isBusy = screen.isBusy
    let waitsToDraw = console.needsRedraw || wantsRedraw
    let drawing = waitsToDraw && !isBusy ? max(nextFrame, now) : nil
    // Work on a long log goes on at once. Any other tick is for a frame: before one is due, or beside one that is to be
    // drawn anyway, it would be one of the past, and no sleep.
    let tick =
      console.isWorking ? now : waitsToDraw ? nil : console.nextTick.map { max(nextFrame, now + ($0 - time())) }
    var wake = min(lastLook + console.meterInterval, now + .seconds(1))
    for case let moment? in [drawing, tick] { wake = min(wake, moment) }
    // Once for both, if there is a reason to be awake soon after.
    if !maySee, wake > pollDue + Self.hurriedFrame { wake = pollDue }
    var requests = [
      pollfd(fd: screen.pollFileDescriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: maySee ? feed.waker.fileDescriptor : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: screen.stderr?.fileDescriptor ?? -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: screen.outputPollFileDescriptor, events: Int16(POLLOUT), revents: 0),
    ]
    // Not in whole milliseconds: thirty frames would become twenty-nine.
    _ = clinux_poll(&requests, nfds_t(requests.count), max(0, (wake - now).nanoseconds))
    hasInput = requests[0].revents != 0
    if requests[1].revents != 0 {
      feed.waker.clear()
      lastWoken = clock.now
      isLookDue = true
    }
    if requests[2].revents != 0 { _ = screen.stderr?.readLines() }
  }

  // MARK: Work

  private mutating func takeSignals() {
    let signals = screen.takeSignals()
    if let signal = signals.terminate {
      // Those that come in pairs within milliseconds are one request: the second does not cut the goodbye short.
      let isFirst = stoppedBy == nil
      if isFirst { (stoppedBy, stoppedAt) = (signal, clock.now) }
      if isFirst || clock.now - stoppedAt > .seconds(2) { perform([.quit]) }
    }
    if signals.suspend { perform([.suspend]) }
    if signals.resumed {
      screen.resume()
      wantsRedraw = true
    }
  }

  private mutating func takeEntries() {
    let now = clock.now
    if isLookDue || now >= lastLook + frame { look(at: now) }
  }

  private mutating func look(at now: Timestamp) {
    isLookDue = false
    lastLook = now
    var batch: [Entry] = []
    feed.mailbox.drain(into: &batch)
    if !batch.isEmpty { _ = console.update(.entries(batch)) }
  }

  private var nextFrame: Timestamp { lastFrame + (isHurried ? Self.hurriedFrame : frame) }

  private mutating func draw() {
    let start = clock.now
    // A frame that waits behind another one would show the past.
    guard start >= nextFrame, !screen.isBusy else { return }
    lastFrame = start
    isHurried = false
    wantsRedraw = false
    // The meters are due with the next frame then, in one wake-up.
    look(at: start)
    _ = console.update(.tick(time()))
    lastReport = screen.present(console.frame(screen.size), theme: theme)
    lastFrameMs = (clock.now - start).milliseconds
  }

  private mutating func reportOnSelf() {
    guard let percent = cpu.sample(at: clock.now) else { return }
    let (depth, dropped) = feed.mailbox.status
    perform(
      console.update(
        .selfReport(
          SelfReport(
            frameMs: lastFrameMs, cellsChanged: lastReport?.changedCells ?? 0, mailboxDepth: depth,
            droppedEntries: dropped, cpuPercent: percent))))
  }

  private mutating func remember() {
    if let failure = memory.keep(console.arrangement, at: clock.now) { perform(console.update(.remarked(failure))) }
  }

  private mutating func perform(_ effects: [ConsoleEffect]) {
    for effect in effects {
      switch effect {
      case .command(let command): port.perform(command)
      case .list(let folder): files.list(folder)
      case .remember(let line): files.remember(line)
      case .showTheme(let name): showTheme(name)
      case .setTheme(let name): if showTheme(name) { memory.choose(theme: name) }
      case .sendFile(let path): sendFile(path)
      case .write(let path, let bytes, let replaces): write(bytes, to: path, replaces: replaces)
      case .findThemes: perform(console.update(.themesFound(themes.list().map(\.name))))
      case .copy(let text): screen.copyToClipboard(text)
      case .redraw:
        screen.invalidate()
        wantsRedraw = true
      case .suspend:
        screen.suspend()
        wantsRedraw = true
      case .quit:
        // The session says goodbye first; a second quit does not wait for it.
        if hasAskedToQuit { isQuitting = true }
        hasAskedToQuit = true
        port.perform(.quit)
      }
    }
  }

  private mutating func sendFile(_ path: String) {
    do {
      port.perform(.sendRaw(.binary(try MessageFile.read(path))))
    } catch {
      perform(console.update(.failed("\(error)")))
    }
  }

  private mutating func write(_ bytes: [UInt8], to path: String, replaces: Bool) {
    do {
      try MessageFile.write(bytes, to: path, replaces: replaces)
      perform(console.update(.done("wrote \(bytes.count) B to \(path)")))
    } catch {
      perform(console.update(.failed("\(error)")))
    }
  }

  /// Whether it could be.
  @discardableResult
  private mutating func showTheme(_ name: String) -> Bool {
    do {
      theme = try themes.load(name)
      screen.invalidate()
      perform(console.update(.themeChanged(name)))
      return true
    } catch {
      perform(console.update(.failed("\(error)")))
      return false
    }
  }
}

/// The way of entries from the session's thread to the main thread.
public struct EntryFeed: Sendable {
  let mailbox: Mailbox<Entry>
  /// Wakes the main thread; the screen's signals use it, too.
  public let waker: Waker
  private let dozing = Dozing()

  /// Whether the console is silent, so that the first sound is news.
  private final class Dozing: Sendable {
    let value = Atomic<Bool>(false)
  }

  public init() {
    let waker = Waker()
    self.waker = waker
    // `read` knows better when to wake.
    mailbox = Mailbox(capacity: 65_536, weightLimit: Entry.waitingByteLimit, weigh: \.payloadByteCount, wake: nil)
  }

  /// A timeline reader; any thread. False when there is no room.
  @discardableResult
  public func read(_ entry: Entry) -> Bool {
    let isTaken = mailbox.post(entry)
    if Self.isWorthWaking(for: entry) || dozing.value.load(ordering: .relaxed) && Self.isAudible(entry) {
      waker.wake()
    }
    return isTaken
  }

  /// The console: from now on sounds wake it, or, as they come anyway, do not.
  func setDozing(_ dozes: Bool) { dozing.value.store(dozes, ordering: .relaxed) }

  private static func isAudible(_ entry: Entry) -> Bool {
    switch entry.event {
    case .micFrame(let frame): frame.isSpeech || frame.rmsDB > -50
    case .playout(let block): block.response != nil
    default: false
    }
  }

  /// Frames, blocks, depths and audio come fifty times a second each, and move meters. A message of such a size is
  /// audio nearly always, and a long text can wait a tenth of a second; what is larger still should not pile up.
  private static func isWorthWaking(for entry: Entry) -> Bool {
    switch entry.event {
    case .micFrame, .playout, .queue: false
    case .message(let message): !(513...16_384).contains(message.payload.count)
    default: true
    }
  }

  /// Wakes the main thread though nothing was read.
  public func wake() { waker.wake() }
}

/// How much of a core the process uses, measured once a second.
struct ProcessorUse {
  private var last: (at: Timestamp, used: Int64)?

  /// Percent of one core since the last sample; nil more often than once a second.
  mutating func sample(at now: Timestamp) -> Double? {
    if let last, now - last.at < .seconds(1) { return nil }
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    let used = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    defer { last = (now, used) }
    guard let last else { return nil }
    return Double(used - last.used) / 10 / (now - last.at).milliseconds
  }
}

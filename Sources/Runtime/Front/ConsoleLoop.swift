import CLinux
import Capture
import Console
import Glibc
import Insight
import Screen
import Session
import Store
import Terminal
import Threads
import Timeline

/// The console on the terminal: the main thread's loop.
///
///     poll(terminal, entries) ─► Console.update ─► effects ─► session
///                                Console.frame ─► TerminalScreen.present     at most 30 times a second, or 60
///
/// `WakePolicy` says when it wakes, how much it looks at and what it draws.
///
/// A value, used once: in a class each question to the console would copy the whole of it first.
public struct ConsoleLoop {
  private var policy: WakePolicy
  private let clock: TimelineClock
  private let screen: TerminalScreen
  private let themes: ThemeStore
  private var theme: Theme
  private var console: Console
  private let feed: EntryFeed
  private var lastReport: FrameReport?
  private var lastFrameMs = 0.0
  private var cpu = ProcessorUse()
  private var port: any SessionPort = RecordingPort()
  private var capture: SessionCapture?
  private let files: FileWorker
  /// Plays the recording that is shown, or the capture of the running session while its past is shown.
  private var replayer: Replayer?
  private var indexer: ReplayIndexer?
  /// The way into the past of a running session; nil where a recording is shown.
  private var back: LookBack?
  private let speaker: ReplaySpeaker?
  /// Why its sound is not heard was told.
  private var hasToldOfSound = false
  private var memory: ConsoleMemory
  private var isQuitting = false
  private var hasAskedToQuit = false
  private var stoppedBy: Int32?
  private var stoppedAt = Timestamp.zero
  private var batch: [Entry] = []
  /// Entries of a recording that are looked at after each sleep, at least.
  private static let replaySlice = 256
  /// The terminal had something to read at the last look.
  private var hasInput = true

  /// - Parameters:
  ///   - feed: where entries come from; its waker is the one that the screen was made with.
  ///   - memory: what is kept of the panes and the theme.
  ///   - history: where command lines are kept.
  ///   - replay: plays what is shown, when that is a recording; the speaker lets its sound be heard.
  public init(
    clock: TimelineClock, screen: TerminalScreen, themes: ThemeStore, theme: Theme, console: Console, feed: EntryFeed,
    memory: ConsoleMemory, history: CommandHistory,
    replay: (player: Replayer, indexer: ReplayIndexer, speaker: ReplaySpeaker?)? = nil
  ) {
    policy = WakePolicy(frame: .nanoseconds(1_000_000_000 / Int64(console.options.metersPerSecond)))
    self.clock = clock
    self.screen = screen
    self.themes = themes
    self.theme = theme
    self.console = console
    self.memory = memory
    (replayer, indexer, speaker) = (replay?.player, replay?.indexer, replay?.speaker)
    self.feed = feed
    if replay == nil { back = LookBack(console.options, clock: clock, wake: { feed.wake() }) }
    files = FileWorker(history: history, wake: feed.wake)
  }

  /// Draws the first frame: before devices are opened and servers are asked, so that who waits sees what for.
  /// - Parameter remark: what the operator should hear of once, about what is shown.
  public mutating func begin(remark: String? = nil) {
    perform(console.update(.event(.resized(screen.size))))
    for remark in [memory.remark, remark].compactMap(\.self) { perform(console.update(.remarked(remark))) }
    draw()
  }

  /// Runs until the operator quits, the session is over after a quit, or a signal ends the program.
  /// - Parameters:
  ///   - port: what the operator's commands go to.
  ///   - capture: of the session, if there is one.
  /// - Returns: the signal that asked for the end, if one did.
  public mutating func run(
    _ port: any SessionPort, capture: SessionCapture? = nil, isFinished: () -> Bool
  ) -> Int32? {
    self.port = port
    self.capture = capture
    defer { files.stop() }
    while !isQuitting {
      sleep()
      takeSignals()
      takeKeys()
      // Entries of a recording come by its own clock, which has woken the loop for them.
      take(max(policy.entryLimit(at: clock.now), replayer == nil ? 0 : Self.replaySlice))
      takeIndex()
      orderSound()
      for answer in files.takeAnswers() { perform(console.update(answer)) }
      if isTickDue { tick() }
      reportOnSelf()
      remember()
      draw()
      if hasAskedToQuit, isFinished() { isQuitting = true }
    }
    // The capture cannot become one file while somebody has it open.
    if back != nil, replayer != nil {
      _ = console.update(.replay(.left))
      goLive()
    }
    back = nil
    _ = memory.keep(console.arrangement, at: clock.now, isLast: true)
    return stoppedBy
  }

  /// What the console has made of the entries so far.
  public var insight: Insight { console.insight }

  // MARK: Sleep

  private mutating func sleep() {
    let demand = demand
    // What is heard meanwhile does not move what is shown of the past.
    feed.setDozing(!demand.isAudible && !console.isBack)
    let now = clock.now
    var sleep = policy.sleep(demand, isScreenBusy: screen.isBusy, at: now)
    if let wake = replayer?.wake(at: now) { sleep.until = min(sleep.until, wake) }
    var requests = [
      pollfd(fd: screen.pollFileDescriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: sleep.watchesEntries ? feed.waker.fileDescriptor : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: screen.stderr?.fileDescriptor ?? -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: screen.outputPollFileDescriptor, events: Int16(POLLOUT), revents: 0),
    ]
    // Not in whole milliseconds: thirty frames would become twenty-nine.
    _ = clinux_poll(&requests, nfds_t(requests.count), max(0, (sleep.until - now).nanoseconds))
    hasInput = requests[0].revents != 0
    if requests[1].revents != 0 {
      feed.waker.clear()
      policy.handle(.entriesSignalled, at: clock.now)
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
      loseScreen()
    }
  }

  /// What the console wants drawn, on this loop's clock.
  private var demand: RedrawDemand {
    var demand = console.demand
    guard showsRecording else { return demand }
    demand.nextChange = demand.nextChange.map { clock.now + ($0 - time) }
    if let end = console.wordEnd { demand.nextChange = min(end, demand.nextChange ?? end) }
    return demand
  }

  /// The panes show what is played; on the way into the past of a running session they do not yet.
  private var showsRecording: Bool { replayer != nil && (back == nil || console.isBack) }

  /// The present on the clock of the entries that are shown.
  private var time: Timestamp { showsRecording ? replayer?.time(at: clock.now) ?? clock.now : clock.now }

  private var isTickDue: Bool { policy.isTickDue(demand, at: clock.now) }

  private mutating func tick() {
    if replayer != nil { _ = console.update(.operatorTime(clock.now)) }
    let now = time
    perform(console.update(.tick(now)))
  }

  /// What was read of the recording meanwhile.
  private mutating func takeIndex() {
    guard let news = indexer?.takeNews() else { return }
    let now = clock.now
    replayer?.take(news.progress, at: now)
    if let failure = news.failure {
      perform(console.update(.failed("the recording cannot be read to its end: \(failure)")))
    }
  }

  private mutating func orderSound() {
    guard let speaker else { return }
    let now = clock.now
    while let order = replayer?.takeSoundOrder(at: now) { speaker.perform(order) }
    guard !hasToldOfSound, let problem = speaker.problem else { return }
    hasToldOfSound = true
    perform(console.update(.remarked("no sound: \(problem)")))
  }

  private mutating func loseScreen() { policy.handle(.screenLost, at: clock.now) }

  private mutating func takeKeys() {
    let events = screen.readEvents(isReadable: hasInput)
    guard !events.isEmpty else { return }
    // The console tells a double click by the time between two.
    tick()
    for event in events { perform(console.update(.event(event))) }
    policy.handle(.keysHandled, at: clock.now)
  }

  private mutating func take(_ limit: Int) {
    guard limit > 0 else { return }
    let start = clock.now
    let playsOn = replayer?.work(on: &console, limit: limit, at: start) ?? false
    var (left, behind) = (playsOn ? 1 : 0, Duration.zero)
    if back != nil {
      let waiting = feed.take(limit, into: &batch)
      if !batch.isEmpty { _ = console.update(.entries(batch)) }
      if waiting > 0 { behind = batch.last.map { clock.now - $0.at } ?? .zero }
      left += waiting
    }
    policy.handle(
      .entriesTaken(batch.count + (playsOn ? limit : 0), left: left, took: clock.now - start, behind: behind), at: start
    )
    if console.isBehind || policy.noticeableDelay != nil { _ = console.update(.behind(policy.noticeableDelay)) }
    batch.removeAll(keepingCapacity: true)
  }

  // MARK: The past of a running session

  private mutating func lookBack(to place: ReplayPlace) {
    guard let capture else { return perform(console.update(.remarked("this session is not recorded"))) }
    let now = clock.now
    do {
      replayer = try back?.begin(capture.facts.path, at: now)
    } catch {
      return perform(console.update(.remarked("what was recorded so far cannot be read: \(error)")))
    }
    indexer = back?.indexer
    replayer?.perform(.go(place), on: &console, at: now)
  }

  private mutating func goLive() {
    (replayer, indexer) = (nil, nil)
    back?.end()
  }

  private mutating func draw() {
    let start = clock.now
    guard policy.frame(demand, isScreenBusy: screen.isBusy, at: start) != nil else { return }
    take(policy.entryLimitBeforeFrame)
    tick()
    let extent = policy.extent(demand, at: start)
    policy.handle(.drawn(extent), at: start)
    lastReport = screen.present(console.frame(screen.size, extent), theme: theme)
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
            droppedEntries: dropped, cpuPercent: percent, capture: capture?.shown))))
  }

  private mutating func remember() {
    if let failure = memory.keep(console.arrangement, at: clock.now) { perform(console.update(.remarked(failure))) }
  }

  private mutating func perform(_ effects: [ConsoleEffect]) {
    for effect in effects {
      switch effect {
      case .command(let command): port.perform(command)
      case .replay(let order):
        let now = clock.now
        replayer?.perform(order, on: &console, at: now)
      case .lookBack(let place): lookBack(to: place)
      case .goLive: goLive()
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
        loseScreen()
      case .suspend:
        screen.suspend()
        loseScreen()
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

import ArgumentParser
import AudioCodecs
import Capture
import Console
import Glibc
import Runtime
import Screen
import Session
import Store
import Terminal
import Threads
import Timeline
import WebSockets
import Wire

/// What every command that shows or runs a session begins with: the clock, the settings, and then either a screen or
/// lines on stdout.
struct Start {
  let clock = TimelineClock()
  /// The file's, with what the command line says about the screen.
  let configuration: Configuration
  private let flags: SessionFlags
  private let keys: KeyMap
  private let history = CommandHistory()

  /// - Throws: an exit code, after the fault in the configuration was told.
  init(_ flags: SessionFlags) throws {
    WriteSignals.becomeErrors()
    self.flags = flags
    var configuration = try Self.configuration(flags.config)
    flags.screen.override(&configuration)
    self.configuration = configuration
    let bindings = KeyBindings(
      configuration.keys, themes: ThemeStore().list().map(\.name),
      presets: configuration.presets.map(\.name))
    guard bindings.faults.isEmpty else {
      throw failure(.badConfiguration, bindings.faults.map(\.description).joined(separator: "\n"))
    }
    keys = bindings.map
  }

  /// Reads the configuration file, or the one at the usual place if there is one.
  static func configuration(_ path: String?) throws -> Configuration {
    do {
      return try Configuration.read(path: path, names: .program)
    } catch {
      throw failure(.badConfiguration, "\(error)")
    }
  }

  /// Runs a session to its end, on the screen or headless.
  /// - Parameter server: starts what the session will talk to, and gives its address; nil when it is running somewhere.
  ///   Called when the first frame stands on the screen.
  func run(_ options: SessionOptions, server: (() throws -> WebSocketURL)? = nil) throws {
    Heap.keepPages()
    var options = options
    try prepare(&options)
    if !flags.headless, !flags.plain { return try runConsole(options, server) }
    if let server { options.url = try server() }
    if flags.headless { try runHeadless(options) } else { try runPlain(options) }
  }

  // MARK: Headless

  private func runHeadless(_ options: SessionOptions) throws {
    var options = options
    // Nothing is drawn, but a wrong name is a wrong name.
    _ = try chosenTheme()
    let waker = Waker()
    let signals = StopSignals(waker: waker)
    let summary = flags.summary.map {
      SummaryReader($0.form, silenced: configuration.findings.silenced, dialects: options.dialects)
    }
    let capture = try beginCapture(&options)
    defer { capture?.close() }
    let run = HeadlessRun(
      options, limit: flags.limit, logPath: logPath, clock: clock, capture: capture, summary: summary,
      isImpatient: { signals.isImpatient }, complain: { tellOnStandardError("sidetone: \($0)") })
    do {
      var outcome = try run.run(stopRequested: { signals.isStopRequested }, waker: waker)
      outcome.unwritten += end(capture)
      for line in outcome.summary { tellOnStandardError(line) }
      try tell(outcome)
    } catch let error as StoreError {
      throw failure(.unwritableOutput, "\(error)")
    }
  }

  /// Says what went wrong and ends with its code.
  private func tell(_ outcome: SessionFate.Outcome) throws {
    if let fault = outcome.inputFault { throw failure(.unreadableInput, fault) }
    if let fault = outcome.outputFault { throw failure(.unwritableOutput, fault) }
    if let reason = outcome.noAnswer { throw failure(.sessionFailed, reason) }
    if !outcome.wasReady {
      if outcome.isAbandoned, outcome.failure == nil { return }
      throw failure(.unavailable, outcome.failure ?? "the session never became ready")
    }
    if let lost = outcome.failure { throw failure(.sessionFailed, lost) }
    try tell(unwritten: outcome.unwritten)
  }

  /// What was asked for and is not whole ends with a code of its own.
  private func tell(unwritten: [String]) throws {
    for text in unwritten.dropLast() { tellOnStandardError("sidetone: \(text)") }
    if let last = unwritten.last { throw failure(.unwritableOutput, last) }
  }

  // MARK: In words

  private func runPlain(_ options: SessionOptions) throws {
    var options = options
    let capture = try beginCapture(&options)
    defer { capture?.close() }
    let feed = EntryFeed()
    let signals = StopSignals(waker: feed.waker)
    // Standard input can be one thing only.
    let input: Int32? = if case .stdin = options.input { nil } else { STDIN_FILENO }
    var run: PlainRun
    do {
      run = try PlainRun(
        options, limit: flags.limit, logPath: logPath, clock: clock, feed: feed, capture: capture,
        setup: .init(
          console: plainOptions(.session), input: input, ink: try plainInk(),
          isImpatient: { signals.isImpatient }))
    } catch let error as StoreError {
      throw failure(.unwritableOutput, "\(error)")
    }
    var outcome = run.run(stopRequested: { signals.isStopRequested })
    outcome.unwritten += end(capture)
    if let path = capture?.pathToReplay { say("to see it again: \(ReplayHint.command(path))") }
    try tell(outcome)
  }

  /// Says what was recorded.
  func replayInWords(_ file: ReplayFile, isFast: Bool) throws {
    let entries: [Entry]
    do {
      entries = try file.entries()
    } catch {
      throw failure(.unreadableInput, "\(error)")
    }
    let waker = Waker()
    let signals = StopSignals(waker: waker)
    var replay = PlainReplay(
      entries, isFast: isFast, clock: clock, waker: waker,
      setup: .init(
        console: plainOptions(.recording), input: STDIN_FILENO, ink: try plainInk(),
        isImpatient: { signals.isImpatient }))
    // Who reads the words in a pipe may not look at the last of them.
    if let remark = file.remark { tellOnStandardError("sidetone: \(remark)") }
    replay.run(stopRequested: { signals.isStopRequested })
    try tell(unwritten: replay.failure.map { ["standard output: \($0)"] } ?? [])
  }

  private func plainOptions(_ port: PortCard) -> ConsoleOptions {
    var options = ConsoleOptions()
    options.port = port
    options.utcOffsetSeconds = Self.utcOffsetSeconds
    // Nobody scrolls back in it.
    (options.limits.rows, options.limits.payloadBytes) = (1, 0)
    return options
  }

  /// Colours only when they are asked for: a line of words may go anywhere.
  private func plainInk() throws -> PlainInk {
    let (_, theme) = try chosenTheme()
    return PlainInk(theme, configuration.colour?.wanted ?? .mono)
  }

  // MARK: On the screen

  private func runConsole(_ options: SessionOptions, _ server: (() throws -> WebSocketURL)?) throws {
    var options = options
    let log = try openLog()
    try forCapture { () throws(CaptureFault) in try SessionCapture.claim(flags.captureChoice(configuration)) }
    let memory = ConsoleMemory(path: SettingsPlaces.standard().consoleState)
    let (themes, theme) = try chosenTheme(remembered: memory.theme)
    let feed = EntryFeed()
    let screen = try openScreen(feed.waker)
    // Whatever goes wrong from here on is told on the terminal as it was.
    defer { screen.restore() }
    let clock = clock
    var loop = ConsoleLoop(
      clock: clock, screen: screen, themes: themes, theme: theme,
      console: Console(consoleOptions(screen, themes, theme, memory, options)),
      feed: feed, memory: memory, history: history)
    loop.begin()
    if let server { options.url = try server() }
    let capture = try beginCapture(&options)
    let isFinished = Locked<Bool>(false)
    let session = SessionLoop(
      options, clock: clock, readers: [{ feed.read($0) }, { log?.write($0) ?? true }], recording: log?.recording,
      capture: capture,
      finished: {
        isFinished.withLock { $0 = true }
        feed.wake()
      })
    let signal = loop.run(session, capture: capture, isFinished: { isFinished.withLock { $0 } })
    session.stop()
    let closing = clock
    let deadline = closing.now + .seconds(5)
    log?.close(givingUp: { closing.now > deadline })
    capture?.close()
    screen.restore()
    let summary = SessionSummary(
      loop.insight, duration: clock.now - .zero, logPath: logPath, capturePath: capture?.pathToReplay)
    say("\(summary)")
    try tell(unwritten: [session.outputFailure, log?.lossText].compactMap(\.self) + end(capture))
    if let signal { throw ExitCode(128 + signal) }
  }

  /// Plays a recording.
  /// - Parameter output: where its sound goes.
  func replay(_ file: ReplayFile, output: SessionOptions.Output) throws {
    let memory = ConsoleMemory(path: SettingsPlaces.standard().consoleState)
    let (themes, theme) = try chosenTheme(remembered: memory.theme)
    let feed = EntryFeed()
    let screen = try openScreen(feed.waker)
    let options = consoleOptions(screen, themes, theme, memory, nil).forRecording
    let index = ReplayIndex(file.indexed, options, from: file.extent.first?.index ?? 0)
    let heard = output == .null ? nil : file.heard
    let player = Replayer(
      file.shown, options, file.extent, index.progress, hasSound: heard != nil, at: clock.now)
    let speaker = heard.map { ReplaySpeaker($0, clock: clock, output: output, wake: { feed.wake() }) }
    let indexer = ReplayIndexer(
      index, clock: clock, isGrowing: { (try? file.indexed.extent().isFinished) == false }, wake: { feed.wake() })
    var loop = ConsoleLoop(
      clock: clock, screen: screen, themes: themes, theme: theme, console: Console(options), feed: feed,
      memory: memory, history: history, replay: (player, indexer, speaker))
    loop.begin(remark: file.remark)
    let signal = loop.run(RecordingPort(), isFinished: { true })
    indexer.stop()
    speaker?.stop()
    screen.restore()
    if let remark = file.remark { tellOnStandardError("sidetone: \(remark)") }
    if let signal { throw ExitCode(128 + signal) }
  }

  private func openScreen(_ waker: Waker) throws -> TerminalScreen {
    var options = TerminalScreen.Options(
      glyphs: configuration.glyphs?.wanted, depth: configuration.colour?.wanted,
      usesMouse: configuration.mouse ?? true)
    options.cleanStderr = { Redaction.hideSecrets(in: $0) }
    do {
      return try TerminalScreen(options, waker: waker)
    } catch {
      throw failure(.noTerminal, "\(error)")
    }
  }

  /// - Parameter session: nil for a replay.
  private func consoleOptions(
    _ screen: TerminalScreen, _ themes: ThemeStore, _ theme: Theme, _ memory: ConsoleMemory, _ session: SessionOptions?
  ) -> ConsoleOptions {
    var options = ConsoleOptions()
    options.glyphs = screen.glyphs
    options.metersPerSecond = configuration.meters ?? options.metersPerSecond
    options.hasColor = screen.abilities.depth > .mono
    options.theme = theme.name
    options.themes = themes.list().map(\.name)
    options.port = session == nil ? .recording : .session
    if let session {
      options.dialects = session.dialects
      options.dialect = session.dialects.dialect(session.dialect, session.dialectSettings)
      options.configText = options.dialect.card.configText
    }
    options.history = history.read()
    options.keys = keys
    options.silenced = configuration.findings.silenced
    options.templates = configuration.templates.map { MessageTemplate(name: $0.name, message: .string($0.text)) }
    options.arrangement = memory.arrangement
    options.presets = configuration.presets.map {
      PanePreset(name: $0.name, panes: Set($0.panes.compactMap(Pane.init(title:))), sizes: PaneSizes($0.sizes))
    }
    options.utcOffsetSeconds = Self.utcOffsetSeconds
    return options
  }

  static var utcOffsetSeconds: Int {
    var now = time(nil)
    var local = tm()
    localtime_r(&now, &local)
    return local.tm_gmtoff
  }

  // MARK: The capture

  /// - Throws: an exit code, after it was told why a file that was named cannot be made.
  private func beginCapture(_ options: inout SessionOptions) throws -> SessionCapture? {
    let choice = flags.captureChoice(configuration)
    if choice.place == .homeless { options.openingNotices.append(CaptureWatch.homeless) }
    return try forCapture { () throws(CaptureFault) in
      try SessionCapture.begin(choice, options, clock: clock, utcOffsetSeconds: Self.utcOffsetSeconds)
    }
  }

  private func forCapture<Result>(_ work: () throws(CaptureFault) -> Result) throws -> Result {
    do {
      return try work()
    } catch {
      throw failure(.unwritableOutput, "--capture \(flags.capture ?? ""): \(error); \(error.remedy)")
    }
  }

  /// Closes it.
  /// - Returns: why it is not whole, if it was asked for by name. Of another one that is only told.
  private func end(_ capture: SessionCapture?) -> [String] {
    capture?.close()
    guard let capture, let problem = capture.problem else { return [] }
    if capture.facts.limits == nil { return [problem] }
    tellOnStandardError("sidetone: \(problem)")
    return []
  }

  /// A line on standard output, at the end.
  private func say(_ text: String) {
    _ = BoundedOutput(STDOUT_FILENO).write(Array("sidetone: \(text)\n".utf8), patience: .seconds(1))
  }

  // MARK: Settings

  /// What was asked for, else what was chosen in the program some time; when that is gone, the default.
  private func chosenTheme(remembered: String? = nil) throws -> (ThemeStore, Theme) {
    let themes = ThemeStore()
    if configuration.theme == nil, let remembered, let theme = try? themes.load(remembered) {
      return (themes, theme)
    }
    do {
      return (themes, try themes.load(configuration.theme ?? Theme.builtin.name))
    } catch {
      throw failure(.badConfiguration, "\(error)")
    }
  }

  private var logPath: String? { flags.log ?? configuration.log }

  private func openLog() throws -> TimelineWriter? {
    do {
      return try logPath.map { try TimelineWriter(path: $0) }
    } catch {
      throw failure(.unwritableOutput, "\(error)")
    }
  }

  /// Reads and tries what would otherwise fail when the screen is on: better told before.
  private func prepare(_ options: inout SessionOptions) throws {
    if case .file(let path) = options.input {
      do {
        options.recording = try AudioFile.read(path: path, rate: options.session.inputRate)
      } catch {
        throw failure(.unreadableInput, "--input file: \(error)")
      }
    }
    if case .file(let path) = options.output {
      let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
      guard file >= 0 else {
        throw failure(.unwritableOutput, "--output file:\(path): \(String(cString: strerror(errno)))")
      }
      defer { close(file) }
      // A full disk takes the name of a file, and not a byte of it.
      let header = [UInt8](repeating: 0, count: 44)
      guard pwrite(file, header, header.count, 0) == header.count else {
        throw failure(.unwritableOutput, "--output file:\(path): \(String(cString: strerror(errno)))")
      }
    }
  }
}

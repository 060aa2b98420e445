import CLinux
import CNcurses
import Glibc
import Screen
import Threads

// Terminal: the one place that touches the terminal. Main thread only.
//
//   Surface + Theme ──► present: diff with the last grid ──► runs of cells ──► ncurses ──► terminal
//   terminal ──► ncurses (own key codes) ──► KeyDecoder ──► [InputEvent]
//   signals ──► TerminalGuard ──► flags + Waker          C libraries' stderr ──► StderrCapture

/// A full-screen terminal, from `init` until `restore`.
///
/// One at a time in a process (ncurses has global state), on one thread. Not Sendable.
public final class TerminalScreen {
  /// What to draw on and how.
  public struct Options: Sendable {
    /// File descriptors of the terminal; nil for standard input and output, or /dev/tty when these are redirected.
    public var input: Int32?
    public var output: Int32?
    public var environment: TerminalEnvironment
    /// nil for what suits the terminal.
    public var glyphs: GlyphSet?
    /// nil for what suits the terminal.
    public var depth: ColorDepth?
    public var usesMouse: Bool
    /// Keeps what C libraries print on standard error off the screen.
    public var capturesStderr: Bool
    /// Takes out of a captured line what should not be seen, as secrets.
    public var cleanStderr: @Sendable (String) -> String = { $0 }
    /// Asks the terminal now and then whether it keeps up.
    public var asksForPace: Bool

    public init(
      input: Int32? = nil, output: Int32? = nil, environment: TerminalEnvironment = .current(),
      glyphs: GlyphSet? = nil, depth: ColorDepth? = nil, usesMouse: Bool = true, capturesStderr: Bool = true,
      asksForPace: Bool = true
    ) {
      self.input = input
      self.output = output
      self.environment = environment
      self.glyphs = glyphs
      self.depth = depth
      self.usesMouse = usesMouse
      self.capturesStderr = capturesStderr
      self.asksForPace = asksForPace
    }
  }

  public let abilities: TerminalAbilities
  /// What views draw with: the wished-for set, as far as the character set allows it.
  public let glyphs: GlyphSet
  /// The terminal's size at the last look.
  public private(set) var size = Size(width: 80, height: 24)
  /// Lines from standard error while the screen is on; nil when they are not captured.
  public let stderr: StderrCapture?
  /// Readable when there is input.
  public var pollFileDescriptor: Int32 { input.descriptor }

  let input: TerminalFile
  let output: TerminalFile
  let frames: FrameOutput
  private let options: Options
  private let savedTermios: termios
  private let screen: OpaquePointer
  private let modes: TerminalModes
  private let guardian: TerminalGuard
  private var isOn = true
  /// ncurses does not know that the terminal was given back.
  private var hasLeftByItself = false
  private var decoder = KeyDecoder()
  private var link = LinkWindow()

  // The state of `present`, see TerminalScreen+Present.swift.
  var shown: Surface?
  var encoder: CellEncoder?

  /// Takes the terminal over. Throws before anything was changed on it.
  ///
  /// - Parameter waker: woken by signals, so that the loop sees `takeSignals`.
  public init(_ options: Options = Options(), waker: Waker) throws(TerminalError) {
    self.options = options
    let environment = options.environment
    guard !environment.term.isEmpty else { throw .termUnset }
    input = try TerminalFile(wanted: options.input, standard: STDIN_FILENO, mode: "r")
    output = try TerminalFile(wanted: options.output, standard: STDOUT_FILENO, mode: "w")
    frames = FrameOutput(output)

    var saved = termios()
    tcgetattr(input.descriptor, &saved)
    savedTermios = saved
    _ = TerminalAbilities.chooseLocale(environment)
    let described: ColorDepth
    do {
      (screen, described) = try TerminalOpening.open(
        environment, depth: options.depth, output: output.stream, input: input.stream)
    } catch {
      tcsetattr(input.descriptor, TCSANOW, &saved)
      throw error
    }
    abilities = .detect(environment, described: described, depth: options.depth)
    glyphs = abilities.utf8 ? options.glyphs ?? abilities.glyphs : .ascii
    modes = TerminalModes(abilities: abilities, usesMouse: options.usesMouse)
    // What is redirected already cannot ruin the screen.
    stderr = options.capturesStderr && isatty(STDERR_FILENO) == 1 ? StderrCapture(clean: options.cleanStderr) : nil
    guardian = TerminalGuard(
      output: frames.pollFileDescriptor >= 0 ? frames.pollFileDescriptor : frames.direct, input: input.descriptor,
      termios: saved, leave: modes.leave,
      standardError: stderr?.original, captured: stderr?.fileDescriptor, waker: waker)
    configure()
  }

  deinit { restore() }

  private func configure() {
    // raw, not cbreak: Ctrl-C, Ctrl-Z, Ctrl-S and Ctrl-Q are keys, and the console decides what they do.
    raw()
    noecho()
    nonl()
    keypad(cnc_stdscr(), true)
    intrflush(cnc_stdscr(), false)
    nodelay(cnc_stdscr(), true)
    scrollok(cnc_stdscr(), false)
    set_escdelay(25)
    // Input does not hold up a frame: it is one write, and half a frame would have to be made up for.
    typeahead(-1)
    curs_set(0)
    KeyTable.define()
    frames.write(modes.enter)
    refreshSize()
    guardian.arm()
    frames.divert()
  }

  /// Everything that has happened at the terminal since the last call. Does not wait, except 25 ms for what follows a
  /// lone ESC.
  /// - Parameter isReadable: whether `pollFileDescriptor` was found readable; false saves looking.
  public func readEvents(isReadable: Bool = true) -> [InputEvent] {
    guard isOn else { return [] }
    var events: [InputEvent] = []
    if frames.isBusy { frames.push() }
    if refreshSize() { events.append(.resized(size)) }
    guard isReadable || decoder.isInPaste else { return events }
    let now = monotonicNanoseconds()
    decoder.read(from: cnc_stdscr(), at: now, into: &events)
    for _ in 0..<decoder.takeAnswers() { link.answered(at: now) }
    return events
  }

  /// Sends what ncurses has written, and with it a question when it is time for one.
  func sendFrame() {
    let count = frames.push()
    // Those that report the mouse are terminals of our time, and answer.
    guard count > 0, options.asksForPace, abilities.reportsMouse else { return }
    if link.sent(count, at: monotonicNanoseconds()) { frames.write(LinkWindow.question) }
  }

  /// An answer that came later would be typed at the shell.
  private func awaitAnswer() {
    let deadline = monotonicNanoseconds() + 500_000_000
    while link.isAwaitingAnswer, monotonicNanoseconds() < deadline {
      var request = pollfd(fd: input.descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&request, 1, 50) >= 0 else { return }
      var unheard: [InputEvent] = []
      decoder.read(from: cnc_stdscr(), at: monotonicNanoseconds(), into: &unheard)
      for _ in 0..<decoder.takeAnswers() { link.answered(at: monotonicNanoseconds()) }
    }
  }

  /// The terminal has not taken, or not drawn, what it was sent: what is drawn now would only wait behind it.
  /// `readEvents` goes on with it.
  public var isBusy: Bool { frames.isBusy || link.isFull(at: monotonicNanoseconds()) }
  /// Writable when a terminal that has not taken all takes more; -1 when it has.
  public var outputPollFileDescriptor: Int32 { frames.isBusy ? frames.pollFileDescriptor : -1 }

  /// What signals asked for since the last call.
  public func takeSignals() -> TerminalSignals { guardian.take() }

  /// Looks at the terminal's size; true when it has changed. ncurses notices by itself only at the next key.
  @discardableResult
  func refreshSize() -> Bool {
    var rows: Int32 = 0
    var columns: Int32 = 0
    if clinux_window_size(frames.direct, &rows, &columns) != 0 || rows < 1 || columns < 1 {
      (rows, columns) = (cnc_lines(), cnc_cols())
    }
    if rows != cnc_lines() || columns != cnc_cols() { resizeterm(rows, columns) }
    let now = Size(width: Int(columns), height: Int(rows))
    guard now != size else { return false }
    size = now
    shown = nil
    return true
  }

  /// Draws everything anew at the next `present`: after output that was not ours.
  public func invalidate() {
    shown = nil
    clearok(cnc_curscr(), true)
  }

  /// Ctrl-Z: gives the terminal back, stops the whole job, and takes the terminal again when it is continued.
  ///
  /// - Parameter stop: stops the process; returns when it has been continued.
  public func suspend(stop: () -> Void = TerminalGuard.stopJob) {
    guard isOn else { return }
    leave(isFinal: false)
    stop()
    enter()
  }

  /// After SIGCONT without `suspend`: the shell may have changed the terminal.
  public func resume() {
    guard isOn else { return }
    leave(isFinal: false)
    enter()
  }

  /// How long the terminal may take for what is left, and then for what gives it back, in milliseconds. A connection that
  /// hangs takes nothing at all, and the program must end all the same.
  private static let settling: Int64 = 1000

  /// - Parameter isFinal: the screen does not come back.
  private func leave(isFinal: Bool) {
    if !frames.isBusy { awaitAnswer() }
    let takes = frames.settle(milliseconds: Self.settling)
    guardian.disarm()
    if takes, !(isFinal && frames.isInMemory) { frames.undivert() }
    if takes || isFinal && frames.isInMemory {
      frames.write(modes.exit)
      curs_set(1)
      // Where the screen does not come back, what this writes goes by way of the memory, too, and cannot block.
      endwin()
      frames.write(modes.clearLine)
    } else {
      // As from a signal handler: endwin would block.
      frames.write(modes.leave)
      hasLeftByItself = true
    }
    let isGivenBack = frames.isInMemory ? frames.settle(milliseconds: takes ? Self.settling : Self.settling / 5) : takes
    frames.undivert()
    var saved = savedTermios
    // Not after what was sent, where that never goes.
    tcsetattr(input.descriptor, isGivenBack ? TCSADRAIN : TCSANOW, &saved)
    stderr?.stop()
  }

  private func enter() {
    stderr?.start()
    reset_prog_mode()
    frames.write((hasLeftByItself ? modes.again : []) + modes.enter)
    hasLeftByItself = false
    curs_set(0)
    refreshSize()
    invalidate()
    guardian.arm()
    frames.divert()
  }

  /// Gives the terminal back as it was, and prints the last lines that were kept off the screen. Any number of times.
  public func restore() {
    guard isOn else { return }
    isOn = false
    stderr?.readLines()
    leave(isFinal: true)
    delscreen(screen)
    guardian.uninstall()
    stderr?.printKept()
  }
}

import CLinux
import Glibc
import Screen
import Testing
import Threads

@testable import Terminal

// Safe: set before the handler that reads it is installed, in a process that runs one test.
/// What the crash handler of `aCrashRestoresFirst` looks at.
nonisolated(unsafe) private var terminalOfTheCrash: TestTerminal?

/// Raises a signal on a thread of its own: those that run tests have signals blocked.
private func raiseSignal(_ numbers: Int32...) {
  NamedThread("raise") {
    var set = sigset_t()
    sigemptyset(&set)
    pthread_sigmask(SIG_SETMASK, &set, nil)
    for number in numbers { raise(number) }
  }.join()
}

extension TerminalTests {
  @Suite struct Lifecycle {
    @Test(arguments: [
      ("xterm-256color", ColorDepth.indexed, GlyphSet.braille, true), ("tmux-256color", .indexed, .braille, true),
      ("screen-256color", .indexed, .braille, true), ("xterm", .eight, .braille, true),
      ("linux", .eight, .blocks, false),
      ("vt100", .mono, .ascii, false),
    ])
    func abilities(_ term: String, _ depth: ColorDepth, _ glyphs: GlyphSet, _ mouse: Bool) throws {
      let pty = try TestTerminal()
      let screen = try pty.open(term)
      defer { screen.restore() }
      #expect(screen.abilities.depth == depth && screen.glyphs == glyphs && screen.abilities.reportsMouse == mouse)
      screen.present(line("hello", Style(.error)), theme: .builtin)
      let sent = pty.drain()
      #expect(sent.contains("hello"))
      #expect(sent.contains("\u{1B}[?2004h") == mouse)
    }

    @Test(arguments: [
      ((1 << 24), ColorDepth.direct), (256, .indexed), (88, .sixteen), (8, .eight), (0, .mono), (-1, .mono),
    ])
    func depth(_ colors: Int, _ depth: ColorDepth) {
      #expect(TerminalAbilities.depth(colors: colors) == depth)
    }

    @Test(arguments: [
      ("", "xterm", true), ("", "vt220", false), ("en_US.UTF-8", "vt100", true), ("de_DE.utf8@euro", "xterm", true),
      ("C", "xterm", false), ("POSIX", "xterm", false), ("en_US.ISO-8859-1", "xterm", false),
      ("de_DE@euro", "xterm", false),
    ])
    func characterSet(_ locale: String, _ term: String, _ utf8: Bool) {
      #expect(TerminalEnvironment(term: term, locale: locale).wantsUTF8 == utf8)
    }

    @Test func aLocaleThatIsNotInstalledStillGivesUTF8() {
      #expect(TerminalAbilities.chooseLocale(.init(term: "xterm", locale: "xx_YY.UTF-8")))
    }

    @Test func noColorMeansAttributesOnly() throws {
      let pty = try TestTerminal()
      let screen = try pty.open(noColor: true)
      defer { screen.restore() }
      #expect(screen.abilities.depth == .mono)
      pty.forget()
      screen.present(line("oops", Style(.error)), theme: .builtin)
      let sent = pty.drain()
      #expect(sent.contains("oops") && !sent.contains("38;5") && !sent.contains("[3"))
      #expect(sent.contains("\u{1B}[7m") || sent.contains(";7m"))
    }

    @Test func whatCannotWorkSaysWhy() throws {
      let pty = try TestTerminal()
      func error(_ term: String) -> TerminalError? {
        do throws(TerminalError) {
          try pty.open(term).restore()
          return nil
        } catch { return error }
      }
      #expect(error("") == .termUnset)
      #expect(error("no-such-terminal") == .unknownTerm("no-such-terminal"))
      #expect(error("dumb") == .tooSimple("dumb"))
      #expect(error("evil\u{1B}[2J")?.description.contains("\u{1B}") == false)
      let null = open("/dev/null", O_RDWR)
      defer { close(null) }
      #expect(throws: TerminalError.noTerminal) {
        try TerminalScreen(
          .init(input: null, output: null, environment: .init(term: "xterm"), capturesStderr: false), waker: Waker())
      }
      for error in [TerminalError.noTerminal, .termUnset, .unknownTerm("x"), .tooSimple("x")] {
        #expect(error.description.contains("--headless"))
      }
      // A refusal leaves the terminal as it was.
      var now = termios()
      tcgetattr(pty.slave, &now)
      #expect(now.c_lflag & tcflag_t(ICANON) != 0)
    }

    @Test func restoreGivesEverythingBack() throws {
      let pty = try TestTerminal()
      var before = termios()
      tcgetattr(pty.slave, &before)
      let screen = try pty.open()
      screen.present(line("x"), theme: .builtin)
      var during = termios()
      tcgetattr(pty.slave, &during)
      #expect(during.c_lflag & tcflag_t(ICANON | ECHO | ISIG) == 0)
      pty.forget()
      screen.restore()
      let sent = pty.drain()
      for sequence in ["[?1049l", "[?2004l", "[?1004l", "[?1002l", "[?1006l", "[?25h"] {
        #expect(sent.contains("\u{1B}" + sequence), "\(sequence)")
      }
      var after = termios()
      tcgetattr(pty.slave, &after)
      #expect(after.c_lflag == before.c_lflag && after.c_iflag == before.c_iflag && after.c_oflag == before.c_oflag)
      pty.forget()
      screen.restore()
      #expect(pty.drain() == "" && screen.readEvents() == [])
    }

    @Test func suspendLeavesAndComesBackWithAFullScreen() throws {
      let pty = try TestTerminal()
      let screen = try pty.open()
      defer { screen.restore() }
      screen.present(line("hello"), theme: .builtin)
      pty.forget()
      var whileStopped = ""
      var mode = termios()
      screen.suspend {
        whileStopped = pty.drain()
        tcgetattr(pty.slave, &mode)
        pty.forget()
        pty.resize(width: 30, height: 8)
      }
      #expect(whileStopped.contains("\u{1B}[?1049l") && whileStopped.contains("\u{1B}[?1002l"))
      #expect(mode.c_lflag & tcflag_t(ICANON) != 0)
      #expect(screen.present(line("hello", width: 30, height: 8), theme: .builtin).changedCells == 240)
      let sent = pty.drain()
      #expect(sent.contains("\u{1B}[?1049h") && sent.contains("\u{1B}[?1002h") && sent.contains("hello"))
      pty.type("k")
      #expect(pty.events(screen, atLeast: 1) == [.key(.char("k"))])
    }

    @Test func politeSignalsBecomeFlagsAndWakeTheLoop() throws {
      let pty = try TestTerminal()
      let screen = try pty.open()
      defer { screen.restore() }
      pty.waker.clear()
      for (number, expected) in [
        (SIGTERM, TerminalSignals(terminate: SIGTERM)), (SIGINT, TerminalSignals(terminate: SIGINT)),
        (SIGHUP, TerminalSignals(terminate: SIGHUP)), (SIGTSTP, TerminalSignals(suspend: true)),
        (SIGCONT, TerminalSignals(resumed: true)), (SIGWINCH, TerminalSignals()),
      ] {
        raiseSignal(number)
        var request = pollfd(fd: pty.waker.fileDescriptor, events: Int16(POLLIN), revents: 0)
        #expect(poll(&request, 1, 0) == 1, "\(number)")
        pty.waker.clear()
        #expect(screen.takeSignals() == expected)
        #expect(screen.takeSignals() == TerminalSignals())
      }
    }

    /// From a shell and a supervisor at once: one request, and the program ends as it should.
    @Test func aPairOfSignalsIsOneRequest() throws {
      let pty = try TestTerminal()
      let screen = try pty.open()
      defer { screen.restore() }
      raiseSignal(SIGTERM, SIGTERM, SIGHUP, SIGTERM, SIGINT)
      #expect(screen.takeSignals() == TerminalSignals(terminate: SIGTERM))
      #expect(screen.takeSignals() == TerminalSignals())
    }

    /// The handler must not wait for a terminal that takes nothing.
    @Test func aCrashWithATerminalThatTakesNothingEndsTheProgram() async throws {
      await #expect(processExitsWith: .signal(SIGQUIT)) {
        let pty = try TestTerminal(width: 200, height: 60)
        let screen = try pty.open()
        var count = 0
        while !screen.isBusy, count < 100 {
          count += 1
          screen.present(line(String(repeating: "\(count % 10)", count: 200), width: 200, height: 60), theme: .builtin)
          screen.invalidate()
        }
        kill(getpid(), SIGQUIT)
        while true { pause() }
      }
    }

    @Test func aCrashRestoresFirstAndEndsTheProgram() async throws {
      let result = await #expect(processExitsWith: .signal(SIGQUIT), observing: [\.standardOutputContent]) {
        let pty = try TestTerminal()
        terminalOfTheCrash = pty
        // As Swift's backtracer does: it has its say, and returns.
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in
          guard let pty = terminalOfTheCrash else { return }
          var mode = termios()
          tcgetattr(pty.slave, &mode)
          let isCooked = mode.c_lflag & tcflag_t(ICANON) != 0
          writeAll(STDOUT_FILENO, Array("\(pty.drain()) cooked \(isCooked)".utf8))
        }
        sigaction(SIGQUIT, &action, nil)
        let screen = try pty.open()
        screen.present(line("x"), theme: .builtin)
        pty.forget()
        kill(getpid(), SIGQUIT)
        // Whichever thread takes it, the process is over.
        while true { pause() }
      }
      let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
      for sequence in ["[?1049l", "[?2004l", "[?1004l", "[?1002l", "[?25h"] {
        #expect(output.contains("\u{1B}" + sequence), "\(output)")
      }
      #expect(output.contains("cooked true"))
    }

    @Test func theFormerHandlersComeBack() throws {
      let pty = try TestTerminal()
      var before = sigaction()
      sigaction(SIGTERM, nil, &before)
      try pty.open().restore()
      var after = sigaction()
      sigaction(SIGTERM, nil, &after)
      #expect(
        unsafeBitCast(before.__sigaction_handler.sa_handler, to: Int.self)
          == unsafeBitCast(after.__sigaction_handler.sa_handler, to: Int.self))
    }

    @Test func paddingIsRemoved() {
      #expect(TerminalModes.withoutPadding(Array("\u{1B}[m\u{F}$<2>x$y".utf8)) == Array("\u{1B}[m\u{F}x$y".utf8))
      #expect(TerminalModes.withoutPadding(Array("a$<5".utf8)) == Array("a$<5".utf8))
    }
  }

  @Suite struct Capture {
    @Test func linesAreKeptOffTheTargetUntilTheEnd() throws {
      var ends: [Int32] = [-1, -1]
      try #require(pipe(&ends) == 0)
      let capture = try #require(StderrCapture(target: ends[1]))
      writeAll(ends[1], Array("ALSA lib: no card\nsecond \u{1B}[31m\npart".utf8))
      #expect(capture.readLines() == ["ALSA lib: no card", "second ␛[31m"])
      writeAll(ends[1], Array("ial\n".utf8))
      #expect(capture.readLines() == ["partial"])
      capture.stop()
      writeAll(ends[1], Array("direct\n".utf8))
      capture.printKept()
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = read(ends[0], &buffer, buffer.count)
      #expect(
        String(decoding: buffer[..<count], as: UTF8.self) == "direct\nALSA lib: no card\nsecond ␛[31m\npartial\n")
      ends.forEach { close($0) }
    }

    @Test func whatShouldNotBeSeenIsTakenOut() throws {
      var ends: [Int32] = [-1, -1]
      try #require(pipe(&ends) == 0)
      let capture = try #require(StderrCapture(target: ends[1]) { $0.replacing("hunter2", with: "…") })
      writeAll(ends[1], Array("key hunter2\npart hunter2".utf8))
      #expect(capture.readLines() == ["key …"])
      capture.stop()
      capture.printKept()
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = read(ends[0], &buffer, buffer.count)
      #expect(String(decoding: buffer[..<count], as: UTF8.self) == "key …\npart …\n")
      ends.forEach { close($0) }
    }

    @Test func noiseIsBoundedAndNeverBlocksItsWriter() throws {
      var ends: [Int32] = [-1, -1]
      try #require(pipe(&ends) == 0)
      let capture = try #require(StderrCapture(target: ends[1]))
      let noise = Array((String(repeating: "x", count: 99) + "\n").utf8)
      for _ in 0..<2000 { _ = write(ends[1], noise, noise.count) }
      let lines = capture.readLines()
      #expect(lines.count > 100 && lines.count < 2000)
      capture.stop()
      capture.printKept()
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let count = read(ends[0], &buffer, buffer.count)
      let printed = String(decoding: buffer[..<count], as: UTF8.self)
      #expect(printed.hasPrefix("(\(lines.count - StderrCapture.keptLimit) earlier lines"))
      #expect(printed.split(separator: "\n").count == StderrCapture.keptLimit + 1)
      ends.forEach { close($0) }
    }
  }
}

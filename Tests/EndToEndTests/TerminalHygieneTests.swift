import Foundation
import TestKit
import Testing

extension FirstLane {
  /// The terminal is given back as it was, whatever ends the program.
  @Suite struct TerminalHygiene {
    /// Signal, as shells count them, and the exit code that tells of it.
    @Test(arguments: [(SIGTERM, 143), (SIGHUP, 129), (SIGSEGV, 139), (SIGABRT, 134)])
    func signalsRestoreTheTerminal(signal: Int32, status: Int) throws {
      let console = try ConsoleScreen(ConsoleScreen.silent)
      #expect(console.terminal.isOnAlternateScreen && !console.terminal.isCursorVisible)
      kill(try #require(try console.terminal.processID()), signal)
      try console.waitForExit(status)
      try expectRestored(console)
    }

    @Test func controlCQuits() throws {
      let console = try ConsoleScreen(ConsoleScreen.silent)
      try console.terminal.keys("C-c")
      try console.waitForExit(0)
      try expectRestored(console)
    }

    @Test func controlZGivesTheTerminalToTheShellAndComesBack() throws {
      let terminal = try shell()
      try terminal.keys("C-z")
      try terminal.wait(forText: "Stopped")
      #expect(!terminal.isOnAlternateScreen && terminal.isCursorVisible)
      try terminal.type("stty -a | grep -oE -- '-?icanon|-?echo\\b' | xargs echo modes:\n")
      try terminal.wait(forText: "modes: icanon echo")
      try terminal.type("fg\n")
      try terminal.wait(for: "the live console again", within: 60) { ScreenText($0).strip.contains("● live") }
      #expect(terminal.isOnAlternateScreen && !terminal.isCursorVisible)
      // Keys are read again, one at a time.
      try terminal.keys("m")
      try terminal.wait(for: "muted") { ScreenText($0).pane("mic")?.border.contains("muted") == true }
      try terminal.keys("q")
      try terminal.wait(for: "the shell") { !$0.contains("● live") && $0.contains("modes: icanon echo") }
      try terminal.type("exit\n")
      try terminal.wait(forText: "[end]")
    }

    @Test func anyNumberOfSizesEndsInTheLastOne() throws {
      let console = try ConsoleScreen(ConsoleScreen.silent)
      for i in 0..<40 {
        try console.terminal.resize(columns: 20 + (i * 37) % 180, rows: 3 + (i * 13) % 60)
      }
      try console.terminal.resize(columns: 40, rows: 10)
      try console.terminal.wait(for: "how large it must be") { $0.contains("needs 60 × 16") && $0.contains("40 × 10") }
      try console.terminal.resize(columns: 100, rows: 30)
      try console.terminal.wait(for: "a whole screen of 100 × 30") { text in
        let screen = ScreenText(text)
        let rows = screen.rows.prefix(30)
        return rows.count == 30 && screen.strip.count == 100 && screen.strip.hasSuffix("╮")
          && screen.hints.contains("q quit") && rows.dropLast().allSatisfy { $0.count <= 100 }
      }
      try console.quit()
      try expectRestored(console)
    }

    /// The kind, how it is told a colour (by the screen, which tmux reads back), and its frames.
    @Test(arguments: [
      ("xterm-256color", "38;5;[0-9]", "╭"), ("tmux-256color", "38;5;[0-9]", "╭"),
      ("screen-256color", "38;5;[0-9]", "╭"), ("xterm-direct", "38;2;[0-9]", "╭"), ("screen", "3[1-7]m", "╭"),
      ("linux", "3[1-7]m", "┌"), ("vt100", "[17]m", "╭"),
    ])
    func terminalsOfEveryKind(term: String, colour: String, corner: String) throws {
      let console = try ConsoleScreen(ConsoleScreen.silent, term: term)
      #expect(console.screen.hints.contains("q quit"))
      let styled = console.terminal.screen(styled: true)
      #expect(styled.contains(try Regex("\\[[0-9;]*\(colour)")), "\(styled.prefix(600).debugDescription)")
      #expect(console.screen.strip.hasPrefix(corner))
      try console.quit()
      #expect(console.terminal.screen().contains("icanon"))
      #expect(!console.terminal.isOnAlternateScreen && console.terminal.isCursorVisible)
    }

    @Test func noColourMeansNone() throws {
      let console = try ConsoleScreen(ConsoleScreen.silent, environment: ["NO_COLOR": "1"])
      let styled = console.terminal.screen(styled: true)
      #expect(!styled.contains(#/\u{1B}\[[0-9;]*[34]8;/#) && !styled.contains(#/\u{1B}\[(3|4|9)[0-7]m/#))
      try console.quit()
    }

    @Test func trueColourWhereTheTerminalPromisesIt() throws {
      let console = try ConsoleScreen(ConsoleScreen.silent, environment: ["COLORTERM": "truecolor"])
      // The theme's own blue of the user's actor would be #5fd7ff among the 256; its frames are #5b6779.
      #expect(console.terminal.screen(styled: true).contains("38;2;91;103;121"))
      try console.quit()
    }

    @Test func aPasteIsTextWhereverItGoes() throws {
      let console = try ConsoleScreen(ConsoleScreen.silent)
      try console.terminal.paste("q\nm\n")
      try console.terminal.wait(forText: "pasted text goes into an input line")
      #expect(console.screen.strip.contains("● live") && !console.screen.strip.contains("muted"))
      try console.terminal.keys(":")
      try console.terminal.paste("mute\nquit\n")
      try console.terminal.wait(forText: "mute quit")
      #expect(console.screen.strip.contains("● live") && !console.screen.strip.contains("muted"))
      try console.terminal.keys("Escape")
      try console.terminal.wait(for: "no line") { !$0.contains("mute quit") }
      try console.quit()
    }

    @Test func withoutTheMouseTheTerminalKeepsIt() throws {
      let console = try ConsoleScreen(ConsoleScreen.silent + ["--no-mouse"])
      #expect(!console.terminal.reportsMouse)
      try console.quit()
      let other = try ConsoleScreen(ConsoleScreen.silent)
      #expect(other.terminal.reportsMouse)
      try other.quit()
    }

    @Test func anUnknownTerminalIsNamed() throws {
      let console = try ConsoleScreen([], term: "nonsense", waitsForLive: false)
      try console.waitForExit(71)
      #expect(console.terminal.screen().contains("TERM=nonsense is not in"))
      #expect(console.terminal.screen().contains("--headless"))
    }

    @Test func withoutATerminalItSaysSo() throws {
      let outcome = try Program.runWithoutTerminal(ConsoleScreen.silent)
      #expect(outcome.status == 71)
      #expect(outcome.errors.hasPrefix("sidetone: there is no terminal to draw on"))
      #expect(outcome.output.isEmpty)
    }

    /// A shell that knows jobs, with the console in the foreground.
    private func shell() throws -> TmuxTerminal {
      let terminal = try TmuxTerminal(
        "bash --norc --noprofile -i", environment: Program.environment.merging(["PS1": "$ "]) { $1 })
      try terminal.type("'\(Program.path)' --input silence --output null\n")
      try terminal.wait(for: "a live session", within: 60) { ScreenText($0).strip.contains("● live") }
      return terminal
    }

    private func expectRestored(_ console: ConsoleScreen) throws {
      let screen = console.terminal.screen()
      #expect(screen.contains("icrnl opost isig icanon echo"), "\(screen)")
      #expect(!screen.contains("● live"), "\(screen)")
      #expect(!console.terminal.isOnAlternateScreen)
      #expect(console.terminal.isCursorVisible)
      #expect(!console.terminal.reportsMouse)
    }
  }
}

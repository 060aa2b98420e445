import Glibc
import Screen
import Testing

@testable import Terminal

extension TerminalTests {
  /// How many colours, chosen by what the terminal says and by what the operator wants.
  @Suite struct Colours {
    /// A blue that none of the 256 is, of one cell.
    private static let theme = try! Theme.parse(
      name: "t", entries: [ThemeEntry("background", "default"), ThemeEntry("user", "#1e90fe")], base: .builtin)

    /// What is sent for one cell.
    private func sent(
      _ term: String, depth: ColorDepth? = nil, colorTerm: String = "", noColor: Bool = false
    ) throws -> (text: String, abilities: TerminalAbilities) {
      let pty = try TestTerminal()
      let screen = try pty.open(term, noColor: noColor, depth: depth, colorTerm: colorTerm)
      defer { screen.restore() }
      pty.forget()
      screen.present(line("x", Style(.user)), theme: Self.theme)
      return (pty.drain(), screen.abilities)
    }

    @Test(arguments: [
      ("xterm-256color", "", ColorDepth.indexed, "\u{1B}[38;5;33m"),
      ("xterm-256color", "truecolor", .direct, "\u{1B}[38;2;30;144;254m"),
      ("tmux-256color", "24bit", .direct, "\u{1B}[38;2;30;144;254m"),
      ("xterm", "truecolor", .direct, "\u{1B}[38;2;30;144;254m"),
      ("xterm-direct", "", .direct, "38:2::30:144:254"),
      ("xterm", "", .eight, "\u{1B}[34m"), ("screen", "", .eight, "\u{1B}[34m"), ("linux", "", .eight, "\u{1B}[34m"),
      // GNU screen hands COLORTERM on from the terminal around it, and does not know such colours.
      ("screen-256color", "truecolor", .indexed, "\u{1B}[38;5;33m"),
      ("screen", "truecolor", .eight, "\u{1B}[34m"),
    ])
    func theTerminalDecides(_ term: String, _ colorTerm: String, _ depth: ColorDepth, _ expected: String) throws {
      let (text, abilities) = try sent(term, colorTerm: colorTerm)
      #expect(abilities.depth == depth)
      #expect(text.contains(expected), "\(text.debugDescription)")
    }

    @Test(arguments: [
      ("xterm-256color", ColorDepth.direct, "38;2;30;144;254"), ("xterm-256color", .sixteen, "34"),
      ("xterm", .indexed, "38;5;33"), ("vt100", .indexed, "38;5;33"), ("vt100", .direct, "38;2;30;144;254"),
      ("linux", .sixteen, "34"),
      // An entry that tells colours by their value, asked for few: 33 of the 256 is #0087ff.
      ("xterm-direct", .indexed, "38:2::0:135:255"), ("xterm-direct", .eight, "34"),
    ])
    func theOperatorDecides(_ term: String, _ depth: ColorDepth, _ expected: String) throws {
      let (text, abilities) = try sent(term, depth: depth)
      #expect(abilities.depth == depth)
      #expect(text.contains("\u{1B}[\(expected)m"), "\(text.debugDescription)")
    }

    @Test func noneMeansNone() throws {
      for (depth, noColor) in [(ColorDepth.mono, false), (nil, true)] as [(ColorDepth?, Bool)] {
        let (text, abilities) = try sent("xterm-256color", depth: depth, colorTerm: "truecolor", noColor: noColor)
        #expect(abilities.depth == .mono && !text.contains("38;"), "\(text.debugDescription)")
      }
      // A flag is the later word: no-color.org, "command-line flags … override NO_COLOR".
      #expect(try sent("xterm-256color", depth: .indexed, noColor: true).abilities.depth == .indexed)
    }

    @Test func theEnvironmentIsLeftAsItWas() throws {
      setenv("TERMINFO", "/nonexistent", 1)
      defer { unsetenv("TERMINFO") }
      #expect(try sent("xterm-256color", colorTerm: "truecolor").abilities.depth == .direct)
      #expect(getenv("TERMINFO").map { String(cString: $0) } == "/nonexistent")
    }

    @Test func withoutTheMouseClicksAreTheTerminals() throws {
      let pty = try TestTerminal()
      let screen = try pty.open(usesMouse: false)
      screen.restore()
      let sent = pty.drain()
      #expect(!sent.contains("?1002") && !sent.contains("?1006"))
      // Pasted text and the focus are still told.
      #expect(sent.contains("?2004h") && sent.contains("?1004h") && sent.contains("?1004l") && sent.contains("?2004l"))
    }

    @Test func theSurveyFindsTheSame() throws {
      let environment = TerminalEnvironment(term: "xterm-256color", colorTerm: "truecolor")
      let found = try TerminalSurvey.survey(environment).abilities.get()
      #expect(found.depth == .direct && found.described == .indexed)
      #expect(try TerminalSurvey.survey(environment, depth: .eight).abilities.get().depth == .eight)
    }
  }
}

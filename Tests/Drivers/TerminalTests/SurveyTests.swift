import Screen
import Testing

@testable import Terminal

extension TerminalTests {
  @Suite struct Survey {
    @Test(arguments: [("xterm-256color", ColorDepth.indexed), ("xterm", .eight), ("vt100", .mono)])
    func needsNoTerminal(_ term: String, _ depth: ColorDepth) throws {
      let survey = TerminalSurvey.survey(TerminalEnvironment(term: term, locale: "C.UTF-8"))
      let abilities = try survey.abilities.get()
      #expect(abilities.depth == depth && abilities.term == term && abilities.utf8)
    }

    @Test(arguments: [
      ("", TerminalError.termUnset), ("no-such-terminal", .unknownTerm("no-such-terminal")),
      ("dumb", .tooSimple("dumb")),
    ])
    func saysWhyThereCanBeNoScreen(_ term: String, _ error: TerminalError) {
      #expect(TerminalSurvey.survey(TerminalEnvironment(term: term)).abilities == .failure(error))
    }

    @Test func findsTheSameAsAScreen() throws {
      let pty = try TestTerminal()
      let screen = try pty.open("tmux-256color")
      let found = screen.abilities
      screen.restore()
      #expect(try TerminalSurvey.survey(TerminalEnvironment(term: "tmux-256color")).abilities.get() == found)
    }
  }
}

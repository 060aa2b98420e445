import TestKit
import Testing

extension FirstLane {
  /// What is done to a session by hand is in its log, and what was said can be said again.
  @Suite struct Injection {
    @Test func sayingAgainAndInterruptingAreInTheLog() throws {
      let console = try ConsoleScreen(ConsoleScreen.silent)
      let terminal = console.terminal
      try console.say("tell me a story")
      try console.wait(for: "· say started tell me a story", in: "protocol")
      try console.wait(for: "playout started", in: "protocol")
      try terminal.keys("i")
      try console.wait(for: "· operator interrupt", in: "protocol")
      try console.wait(for: "← interrupted", in: "protocol")
      try console.wait(for: "playout flushed", in: "protocol")
      // Only what begins like the line: `say`, and not what else was typed.
      try console.run("gate open")
      try console.wait(forBorder: "open", of: "mic")
      try terminal.keys("s", "Up")
      try terminal.wait(forText: "say tell me a story")
      try terminal.keys("C-w")
      try terminal.type("joke")
      try terminal.keys("Enter")
      try console.wait(for: "say started tell me a joke", in: "protocol")
      try console.run("hush")
      try console.wait(for: "say cancelled tell me a joke", in: "protocol")
      try console.quit()
    }

    @Test func waysToLoseTheConnectionAreInTheLogWithTheirReason() throws {
      let console = try ConsoleScreen(ConsoleScreen.silent, columns: 200)
      let terminal = console.terminal
      try console.run("close 1005")
      try terminal.wait(for: "why not") { $0.contains("\"1005\" is none of the close codes from 1000 to 4999") }
      try terminal.keys("C-u")
      try terminal.type("close 4001 over and out")
      try terminal.keys("Enter")
      try console.wait(for: "· operator disconnect close 4001 over and out", in: "protocol")
      try console.wait(for: "#1 closed 4001 by the client over and out", in: "protocol")
      try console.wait(for: "#2 ready", in: "protocol")
      try console.run("refuse 1")
      try console.wait(for: "· fault refuse for 1 000 ms", in: "protocol")
      try console.wait(for: "· fault refuse lifted", in: "protocol")
      try console.waitForLive()
      try console.quit()
    }
  }
}

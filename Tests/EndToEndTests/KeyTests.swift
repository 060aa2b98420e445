import Testing

extension FirstLane {
  /// The keys, each with what it does on the screen.
  @Suite struct Keys {
    @Test func aConfigMessageIsAnsweredAndAWrongOneExplained() throws {
      let console = try ConsoleScreen(ConsoleScreen.silent)
      try console.command(":", #"config {"voice":"rms"}"#)
      try console.wait(for: "← config_applied", in: "protocol")
      try console.command(":", #"config {"voice":"#)
      try console.terminal.wait(forText: "not valid JSON: ends early")
      try console.terminal.keys("Escape")
      try console.terminal.wait(for: "a closed line") { !$0.contains("not valid JSON") }
      // Wrong past every check of ours: the server's own answer is shown.
      try console.terminal.keys(":")
      try console.terminal.type(#"send {"type""#)
      try console.terminal.keys("Enter")
      try console.wait(for: "← error", in: "protocol")
      try console.quit()
    }

    @Test func micKeysChangeWhatIsSent() throws {
      let console = try ConsoleScreen(ConsoleScreen.silent)
      for (key, state) in [
        ("m", "muted"), ("m", "gated"), ("v", "open"), ("v", "ptt"), ("Space", "talking"), ("Space", "ptt"),
        ("v", "gated"),
      ] {
        try console.terminal.keys(key)
        try console.terminal.wait(for: "the microphone \(state) after \(key)") {
          ScreenText($0).pane("mic")?.border.hasSuffix(" \(state)") == true
        }
      }
      try console.terminal.keys("Space")
      try console.terminal.wait(forText: "push to talk")
      try console.quit()
    }

    @Test func theLogIsFilteredFrozenAndOpened() throws {
      let console = try ConsoleScreen(ConsoleScreen.silent)
      try console.command(":", #"config {"voice":"awb"}"#)
      try console.wait(for: "← config_applied", in: "protocol")
      try console.command("/", "config")
      try console.wait(for: "config_applied", in: "protocol")
      try console.terminal.wait(for: "the filter and its counts") { text in
        let pane = ScreenText(text).pane("protocol")
        let isFiltered = pane?.lines.allSatisfy { $0.isEmpty || $0.contains("config") } == true
        return isFiltered && pane?.border.contains(#/filter: config +\d+ of \d+/#) == true
      }
      try console.terminal.keys("f")
      try console.terminal.wait(for: "frozen") { ScreenText($0).pane("protocol")?.border.contains("frozen") == true }
      try console.terminal.keys("f")
      try console.terminal.wait(for: "following") {
        ScreenText($0).pane("protocol")?.border.contains("frozen") == false
      }

      try console.terminal.keys("Enter")
      try console.terminal.wait(for: "the message, line by line") { text in
        text.split(separator: "\n").contains { $0.contains(#"  "voice": "awb""#) } && !text.contains("transcript")
      }
      try console.terminal.keys("Escape")
      try console.terminal.wait(for: "the panes again") { ScreenText($0).pane("transcript") != nil }
      try console.terminal.keys("Escape")
      try console.terminal.wait(for: "no filter") {
        ScreenText($0).pane("protocol")?.border.contains("filter") == false
      }
      try console.quit()
    }

    @Test func panesThemesHelpAndCommands() throws {
      let console = try ConsoleScreen(ConsoleScreen.silent)
      let terminal = console.terminal
      try terminal.keys("?")
      try terminal.wait(for: "the key table") { $0.contains("keys of the protocol pane") && $0.contains("interrupt") }
      try terminal.keys("?")
      try terminal.wait(for: "no key table") { !$0.contains("keys of the protocol pane") }

      for (key, pane) in zip(["1", "2", "3", "4", "5"], ["mic", "agent", "latency", "transcript", "protocol"]) {
        try terminal.keys(key)
        try terminal.wait(for: "no \(pane)") { ScreenText($0).pane(pane) == nil }
        try terminal.keys(key)
        try terminal.wait(for: "\(pane) again") { ScreenText($0).pane(pane) != nil }
      }

      let before = colours(in: terminal.screen(styled: true))
      try terminal.keys("t", "g")
      var novel: Set<Substring> = []
      try terminal.wait(for: "the colours of another theme") { _ in
        novel = colours(in: terminal.screen(styled: true)).subtracting(before)
        return novel.count > 3
      }
      try terminal.keys("Escape")
      try terminal.wait(for: "those of the former theme") { _ in
        colours(in: terminal.screen(styled: true)).isDisjoint(with: novel)
      }

      try terminal.keys(":")
      try terminal.type("mu")
      try terminal.keys("Tab")
      try terminal.wait(forText: "mute")
      try terminal.keys("Enter")
      try terminal.wait(for: "muted by name") { ScreenText($0).pane("mic")?.border.contains("muted") == true }
      try terminal.keys(":")
      try terminal.type("bogus")
      try terminal.keys("Enter")
      try terminal.wait(forText: #"no command "bogus""#)
      try terminal.keys("Escape")
      try terminal.wait(for: "a closed line") { !$0.contains("bogus") }
      // By name as well as by key, and with the shell's screen as it was.
      try terminal.keys(":")
      try terminal.type("quit")
      try terminal.keys("Enter")
      try console.waitForExit(0)
      #expect(!terminal.screen().contains("transcript"))
    }

    private func colours(in styled: String) -> Set<Substring> {
      Set(styled.matches(of: #/\u{1B}\[[0-9;]*m/#).map(\.output))
    }
  }
}

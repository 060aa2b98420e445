import Foundation
import TestKit
import Testing

extension FirstLane {
  /// Other terminals between the program and its user.
  @Suite struct Surroundings {
    /// Keys, a new size and the end, in whatever terminal the program is in.
    private func expectUsable(_ terminal: TmuxTerminal) throws {
      try waitForLive(terminal)
      try terminal.keys("m")
      try terminal.wait(for: "muted") { ScreenText($0).pane("mic")?.border.contains("muted") == true }
      // Keys of several bytes, through two terminals.
      try terminal.keys("?", "PPage", "Down", "F1")
      try terminal.wait(for: "the panes") { ScreenText($0).pane("protocol") != nil }
      try terminal.resize(columns: 90, rows: 30)
      try terminal.wait(for: "the new size") { text in
        let screen = ScreenText(text)
        return screen.strip.count == 90 && screen.strip.hasSuffix("╮") && screen.hints.contains("q quit")
      }
      try terminal.keys("q")
      try terminal.wait(for: "the shell") { $0.contains("[exit 0]") && $0.contains("icanon echo") }
    }

    private func waitForLive(_ terminal: TmuxTerminal) throws {
      try terminal.wait(for: "a live session", within: 60) { ScreenText($0).strip.contains("● live") }
    }

    /// GNU screen inside of tmux: a terminal with fewer abilities, and another TERM.
    @Test func insideOfScreen() throws {
      let folder = try TestFolder()
      // It keeps its sockets where nobody else can come.
      chmod(folder.path, 0o700)
      let terminal = try TmuxTerminal(
        "/usr/bin/screen -c /dev/null -U '\(Program.path)' \(ConsoleScreen.silent.joined(separator: " "))",
        term: "screen-256color", environment: Program.environment.merging(["SCREENDIR": folder.path]) { $1 })
      try expectUsable(terminal)
    }

    /// A login by key on a server of our own, which talks through a pipe: no port, no network.
    @Test(.enabled(if: Unpacked.has("ssh"), Comment(rawValue: Unpacked.comment("ssh")))) func overSSH() throws {
      let unpacked = try #require(Unpacked("ssh"))
      let folder = try TestFolder()
      for key in ["host", "user"] {
        let maker = try ChildProcess("/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", folder.file(key)])
        #expect(maker.waitUntilExit() == 0, "\(maker.errorLines)")
      }
      let server = try folder.write(
        """
        HostKey \(folder.path)/host
        AuthorizedKeysFile \(folder.path)/user.pub
        AcceptEnv LANG
        PermitRootLogin yes
        PasswordAuthentication no
        UsePAM no
        StrictModes no

        """, to: "server")
      // What the package's installation would make for a server that is run as root: a user, by a list of users of our
      // own, and an empty folder.
      var prepared = "LD_LIBRARY_PATH=\(unpacked.libraries)"
      let isOurs = getuid() == 0 && mkdir("/run/sshd", 0o755) == 0
      defer { if isOurs { rmdir("/run/sshd") } }
      if getuid() == 0 {
        let users =
          try String(contentsOfFile: "/etc/passwd", encoding: .utf8).split(separator: "\n")
          .filter { !$0.hasPrefix("sshd:") } + ["sshd:x:65534:65534::/run/sshd:/usr/sbin/nologin", ""]
        let list = try folder.write(users.joined(separator: "\n"), to: "passwd")
        prepared +=
          " LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_PASSWD=\(list) NSS_WRAPPER_GROUP=/etc/group"
      }
      let client = try folder.write(
        """
        Host *
          ProxyCommand env \(prepared) \(unpacked.path("usr/sbin/sshd")) -i -f \(server)
          IdentityFile \(folder.path)/user
          SendEnv LANG
          StrictHostKeyChecking no
          UserKnownHostsFile /dev/null
          LogLevel ERROR

        """, to: "client")
      let log = folder.file("log.jsonl")
      let settings = Program.environment.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
      let program = "env \(settings) \(Program.path) \(ConsoleScreen.silent.joined(separator: " ")) --log \(log)"
      let line = "/usr/bin/ssh -tt -F \(client) localhost \"\(program)\""

      try expectUsable(try TmuxTerminal(line, term: "xterm-256color"))

      // The line is cut: the session still ends in order, and its log is whole.
      let cut = try TmuxTerminal(line, term: "xterm-256color")
      try waitForLive(cut)
      kill(try #require(try cut.processID()), SIGKILL)
      try eventually("the session's end in its log") {
        if case .sessionEnded(let end)? = try timeline(of: log).last?.event { end.orderly } else { false }
      }
    }

    /// Windows that come to the front and go say so, and that is no key.
    @Test func focusIsNoKey() throws {
      let console = try ConsoleScreen(ConsoleScreen.silent)
      let terminal = console.terminal
      try terminal.keys(":")
      try terminal.type("mu")
      try terminal.type("\u{1B}[O")
      try terminal.type("\u{1B}[I")
      try terminal.type("te")
      try terminal.wait(for: "the line as it was typed") { $0.contains("│ mute ") && $0.contains("Mute or unmute") }
      try terminal.keys("Enter")
      try console.wait(forBorder: "muted", of: "mic")
      try terminal.type("\u{1B}[O")
      // Still alive behind another window.
      try console.run(#"config {"voice":"rms"}"#)
      try console.wait(for: "← config_applied", in: "protocol")
      try console.quit()
    }

    /// Sizes that change while everything moves.
    @Test func sizesChangeInTheMiddleOfASession() throws {
      let console = try ConsoleScreen(ConsoleScreen.silent)
      let terminal = console.terminal
      try console.say("tell me a story")
      try console.wait(forBorder: "playing", of: "agent")
      for i in 0..<60 {
        try terminal.resize(columns: 30 + (i * 53) % 170, rows: 5 + (i * 17) % 55)
        // Over everything that can be open, and nothing of it run.
        if i % 6 == 0 { try terminal.keys(["?", ":", "d", "e", "t", "c", "z", "/", "F", "w"][i / 6]) }
        if i % 6 == 3 { try terminal.keys("Escape") }
      }
      try terminal.resize(columns: 120, rows: 40)
      let panes = ["mic", "agent", "latency", "transcript", "protocol", "buffers"]
      try eventually("a whole screen") {
        let screen = console.screen
        let isWhole =
          screen.strip.count == 120 && screen.strip.contains("● live") && screen.hints.contains("q quit")
          && panes.allSatisfy { screen.pane($0) != nil }
        // Whatever is still open is closed, one after the other.
        if !isWhole { try terminal.keys("Escape") }
        return isWhole
      }
      try console.quit()
    }

    @Test func wordsNeedNoTerminalAtAll() throws {
      let terminal = try TmuxTerminal(
        "'\(Program.path)' --plain --input silence --output null", term: "dumb", environment: Program.environment)
      try terminal.wait(forText: "connected, session", within: 60)
      try terminal.type("status\n")
      try terminal.wait(forText: "0 turns, no response time yet")
      try terminal.type("quit\n")
      try terminal.wait(for: "the shell") { $0.contains("[exit 0]") }
    }
  }
}

import Foundation
import TestKit
import Testing

extension FirstLane {
  /// Commands by name, by palette and by list; their history; keys of one's own; what is done to a session.
  @Suite struct Commands {
    @Test func aLineIsCompletedCorrectedAndBroughtBackAfterARestart() throws {
      let state = try TestFolder()
      let environment = ["XDG_STATE_HOME": state.path]
      let console = try ConsoleScreen(ConsoleScreen.silent, environment: environment)
      let terminal = console.terminal
      try terminal.keys(":")
      try terminal.type("ga")
      try terminal.wait(forText: "What is sent")
      try terminal.keys("Tab")
      try terminal.wait(for: "the choices") { $0.contains("only speech") && $0.contains("push to talk") }
      try terminal.type("opne")
      try terminal.keys("Enter")
      try terminal.wait(forText: #"no word "opne", did you mean "open"?"#)
      try terminal.keys("BSpace", "BSpace", "BSpace")
      try terminal.type("pen")
      try terminal.keys("Enter")
      try console.wait(forBorder: "open", of: "mic")
      try console.run(#"send {"password":"swordfish"}"#)
      try console.wait(for: "operator", in: "protocol")
      try console.quit()

      let kept = try String(contentsOfFile: state.file("sidetone/history"), encoding: .utf8)
      #expect(kept == "gate open\n")
      let again = try ConsoleScreen(ConsoleScreen.silent, environment: environment)
      try again.terminal.keys(":", "Up")
      try again.terminal.wait(forText: "gate open")
      try again.terminal.keys("Enter")
      try again.wait(forBorder: "open", of: "mic")
      try again.quit()
    }

    @Test func commandsAreFoundAndRunFromThePaletteAndTheList() throws {
      let console = try ConsoleScreen(ConsoleScreen.silent, columns: 80, rows: 24)
      let terminal = console.terminal
      try terminal.keys("C-p")
      try terminal.type("mt")
      try terminal.wait(for: "the palette") { $0.contains("palette") && $0.contains("Mute or unmute") }
      try terminal.keys("Enter")
      try console.wait(forBorder: "muted", of: "mic")
      try terminal.keys("?")
      try terminal.wait(for: "a page of the list") { $0.contains("page 1 of") && $0.contains("Enter runs it") }
      try terminal.keys("/")
      try terminal.type("unmute")
      try terminal.keys("Enter", "Enter")
      try terminal.wait(for: "the microphone unmuted") { ScreenText($0).pane("mic")?.border.contains("muted") == false }
      try console.quit()
    }

    @Test func theFormShowsWhatWasSentAndWhatIsApplied() throws {
      let console = try ConsoleScreen(ConsoleScreen.silent)
      let terminal = console.terminal
      func row(_ screen: String, _ field: String) -> String? {
        screen.split(separator: "\n").first { $0.contains("│ \(field) ") }.map(String.init)
      }
      try terminal.keys("c")
      try terminal.wait(forText: "nothing changed")
      try terminal.keys("Down")
      try terminal.type("awb")
      try terminal.wait(forText: "1 changed")
      try terminal.keys("Enter")
      try terminal.wait(for: "the voice, sent and applied") {
        (row($0, "voice")?.split(separator: "awb").count ?? 0) == 4 && row($0, "endpointing") != nil
      }
      try terminal.keys("C-u")
      try terminal.type("no/body")
      try terminal.keys("Enter")
      try terminal.wait(for: "the refusal") {
        row($0, "voice")?.contains("✗ refused") == true && $0.contains("the server: voice: must be a name")
      }
      try terminal.keys("Escape")
      try terminal.wait(for: "no form") { !$0.contains("last sent") }
      try console.wait(for: "← config_applied", in: "protocol")
      try console.quit()
    }

    @Test func aFileIsPlayedShownAndStopped() throws {
      let folder = try TestFolder()
      let speech = try folder.speak(Array(repeating: "one two three four five", count: 8).joined(separator: ", "))
      let console = try ConsoleScreen(ConsoleScreen.silent)
      let terminal = console.terminal
      try terminal.keys("P")
      try terminal.type(folder.path + "/sp")
      try terminal.wait(forText: "speech.wav")
      try terminal.keys("Tab")
      try terminal.wait(forText: speech + " ")
      try terminal.keys("Enter")
      try console.wait(forBorder: "speech.wav", of: "mic")
      try console.wait(for: "play", in: "protocol")
      try terminal.keys("S")
      try terminal.wait(for: "silence") { ScreenText($0).pane("mic")?.border.contains("speech.wav") == false }
      try console.wait(for: "cancelled speech.wav", in: "protocol")
      try console.run("play \(folder.path)/none.wav")
      try terminal.wait(for: "why not") { $0.contains("cannot play") && $0.contains("still usable") }
      try console.quit()
    }

    @Test func keysAreOnesOwn() throws {
      let folder = try TestFolder()
      let good = try folder.write(
        """
        keys:
          F5: mute
          i: unbind
          w: gate open
        """, to: "good.yaml")
      let console = try ConsoleScreen(ConsoleScreen.silent + ["--config", good])
      try console.terminal.keys("F5")
      try console.wait(forBorder: "muted", of: "mic")
      #expect(!console.screen.hints.contains("interrupt"))
      try console.terminal.keys("w", "?")
      try console.terminal.wait(for: "the list with its own keys") { $0.contains("gate open") && $0.contains("F5") }
      try console.terminal.keys("Escape")
      try console.terminal.wait(for: "the panes") { ScreenText($0).pane("mic") != nil }
      try console.quit()

      // Keys that were taken from others are told, and keys that are bound twice are refused.
      let taken = try folder.write("keys:\n  i: mute\n", to: "taken.yaml")
      let doctor = try Program.run(["doctor", "--config", taken]).output.joined(separator: " ")
      #expect(doctor.contains("i in panes runs mute in place of interrupt"), "\(doctor)")
      let twice = try folder.write("keys:\n  F5: mute\n  f5: hush\n", to: "twice.yaml")
      let refused = try Program.run(["--headless", "--duration", "1s", "--config", twice])
      #expect(refused.status == 78 && refused.errors.contains(":3: key \"keys.f5\": F5 is bound twice in panes"))

      let bad = try folder.write("theme: mono\nkeys:\n  F5: mut\n  message:\n    x: gate opne\n", to: "bad.yaml")
      for arguments in [["--headless", "--duration", "1s", "--config", bad], ["doctor", "--json", "--config", bad]] {
        let run = try Program.run(arguments)
        let text = (run.output.joined(separator: "\n") + run.errors).filter { $0 != "\\" }
        #expect(text.contains("\(bad):3: key \"keys.F5\": no command \"mut\""), "\(text)")
        #expect(text.contains("\(bad):5: key \"keys.message.x\": no word \"opne\", did you mean \"open\"?"), "\(text)")
        #expect(run.status == (arguments[0] == "doctor" ? 1 : 78))
      }
    }
  }
}

import Foundation
import TestKit
import Testing

extension FirstLane {
  /// The message editor: what is written there goes over the wire as it is.
  @Suite struct Editor {
    private func start(_ acts: [String] = [], _ arguments: [String] = []) throws -> ScriptedConsole {
      try ScriptedConsole(acts, ConsoleScreen.silent + arguments, columns: 200)
    }

    /// Waits until the server has told that it heard this, as a part of its own message.
    private func waitForHeard(_ text: String, _ peer: ScriptedConsole) throws {
      try peer.console.wait(for: text.split(separator: " ").joined(separator: " "), in: "protocol")
    }

    private func open(_ peer: ScriptedConsole) throws {
      try peer.terminal.keys("e")
      try peer.terminal.wait(for: "the editor") { $0.contains("→ message") && $0.contains("line 1, column 1") }
    }

    @Test func textIsSentAsItIsAndComesBackFromTheHistory() throws {
      let peer = try start()
      let terminal = peer.terminal
      try open(peer)
      // A paste keeps its lines, and its keys are no keys.
      try terminal.paste("{\n  \"type\": \"note\",\n  \"q\": 1\n}")
      try terminal.wait(for: "valid JSON of four lines") {
        $0.contains("valid JSON") && $0.contains("line 4, column 2")
      }
      try terminal.keys("C-s")
      try waitForHeard(#""text": "{\n  \"type\": \"note\",\n  \"q\": 1\n}"}"#, peer)

      // Half of a message is a message, too.
      try open(peer)
      try terminal.type(#"{"type":"half","#)
      try terminal.wait(for: "a warning") { $0.contains("not JSON: ") && $0.contains("sent all the same") }
      try terminal.keys("C-s")
      try waitForHeard(#""text": "{\"type\":\"half\","}"#, peer)

      try open(peer)
      try terminal.keys("C-p", "C-p")
      try terminal.wait(forText: #""type": "note","#)
      try terminal.keys("C-n")
      try terminal.wait(forText: #"{"type":"half","#)
      // Left without sending, it is there again.
      try terminal.type("X")
      try terminal.keys("Escape")
      try terminal.wait(for: "the panes") { ScreenText($0).pane("protocol") != nil }
      try terminal.keys("e")
      try terminal.wait(forText: #"{"type":"half",X"#)
      try peer.close()
      try peer.console.quit()
    }

    @Test func bytesAreTypedOrReadFromAFile() throws {
      let folder = try TestFolder()
      let file = folder.file("bytes.bin")
      try Data([1, 2, 250]).write(to: URL(fileURLWithPath: file))
      let peer = try start()
      let terminal = peer.terminal
      try open(peer)
      try terminal.keys("C-f")
      try terminal.wait(forText: "bytes in hexadecimal")
      try terminal.type("00 ff 1")
      try terminal.keys("C-s")
      try terminal.wait(forText: "5 hexadecimal digits: two make a byte")
      try terminal.type("0")
      try terminal.wait(forText: "binary, 3 B")
      try terminal.keys("C-s")
      try waitForHeard(#""hex": "00ff10""#, peer)
      try peer.console.run("send-binary @\(file)")
      try waitForHeard(#""hex": "0102fa""#, peer)
      try peer.console.run("send-binary base64:AP8=")
      try waitForHeard(#""hex": "00ff""#, peer)
      try peer.console.run("send-binary @\(folder.path)/none")
      try terminal.wait(for: "why not") { $0.contains("No such file") && $0.contains("session still usable") }
      try peer.console.quit()
    }

    @Test func templatesAndOpenedMessagesAreStartingPoints() throws {
      let folder = try TestFolder()
      let config = try folder.write(
        #"""
        templates:
          greet: '{"type":"greet","name":"you"}'
        """#, to: "c.yaml")
      let peer = try start([#"{"type":"tool_call","room":"attic"}"#], ["--config", config])
      let terminal = peer.terminal
      try open(peer)
      try terminal.keys("C-t")
      try terminal.wait(for: "one's own template, and those of the dialect") {
        $0.contains("▸ greet") && $0.contains(#""type": "greet","#) && $0.contains("  interrupt")
      }
      // On one line, as it will be sent.
      try terminal.keys("C-r")
      try terminal.wait(forText: #"{"type":"greet","name":"you"}"#)
      try terminal.keys("C-s")
      try waitForHeard(#""text": "{\"type\":\"greet\",\"name\":\"you\"}"}"#, peer)

      try terminal.keys("/")
      try terminal.type("attic")
      try terminal.keys("Enter")
      try peer.console.wait(forBorder: "1 of", of: "protocol")
      try terminal.keys("Enter")
      try peer.waitForMessage(#""room": "attic""#)
      try terminal.keys("e")
      try terminal.wait(forText: "→ message")
      try terminal.keys("Down", "Down", "End", "BSpace")
      try terminal.type(#"-2""#)
      try terminal.keys("C-r", "C-s")
      try peer.waitForMessage(#""room": "attic""#)
      try terminal.keys("Escape")
      try terminal.wait(for: "the panes") { ScreenText($0).pane("protocol") != nil }
      try terminal.keys("/", "C-u", "Enter")
      try waitForHeard(#"{\"type\":\"tool_call\",\"room\":\"attic-2\"}"#, peer)
      try peer.console.quit()
    }
  }
}

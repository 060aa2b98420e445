import Foundation
import Testing
import Timeline

extension FirstLane {
  /// Connections lost on purpose, by the `d` menu, and what is left of the conversation.
  @Suite struct Disconnects {
    private let folder: TestFolder
    init() throws { folder = try TestFolder() }

    @Test func everyKindRecoversAndTheConversationGoesOn() throws {
      let log = folder.file("log.jsonl")
      let console = try ConsoleScreen(ConsoleScreen.silent + ["--log", log])
      let terminal = console.terminal
      try console.say("turn on the lights")
      try console.wait(for: "agent All the lights are on.", in: "transcript")

      // A clean close with a code of ours.
      try terminal.keys("d")
      try terminal.wait(forText: "Close handshake with a code")
      try console.command("c", "4001 on purpose")
      try console.wait(for: "connection #1 closed 4001 by the client", in: "protocol")
      try reconnected(console, 2)

      // The cable is pulled.
      try terminal.keys("d", "a")
      try console.wait(for: "connection #2 closed 1006", in: "protocol")
      try reconnected(console, 3)

      // Nothing goes through, then all of it does.
      try terminal.keys("d", "s")
      try terminal.wait(for: "the stall in the strip") { ScreenText($0).strip.contains("fault: stall") }
      try terminal.keys("d")
      try terminal.wait(forText: "In force. Again to lift.")
      try terminal.keys("s")
      try terminal.wait(for: "the stall lifted") { !ScreenText($0).strip.contains("fault:") }
      #expect(console.screen.strip.contains("● live"))

      // A server that is not there for a while.
      try terminal.keys("d")
      try console.command("r", "2")
      try terminal.wait(for: "the refusal in the strip") { ScreenText($0).strip.contains("fault: refuse") }
      try console.wait(for: "#4 failed by the client refused", in: "protocol")
      try reconnected(console, nil)

      try console.say("what did i just say")
      try console.wait(for: "agent You said: turn on the lights.", in: "transcript")
      try console.quit()

      let recording = try Recording(file: log)
      recording.expectWhole()
      let changes = recording.entries.compactMap { entry in
        if case .connection(let change) = entry.event { change } else { nil }
      }
      let ready = changes.filter { $0.state == .ready }
      #expect(ready.map(\.resumed) == [false, true, true, true])
      #expect(Set(ready.map(\.sessionID)).count == 1)
      let faults = recording.entries.compactMap { if case .fault(let fault) = $0.event { fault } else { nil } }
      #expect(faults.map(\.name) == [.stall, .stall, .refuse, .refuse])
      #expect(faults.map(\.active) == [true, false, true, false])
    }

    private func reconnected(_ console: ConsoleScreen, _ number: Int?) throws {
      try console.waitForLive()
      let connection = number.map { "#\($0) " } ?? ""
      try console.terminal.wait(for: "a resumed conversation \(connection)", within: 60) { text in
        let lines = ScreenText(text).pane("protocol")?.lines ?? []
        return lines.contains { $0.contains("\(connection)ready") || $0.contains("ready") && $0.contains(connection) }
          && lines.contains { $0.contains("resumed") }
      }
    }
  }
}

extension SecondLane {
  /// A stalled connection that nobody lifts: the heartbeat has to notice.
  @Suite struct StallDetection {
    @Test func aStallIsNoticedByTheHeartbeatAndRecoveredFrom() throws {
      let console = try ConsoleScreen(ConsoleScreen.silent)
      try console.terminal.keys("d", "s")
      try console.terminal.wait(for: "the stall in the strip") { ScreenText($0).strip.contains("fault: stall") }
      // A ping every 20 s, 10 s for its pong.
      try console.wait(for: "#1 closed", in: "protocol", within: 90)
      try console.wait(for: "#2 ready", in: "protocol", within: 90)
      let strip = console.screen.strip
      #expect(strip.contains("● live") && !strip.contains("fault"), "\(strip)")
      try console.quit()
    }
  }
}

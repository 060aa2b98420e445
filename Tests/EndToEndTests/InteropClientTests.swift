import Foundation
import TestKit
import Testing

/// `sidetone serve` against voice clients of other libraries.
@Suite(.serialized) struct InteropClientTests {
  @Test(arguments: PeerLibrary.allCases, ["json", "binary"])
  func aWholeConversation(library: PeerLibrary, form: String) async throws {
    let folder = try TestFolder()
    try await onThread {
      let speech = try folder.speak("what time is it in berlin")
      let (server, port) = try Program.serve(["--token", "s3cret-t0ken"])
      defer { server.terminate() }
      let client = try library.run("voice_client", ["ws://127.0.0.1:\(port)/voice", "s3cret-t0ken", speech, form])
      #expect(client.waitUntilExit(timeout: 120) == 0, "\(client.errorLines) \(server.errorLines)")
      // Python and JavaScript write truth in their own ways.
      #expect(
        client.lines.map { $0.lowercased() } == [
          "status 401", "status 401", "ready 16000 false", "config config_applied", "final what time is it in berlin",
          "text true", "audio true", "then interrupted", "broken error", "again true true", "remembers true", "done",
        ])
      #expect(server.isRunning)
      #expect(!server.errorLines.joined().contains("s3cret"))
    }
  }

  @Test func hostileClientsLeaveTheServerServing() async throws {
    try await onThread {
      let (server, port) = try Program.serve()
      defer { server.terminate() }
      let client = try PeerLibrary.python.run("hostile_client", ["ws://127.0.0.1:\(port)/voice", "\(port)"])
      #expect(client.waitUntilExit(timeout: 180) == 0, "\(client.errorLines) \(server.errorLines.suffix(20))")
      #expect(
        client.lines == [
          "garbage sent", "wrong types survived", "huge 1009", "crowd 4 [503]", "flood pause", "flood resume",
          "vanished",
          "still serving",
        ])
      #expect(server.isRunning)
      // One line for each event, and nothing in it that a client could forge.
      for line in server.errorLines {
        #expect(line.contains("Z info ") || line.contains("Z warning "), "\(line)")
        #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value) }, "\(line)")
        #expect(!line.unicodeScalars.contains("\u{202e}"), "\(line)")
      }
      #expect(!server.errorLines.joined().contains("hunter2"))
      let status = try String(contentsOfFile: "/proc/\(server.processID)/status", encoding: .utf8)
      let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") }?.split(whereSeparator: \.isWhitespace)
      // Four recognizers of 100 MB, and room for their models.
      #expect(peak.flatMap { Int($0[1]) } ?? .max < 900_000, "\(status)")
    }
  }
}

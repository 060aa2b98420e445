import Foundation
import TestKit
import Testing

extension SecondLane {
  /// `sidetone serve` against voice clients of other libraries.
  @Suite struct InteropClientTests {
    @Test(arguments: PeerLibrary.allCases) func aWholeConversation(library: PeerLibrary) async throws {
      let folder = try TestFolder()
      let speech = try await onThread { try folder.speak("what time is it in berlin") }
      // Speech takes its time: both ways of sending it at once.
      async let json: Void = onThread { try Self.converse(library, "json", speech) }
      async let binary: Void = onThread { try Self.converse(library, "binary", speech) }
      _ = try await (json, binary)
    }

    private static func converse(_ library: PeerLibrary, _ form: String, _ speech: String) throws {
      let (server, port) = try Program.serve(["--token", "s3cret-t0ken"])
      defer { server.terminate() }
      let client = try library.run("voice_client", ["ws://127.0.0.1:\(port)/voice", "s3cret-t0ken", speech, form])
      #expect(client.waitUntilExit(timeout: 120) == 0, "\(client.errorLines) \(server.errorLines)")
      // Python and JavaScript write truth in their own ways.
      #expect(
        client.lines.map { $0.lowercased() } == [
          "status 401", "status 401", "ready 16000 false", "config config_applied", "final what time is it in berlin",
          "text true", "audio true", "then interrupted", "broken error", "again true true", "remembers true", "done",
        ], "\(form)")
      #expect(server.isRunning)
      #expect(!server.errorLines.joined().contains("s3cret"))
      server.terminate()
      #expect(server.waitUntilExit(timeout: 60) == 0)
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
        // Four recognizers of 100 MB, and room for their models.
        #expect((1..<900_000).contains(server.peakKilobytes))
      }
    }
  }
}

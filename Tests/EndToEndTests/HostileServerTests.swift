import Foundation
import TestKit
import Testing
import Timeline

extension EndToEnd {
  /// `sidetone connect` on servers that do everything wrong: each is told apart, in words, and the program goes on.
  @Suite struct HostileServerTests {
    private struct Server {
      let process: ChildProcess
      let ports: [String: Int]

      init(_ arguments: [String] = []) throws {
        process = try PeerLibrary.python.run("hostile_server", arguments)
        guard process.waitForLine(timeout: 60, where: { $0 == "listening" }) != nil else {
          throw TestFailure("\(process.errorLines)")
        }
        ports = Dictionary(
          uniqueKeysWithValues: process.lines.compactMap { line in
            let words = line.split(separator: " ")
            return words.count == 2 ? Int(words[1]).map { (String(words[0]), $0) } : nil
          })
      }
      func url(_ path: String, port: String = "port") -> String { "ws://127.0.0.1:\(ports[port] ?? 0)/\(path)" }
    }

    /// Who lets nobody in, and what is to be said about it.
    private static let refusals: [(path: String, port: String, says: [String])] = [
      ("status/404", "port", ["404", "check the path"]), ("status/401", "port", ["401", "-H"]),
      ("status/503", "port", ["503", "try again later"]),
      ("voice", "banner", ["no WebSocket server", "SSH-2.0", "check the port"]),
      ("voice", "tls", ["speaks TLS", "wss://"]), ("voice", "nobody", ["refused", "start the server"]),
    ]

    @Test func whoLetsNobodyInIsToldOnStandardError() async throws {
      let folder = try TestFolder()
      let server = try await onThread {
        let (certificate, key) = try folder.makeCertificate()
        return try Server([certificate, key])
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for refusal in Self.refusals {
          group.addTask {
            let url = refusal.port == "nobody" ? "ws://127.0.0.1:1/" : server.url(refusal.path, port: refusal.port)
            let session = try await onThread { try Program.connect(url, until: #""state":"failed""#) }
            #expect(session.status == 69)
            let text = session.errors.joined(separator: "\n")
            for part in refusal.says { #expect(text.contains(part), "\(text)") }
            #expect(!text.contains("\u{1b}"))
          }
        }
        try await group.waitForAll()
      }
    }

    /// Wrong messages are told and passed over; what comes after them is heard.
    @Test(arguments: [
      ("malformed", ["not valid JSON", "no string \"type\""]), ("unknown", ["weather", "(10 times)"]),
      ("base64", ["wrong base64"]), ("utf8", ["invalid UTF-8"]), ("deep", ["nested deeper than 128 levels"]),
      ("odd", []), ("never-ready", ["no ready message within 5 s"]), ("huge", []), ("bad-frame", []), ("burst", []),
      ("late", []), ("large", []),
    ])
    func theSessionGoesOn(fault: String, says: [String]) async throws {
      let session = try await onThread {
        let server = try Server()
        return try withExtendedLifetime(server) {
          try Program.connect(server.url(fault), until: fault == "never-ready" ? "no ready message" : "still here")
        }
      }
      #expect(session.status == (fault == "never-ready" ? 69 : 0), "\(session.errors)")
      for part in says { #expect(session.notices.contains { $0.text.contains(part) }, "\(session.notices)") }
      // However much comes in, a single message of a hundred megabytes too: what is held stays bounded.
      #expect((1..<400_000).contains(session.peakKilobytes), "\(session.peakKilobytes) KB")
      let readyCount = session.states.filter { $0 == .ready }.count
      switch fault {
      case "huge", "bad-frame":
        let end = try #require(session.connections.first { $0.state == .closed })
        #expect(end.code == (fault == "huge" ? 1009 : 1002))
        #expect(readyCount == 2)
        #expect(session.messages(.toClient).allSatisfy { $0.utf8.count < 1_000_000 })
      case "burst":
        #expect(session.messages(.toClient).filter { $0.contains("metrics") }.count == 100_000)
        #expect(readyCount == 1)
      case "large":
        #expect(session.messages(.toClient).filter { $0.utf8.count > 15 << 20 }.count == 4)
        // However slow it is: a line on which messages come is not dead.
        #expect(readyCount == 1)
      default: break
      }
    }

    @Test func aServerThatFallsOverAgainAndAgainIsLeftAloneUntilAskedFor() async throws {
      try await onThread {
        let server = try Server()
        let terminal = try TmuxTerminal(
          "\(Program.path) connect \(server.url("slam")) --input silence --output null",
          environment: Program.environment)
        // Each was open for a moment: no attempt failed.
        try terminal.wait(forText: "5 connections were", within: 90)
        try terminal.wait(forText: "press r", within: 30)
        #expect(server.process.lines.filter { $0.hasPrefix("connected slam") }.count == 5)
        try terminal.keys("r")
        #expect(server.process.waitForLine(timeout: 30) { $0 == "connected slam 6" } != nil)
        try terminal.keys("q")
      }
    }

    @Test func escapeSequencesOfAPeerNeverReachTheTerminal() async throws {
      try await onThread {
        let server = try Server()
        let terminal = try TmuxTerminal(
          "\(Program.path) connect \(server.url("escapes")) --input silence --output null",
          environment: Program.environment)
        try terminal.wait(forText: "still here", within: 60)
        let screen = terminal.screen(styled: true)
        // tmux would have obeyed them: red by the basic palette, a title, a screen half cleared.
        #expect(!screen.contains("\u{1b}[31m"))
        #expect(!screen.contains("\u{202e}"))
        #expect(!screen.contains("\u{9b}"))
        #expect(screen.contains("RED"))
        #expect(terminal.screen().split(separator: "\n").first?.contains("sidetone") == true)
        try terminal.keys("q")
      }
    }
  }
}

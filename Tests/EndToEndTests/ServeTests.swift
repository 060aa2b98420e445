import Foundation
import Glibc
import TestKit
import Testing

extension SecondLane {
  /// `sidetone serve` where others can reach it: foreign pages, guesses, floods, odd requests, and its secrets.
  @Suite struct Serve {
    private let folder: TestFolder
    init() throws { folder = try TestFolder() }

    /// Runs the peer to its end and gives what it found out.
    private func fire(_ what: String, _ port: Int, _ more: [String] = []) throws -> [String] {
      let peer = try PeerLibrary.python.run("fire_client", [what, "\(port)"] + more)
      #expect(peer.waitUntilExit(timeout: 120) == 0, "\(peer.errorLines)")
      return peer.lines
    }

    private func stop(_ server: ChildProcess) {
      server.terminate()
      #expect(server.waitUntilExit(timeout: 60) == 0, "\(server.errorLines.suffix(20))")
    }

    @Test func pagesOfOthersAreKeptOut() throws {
      let (server, port) = try Program.serve(["--allow-origin", "https://app.example.org"])
      defer { server.terminate() }
      let lines = try fire(
        "origins", port,
        [
          "https://evil.example", "null", "http://localhost.evil.com", "http://127.0.0.1.evil.com",
          "http://localhost:3000",
          "http://[::1]:3000", "HTTPS://App.Example.Org:443", "http://app.example.org",
        ])
      #expect(
        lines == [
          "origin https://evil.example 403", "origin null 403", "origin http://localhost.evil.com 403",
          "origin http://127.0.0.1.evil.com 403", "origin http://localhost:3000 101", "origin http://[::1]:3000 101",
          "origin HTTPS://App.Example.Org:443 101", "origin http://app.example.org 403", "none 101", "rebound 403",
          "rebound with its page 403", "two 403", "done",
        ])
      stop(server)
      let log = server.errorLines
      #expect(
        log.contains {
          $0.contains(" warning refused with 403") && $0.contains("origin=https://evil.example")
            && $0.contains("remedy=start serve with --allow-origin")
        })
      #expect(
        log.contains { $0.contains("refused with 403") && $0.contains("rebound.example") && $0.contains("127.0.0.1") })
      #expect(log.contains { $0.contains("client joined") && $0.contains("origin=http://localhost:3000") })
    }

    @Test func theConsolesOwnServerKeepsThemOutToo() throws {
      let console = try Program.start(["--headless", "--duration", "60s", "--input", "silence"])
      defer { console.terminate() }
      var port: Int?
      while console.isRunning, port == nil {
        for line in console.lines {
          guard let address = line.firstRange(of: "ws:\\/\\/127.0.0.1:") ?? line.firstRange(of: "ws://127.0.0.1:")
          else {
            continue
          }
          port = Int(line[address.upperBound...].prefix { $0.isNumber })
        }
        Thread.sleep(forTimeInterval: 0.02)
      }
      let lines = try fire("origins", try #require(port), ["https://evil.example", "http://localhost:3000"])
      #expect(
        lines == [
          "origin https://evil.example 403", "origin http://localhost:3000 101", "none 101", "rebound 403",
          "rebound with its page 403", "two 403", "done",
        ])
    }

    @Test func oddRequestsAreAnswered() throws {
      let (server, port) = try Program.serve()
      defer { server.terminate() }
      #expect(
        try fire("requests", port) == [
          "page HTTP/1.1 200 OK", "root 101", "path 404", "post 405", "head 200", "plain 426", "version 426 True",
          "key 400",
          "large 431", "garbage HTTP/1.1 400", "tls HTTP/1.1 400", "done",
        ])
      stop(server)
      for status in [400, 404, 405, 426, 431] {
        #expect(server.errorLines.contains { $0.contains("refused with \(status): ") }, "\(status)")
      }
    }

    @Test func guessesAreSlowedAndWrittenDown() throws {
      let (server, port) = try Program.serve(["--token", "s3cret-t0ken"])
      defer { server.terminate() }
      #expect(
        try fire("guesses", port, ["s3cret-t0ken"]) == [
          "first HTTP/1.1 401 True", "right 101 None", "last HTTP/1.1 401 True", "done",
        ])
      stop(server)
      #expect(server.errorLines.count { $0.contains("refused with 401: the token is wrong") } == 6)
      #expect(!server.errorLines.contains { $0.contains("guess") || $0.contains("s3cret") })
    }

    @Test func aFloodFillsNoLog() throws {
      let log = folder.file("serve.log")
      let (server, port) = try Program.serve(["--log", log])
      defer { server.terminate() }
      #expect(try fire("interrupts", port) == ["interrupted 0", "done"])
      #expect(try fire("crowd", port) == ["ready ready", "done"])
      stop(server)
      let size = try Data(contentsOf: URL(fileURLWithPath: log)).count
      #expect(size < 60_000, "\(size) bytes")
      #expect(server.errorLines.contains { $0.contains("interrupt, and nothing to interrupt") })
      #expect(server.errorLines.contains { $0.contains("left out") })
      var status = stat()
      #expect(stat(log, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600)
    }

    @Test func emptySessionsPushNobodyOut() throws {
      let (server, port) = try Program.serve()
      defer { server.terminate() }
      #expect(try fire("empty", port) == ["came back True", "done"])
      stop(server)
    }

    @Test func whoIsIdleGivesItsPlaceUp() throws {
      let (server, port) = try Program.serve(["--idle-limit", "2s", "--max-clients", "1"])
      defer { server.terminate() }
      let idle = "closed 1000 idle: nothing was said, typed or set for 2 s"
      #expect(try fire("idle", port) == [idle, "done"])
      #expect(try fire("idle", port) == [idle, "done"])
      stop(server)
      #expect(server.errorLines.contains { $0.contains("client dismissed: idle") })
    }

    // MARK: Secrets

    @Test func secretsStayOutOfTheListOfProcesses() throws {
      let secret = "s3cret-t0ken-\(UUID().uuidString)"
      let tokenFile = try folder.write(secret + "\n", to: "token")
      let headers = try folder.write("# who we are\n\nAuthorization: Bearer \(secret)\nX-Room: 7\n", to: "headers")
      let (server, port) = try Program.serve(["--token-file", tokenFile])
      defer { server.terminate() }
      let client = try Program.start([
        "connect", "ws://127.0.0.1:\(port)/voice", "-H", "@\(headers)", "--headless", "--duration", "60s",
      ])
      while client.isRunning, !client.lines.contains(where: { $0.contains("\"ready\"") }) {
        Thread.sleep(forTimeInterval: 0.02)
      }
      #expect(client.isRunning, "\(client.errorLines)")
      for process in [server, client] {
        let arguments = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(process.processID)/cmdline"))
        #expect(arguments.range(of: Data(secret.utf8)) == nil)
      }
      client.terminate()
      #expect(client.waitUntilExit(timeout: 60) == 0)
      stop(server)
      #expect(!(client.lines + client.errorLines + server.errorLines).joined().contains(secret))
    }

    @Test func aTokenFromTheEnvironment() throws {
      let script = #"T=s3cret-t0ken; export T; exec "$0" serve --listen 127.0.0.1:0 --token-env T"#
      let server = try ChildProcess("/bin/sh", ["-c", script, Program.path], environment: Program.environment)
      defer { server.terminate() }
      var port: Int?
      while server.isRunning, port == nil {
        port = server.errorLines.first { $0.contains("listening on") }.flatMap {
          $0.split(separator: ":").last.flatMap { Int($0.prefix { $0.isNumber }) }
        }
        Thread.sleep(forTimeInterval: 0.02)
      }
      #expect(try fire("guesses", try #require(port), ["s3cret-t0ken"]).contains("right 101 None"))
      stop(server)
    }

    @Test func wrongTokensAndOriginsAreToldBeforeAnythingStarts() throws {
      func expect(_ flags: [String], fails status: Int32, _ words: String) throws {
        let outcome = try Program.run(["serve", "--listen", "127.0.0.1:0"] + flags)
        #expect(outcome.status == status && outcome.errors.contains(words), "\(flags) \(outcome.errors)")
        #expect(!outcome.errors.contains("listening"))
      }
      let blank = try folder.write(" \n\t\n", to: "blank")
      let two = try folder.write("one\ntwo\n", to: "two")
      try expect(["--token", ""], fails: 64, "token is empty")
      try expect(["--token", "   "], fails: 64, "token is empty")
      try expect(["--token-file", blank], fails: 64, "token is empty")
      try expect(["--token-file", two], fails: 64, "line ends")
      try expect(["--token-file", folder.file("gone")], fails: 66, "No such file")
      try expect(["--token-file", folder.path], fails: 66, "directory")
      try expect(["--token-env", "SIDETONE_NO_SUCH_VARIABLE"], fails: 64, "not set")
      try expect(["--token", "a", "--token-env", "HOME"], fails: 64, "exclude each other")
      try expect(["--allow-origin", "example.org"], fails: 64, "lacks its scheme")
      try expect(["--allow-origin", "https://*.example.org"], fails: 64, "wildcard")
      try expect(["--idle-limit", "10ms"], fails: 64, "at least 1s")
      try expect(["--max-clients-per-address", "0"], fails: 64, "at least 1")
      let gone = try Program.run(["connect", "ws://127.0.0.1:1/", "-H", "@\(folder.file("gone"))", "--headless"])
      #expect(gone.status == 66 && gone.errors.contains("No such file"), "\(gone.errors)")
      let secret = try folder.write("Bearer s3cret-t0ken\n", to: "broken")
      let broken = try Program.run(["connect", "ws://127.0.0.1:1/", "-H", "@\(secret)", "--headless"])
      #expect(broken.status == 64 && broken.errors.contains("Name: value"), "\(broken.errors)")
      #expect(!broken.errors.contains("s3cret"))
    }

    @Test func aTokenInClearIsWarnedOf() throws {
      for (flags, isWarned) in [
        (["--listen", "0.0.0.0:0", "--token", "s3cret-t0ken"], true), (["--token", "s3cret-t0ken"], false),
      ] {
        let server = try ChildProcess(
          Program.path, ["serve", "--listen", "127.0.0.1:0"] + flags, environment: Program.environment)
        defer { server.terminate() }
        while server.isRunning, !server.errorLines.contains(where: { $0.contains("listening on") }) {
          Thread.sleep(forTimeInterval: 0.02)
        }
        stop(server)
        #expect(server.errorLines.contains { $0.contains("warning") && $0.contains("in clear") } == isWarned)
      }
    }
  }
}

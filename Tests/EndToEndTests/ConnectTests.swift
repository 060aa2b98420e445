import Foundation
import TestKit
import Testing
import Timeline

extension FirstLane {
  /// `sidetone connect` to servers that are particular about who comes in, and through proxies.
  @Suite struct ConnectTests {
    /// A peer that prints its port.
    private static func start(_ path: String, _ arguments: [String] = []) throws -> (process: ChildProcess, port: Int) {
      let process = try ChildProcess("/usr/bin/python3", ["-u", path] + arguments)
      guard let line = process.waitForLine(timeout: 60, where: { $0.hasPrefix("port ") }),
        let port = Int(line.dropFirst(5))
      else { throw TestFailure("\(process.errorLines)") }
      return (process, port)
    }

    private static let field = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/field").path

    /// What a headless session of a few seconds says: its lines, and standard error.
    private static func connect(_ arguments: [String], environment: [String: String] = [:], until marker: String? = nil)
      throws
      -> (status: Int32?, output: String, errors: String)
    {
      let process = try ChildProcess(
        Program.path, ["connect"] + arguments + ["--headless"],
        environment: Program.environment.merging(environment) { $1 })
      process.closeInput()
      if let marker {
        _ = process.waitForLine(timeout: 60) { $0.contains(marker) }
        process.terminate()
      }
      let status = process.waitUntilExit(timeout: 60)
      return (status, process.lines.joined(separator: "\n"), process.errorLines.joined(separator: "\n"))
    }

    @Test(arguments: [
      ("401", "“The key … is not valid for this project (invalid_api_key)”", "check -H Authorization"),
      ("400", "“unknown model nova-9”", "x-request-id 123"), ("403", "“Not on the list”", "HTTP 403"),
      ("503", "“model is loading, ", "try again later, in 1 s"),
    ])
    func aRefusalIsToldInTheServersOwnWords(path: String, words: String, part: String) async throws {
      let result = try await onThread {
        let (server, port) = try Self.start(Self.field + "/refuses-in-own-words.py")
        return try withExtendedLifetime(server) {
          try Self.connect(
            ["ws://127.0.0.1:\(port)/\(path)", "-H", "Authorization: Bearer wrong-key-123"],
            // Who is only busy is asked again: that has no end of its own.
            until: path == "503" ? #""state":"failed""# : nil)
        }
      }
      #expect(result.status == 69)
      for text in path == "503" ? [result.output] : [result.output, result.errors] {
        #expect(text.contains(words), "\(text)")
        #expect(text.contains(part), "\(text)")
        #expect(!text.contains("wrong-key") && !text.contains("\u{1b}") && !text.contains("give one by"))
      }
    }

    @Test func theUsersHostAndSubprotocolsInHeaders() async throws {
      let result = try await onThread {
        let (server, port) = try Self.start(Self.field + "/wants-one-host-line.py")
        return try withExtendedLifetime(server) {
          try Self.connect(
            [
              "ws://127.0.0.1:\(port)/", "-H", "Host: voice.example.org", "-H", "Sec-WebSocket-Protocol: realtime, v2",
            ], until: #""state":"ready""#)
        }
      }
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains(#""subprotocol":"v2""#))
    }

    @Test func headersOfTheHandshakeAreRefused() throws {
      for header in ["Upgrade: h2c", "Sec-WebSocket-Key: abc", "Connection: close", "Content-Length: 5"] {
        let outcome = try Program.run(["connect", "ws://127.0.0.1:1/", "-H", header])
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("-H \(header.prefix { $0 != ":" }): "), "\(outcome.errors)")
      }
      let key = try Program.run(["connect", "wss://127.0.0.1:1/", "--key", "x.key"])
      #expect(key.status == 64 && key.errors.contains("--key needs --cert"))
    }

    @Test(arguments: [[], ["1.2"]]) func aServerThatWantsACertificate(version: [String]) async throws {
      let folder = try TestFolder()
      let (certificate, key) = try folder.makeCertificate()
      let config = try folder.write(
        "connect: { cacert: \(certificate), cert: \(certificate), key: \(key) }\n", to: "c.yaml")
      try await onThread {
        let (server, port) = try Self.start(
          Self.field + "/wants-a-client-certificate.py", [certificate, key] + version)
        try withExtendedLifetime(server) {
          let url = "wss://127.0.0.1:\(port)/"
          let without = try Self.connect([url, "--cacert", certificate])
          #expect(without.status == 69)
          #expect(
            without.errors.contains("wants a client certificate: give one by --cert FILE and --key FILE"),
            "\(without.errors)")
          let with = try Self.connect(
            [url, "--cacert", certificate, "--cert", certificate, "--key", key], until: #""state":"ready""#)
          #expect(with.status == 0, "\(with.errors)")
          let configured = try Self.connect([url, "--config", config], until: #""state":"ready""#)
          #expect(configured.status == 0, "\(configured.errors)")
          let wrong = try Self.connect([url, "--cert", certificate, "--key", certificate])
          #expect(wrong.status == 69 && wrong.errors.contains("no PEM private key"), "\(wrong.errors)")
        }
      }
    }

    @Test func throughAProxyOfTheEnvironment() async throws {
      let folder = try TestFolder()
      let (certificate, key) = try folder.makeCertificate()
      try await onThread {
        let (proxy, proxyPort) = try Self.start(PeerLibrary.folder + "/connect_proxy.py")
        let server = try Program.serve(["--cert", certificate, "--key", key])
        try withExtendedLifetime((proxy, server.process)) {
          let url = "wss://127.0.0.1:\(server.port)/voice"
          let address = "http://me:s3cret-pw@127.0.0.1:\(proxyPort)"
          let through = try Self.connect(
            [url, "--cacert", certificate], environment: ["HTTPS_PROXY": address], until: #""state":"ready""#)
          #expect(through.status == 0, "\(through.errors)")
          #expect(through.output.contains(#""name":"proxy""#))
          #expect(proxy.lines.contains("CONNECT 127.0.0.1:\(server.port) 200"), "\(proxy.lines)")
          let around = try Self.connect(
            [url, "--cacert", certificate], environment: ["HTTPS_PROXY": address, "NO_PROXY": "127.0.0.0/8"],
            until: #""state":"ready""#)
          #expect(around.status == 0 && !around.output.contains(#""name":"proxy""#), "\(around.errors)")
          let nobody = try Self.connect([url], environment: ["https_proxy": "127.0.0.1:\(proxyPort)"])
          #expect(
            nobody.status == 69 && nobody.errors.contains("wants a user and a password (HTTP 407)"), "\(nobody.errors)")
          let forbidden = try Self.connect(["wss://forbidden.test/"], environment: ["ALL_PROXY": address])
          #expect(forbidden.errors.contains("does not allow a connection to forbidden.test:443"), "\(forbidden.errors)")
          #expect(forbidden.errors.contains("“not this host”"))
          for result in [through, around, nobody, forbidden] {
            #expect(!result.output.contains("s3cret") && !result.errors.contains("s3cret"))
          }
        }
      }
      let doctor = try ChildProcess(
        Program.path, ["doctor"],
        environment: Program.environment.merging(["HTTPS_PROXY": "http://me:s3cret-pw@proxy.test:3128"]) { $1 })
      doctor.closeInput()
      _ = doctor.waitUntilExit(timeout: 60)
      let report = doctor.lines.joined(separator: "\n")
      #expect(report.contains("proxy.test:3128") && !report.contains("s3cret"), "\(report)")
    }

    /// In real time: a ping after 1 s, and 10 s for its answer.
    @Test func aServerThatSendsAndDoesNotRead() async throws {
      let result = try await onThread {
        let (server, port) = try Self.start(Self.field + "/sends-but-does-not-read.py")
        return try withExtendedLifetime(server) {
          try Self.connect(["ws://127.0.0.1:\(port)/", "--summary"], until: "though messages come")
        }
      }
      #expect(result.output.contains("no pong within 10 s, though messages come"), "\(result.output)")
      #expect(
        result.errors.contains("ping-unanswered") || result.errors.contains("Unanswered ping"), "\(result.errors)")
    }
  }
}

import Admission
import Agent
import Logging
import Testing
import Threads
import Timeline
import WebSockets
import Wire

@testable import Runtime

/// Clients that flood, idle and knock where they should not.
@Suite struct ServerUnderFireTests {
  @Test func anInterruptFloodLeavesAFewLinesAndTheirCount() async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    try rig.connect(1)
    _ = try #require(await rig.ready(1))
    // Fewer than the 16 384 messages that the client may have waiting: on a busy machine all of them wait.
    for _ in 0..<12_000 { rig.send(.interrupt, on: 1) }
    rig.send(.text("hello"), on: 1)
    #expect(await rig.hears(.responseComplete, on: 1))
    #expect(!rig.heard(1).contains(.interrupted))
    rig.client.close(LinkID(1), code: 1000, reason: "")
    #expect(await eventually { rig.log.all.contains { $0.hasPrefix("client left") } })
    let written = rig.log.all.filter { $0.hasPrefix("interrupt, and nothing") }
    #expect(written.count < 100)
    // Every line is there or counted.
    func number(_ name: String, _ line: String) -> Int {
      line.components(after: "\(name)=").flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
    }
    let before = written.reduce(0) { $0 + number("left out before", $1) }
    let after = rig.log.all.filter { $0.hasPrefix("agent: interrupt") }.reduce(0) { $0 + number("lines", $1) }
    #expect(written.count + before + after == 12_000)
  }

  @Test func aFloodOfEveryKindIsAnsweredInPart() async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    try rig.connect(1)
    _ = try #require(await rig.ready(1))
    for number in 0..<2_000 {
      rig.send(.config(.object(["mood": .string(String(repeating: "x", count: 4_000) + "\(number)")])), on: 1)
      rig.send(.text("turn \(number)"), on: 1)
      rig.send(.interrupt, on: 1)
    }
    rig.client.send(LinkID(1), Array(#"{"type":"end of the flood"}"#.utf8), isText: true)
    try rig.connect(2)
    _ = try #require(await rig.ready(2))
    // Another client is served meanwhile.
    rig.send(.text("hello"), on: 2)
    #expect(await rig.hears(.responseComplete, on: 2))
    rig.client.close(LinkID(1), code: 1000, reason: "")
    #expect(await eventually { rig.log.all.contains { $0.hasPrefix("client left") } })
    #expect(rig.log.all.count < 1_000)
    #expect(rig.log.all.allSatisfy { $0.utf8.count < 1_000 })
    #expect(rig.heard(1).count < 2_000)
  }

  @Test func anIdleClientIsDismissedAndItsPlaceIsFree() async throws {
    let rig = try ServerRig {
      $0.maximumClients = 1
      $0.agent.idleLimit = .milliseconds(300)
    }
    defer { rig.stop() }
    try rig.connect(1)
    _ = try #require(await rig.ready(1))
    #expect(await eventually { rig.isOver(1) })
    #expect(rig.ending(1)?.code == VoiceServer.idleCode)
    #expect(rig.ending(1)?.reason.hasPrefix("idle: nothing was said, typed or set") == true)
    #expect(await eventually { rig.server.connectionCount == 0 })
    #expect(await eventually { rig.log.all.contains { $0.hasPrefix("client dismissed: idle") } })
    try rig.connect(2)
    #expect(await rig.ready(2) != nil)
  }

  @Test func aForeignPageIsRefusedAndTheLogSaysHowToLetItIn() async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    try rig.connect(1, headers: [("Origin", "https://evil.example")])
    #expect(await eventually { rig.isOver(1) })
    #expect(rig.ending(1)?.reason.contains("403") == true)
    #expect(await eventually { rig.log.all.contains { $0.hasPrefix("refused with 403") } })
    let line = try #require(rig.log.all.first { $0.hasPrefix("refused with 403") })
    #expect(line.contains("origin=https://evil.example") && line.contains("--allow-origin"))
    #expect(line.contains("peer=127.0.0.1"))
    try rig.connect(2, headers: [("Origin", "http://localhost:5173")])
    #expect(await rig.ready(2) != nil)
    #expect(
      await eventually {
        rig.log.all.contains { $0.hasPrefix("client joined") && $0.contains("origin=http://localhost:5173") }
      })
  }

  @Test func allowedPagesAndTokensAreLetIn() async throws {
    let allowed = try AllowedOrigin("https://app.example.org")
    let rig = try ServerRig { $0.allowedOrigins = [allowed] }
    defer { rig.stop() }
    try rig.connect(1, headers: [("Origin", "https://app.example.org")])
    #expect(await rig.ready(1) != nil)
    let closed = try ServerRig { $0.token = "s3cret-t0ken" }
    defer { closed.stop() }
    try closed.connect(
      1, headers: [("Origin", "https://evil.example"), ("Authorization", "Bearer s3cret-t0ken")])
    #expect(await closed.ready(1) != nil)
    try closed.connect(2, headers: [("Authorization", "Bearer wr0ng-t0ken")])
    #expect(await eventually { closed.isOver(2) })
    #expect(await eventually { closed.log.all.contains { $0.hasPrefix("refused with 401") && !$0.contains("wr0ng") } })
  }

  @Test func refusalsDoNotFillTheLog() async throws {
    let rig = try ServerRig { $0.token = "s3cret-t0ken" }
    defer { rig.stop() }
    for id in 1...60 { try rig.connect(id) }
    for id in 1...60 { #expect(await eventually { rig.isOver(id) }) }
    #expect(await eventually { rig.log.all.contains { $0.hasPrefix("refused with 401") } })
    #expect(rig.log.all.count { $0.hasPrefix("refused with 401") } < 60)
  }

  @Test(arguments: ["", "  ", "\t\n"]) func aBlankTokenStartsNoServer(token: String) throws {
    var options = VoiceServerOptions()
    (options.port, options.token) = (0, token)
    let error = #expect(throws: ServerStartError.self) {
      try VoiceServer(options, providers: ScriptedProviders().providers, clock: TimelineClock(), log: LogLines().logger)
    }
    #expect(error?.description.contains("token is empty") == true)
  }

  @Test func placesOfAnAddress() {
    var options = VoiceServerOptions()
    options.maximumClients = 5
    for host in ["127.0.0.1", "::1", "localhost", "127.0.0.2"] {
      options.host = host
      #expect(options.isLoopback && options.clientsPerAddress == 5)
    }
    for host in ["0.0.0.0", "::", "192.168.1.5", "eth0"] {
      options.host = host
      #expect(!options.isLoopback && options.clientsPerAddress == 3)
    }
    options.maximumClientsPerAddress = 1
    #expect(options.clientsPerAddress == 1)
  }
}

extension String {
  /// What stands after the first of a text.
  fileprivate func components(after text: String) -> Substring? {
    firstRange(of: text).map { self[$0.upperBound...] }
  }
}

import TestKit
import Testing
import Timeline

@testable import WebSockets

/// Against Python `websockets` and node `ws`, both with their default extensions: permessage-deflate is offered by them
/// and declined by us.
@Suite struct InteropTests {
  enum Peer: String, CaseIterable, CustomTestStringConvertible {
    case python, node
    var testDescription: String { rawValue }

    func start(server: Bool, _ arguments: [String] = []) throws -> ChildProcess {
      switch self {
      case .python:
        try ChildProcess(
          InteropScripts.python, ["-c", server ? InteropScripts.pythonServer : InteropScripts.pythonClient] + arguments)
      case .node:
        try ChildProcess(
          InteropScripts.node,
          ["-e", server ? InteropScripts.nodeServer : InteropScripts.nodeClient, "--"] + arguments,
          environment: InteropScripts.nodeEnvironment)
      }
    }
  }

  @Test(arguments: Peer.allCases) func ourClient(peer: Peer) async throws {
    let process = try peer.start(server: true)
    let line = process.waitForLine { $0.hasPrefix("port ") }
    let port = try #require(line?.split(separator: " ").last.flatMap { Int($0) }, "\(process.errorLines)")
    let client = ClientUnderTest()
    let url = "ws://127.0.0.1:\(port)/voice"
    try client.connect(url, id: 1, subprotocols: peer == .python ? ["voice.v1", "x"] : [])
    #expect(await client.isOpen(1), "\(client.all(1))")
    if peer == .python, case .opened(_, let subprotocol)? = client.all(1).first { #expect(subprotocol == "voice.v1") }

    let messages: [WebSocketEvent] = [
      .text("hello"), .message([], isText: true), .message([], isText: false), .text("grüße 🎙"),
      .message(pattern(65_536), isText: false), .message(pattern(2_000_003), isText: false),
    ]
    for case .message(let bytes, let isText) in messages { client.client.send(1, bytes, isText: isText) }
    client.send("fragments")
    var expected = messages + [.text("one two three"), .message([1, 2, 3], isText: false)]
    func expectAll() async {
      let received = await client.messages(1, atLeast: expected.count)
      #expect(received.map(\.summary) == expected.map(\.summary))
      #expect(received == expected)
    }
    await expectAll()
    client.send("ping")
    expected.append(.text("ponged"))
    await expectAll()
    client.send("large")
    expected.append(.message([UInt8](repeating: 0x7a, count: 3_000_000), isText: false))
    await expectAll()
    client.client.ping(1, payload: Array("from here".utf8))
    #expect(await eventually { client.all(1).contains(.pong(Array("from here".utf8))) })
    client.client.close(1, code: 4321, reason: "wir gehen – tschüß")
    #expect(await client.closed(1) == Closed(code: 4321, reason: "wir gehen – tschüß", by: .client))
    #expect(process.waitForLine { $0 == "closed 4321 wir gehen – tschüß" } != nil, "\(process.lines)")

    try client.connect(url, id: 2)
    #expect(await client.isOpen(2))
    client.send("close", id: 2)
    #expect(await client.closed(2) == Closed(code: 4001, reason: "as you wish", by: .server))
    #expect(process.waitForLine { $0 == "closed 4001 as you wish" } != nil, "\(process.lines)")

    try client.connect(url, id: 3)
    #expect(await client.isOpen(3))
    client.send("drop", id: 3)
    let dropped = await client.closed(3)
    #expect(dropped?.code == 1006)
    #expect(dropped?.by == .network)

    try client.connect(url, id: 4)
    #expect(await client.isOpen(4))
    client.client.abort(4)
    #expect(process.waitForLine { $0.hasPrefix("closed 1006") } != nil, "\(process.lines)")

    // A peer that is killed is seen at once; a stopped one is not heard of any more.
    try client.connect(url, id: 5)
    #expect(await client.isOpen(5))
    process.kill()
    #expect(await client.closed(5)?.by == .network)
    #expect(client.stop() == 0)
  }

  @Test(arguments: Peer.allCases) func ourServer(peer: Peer) async throws {
    let server = try ServerUnderTest(ServerOptions(token: "t0k"), echoes: true, closesWhenTold: true)
    let process = try peer.start(server: false, [server.url("/voice?token=t0k")])
    #expect(process.waitForLine { $0 == "done" } != nil, "\(process.lines) \(process.errorLines)")
    #expect(process.waitUntilExit() == 0, "\(process.errorLines)")
    #expect(
      process.lines == [
        "subprotocol chat", "text ok", "binary ok", "empty ok", "emptyb ok", "unicode ok", "large ok",
        "fragmented fragmented", "ping ok", "closed 4002 \(peer.rawValue) is done", "peer closed 4003 as told",
        "too large 1009", "status 401", "status 401", "done",
      ])
    #expect(await server.closed(1) == Closed(code: 4002, reason: "\(peer.rawValue) is done", by: .client))
    #expect(await server.closed(2) == Closed(code: 4003, reason: "as told", by: .server))
    #expect(await server.closed(3)?.code == 1009)
    #expect(await server.closed(4)?.by == .network)
    #expect(server.stop() == 0)
  }
}

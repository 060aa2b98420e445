import Admission
import SocketProtocol
import Testing

@testable import WebSockets

@Suite struct PartsTests {
  @Test func reassemblyJoinsPiecesAndFragments() {
    let reassembly = Feeder(limit: 10)
    #expect(reassembly.feed([1, 2], remaining: 1) == .incomplete)
    #expect(reassembly.feed([3]) == .incomplete)
    #expect(reassembly.feed([4], isFinal: true) == .whole([1, 2, 3, 4]))
    #expect(reassembly.feed([], isFinal: true) == .whole([]))
    #expect(reassembly.feed(Array(0..<10), isFinal: true) == .whole(Array(0..<10)))
  }

  @Test func reassemblyRefusesOnceAndRecovers() {
    let reassembly = Feeder(limit: 10)
    #expect(reassembly.feed([1], remaining: 10) == .tooLarge)
    #expect(reassembly.feed([2]) == .incomplete)
    #expect(reassembly.feed([3], isFinal: true) == .incomplete)
    #expect(reassembly.feed([4], isFinal: true) == .whole([4]))
    #expect(reassembly.feed(Array(0..<6)) == .incomplete)
    #expect(reassembly.feed(Array(0..<5), isFinal: true) == .tooLarge)
    #expect(reassembly.feed([5], isFinal: true) == .whole([5]))
    #expect(reassembly.feed([6], remaining: .max) == .tooLarge)
  }

  @Test func outboxIsBoundedAndPingsGoFirst() {
    var outbox = Outbox()
    let isTaken = outbox.append([UInt8](repeating: 0, count: WebSocketLimits.sendQueueBytes), isText: false)
    let isTakenBeyond = outbox.append([1], isText: false)
    #expect(isTaken && !isTakenBeyond)
    #expect(outbox.refused == 1)
    let reports = [outbox.changedByteCount(), outbox.changedByteCount()]
    #expect(reports == [WebSocketLimits.sendQueueBytes, nil])
    outbox.appendPing([1])
    outbox.appendPing([2, 3])
    let (first, second, third) = (outbox.popFirst(), outbox.popFirst(), outbox.popFirst())
    #expect(first?.buffer.suffix(2) == [2, 3])
    #expect(second.map { $0.buffer.count > WebSocketLimits.sendQueueBytes } == true)
    #expect(third.map(\.flags) == nil)
    let emptied = outbox.changedByteCount()
    #expect(outbox.byteCount == 0)
    #expect(emptied == 0)
    // One message may be larger than the whole queue.
    let isLargeTaken = outbox.append([UInt8](repeating: 0, count: WebSocketLimits.sendQueueBytes + 1), isText: true)
    #expect(isLargeTaken)
  }

  @Test func outboxTellsWhatWentThroughThoughNothingWaited() {
    var outbox = Outbox()
    var reports: [Int] = []
    for _ in 0..<100 {
      _ = outbox.append([UInt8](repeating: 0, count: 900), isText: true)
      if let waiting = outbox.changedByteCount() { reports.append(waiting) }
      outbox.popFirst()
      if let waiting = outbox.changedByteCount() { reports.append(waiting) }
    }
    // 90 000 bytes in messages far smaller than a step: one report whenever a step's worth has gone.
    #expect(reports == [0, 0, 0, 0, 0])
  }

  @Test func heartbeatPingsAndMisses() {
    var heartbeat = ServerHeartbeat(interval: 1_000_000_000, now: 0)
    #expect(heartbeat.deadline == 1_000_000_000)
    guard case .ping(let first) = heartbeat.advance(to: 1_000_000_000) else {
      Issue.record("no ping")
      return
    }
    let isOwn = heartbeat.handlePong(first)
    #expect(isOwn)
    guard case .ping = heartbeat.advance(to: 2_000_000_000) else {
      Issue.record("no second ping")
      return
    }
    heartbeat.heard()
    guard case .ping = heartbeat.advance(to: 3_000_000_000) else {
      Issue.record("a message is no sign of life")
      return
    }
    guard case .missed = heartbeat.advance(to: 4_000_000_000) else {
      Issue.record("not missed")
      return
    }
    #expect(heartbeat.hasMissed)
  }

  @Test func requestsAreJudged() {
    var options = ServerOptions(token: "a+b", maximumConnections: 2)
    func status(_ request: UpgradeRequest, connectionCount: Int = 0) -> Int? {
      options.admission.refusal(of: request, .init(total: connectionCount))?.status
    }
    func token(_ value: String) -> [ServerRequest.QueryItem] { [.init(name: "token", value: value)] }
    #expect(status(UpgradeRequest(path: "/voice")) == 401)
    #expect(status(UpgradeRequest(path: "/other", authorization: "Bearer a+b")) == 404)
    #expect(status(UpgradeRequest(path: "/voice", authorization: "Bearer a+b")) == nil)
    #expect(status(UpgradeRequest(path: "/voice/", authorization: "bearer  a+b")) == nil)
    #expect(status(UpgradeRequest(path: "/voice", authorization: "Basic a+b")) == 401)
    #expect(status(UpgradeRequest(path: "/voice", query: token("a b"))) == nil)
    #expect(status(UpgradeRequest(path: "/voice", query: token("a+"))) == 401)
    #expect(status(UpgradeRequest(path: "/voice", query: token("a+ba+b"))) == 401)
    #expect(status(UpgradeRequest(path: "/voice", query: token(""))) == 401)
    #expect(status(UpgradeRequest(path: "/voice", query: token("a+b")), connectionCount: 2) == 503)
    let returning = UpgradeRequest(path: "/voice", query: token("a+b") + [.init(name: "session", value: "s_1")])
    #expect(status(returning, connectionCount: 2) == 503)
    options.returnItem = "session"
    #expect(status(returning, connectionCount: 3) == nil)
    #expect(status(returning, connectionCount: 4) == 503)
    #expect(status(UpgradeRequest(path: "/voice", query: token("a+b"), upgrade: "h2c")) == 426)
    #expect(
      status(
        UpgradeRequest(
          path: "/voice", query: token("a+b"), subprotocols: [String(repeating: "x", count: 64)])) == 400)
  }

  @Test func theAccessTokenIsWithheldAndOtherSecretsAreNotShown() {
    let request = UpgradeRequest(
      path: "/voice",
      query: [
        .init(name: "token", value: "access"), .init(name: "session", value: "s_1"),
        .init(name: "token", value: "resume"),
      ]
    ).serverRequest(token: "access")
    #expect(request.query == [.init(name: "session", value: "s_1"), .init(name: "token", value: "resume")])
    #expect(request.value(of: "token") == "resume")
    #expect(request.description == "/voice?session=s_1&token=… from ")
  }

  @Test func textOfAPeerIsMadeHarmless() {
    #expect(ConnectFailure.printable(Array("SSH-2.0-x\r\nmore".utf8)) == "SSH-2.0-x")
    #expect(ConnectFailure.printable([0x1b, 0x5b, 0x41, 0x9b, 0x7f, 0x62]) == "·[A··b")
    #expect(ConnectFailure.printable([UInt8](repeating: 0x61, count: 70), limit: 3) == "aaa…")
  }
}

/// A reassembly behind a reference: expectations cannot hold a mutating call.
private final class Feeder {
  private var reassembly: Reassembly
  init(limit: Int) { reassembly = Reassembly(limit: limit) }

  func feed(_ bytes: [UInt8], remaining: Int = 0, isFinal: Bool = false) -> Reassembly.Outcome {
    bytes.withUnsafeBytes { reassembly.append($0, remaining: remaining, isFinal: isFinal) }
  }
}

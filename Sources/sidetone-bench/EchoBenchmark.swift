import Synchronization
import TestKit
import Threads
import Timeline
import WebSockets

/// Round trips of messages over loopback: our client and our server, beside our client and node's `ws`.
enum EchoBenchmark {
  private static let node = """
    const { WebSocketServer } = require('ws');
    const s = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
    s.on('listening', () => console.log('port', s.address().port));
    s.on('connection', ws => ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary })));
    """

  static func run(_ settings: BenchmarkSettings) throws -> [Figure] {
    let peer = try ChildProcess("/usr/bin/node", ["-e", node], environment: ["NODE_PATH": "/usr/share/nodejs"])
    defer { peer.terminate() }
    guard let line = peer.waitForLine(where: { $0.hasPrefix("port ") }) else {
      throw BenchmarkFailure("node's ws does not start: \(peer.errorLines); apt-get install nodejs node-ws")
    }
    let server = try EchoServer()
    defer { server.stop() }
    let theirs = "ws://127.0.0.1:\(line.dropFirst(5))/"
    var figures: [Figure] = []
    for size in [640, 4096] {
      var (ours, other, tail, otherTail): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
      // In turns, so that what else the machine does falls on both.
      for _ in 0..<settings.count(5, quick: 3) {
        let mine = try roundTrips(server.url, size: size, count: settings.count(4000, quick: 1000))
        let nodes = try roundTrips(theirs, size: size, count: settings.count(4000, quick: 1000))
        ours.append(mine.percentile(50))
        tail.append(mine.percentile(99))
        other.append(nodes.percentile(50))
        otherTail.append(nodes.percentile(99))
      }
      figures.append(Figure("\(size) B there and back, p50", "µs", ours, .peer("node ws", other.percentile(50))))
      figures.append(Figure("\(size) B there and back, p99", "µs", tail, .peer("node ws", otherTail.percentile(50))))
    }
    return figures
  }

  /// Microseconds of each round trip, one after the other.
  private static func roundTrips(_ url: String, size: Int, count: Int) throws -> [Double] {
    let (mailbox, waker) = (Locked<[WebSocketEvent]>([]), Waker())
    let client = WebSocketClient { _, event in
      mailbox.withLock { $0.append(event) }
      waker.wake()
    }
    defer { client.stop(deadline: .seconds(1)) }
    func next() throws -> WebSocketEvent {
      while true {
        if let event = mailbox.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return event }
        guard waker.wait(timeout: .seconds(10)) else { throw BenchmarkFailure("no echo from \(url)") }
      }
    }
    client.connect(LinkID(1), ConnectRequest(url: try WebSocketURL.parse(url)))
    guard case .opened = try next() else { throw BenchmarkFailure("cannot connect to \(url)") }
    let payload = [UInt8](repeating: 0x55, count: size)
    var times: [Double] = []
    for _ in 0..<count {
      let start = monotonicNanoseconds()
      client.send(LinkID(1), payload, isText: false)
      while true { if case .message = try next() { break } }
      times.append(Double(monotonicNanoseconds() - start) / 1000)
    }
    return times
  }
}

/// Our server, sending back what it gets.
private final class EchoServer: Sendable {
  private let server: Locked<WebSocketServer?>
  let url: String

  init() throws {
    let holder = Locked<WebSocketServer?>(nil)
    let sockets = try WebSocketServer(ServerOptions()) { id, event in
      guard case .message(let bytes, let isText) = event else { return }
      holder.withLock { $0 }?.send(id, bytes, isText: isText)
    }
    holder.withLock { $0 = sockets }
    server = holder
    url = "ws://127.0.0.1:\(sockets.port)/voice"
  }

  func stop() {
    let sockets = server.withLock { server in
      defer { server = nil }
      return server
    }
    sockets?.stop(deadline: .seconds(1))
  }
}

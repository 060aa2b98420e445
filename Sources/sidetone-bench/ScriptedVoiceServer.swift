import Audio
import Synchronization
import TestKit
import Threads
import WebSockets
import Wire

/// A voice server that does nothing but talk: one endless answer in messages of 20 ms, in real time, and an ear that
/// forgets what it hears. What it costs is this process's bill, not the program's under test.
final class ScriptedVoiceServer: Sendable {
  private static let rate = 16_000
  private let sockets: WebSocketServer
  private let clients: Locked<[ServerConnectionID]>
  private let isTalking = Atomic<Bool>(false)
  private let isStopping = Atomic<Bool>(false)
  private let talker: Locked<NamedThread?>

  var url: String { "ws://127.0.0.1:\(sockets.port)/voice" }

  init() throws {
    let clients = Locked<[ServerConnectionID]>([])
    self.clients = clients
    sockets = try WebSocketServer(ServerOptions()) { id, event in
      switch event {
      case .opened: clients.withLock { $0.append(id) }
      case .closed: clients.withLock { $0.removeAll { $0 == id } }
      default: break
      }
    }
    talker = Locked(nil)
    let started = NamedThread("talker") { self.talk() }
    talker.withLock { $0 = started }
  }

  /// Whether it talks; silent at first.
  func setTalking(_ talks: Bool) { isTalking.store(talks, ordering: .releasing) }

  func stop() {
    isStopping.store(true, ordering: .releasing)
    talker.withLock { $0 }?.join()
    sockets.stop(deadline: .seconds(1))
  }

  private func talk() {
    let dialect = VoiceDialect()
    let speech = Signals.speech(rate: Self.rate, count: Self.rate * 10)
    let frames = stride(from: 0, to: speech.count, by: 320).map { start in
      let payload = AudioPayload(
        bytes: littleEndian(speech[start..<start + 320]), format: "pcm16", rate: Self.rate)
      return dialect.encode(.audio(payload), from: .server)!
    }
    let ready = dialect.encode(
      .ready(Ready(sessionID: "s_bench", inputRate: Self.rate, outputRate: Self.rate)), from: .server)!
    let text = dialect.encode(.responseText("This is an answer that does not end. "), from: .server)!
    var greeted: Set<ServerConnectionID> = []
    var due = monotonicNanoseconds()
    var next = 0
    while !isStopping.load(ordering: .acquiring) {
      due += 20_000_000
      sleepUntil(due)
      for id in clients.withLock({ $0 }) {
        if greeted.insert(id).inserted { send(ready, to: id) }
        guard isTalking.load(ordering: .acquiring) else { continue }
        if next % 25 == 0 { send(text, to: id) }
        send(frames[next % frames.count], to: id)
      }
      next += 1
    }
  }

  private func send(_ frame: WireMessage, to id: ServerConnectionID) {
    sockets.send(id, frame.payload, isText: frame.isText)
  }
}

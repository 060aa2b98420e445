import Glibc
import Speech
import Synchronization
import Threads
import Timeline

/// The way to a service over WebSockets: one connection for all sentences, or one for each, opened beforehand.
///
/// A thread of its own does what the desk decides.
final class SocketLine: SpokenLine {
  private enum Order: Sendable {
    case say(Int, SpokenQuestion, @Sendable (SpokenEvent) -> Bool)
    case cancel(Int)
    case happened(Int, ServiceSocket.Event)
  }

  private let orders: Mailbox<Order>
  private let waker: Waker
  private let isStopped: Atomic<Bool>
  private let lastID = Atomic<Int>(0)
  private let thread = Locked<NamedThread?>(nil)
  private let endpoint: VoiceServiceEndpoint
  private let form: VoiceSocketForm

  init(_ endpoint: VoiceServiceEndpoint, _ form: VoiceSocketForm) {
    let waker = Waker()
    self.waker = waker
    orders = Mailbox(capacity: 16_384) { waker.wake() }
    isStopped = Atomic(false)
    self.endpoint = endpoint
    self.form = form
    let started = NamedThread("tts-socket") { [self] in run() }
    thread.withLock { $0 = started }
  }

  func say(_ question: SpokenQuestion, handler: @escaping @Sendable (SpokenEvent) -> Bool) throws -> Int? {
    // What cannot be written or asked for is told at once.
    _ = try endpoint.url(form.subpath(question), [])
    _ = try form.greeting(question) + form.speech(question.text)
    guard !isStopped.load(ordering: .acquiring) else { return nil }
    let id = lastID.add(1, ordering: .relaxed).newValue
    return orders.post(.say(id, question, handler)) ? id : nil
  }

  func cancel(_ id: Int) { orders.post(.cancel(id)) }

  func stop() {
    isStopped.store(true, ordering: .releasing)
    waker.wake()
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    running?.join()
  }

  // MARK: - Its thread

  private func run() {
    var desk = VoiceSocketDesk(
      isForOneSentence: form.isForOneSentence, canClear: form.clear != nil,
      patience: .init(first: endpoint.firstSoundTimeout, next: endpoint.stallTimeout))
    var sockets: [Int: ServiceSocket] = [:]
    var handlers: [Int: @Sendable (SpokenEvent) -> Bool] = [:]
    var taken: [Order] = []
    while !isStopped.load(ordering: .acquiring) {
      let wait = desk.deadline.map { max(.zero, $0 - Self.now) }
      waker.wait(timeout: wait)
      orders.drain(into: &taken)
      for order in taken {
        var effects: [VoiceSocketDesk.Effect] = []
        switch order {
        case .say(let id, let question, let handler):
          handlers[id] = handler
          effects = desk.say(id, question, at: Self.now)
        case .cancel(let id):
          handlers[id] = nil
          effects = desk.cancel(id)
        case .happened(let number, .opened): desk.opened(number)
        case .happened(let number, .message(let bytes, let isText)):
          for news in form.read(bytes, isText) { effects += desk.heard(news, on: number, at: Self.now) }
        case .happened(let number, .ended(let ending)):
          sockets[number] = nil
          let isRefusal = if case .failed = ending { true } else { false }
          effects = desk.ended(number, endpoint.errors.text(for: ending), isRefusal: isRefusal, at: Self.now)
        }
        perform(effects, &desk, &sockets, &handlers)
      }
      taken.removeAll(keepingCapacity: true)
      perform(desk.pass(Self.now), &desk, &sockets, &handlers)
    }
    for socket in sockets.values { close(socket) }
  }

  private func perform(
    _ effects: [VoiceSocketDesk.Effect], _ desk: inout VoiceSocketDesk, _ sockets: inout [Int: ServiceSocket],
    _ handlers: inout [Int: @Sendable (SpokenEvent) -> Bool]
  ) {
    for effect in effects {
      switch effect {
      case .open(let number, let question): sockets[number] = open(number, question)
      case .speak(let number, let text):
        for message in (try? form.speech(text)) ?? [] { sockets[number]?.send(text: message) }
      case .clear(let number): if let clear = form.clear { sockets[number]?.send(text: clear) }
      case .close(let number): if let socket = sockets.removeValue(forKey: number) { close(socket) }
      case .drop(let number): sockets.removeValue(forKey: number)?.drop()
      case .tell(let id, let told):
        let event: SpokenEvent =
          switch told {
          case .sound(let bytes): .sound(bytes)
          case .spelled(let count): .spelled(count)
          case .ended(let failure): .ended(failure)
          }
        let isWanted = handlers[id]?(event) ?? false
        if case .ended = told {
          handlers[id] = nil
        } else if !isWanted, handlers.removeValue(forKey: id) != nil {
          perform(desk.cancel(id), &desk, &sockets, &handlers)
        }
      }
    }
  }

  private func open(_ number: Int, _ question: SpokenQuestion) -> ServiceSocket? {
    guard let url = try? endpoint.url(form.subpath(question), form.query(question)) else { return nil }
    let orders = orders
    let socket = ServiceSocket(endpoint.address.moved(to: url)) { orders.post(.happened(number, $0)) }
    for message in (try? form.greeting(question)) ?? [] { socket.send(text: message) }
    return socket
  }

  private func close(_ socket: ServiceSocket) {
    if let farewell = form.farewell { socket.send(text: farewell) }
    socket.close()
  }

  private static var now: Timestamp { Timestamp(nanoseconds: monotonicNanoseconds()) }
}

import Agent
import Audio
import Speech
import Synchronization
import Threads
import Timeline

/// Hears by a service that takes audio as it comes.
struct StreamedEar: ServiceEar {
  private struct Arrival: Sendable {
    var link: Int
    var event: ServiceSocket.Event
  }
  /// What waits until it can be sent.
  private enum Pending {
    case audio([Int16])
    case finish
  }
  private struct Link {
    var number: Int
    var socket: ServiceSocket
    var talk: any HearingTalk
    var isOpen = false
    /// Audio may be sent.
    var isReady = false
    /// All words were asked for.
    var isFinished = false

    func say(_ messages: [ServiceMessage]) {
      for message in messages {
        switch message {
        case .text(let text): socket.send(text: text)
        case .binary(let bytes): socket.send(bytes)
        }
      }
    }
  }
  /// More has come than is taken.
  private final class Overflow: Sendable {
    private let isSet = Atomic<Bool>(false)
    func set() { isSet.store(true, ordering: .relaxed) }
    func taken() -> Bool { isSet.exchange(false, ordering: .relaxed) }
  }

  /// The most samples that wait for a connection: more than the longest turn.
  private static let pendingLimit = 40 * Transcribing.sampleRate
  /// What a service may take to be ready, once it has answered.
  private static let readiness = Duration.seconds(2)

  private let endpoint: RecognitionServiceEndpoint
  private let way: StreamedWay
  private let arrivals: Mailbox<Arrival>
  private let wake: @Sendable () -> Void
  private let overflow = Overflow()
  private var machine: StreamedTranscribing
  private var link: Link?
  private var linkCount = 0
  /// When the connection has to be ready.
  private var readyBy: Timestamp?
  private var pending: [Pending] = []
  private var pendingSamples = 0

  /// - Parameter wake: wakes the recognizer's thread. Any thread.
  init(_ endpoint: RecognitionServiceEndpoint, _ way: StreamedWay, wake: @escaping @Sendable () -> Void) {
    var way = way
    way.habits.patience = endpoint.patience
    self.endpoint = endpoint
    self.way = way
    self.wake = wake
    machine = StreamedTranscribing(way.habits)
    arrivals = Mailbox(
      capacity: 4_096, weightLimit: 4 << 20,
      weigh: { if case .message(let bytes, _) = $0.event { bytes.count } else { 0 } }, wake: wake)
  }

  /// There is a connection, and audio may be sent on it.
  var isConnected: Bool { link?.isReady == true }

  mutating func heard(
    _ block: ArraySlice<Int16>, of turn: TurnID, edges: [SpeechEdge], isSpeech: Bool, lastVoiced: Int, at now: Timestamp
  ) -> [EarEvent] {
    // The first connection is made before somebody speaks.
    if linkCount == 0 { open(at: now) }
    return perform(machine.heard(block, of: turn, edges: edges, isSpeech: isSpeech, at: now), at: now)
  }

  mutating func ended(_ turn: TurnID, at now: Timestamp) -> [EarEvent] {
    perform(machine.ended(turn, at: now), at: now)
  }

  mutating func discarded(_ turn: TurnID, at now: Timestamp) -> [EarEvent] {
    perform(machine.discarded(turn, at: now), at: now)
  }

  mutating func reach(at now: Timestamp) -> [EarEvent] {
    if link == nil { open(at: now) }
    return []
  }

  mutating func leave() { close() }

  var deadline: Timestamp? { [machine.deadline, readyBy].compactMap(\.self).min() }

  mutating func step(at now: Timestamp) -> [EarEvent] {
    var events: [EarEvent] = []
    var batch: [Arrival] = []
    arrivals.drain(into: &batch)
    for arrival in batch where arrival.link == link?.number { events += take(arrival.event, at: now) }
    if overflow.taken() { events += fail("it sends more than can be taken") }
    if let readyBy, now >= readyBy { events += fail("it was not ready in time") }
    if let deadline = machine.deadline, now >= deadline { events += perform(machine.passed(at: now), at: now) }
    return events
  }

  // MARK: - What the machine orders

  private mutating func perform(_ outcomes: [StreamedTranscribing.Outcome], at now: Timestamp) -> [EarEvent] {
    var events: [EarEvent] = []
    for outcome in outcomes {
      switch outcome {
      case .send(let samples):
        if link == nil { open(at: now) }
        guard pendingSamples + samples.count <= Self.pendingLimit else {
          return events + fail("it takes too slowly what is sent to it")
        }
        pending.append(.audio(samples))
        pendingSamples += samples.count
        flush()
      case .finish:
        pending.append(.finish)
        flush()
      case .keepAlive: if let messages = link?.talk.keepAlive() { link?.say(messages) }
      case .renew:
        let waiting = (pending, pendingSamples)
        close()
        machine.connected(false, at: now)
        open(at: now)
        (pending, pendingSamples) = waiting
      case .interim(let turn, let text): events.append(.interim(turn, text))
      case .paused(let turn, let text): events.append(.paused(turn, text))
      case .final(let turn, let text): events.append(.final(turn, text))
      case .turnEnded(let turn): events.append(.turnEnded(turn))
      case .silent: return events + fail("it has not told what it heard in time; is it overloaded?")
      }
    }
    return events
  }

  /// Sends what waits, as far as the connection takes it.
  private mutating func flush() {
    guard var current = link, current.isReady else { return }
    var sent = 0
    for item in pending {
      if current.isFinished, way.habits.isOneUtterance { break }
      switch item {
      case .audio(let samples):
        current.say(current.talk.audio(samples))
        pendingSamples -= samples.count
      case .finish:
        current.isFinished = true
        current.say(current.talk.finish())
      }
      sent += 1
    }
    pending.removeFirst(sent)
    link = current
  }

  // MARK: - The connection

  private mutating func open(at now: Timestamp) {
    linkCount += 1
    let number = linkCount
    var limits = ServiceSocket.Limits()
    limits.timeout = endpoint.patience
    let question = endpoint.question
    let socket = ServiceSocket(endpoint.address, query: way.query(question), limits: limits) {
      [arrivals, overflow, wake] in
      guard !arrivals.post(Arrival(link: number, event: $0)) else { return }
      overflow.set()
      wake()
    }
    link = Link(number: number, socket: socket, talk: way.makeTalk(question))
    readyBy = now + endpoint.patience + Self.readiness
  }

  /// Ends the connection with the service's own words for it.
  private mutating func close() {
    if let link, link.isOpen {
      link.say(link.talk.goodbye)
      link.socket.close()
    }
    (link, readyBy) = (nil, nil)
    (pending, pendingSamples) = ([], 0)
  }

  private mutating func take(_ event: ServiceSocket.Event, at now: Timestamp) -> [EarEvent] {
    switch event {
    case .opened:
      link?.isOpen = true
      if let messages = link?.talk.opening() { link?.say(messages) }
      return becomeReady(at: now)
    case .message(let bytes, let isText):
      do throws(TalkFault) {
        let words = try link?.talk.read(isText ? .text(String(decoding: bytes, as: UTF8.self)) : .binary(bytes)) ?? []
        return becomeReady(at: now) + tell(words, at: now)
      } catch {
        return fail(error.description)
      }
    case .ended(let ending): return ended(ending, at: now)
    }
  }

  private mutating func becomeReady(at now: Timestamp) -> [EarEvent] {
    guard let link, link.isOpen, !link.isReady, link.talk.isReady else { return [] }
    self.link?.isReady = true
    readyBy = nil
    machine.connected(true, at: now)
    flush()
    return [.reached]
  }

  private mutating func tell(_ words: [StreamedTranscribing.Word], at now: Timestamp) -> [EarEvent] {
    words.flatMap { perform(machine.told($0), at: now) }
  }

  private mutating func ended(_ ending: ServiceSocket.Ending, at now: Timestamp) -> [EarEvent] {
    guard let ended = link else { return [] }
    var events: [EarEvent] = []
    if case .closed(1000...1001, _, by: .server) = ending { events = tell(link?.talk.closed() ?? [], at: now) }
    // Those words may have been all, and there is another connection for what comes.
    guard link?.number == ended.number else { return events }
    guard machine.isOwed || !ended.isReady else {
      (link, readyBy) = (nil, nil)
      machine.connected(false, at: now)
      return events
    }
    var failure = HearingRelay.Failure(endpoint.errors.text(for: ending) ?? "the connection has ended")
    if case .failed(let why) = ending {
      failure.isPermanent = why.isPermanent
      failure.retryAfter = why.retryAfterSeconds.map { .seconds($0) }
    }
    return events + fail(failure)
  }

  private mutating func fail(_ reason: String) -> [EarEvent] { fail(HearingRelay.Failure(reason)) }

  private mutating func fail(_ failure: HearingRelay.Failure) -> [EarEvent] {
    link?.socket.drop()
    (link, readyBy) = (nil, nil)
    (pending, pendingSamples) = ([], 0)
    machine = StreamedTranscribing(way.habits)
    var failure = failure
    failure.reason = endpoint.told(failure.reason)
    return [.failed(failure)]
  }
}

import Agent
import Audio
import Engines
import Speech
import Threads
import Timeline

extension Hearing {
  /// The same with a service that hears, and what heard before while it fails: engines, or another service.
  public func served(by endpoint: RecognitionServiceEndpoint) -> Hearing {
    served(by: endpoint, relay: HearingRelay())
  }

  func served(by endpoint: RecognitionServiceEndpoint, relay: HearingRelay) -> Hearing {
    let source = ServedSource(endpoint: endpoint, substitute: self, relay: relay)
    return Hearing(name: endpoint.card.title, sources: [source] + sources, makeDetector: makeDetector)
  }
}

/// Makes recognitions by a service.
private struct ServedSource: RecognitionSource {
  let endpoint: RecognitionServiceEndpoint
  let substitute: Hearing
  /// Who hears at first.
  let relay: HearingRelay

  var state: SpeechModels.State { .ready }
  func prepare(then callback: @escaping @Sendable () -> Void) { callback() }
  func makeRecognition(
    emit: @escaping @Sendable (RecognizerEvent) -> Void, wake: @escaping @Sendable () -> Void
  ) throws(EngineFault) -> any Recognition {
    ServedRecognition(
      endpoint, detector: try substitute.makeDetector(), substitute: substitute, relay: relay, emit: emit, wake: wake)
  }
}

/// Recognition by a service, and by its substitute while it fails. Where speech begins and ends is found here.
struct ServedRecognition: Recognition {
  private let detector: any VoiceDetector
  private let emit: @Sendable (RecognizerEvent) -> Void
  private let substituteName: String
  private var relay: HearingRelay
  private var ear: any ServiceEar
  private var substitute: SubstituteEngine
  private var position = 0
  /// The position of the first sample that the service's ear was given.
  private var earBegan = 0
  /// The newest audio, for what begins before it is detected.
  private var recent: [Int16] = []

  init(
    _ endpoint: RecognitionServiceEndpoint, detector: any VoiceDetector, substitute: Hearing, relay: HearingRelay,
    emit: @escaping @Sendable (RecognizerEvent) -> Void, wake: @escaping @Sendable () -> Void
  ) {
    self.detector = detector
    self.emit = emit
    self.relay = relay
    substituteName = substitute.name
    self.substitute = SubstituteEngine(substitute.sources, wake: wake)
    switch endpoint.card.way {
    case .streamed(let way): ear = StreamedEar(endpoint, way, wake: wake)
    case .pieces(let makeRequest): ear = PieceEar(endpoint, makeRequest, wake: wake)
    }
  }

  private var now: Timestamp { Timestamp(nanoseconds: monotonicNanoseconds()) }

  mutating func accept(_ block: ArraySlice<Int16>, of turn: TurnID) {
    let edges = detector.process(block)
    for edge in edges { emit(.voice(isSpeech: edge.isSpeech, atSample: edge.sample)) }
    let wasSubstituted = relay.ear == .substitute
    order(
      relay.heard(block, of: turn, speechBegins: edges.contains(where: \.isSpeech), isSpeech: detector.isSpeech))
    if relay.ear == .service {
      if wasSubstituted {
        emit(.restored)
        earBegan = position - recent.count
        handle(
          ear.heard(recent[...], of: turn, edges: [], isSpeech: false, lastVoiced: 0, at: now))
      }
      let shifted = edges.map { SpeechEdge(isSpeech: $0.isSpeech, sample: max(0, $0.sample - earBegan)) }
      handle(
        ear.heard(
          block, of: turn, edges: shifted, isSpeech: detector.isSpeech,
          lastVoiced: max(0, detector.lastVoicedSample - earBegan), at: now))
    }
    position += block.count
    recent.append(contentsOf: block)
    if recent.count > 2 * HearingRelay.longestSilence { recent.removeFirst(recent.count - HearingRelay.longestSilence) }
    takeSubstitutes()
  }

  mutating func end(_ turn: TurnID) {
    recent = []
    order(relay.ended(turn))
    if relay.ear == .service { handle(ear.ended(turn, at: now)) }
    takeSubstitutes()
  }

  mutating func discard(_ turn: TurnID) {
    recent = []
    order(relay.discarded(turn))
    if relay.ear == .service { handle(ear.discarded(turn, at: now)) }
    takeSubstitutes()
  }

  mutating func step() {
    if relay.tries(at: now) { handle(ear.reach(at: now)) }
    handle(ear.step(at: now))
    substitute.step()
    takeSubstitutes()
  }

  var deadline: Int64? {
    [ear.deadline?.nanoseconds, relay.deadline?.nanoseconds, substitute.deadline].compactMap(\.self).min()
  }

  mutating func finish() {
    ear.leave()
    substitute.finish()
  }

  private mutating func handle(_ events: [EarEvent]) {
    for event in events {
      switch event {
      case .interim(let turn, let text): if relay.ear == .service { emit(.interim(turn, text)) }
      case .paused(let turn, let text): if relay.ear == .service { emit(.paused(turn, text)) }
      case .turnEnded(let turn): if relay.ear == .service { emit(.turnEnded(turn)) }
      case .final(let turn, let text):
        guard relay.ear == .service else { continue }
        relay.told(turn)
        emit(.final(turn, text))
      case .reached: relay.reached()
      case .failed(let failure):
        let hadFailed = relay.ear == .substitute
        let orders = relay.failed(failure, at: now)
        if !hadFailed { emit(.substituted(by: substituteName, failure.reason)) }
        order(orders)
      }
    }
  }

  private mutating func order(_ orders: [HearingRelay.Order]) {
    for order in orders { substitute.perform(order) }
  }

  private mutating func takeSubstitutes() {
    for event in substitute.taken() {
      if case .final(let turn, _) = event { relay.told(turn) }
      emit(event)
    }
  }
}

/// The first of the substitutes that can be had: an engine of this machine, or another service. It is loaded when it is
/// first needed.
private struct SubstituteEngine {
  private static let block = 320
  /// The most samples that wait while it is loaded.
  private static let waitingLimit = 60 * 16_000

  private let sources: [any RecognitionSource]
  private let wake: @Sendable () -> Void
  private let told: Mailbox<RecognizerEvent>
  private var next = 0
  private var isLoading = false
  private var recognition: (any Recognition)?
  private var waiting: [HearingRelay.Order] = []
  private var waitingSamples = 0
  private var buffer: [RecognizerEvent] = []

  init(_ sources: [any RecognitionSource], wake: @escaping @Sendable () -> Void) {
    self.sources = sources
    self.wake = wake
    told = Mailbox(wake: wake)
  }

  mutating func perform(_ order: HearingRelay.Order) {
    if case .hear(let samples, _) = order {
      guard waitingSamples + samples.count <= Self.waitingLimit else {
        told.post(.refused(samples.count))
        return
      }
      waitingSamples += samples.count
    }
    waiting.append(order)
    load()
    goOn()
  }

  mutating func step() {
    if recognition == nil, isLoading { load() }
    recognition?.step()
    goOn()
  }

  var deadline: Int64? { recognition?.deadline }

  mutating func finish() { recognition?.finish() }

  /// What it has told. Where speech begins and ends is found elsewhere.
  mutating func taken() -> [RecognizerEvent] {
    told.drain(into: &buffer)
    return buffer
  }

  private mutating func load() {
    while recognition == nil, next < sources.count {
      let source = sources[next]
      switch source.state {
      case .idle, .loading:
        guard !isLoading else { return }
        isLoading = true
        source.prepare { [wake] in wake() }
        if case .loading = source.state { return }
      case .ready:
        do throws(EngineFault) {
          recognition = try source.makeRecognition(
            emit: { [told] event in if case .voice = event {} else { told.post(event) } }, wake: wake)
        } catch {
          pass("\(error.reason): \(error.remedy)")
        }
      case .failed(let reason, let remedy): pass("\(reason): \(remedy)")
      }
    }
  }

  private mutating func pass(_ reason: String) {
    told.post(.failed(reason))
    next += 1
    isLoading = false
  }

  private mutating func goOn() {
    let isDeaf = recognition == nil && next >= sources.count
    guard recognition != nil || isDeaf else { return }
    for order in waiting {
      switch order {
      case .hear(let samples, let turn):
        for start in stride(from: 0, to: samples.count, by: Self.block) where !isDeaf {
          recognition?.accept(samples[start..<min(samples.count, start + Self.block)], of: turn)
        }
      case .end(let turn): if isDeaf { told.post(.final(turn, "")) } else { recognition?.end(turn) }
      case .discard(let turn): recognition?.discard(turn)
      }
    }
    (waiting, waitingSamples) = ([], 0)
  }
}

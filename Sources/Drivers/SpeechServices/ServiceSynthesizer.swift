import Agent
import AudioCodecs
import DequeModule
import Dispatch
import Speech
import Threads

/// Text to speech by a service on the network, for one client.
///
/// Two sentences are asked for at a time, so that the second is there when the first was heard; what is told keeps the order
/// of the sentences. A sentence that fails before its first sound is spoken by a voice of this machine, if there is one.
public final class ServiceSynthesizer: SpeechSynthesizer {
  /// What speaks where the service does not.
  public struct Substitute: Sendable {
    /// The voice that does.
    public var voice: String
    /// All voices that it has: a client that names one of them gets it, and not the service.
    public var voices: Set<String>
    var make: @Sendable (_ rate: Int, _ events: @escaping Events) -> any SpeechSynthesizer

    /// The voices of this machine.
    public static var local: Substitute { local(nil) }

    /// The same.
    /// - Parameter voice: the one that speaks; nil: the usual one.
    public static func local(_ voice: String?) -> Substitute {
      Substitute(voice: voice ?? Voice.standard.name, voices: Set(Voice.names)) {
        VoiceSynthesizer(rate: $0, events: $1)
      }
    }

    /// Another service, and where that fails, too, this machine.
    public static func service(_ endpoint: VoiceServiceEndpoint) -> Substitute {
      Substitute(voice: endpoint.shownVoice, voices: Set(Voice.names + [endpoint.shownVoice])) { rate, events in
        // It tells under its lock, and is ordered under another one: on a queue between them neither waits for the other.
        let queue = DispatchQueue(label: "tts-fallback")
        return ServiceSynthesizer(endpoint, rate: rate) { event in queue.async { events(event) } }
      }
    }
  }
  public typealias Events = @Sendable (SynthesisEvent) -> Void

  private struct Sentence {
    var turn: TurnID
    var number: Int
    var text: String
    var voice: String
    var language: String
  }
  /// A sentence that is being spoken, or waits for those before it to be told.
  private struct Spoken {
    var sentence: Sentence
    var serial: Int
    /// Its number on the line; nil while it is not asked for there.
    var request: Int?
    var decoder: IncomingAudioDecoder
    /// Characters that were sent, and those of them that its sound says so far, where the service tells.
    var characterCount = 0
    var spelledCount = 0
    var isLocal = false
    var hasSound = false
    var isDone = false
    /// What is not told yet.
    var held: [SynthesisEvent] = []
  }
  private struct State {
    var waiting: Deque<Sentence> = []
    /// In order. Only what the first one says is told at once.
    var spoken: [Spoken] = []
    var serial = 0
    var isStopped = false
  }

  /// Sentences that are asked for at a time.
  private static let atOnce = 2
  private static let waitingLimit = 256

  private let endpoint: VoiceServiceEndpoint
  private let rate: Int
  private let substitute: Substitute?
  private let emit: Events
  private let line: any SpokenLine
  private let state = Locked<State>(State())
  private let local = Locked<(any SpeechSynthesizer)?>(nil)

  /// - Parameters:
  ///   - rate: samples a second of the audio it delivers.
  ///   - substitute: nil: a sentence that fails is not spoken.
  ///   - events: called on any thread, under a lock. It must return soon, and must not call back.
  public init(
    _ endpoint: VoiceServiceEndpoint, rate: Int, substitute: Substitute? = .local, events: @escaping Events
  ) {
    self.endpoint = endpoint
    self.rate = rate
    self.substitute = substitute
    emit = events
    line = endpoint.makeLine()
  }

  public func synthesize(_ turn: TurnID, sentence: Int, text: String, voice: String, language: String) {
    state.withLock { state in
      guard !state.isStopped else { return }
      guard state.waiting.count < Self.waitingLimit else {
        return emit(.failed(turn, sentence: sentence, "more than \(Self.waitingLimit) sentences wait"))
      }
      state.waiting.append(
        Sentence(turn: turn, number: sentence, text: text, voice: voice, language: language))
      goOn(&state)
    }
  }

  public func cancel(_ turn: TurnID) {
    local.withLock { $0 }?.cancel(turn)
    state.withLock { state in
      state.waiting.removeAll { $0.turn == turn }
      for spoken in state.spoken where spoken.sentence.turn == turn {
        if let request = spoken.request { line.cancel(request) }
      }
      state.spoken.removeAll { $0.sentence.turn == turn }
      goOn(&state)
    }
  }

  public func stop() {
    state.withLock { state in
      state.isStopped = true
      (state.waiting, state.spoken) = ([], [])
    }
    line.stop()
    local.withLock { $0 }?.stop()
  }

  // MARK: - Under the lock

  /// Tells what may be told, and asks for more.
  private func goOn(_ state: inout State) {
    repeat {
      while let first = state.spoken.first {
        for event in first.held { emit(event) }
        state.spoken[0].held = []
        guard first.isDone else { break }
        state.spoken.removeFirst()
      }
      while state.spoken.count < Self.atOnce, let next = state.waiting.popFirst() { begin(next, &state) }
      // What had nothing to be spoken is done at once.
    } while state.spoken.first?.isDone == true
  }

  private func begin(_ sentence: Sentence, _ state: inout State) {
    state.serial += 1
    state.spoken.append(
      Spoken(sentence: sentence, serial: state.serial, decoder: IncomingAudioDecoder(outputRate: rate)))
    let i = state.spoken.count - 1
    let text = SpeakableText.cleaned(sentence.text)
    guard SpeakableText.isSpeakable(text) else { return finish(i, &state) }
    if let substitute, substitute.voices.contains(sentence.voice) { return speakLocally(i, sentence.voice, &state) }
    let serial = state.serial
    state.spoken[i].characterCount = text.unicodeScalars.count
    do {
      let question = endpoint.question(text, voice: sentence.voice, language: sentence.language)
      state.spoken[i].request = try line.say(question) { [self] event in
        self.state.withLock { take(event, of: serial, &$0) }
      }
      if endpoint.card.isPaid {
        emit(.charged(sentence.turn, sentence: sentence.number, .sent(text.unicodeScalars.count)))
      }
    } catch {
      fail(i, (error as? VoiceRequestFault)?.description ?? "the request cannot be written as JSON", &state)
    }
  }

  /// - Returns: whether more of it is wanted.
  private func take(_ event: SpokenEvent, of serial: Int, _ state: inout State) -> Bool {
    guard let i = state.spoken.firstIndex(where: { $0.serial == serial }), !state.spoken[i].isLocal else {
      return false
    }
    switch event {
    case .sound(let bytes):
      let raw = endpoint.card.rawRate(endpoint.settings)
      let output = state.spoken[i].decoder.decode(
        bytes, declaredFormat: raw == nil ? nil : "pcm16", declaredRate: raw, defaultRate: raw ?? rate)
      if let what = output.unplayable {
        fail(i, "it has sent \(what), which is no sound that can be played", &state)
      } else {
        deliver(output.samples, i, &state)
      }
    case .spelled(let count):
      let (sentence, total) = (state.spoken[i].sentence, state.spoken[i].characterCount)
      state.spoken[i].spelledCount = min(total, state.spoken[i].spelledCount + max(0, count))
      if total > 0, state.spoken[i].hasSound {
        let share = Double(state.spoken[i].spelledCount) / Double(total)
        state.spoken[i].held.append(.spelled(sentence.turn, sentence: sentence.number, share: share))
      }
    case .ended(nil):
      deliver(state.spoken[i].decoder.endOfResponse(), i, &state)
      if state.spoken[i].hasSound { finish(i, &state) } else { fail(i, "it has sent no sound", &state) }
    case .ended(let failure?): fail(i, failure.reason, isPaid: failure.isPaid, &state)
    }
    let isWanted = state.spoken.first { $0.serial == serial }.map { !$0.isDone && !$0.isLocal } ?? false
    goOn(&state)
    return isWanted
  }

  private func deliver(_ samples: [Int16], _ i: Int, _ state: inout State) {
    guard !samples.isEmpty else { return }
    let sentence = state.spoken[i].sentence
    state.spoken[i].hasSound = true
    state.spoken[i].held.append(.audio(sentence.turn, sentence: sentence.number, samples))
  }

  private func finish(_ i: Int, _ state: inout State) {
    let sentence = state.spoken[i].sentence
    state.spoken[i].held.append(.finished(sentence.turn, sentence: sentence.number))
    state.spoken[i].isDone = true
  }

  /// - Parameter isPaid: the service has taken the sentence.
  private func fail(_ i: Int, _ reason: String, isPaid: Bool = true, _ state: inout State) {
    let sentence = state.spoken[i].sentence
    if endpoint.card.isPaid, state.spoken[i].request != nil, !state.spoken[i].hasSound {
      emit(.charged(sentence.turn, sentence: sentence.number, isPaid ? .replaced : .refused))
    }
    let text = "\(endpoint.place): \(endpoint.address.presentable(reason))"
    // Half of a sentence in another voice would be worse than a sentence that breaks off.
    guard let substitute, !state.spoken[i].hasSound else {
      state.spoken[i].held.append(.failed(sentence.turn, sentence: sentence.number, text))
      state.spoken[i].isDone = true
      return
    }
    state.spoken[i].held.append(.substituted(voice: sentence.voice, by: substitute.voice, text))
    speakLocally(i, substitute.voice, &state)
  }

  // MARK: A voice of this machine

  private func speakLocally(_ i: Int, _ voice: String, _ state: inout State) {
    guard let substitute else { return }
    state.spoken[i].isLocal = true
    let sentence = state.spoken[i].sentence
    let local = local.withLock { local in
      if let local { return local }
      let made = substitute.make(rate) { [weak self] event in self?.takeLocal(event) }
      local = made
      return made
    }
    local.synthesize(
      sentence.turn, sentence: sentence.number, text: sentence.text, voice: voice, language: sentence.language)
  }

  private func takeLocal(_ event: SynthesisEvent) {
    let (turn, number): (TurnID?, Int?) =
      switch event {
      case .audio(let turn, let number, _), .finished(let turn, let number), .failed(let turn, let number, _),
        .charged(let turn, let number, _), .spelled(let turn, let number, _):
        (turn, number)
      case .substituted: (nil, nil)
      }
    state.withLock { state in
      let found = state.spoken.firstIndex {
        $0.isLocal && (turn == nil || $0.sentence.turn == turn && $0.sentence.number == number)
      }
      guard let i = found else { return }
      state.spoken[i].held.append(event)
      switch event {
      case .finished, .failed: state.spoken[i].isDone = true
      case .audio, .spelled, .substituted, .charged: break
      }
      goOn(&state)
    }
  }
}

import Agent
import Engines
import Synchronization
import Threads

/// Text to speech for one client: the neural voice and flite's for English, espeak-ng as a child process for every other
/// language.
///
/// One thread; sentences in the order they were asked for. Audio comes as it is made, trimmed of silence, at the rate
/// it was made for.
public final class VoiceSynthesizer: SpeechSynthesizer {
  private struct Sentence: Sendable {
    var turn: TurnID
    var number: Int
    var text: String
    var voice: String
    var language: String
    var serial: Int
  }
  private struct Cancellations {
    var serial = 0
    /// The last sentence of the turn that is cancelled: those asked for later are spoken.
    var upTo: [TurnID: Int] = [:]
  }

  private let rate: Int
  private let emit: @Sendable (SynthesisEvent) -> Void
  private let waker: Waker
  private let sentences: Mailbox<Sentence>
  private let cancellations = Locked<Cancellations>(Cancellations())
  private let isStopped = Atomic<Bool>(false)
  /// Its thread waits for the neural voice, which may take a second and cannot be told to end.
  private let isEngaged = Atomic<Bool>(false)
  private let espeak: EspeakProcess
  private let piper: PiperVoices
  private let thread = Locked<NamedThread?>(nil)

  /// Starts its thread.
  ///
  /// - Parameters:
  ///   - rate: samples a second of the audio it delivers.
  ///   - events: called on the synthesizer's thread. It must return soon, and must not call `stop`.
  public convenience init(rate: Int, events: @escaping @Sendable (SynthesisEvent) -> Void) {
    self.init(rate: rate, espeak: "espeak-ng", piper: .shared, events: events)
  }

  init(
    rate: Int, espeak program: String, piper: PiperVoices, events: @escaping @Sendable (SynthesisEvent) -> Void
  ) {
    self.rate = rate
    self.piper = piper
    emit = events
    let waker = Waker()
    self.waker = waker
    sentences = Mailbox(capacity: 256) { waker.wake() }
    espeak = EspeakProcess(program: program)
    let started = NamedThread("synthesizer") { [self] in run() }
    thread.withLock { $0 = started }
  }

  // MARK: - Any thread

  public func synthesize(_ turn: TurnID, sentence: Int, text: String, voice: String, language: String) {
    let serial = cancellations.withLock { cancellations in
      cancellations.serial += 1
      return cancellations.serial
    }
    let isTaken = sentences.post(
      Sentence(turn: turn, number: sentence, text: text, voice: voice, language: language, serial: serial))
    if !isTaken { emit(.failed(turn, sentence: sentence, "more than 256 sentences wait")) }
  }

  public func cancel(_ turn: TurnID) {
    cancellations.withLock { $0.upTo[turn] = $0.serial }
    espeak.interrupt()
  }

  /// Ends its thread. Where that waits for the neural voice, it ends by itself when that has made its chunk, for nobody:
  /// the caller has other clients to serve.
  public func stop() {
    isStopped.store(true, ordering: .sequentiallyConsistent)
    espeak.interrupt()
    waker.wake()
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    if !isEngaged.load(ordering: .sequentiallyConsistent) { running?.join() }
  }

  /// Sentences that wait, and sentences that were refused since the start.
  public var queue: (depth: Int, dropped: Int) {
    let status = sentences.status
    return (status.depth, status.refused)
  }

  // MARK: - The synthesizer's thread

  /// What is remembered from one sentence to the next.
  private struct Progress {
    var turn: TurnID?
    /// What was cut of the turn's answer so far.
    var chunks = SpokenChunks()
    /// It was told that flite speaks in place of the neural voice.
    var hasToldOfSubstitute = false
  }

  private func run() {
    Flite.prepare()
    var batch: [Sentence] = []
    var progress = Progress()
    while !hasStopped {
      sentences.drain(into: &batch)
      if batch.isEmpty {
        waker.wait(timeout: nil)
        continue
      }
      for sentence in batch where isWanted(sentence) { speak(sentence, &progress) }
      let last = batch.last!.serial
      // What was cancelled and has gone by need not be remembered.
      cancellations.withLock { cancellations in
        cancellations.upTo = cancellations.upTo.filter { $0.value > last }
      }
    }
  }

  private func speak(_ sentence: Sentence, _ progress: inout Progress) {
    if progress.turn != sentence.turn { (progress.turn, progress.chunks) = (sentence.turn, SpokenChunks()) }
    let isEnglish = sentence.language.isEmpty || sentence.language.lowercased().hasPrefix("en")
    do throws(SynthesisFailure) {
      if isEnglish {
        try speakEnglish(sentence, &progress)
      } else {
        try speakOther(sentence)
      }
      if isWanted(sentence) { emit(.finished(sentence.turn, sentence: sentence.number)) }
    } catch {
      if isWanted(sentence) { emit(.failed(sentence.turn, sentence: sentence.number, error.text)) }
    }
  }

  private func speakEnglish(_ sentence: Sentence, _ progress: inout Progress) throws(SynthesisFailure) {
    let wanted = sentence.voice.isEmpty ? Voice.available(piper)[0] : Voice.named(sentence.voice)
    guard let voice = wanted else {
      throw SynthesisFailure(text: "no English voice of that name; there are \(Voice.names.joined(separator: ", "))")
    }
    let text = SpeakableText.ascii(sentence.text)
    guard SpeakableText.isSpeakable(text) else { return }
    guard voice.engine == .piper else { return try speak(text, of: sentence, withFlite: voice.name) }
    var hasSpoken = false
    isEngaged.store(true, ordering: .sequentiallyConsistent)
    defer { isEngaged.store(false, ordering: .sequentiallyConsistent) }
    // Who stops it has either seen that it is engaged, or is seen here.
    guard isWanted(sentence) else { return }
    do throws(EngineFault) {
      let speech = NeuralSpeech(try piper.voice(), rate: rate)
      try speech.speak(text, chunks: &progress.chunks, isWanted: { isWanted(sentence) }) { samples in
        hasSpoken = hasSpoken || !samples.isEmpty
        deliver(samples, of: sentence)
      }
    } catch {
      // Half of a sentence in another voice would be worse than a sentence that breaks off.
      guard !hasSpoken else { throw SynthesisFailure(text: "\(error.reason): \(error.remedy)") }
      let substitute = Voice.quickest.name
      if !progress.hasToldOfSubstitute, isWanted(sentence) {
        progress.hasToldOfSubstitute = true
        emit(.substituted(voice: voice.name, by: substitute, "\(error.reason): \(error.remedy)"))
      }
      try speak(text, of: sentence, withFlite: substitute)
    }
  }

  private func speak(_ text: String, of sentence: Sentence, withFlite voice: String) throws(SynthesisFailure) {
    var shaper = SpeechShaper(from: Flite.rate, to: rate)
    for piece in SpeakableText.pieces(text) where isWanted(sentence) {
      let isSpoken = Flite.speak(piece, voice: voice) { samples in
        guard isWanted(sentence) else { return false }
        deliver(shaper.process(samples), of: sentence)
        return true
      }
      if !isSpoken { throw SynthesisFailure(text: "flite has no memory for the voice \(voice)") }
    }
    deliver(shaper.finish(), of: sentence)
  }

  private func speakOther(_ sentence: Sentence) throws(SynthesisFailure) {
    let text = SpeakableText.cleaned(sentence.text)
    guard SpeakableText.isSpeakable(text) else { return }
    var shaper: SpeechShaper?
    for piece in SpeakableText.pieces(text) where isWanted(sentence) {
      try espeak.speak(piece, language: sentence.language, isWanted: { isWanted(sentence) }) { samples, engineRate in
        if shaper == nil { shaper = SpeechShaper(from: engineRate, to: rate) }
        deliver(shaper!.process(samples), of: sentence)
      }
    }
    if let rest = shaper?.finish() { deliver(rest, of: sentence) }
  }

  private func deliver(_ samples: [Int16], of sentence: Sentence) {
    guard !samples.isEmpty, isWanted(sentence) else { return }
    emit(.audio(sentence.turn, sentence: sentence.number, samples))
  }

  private func isWanted(_ sentence: Sentence) -> Bool {
    !hasStopped && cancellations.withLock { sentence.serial > $0.upTo[sentence.turn] ?? 0 }
  }

  private var hasStopped: Bool { isStopped.load(ordering: .sequentiallyConsistent) }
}

/// Why a sentence cannot be spoken: what, and what to do.
struct SynthesisFailure: Error, Equatable {
  var text: String
}

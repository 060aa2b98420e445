import Agent
import Synchronization
import Threads

/// Text to speech for one client: flite for English, espeak-ng as a child process for every other language.
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
  private let espeak: EspeakProcess
  private let thread = Locked<NamedThread?>(nil)

  /// Starts its thread.
  ///
  /// - Parameters:
  ///   - rate: samples a second of the audio it delivers.
  ///   - events: called on the synthesizer's thread. It must return soon, and must not call `stop`.
  public convenience init(rate: Int, events: @escaping @Sendable (SynthesisEvent) -> Void) {
    self.init(rate: rate, espeak: "espeak-ng", events: events)
  }

  init(rate: Int, espeak program: String, events: @escaping @Sendable (SynthesisEvent) -> Void) {
    self.rate = rate
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

  public func stop() {
    isStopped.store(true, ordering: .releasing)
    espeak.interrupt()
    waker.wake()
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    running?.join()
  }

  /// Sentences that wait, and sentences that were refused since the start.
  public var queue: (depth: Int, dropped: Int) {
    let status = sentences.status
    return (status.depth, status.refused)
  }

  // MARK: - The synthesizer's thread

  private func run() {
    Flite.prepare()
    var batch: [Sentence] = []
    while !hasStopped {
      sentences.drain(into: &batch)
      if batch.isEmpty {
        waker.wait(timeout: nil)
        continue
      }
      for sentence in batch where isWanted(sentence) { speak(sentence) }
      let last = batch.last!.serial
      // What was cancelled and has gone by need not be remembered.
      cancellations.withLock { cancellations in
        cancellations.upTo = cancellations.upTo.filter { $0.value > last }
      }
    }
  }

  private func speak(_ sentence: Sentence) {
    let isEnglish = sentence.language.isEmpty || sentence.language.lowercased().hasPrefix("en")
    do throws(SynthesisFailure) {
      if isEnglish {
        try speakEnglish(sentence)
      } else {
        try speakOther(sentence)
      }
      if isWanted(sentence) { emit(.finished(sentence.turn, sentence: sentence.number)) }
    } catch {
      if isWanted(sentence) { emit(.failed(sentence.turn, sentence: sentence.number, error.text)) }
    }
  }

  private func speakEnglish(_ sentence: Sentence) throws(SynthesisFailure) {
    let voice = sentence.voice.isEmpty ? Flite.voices[0] : sentence.voice
    guard Flite.voices.contains(voice) else {
      throw SynthesisFailure(
        text: "no English voice of that name; there are \(Flite.voices.joined(separator: ", "))")
    }
    let text = SpeakableText.ascii(sentence.text)
    guard SpeakableText.isSpeakable(text) else { return }
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

  private var hasStopped: Bool { isStopped.load(ordering: .acquiring) }
}

/// Why a sentence cannot be spoken: what, and what to do.
struct SynthesisFailure: Error, Equatable {
  var text: String
}

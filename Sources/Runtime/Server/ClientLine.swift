import Agent
import Audio
import AudioCodecs
import Speech
import Timeline
import WebSockets
import Wire

/// What a conversation has only while its client is connected. Owned by the server's thread.
///
/// Recognizer and synthesizer are made when they are first needed: a recognizer takes 100 MB, and a client that only
/// types, or only listens, needs none. A new line gets new ones, because they count samples from the client's first.
final class ClientLine {
  let id: ServerConnectionID
  /// The link with the client.
  var dialect: any Dialect
  let decoder: IncomingAudioDecoder
  var foreignAudio = ForeignAudio()
  var outgoing: OutgoingAudio
  var waiting = WaitingMessages()
  private let inputRate: Int
  private var resampler: (to: Int, made: Resampler)?
  private let makeRecognizer: () -> any SpeechRecognizer
  private let makeSynthesizer: () -> any SpeechSynthesizer
  private var madeRecognizer: (any SpeechRecognizer)?
  private var madeSynthesizer: (any SpeechSynthesizer)?

  init(
    _ id: ServerConnectionID, _ dialect: any Dialect, inputRate: Int, recognizer: @escaping () -> any SpeechRecognizer,
    synthesizer: @escaping () -> any SpeechSynthesizer, opus: OpusSettings = OpusSettings()
  ) {
    self.id = id
    self.dialect = dialect
    self.inputRate = inputRate
    decoder = IncomingAudioDecoder(outputRate: inputRate)
    outgoing = OutgoingAudio(opus: opus)
    makeRecognizer = recognizer
    makeSynthesizer = synthesizer
  }

  var recognizer: any SpeechRecognizer {
    if let madeRecognizer { return madeRecognizer }
    let made = makeRecognizer()
    madeRecognizer = made
    return made
  }

  var synthesizer: any SpeechSynthesizer {
    if let madeSynthesizer { return madeSynthesizer }
    let made = makeSynthesizer()
    madeSynthesizer = made
    return made
  }

  /// What the recognizer has not looked at, at this moment; nil where there is none, or it does not say.
  var recognizerBacklog: Duration? {
    (madeRecognizer?.waitingCount).map { .samples($0, rate: inputRate) }
  }

  /// Samples of the agent in the form that goes over the link.
  func converted(_ pcm: [UInt8], from rate: Int, to form: WireAudioForm) -> [UInt8] {
    guard form.rate != rate || form.codec != .pcm16 else { return pcm }
    var samples = AudioFormat.pcm16.monoSamples(of: pcm[...])
    if form.rate != rate {
      if resampler?.to != form.rate { resampler = (form.rate, Resampler(from: rate, to: form.rate)) }
      samples = resampler?.made.process(samples) ?? samples
    }
    return form.bytes(of: samples)
  }

  /// Forgets the turn's audio, if any was heard.
  func discardUtterance(_ turn: TurnID) { madeRecognizer?.discardUtterance(turn) }

  /// Ends what was made, and joins its threads.
  func stop() {
    madeRecognizer?.stop()
    madeSynthesizer?.stop()
  }
}

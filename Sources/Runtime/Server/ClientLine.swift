import Agent
import AudioCodecs
import Speech
import WebSockets

/// What a conversation has only while its client is connected. Owned by the server's thread.
///
/// Recognizer and synthesizer are made when they are first needed: a recognizer takes 100 MB, and a client that only
/// types, or only listens, needs none. A new line gets new ones, because they count samples from the client's first.
final class ClientLine {
  let id: ServerConnectionID
  let decoder: IncomingAudioDecoder
  private let makeRecognizer: () -> any SpeechRecognizer
  private let makeSynthesizer: () -> any SpeechSynthesizer
  private var madeRecognizer: (any SpeechRecognizer)?
  private var madeSynthesizer: (any SpeechSynthesizer)?

  init(
    _ id: ServerConnectionID, inputRate: Int, recognizer: @escaping () -> any SpeechRecognizer,
    synthesizer: @escaping () -> any SpeechSynthesizer
  ) {
    self.id = id
    decoder = IncomingAudioDecoder(outputRate: inputRate)
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

  /// Forgets the turn's audio, if any was heard.
  func discardUtterance(_ turn: TurnID) { madeRecognizer?.discardUtterance(turn) }

  /// Ends what was made, and joins its threads.
  func stop() {
    madeRecognizer?.stop()
    madeSynthesizer?.stop()
  }
}

import Agent

// Speech: speech recognition, language models and speech synthesis behind three small protocols.
//
//   client audio ─► SpeechRecognizer ─► RecognizerEvent ┐
//   history      ─► ReplyGenerator   ─► ReplyEvent      ├─► the server's mailbox ─► Agent
//   sentence     ─► SpeechSynthesizer ─► SynthesisEvent ┘
//
// Every provider works on threads of its own, returns from each call at once and delivers events on any thread.

/// What a recognizer tells.
public enum RecognizerEvent: Sendable, Equatable {
  /// `atSample`: the first or the last voiced sample, counted from the recognizer's first.
  case voice(isSpeech: Bool, atSample: Int)
  case interim(TurnID, String)
  /// The speaker has paused, and these are all words of the turn so far. Only from recognizers that know them by then.
  case paused(TurnID, String)
  /// Empty when nothing was understood.
  case final(TurnID, String)
  /// The last piece of the turn's speech, as far as can be told, waits to be decoded behind so many others, of all clients.
  case queued(TurnID, behind: Int)
  /// Audio accepted and not yet looked at.
  case backlog(Duration)
  /// So many samples found no room, and were not accepted.
  case refused(Int)
  /// The recognizer finds that the turn's speaker is done.
  case turnEnded(TurnID)
  /// What was asked for cannot hear, and another one does: why. No turn is lost by it.
  case substituted(by: String, String)
  /// What was asked for hears again.
  case restored
  case failed(String)
}

/// Speech to text, streaming. One recognizer serves one client.
public protocol SpeechRecognizer: AnyObject, Sendable {
  /// Takes audio of the turn, 16 kHz mono.
  func accept(_ samples: [Int16], turn: TurnID)
  /// The turn's audio is complete: deliver `.final`.
  func endUtterance(_ turn: TurnID)
  /// Forget the turn's audio.
  func discardUtterance(_ turn: TurnID)
  /// Samples accepted and not yet looked at, at this moment; nil where only `.backlog` tells it.
  var waitingCount: Int? { get }
  /// Ends its thread; no event is delivered after it returns.
  func stop()
}

extension SpeechRecognizer {
  public var waitingCount: Int? { nil }
}

/// What a language model tells.
public enum ReplyEvent: Sendable, Equatable {
  case text(TurnID, String)
  case finished(TurnID)
  case failed(TurnID, String)
  /// The language model that was asked has failed, and another one answers: why.
  case substituted(TurnID, by: String, String)
  /// Say this by itself after a while: a timer that the conversation set.
  case schedule(id: Int, after: Duration, text: String)
  /// That timer was cancelled.
  case unschedule(id: Int)
}

/// A language model, streaming.
public protocol ReplyGenerator: AnyObject, Sendable {
  /// Answers the last utterance of the history.
  func generate(_ turn: TurnID, history: [Utterance], language: String)
  /// No more events of this turn, please; some may be on their way.
  func cancel(_ turn: TurnID)
  func stop()
}

/// What a synthesizer tells.
public enum SynthesisEvent: Sendable, Equatable {
  /// Audio at the rate the synthesizer was made for.
  case audio(TurnID, sentence: Int, [Int16])
  /// The audio so far says this share of the sentence's characters, 0…1; from services that tell it.
  case spelled(TurnID, sentence: Int, share: Double)
  case finished(TurnID, sentence: Int)
  case failed(TurnID, sentence: Int, String)
  /// What became of the sentence's characters at a service that is paid for them.
  case charged(TurnID, sentence: Int, SpeechCharge)
  /// The voice that was asked for cannot speak, and another one does from here on: why, and what to do.
  case substituted(voice: String, by: String, String)
}

/// Text to speech, sentence by sentence, streaming.
public protocol SpeechSynthesizer: AnyObject, Sendable {
  func synthesize(_ turn: TurnID, sentence: Int, text: String, voice: String, language: String)
  /// Delivers no more of this turn and forgets what waits of it. Stops within a few milliseconds, in the middle of a word
  /// if need be; a neural voice makes its chunk to the end first, for nobody.
  func cancel(_ turn: TurnID)
  func stop()
}

import Agent
import Audio
import Engines

/// Finds where speech begins and ends in audio of 16 kHz. Belongs to one thread.
public protocol VoiceDetector: AnyObject {
  /// Looks at more audio; returns the edges found in it, in order.
  func process(_ samples: ArraySlice<Int16>) -> [SpeechEdge]
  /// Its decision at the newest sample.
  var isSpeech: Bool { get }
  /// The last sample that was voiced for certain; while there is speech, the newest one.
  var lastVoicedSample: Int { get }
}

/// The recognition of one client's speech: which audio belongs to which utterance, and what is told when. Lives on the
/// recognizer's thread.
package protocol Recognition {
  /// Takes a block (10 to 20 ms) of the turn's audio.
  mutating func accept(_ block: ArraySlice<Int16>, of turn: TurnID)
  /// The turn's audio is complete: its words are told.
  mutating func end(_ turn: TurnID)
  /// Forgets the turn's audio.
  mutating func discard(_ turn: TurnID)
  /// Takes what has come from elsewhere. Called whenever the thread was woken.
  mutating func step()
  /// When `step` is to be called though nothing wakes the thread, in monotonic nanoseconds; nil: never.
  var deadline: Int64? { get }
  /// The last call.
  mutating func finish()
}

extension Recognition {
  package var deadline: Int64? { nil }
}

/// Makes recognitions of one kind, and loads what they share. Any thread.
package protocol RecognitionSource: Sendable {
  /// How far the loading is.
  var state: SpeechModels.State { get }
  /// Starts loading if need be, and calls back, on any thread, when it has ended one way or the other.
  func prepare(then callback: @escaping @Sendable () -> Void)
  /// - Parameters:
  ///   - emit: takes what is told.
  ///   - wake: wakes the recognizer's thread. Any thread.
  /// - Throws: `EngineFault` when it cannot be made.
  func makeRecognition(
    emit: @escaping @Sendable (RecognizerEvent) -> Void, wake: @escaping @Sendable () -> Void
  ) throws(EngineFault) -> any Recognition
}

import Audio

/// Speaks typed text for the operator's side: a whole utterance at once.
///
/// Independent of any synthesizer that runs; waits for the engine for a sentence at most.
public enum TypedSpeech {
  /// Why a text cannot be spoken, in words for the operator.
  public enum Failure: Error, Equatable, CustomStringConvertible {
    case unknownVoice(String)
    case nothingToSay
    case tooLong(characters: Int)

    public var description: String {
      switch self {
      case .unknownVoice(let name): "no voice \(name); there are \(TypedSpeech.voices.joined(separator: ", "))"
      case .nothingToSay: "there is no word in the text to speak"
      case .tooLong(let count): "\(count) characters are too many to speak; the limit is \(TypedSpeech.limit)"
      }
    }
  }

  /// The voices: `kal16` and `rms` are understood best by the embedded recognizer.
  public static let voices = Flite.voices
  /// Characters: about two minutes of speech.
  public static let limit = 2000

  /// - Parameters:
  ///   - text: English. Typographic marks and accents are made plain, emoji left out.
  ///   - rate: samples a second of the result.
  ///   - isWanted: asked every few milliseconds; false ends it with what there is, in the middle of a word.
  /// - Returns: 16-bit mono, silence at both ends trimmed (10 ms before, 80 ms after).
  /// - Throws: `Failure`.
  public static func speak(
    _ text: String, voice: String = "kal16", rate: Int, isWanted: () -> Bool = { true }
  ) throws(Failure) -> [Int16] {
    guard voices.contains(voice) else { throw .unknownVoice(voice) }
    guard text.count <= limit else { throw .tooLong(characters: text.count) }
    let plain = SpeakableText.ascii(text)
    guard SpeakableText.isSpeakable(plain) else { throw .nothingToSay }
    var shaper = SpeechShaper(from: Flite.rate, to: rate)
    var audio: [Int16] = []
    for piece in SpeakableText.pieces(plain) where isWanted() {
      _ = Flite.speak(piece, voice: voice) { samples in
        audio += shaper.process(samples)
        return isWanted()
      }
    }
    return audio + shaper.finish()
  }
}

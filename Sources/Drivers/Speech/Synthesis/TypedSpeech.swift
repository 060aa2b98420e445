import Audio
import Engines

/// Speaks typed text for the operator's side: a whole utterance at once.
///
/// Independent of any synthesizer that runs; waits for the engine for a sentence at most, and for the first time that the
/// voice speaks until it is loaded.
public enum TypedSpeech {
  /// Why a text cannot be spoken, in words for the operator.
  public enum Failure: Error, Equatable, CustomStringConvertible {
    case unknownVoice(String)
    /// The voice's engine is missing or fails: why, and what to do.
    case unusableVoice(String, reason: String, remedy: String)
    case nothingToSay
    case tooLong(characters: Int)

    public var description: String {
      switch self {
      case .unknownVoice(let name): "no voice \(name); there are \(TypedSpeech.voices.joined(separator: ", "))"
      case .unusableVoice(let name, let reason, let remedy): "the voice \(name) cannot speak: \(reason): \(remedy)"
      case .nothingToSay: "there is no word in the text to speak"
      case .tooLong(let count): "\(count) characters are too many to speak; the limit is \(TypedSpeech.limit)"
      }
    }
  }

  /// The voices that there are, their engines installed or not.
  public static var voices: [String] { Voice.names }
  /// Characters: about two minutes of speech.
  public static let limit = 2000
  /// flite's voice that PocketSphinx understands best (0 % word errors in the built-in agent's domain).
  static let plainVoice = "kal16"

  /// - Parameters:
  ///   - text: English. Typographic marks and accents are made plain, emoji left out.
  ///   - voice: a voice of the table. Nil: the neural one, which people and Moonshine understand best, and `kal16` where
  ///     its engine is missing or fails.
  ///   - rate: samples a second of the result.
  ///   - isWanted: asked every few milliseconds, with the neural voice at least once a second; false ends it with what
  ///     there is, in the middle of a word.
  /// - Returns: 16-bit mono, silence at both ends trimmed (10 ms before, at most 150 ms after).
  /// - Throws: `Failure`.
  public static func speak(
    _ text: String, voice: String? = nil, rate: Int, isWanted: () -> Bool = { true }
  ) throws(Failure) -> [Int16] {
    try speak(text, voice: voice, rate: rate, piper: .shared, isWanted: isWanted)
  }

  static func speak(
    _ text: String, voice name: String?, rate: Int, piper: PiperVoices, isWanted: () -> Bool = { true }
  ) throws(Failure) -> [Int16] {
    if let name, !voices.contains(name) { throw .unknownVoice(name) }
    guard text.count <= limit else { throw .tooLong(characters: text.count) }
    let plain = SpeakableText.ascii(text)
    guard SpeakableText.isSpeakable(plain) else { throw .nothingToSay }
    if let name, Voice.named(name)?.engine == .flite { return flite(plain, name, rate: rate, isWanted: isWanted) }
    do throws(EngineFault) {
      if name == nil, let fault = piper.fault { throw fault }
      let speech = NeuralSpeech(try piper.voice(), rate: rate)
      var audio: [Int16] = []
      var chunks = SpokenChunks(isWhole: true)
      try speech.speak(plain, chunks: &chunks, isWanted: isWanted) { audio += $0 }
      return audio
    } catch {
      guard let name else { return flite(plain, plainVoice, rate: rate, isWanted: isWanted) }
      throw .unusableVoice(name, reason: error.reason, remedy: error.remedy)
    }
  }

  private static func flite(_ text: String, _ voice: String, rate: Int, isWanted: () -> Bool) -> [Int16] {
    var shaper = SpeechShaper(from: Flite.rate, to: rate)
    var audio: [Int16] = []
    for piece in SpeakableText.pieces(text) where isWanted() {
      _ = Flite.speak(piece, voice: voice) { samples in
        audio += shaper.process(samples)
        return isWanted()
      }
    }
    return audio + shaper.finish()
  }
}

import Engines

/// Speaks English text with the neural voice, chunk by chunk.
struct NeuralSpeech {
  private let voice: PiperVoice
  private let rate: Int

  /// - Parameter rate: samples a second of the audio.
  init(_ voice: PiperVoice, rate: Int) {
    self.voice = voice
    self.rate = rate
  }

  /// Speaks a sentence. Returns when all of it was made, or when it is not wanted any more: at most one chunk later.
  ///
  /// - Parameters:
  ///   - text: ASCII.
  ///   - chunks: what was cut of the same answer before.
  ///   - deliver: gets the audio of each chunk.
  /// - Throws: `EngineFault` when the model cannot be run, or flite's front end is missing.
  func speak(
    _ text: String, chunks: inout SpokenChunks, isWanted: () -> Bool, deliver: ([Int16]) -> Void
  ) throws(EngineFault) {
    var shaper = ChunkShaper(from: voice.rate, to: rate)
    let pieces = SpeakableText.pieces(text)
    for (index, piece) in pieces.enumerated() where isWanted() {
      guard let words = Flite.words(of: piece) else {
        throw EngineFault(
          reason: "flite, which tells how words sound, has no voice slt", remedy: "apt-get install libflite1")
      }
      let cut = chunks.cut(words)
      for (chunk, words) in cut.enumerated() where isWanted() {
        let audio = try voice.speak(PhoneticAlphabet.text(of: words), isWanted: isWanted)
        guard isWanted() else { return }
        let isLast = index == pieces.count - 1 && chunk == cut.count - 1
        deliver(shaper.process(audio, endingWith: words.last?.mark, isLast: isLast))
      }
    }
    deliver(shaper.finish())
  }
}

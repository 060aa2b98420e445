import CFlite
import Threads

/// flite, the one engine of the process.
///
/// Its voices share global state, so one sentence is made at a time, whoever asks: 100–200 times faster than real time,
/// the wait is short. Audio is handed out while the sentence is being made, on the caller's thread.
enum Flite {
  /// The voices that there are, each loaded when it first speaks. All of them are 16 kHz.
  static let voices = ["slt", "rms", "awb", "kal16"]
  static let rate = 16_000

  private struct Engine {
    var voices: [String: UnsafeMutablePointer<cst_voice>] = [:]
    var isInitialized = false
    var frontEnd: FrontEnd?

    mutating func voice(_ name: String) -> UnsafeMutablePointer<cst_voice>? {
      if !isInitialized {
        isInitialized = true
        flite_init()
      }
      if let voice = voices[name] { return voice }
      guard Flite.voices.contains(name), let voice = cflite_voice(name) else { return nil }
      voices[name] = voice
      return voice
    }
  }
  /// Counts the pieces: ThreadSanitizer mistakes the address of an empty value for the lock's own.
  private static let lock = Locked<Int>(0)
  // Touched only with `lock` held.
  nonisolated(unsafe) private static var engine = Engine()

  /// The name of a feature. It stays where it is: the features keep the pointer, not a copy.
  static func constant(_ name: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
  }

  /// What the C callback reaches.
  private final class Sink {
    let take: (UnsafeBufferPointer<Int16>) -> Bool
    init(_ take: @escaping (UnsafeBufferPointer<Int16>) -> Bool) { self.take = take }
  }

  /// Loads the first voice, so that the first sentence need not wait for it.
  static func prepare() {
    lock.withLock { _ in _ = engine.voice(voices[0]) }
  }

  /// What a piece of English text sounds like, in 1 ms: its words, with numbers, dates and abbreviations spelt out.
  ///
  /// - Parameter text: ASCII; at most a few hundred characters.
  /// - Returns: nil when flite's voice `slt`, whose rules are used, is not there.
  static func words(of text: String) -> [SpokenWord]? {
    lock.withLock { pieceCount in
      pieceCount += 1
      if engine.frontEnd == nil { engine.frontEnd = engine.voice("slt").flatMap { FrontEnd(from: $0) } }
      return engine.frontEnd?.words(of: text)
    }
  }

  /// Speaks a piece of English text. Returns when all of it was made, or when `take` has returned false.
  ///
  /// - Parameters:
  ///   - text: ASCII; at most a few hundred characters, for a quick beginning.
  ///   - take: gets the audio in pieces of about 20 ms, with the engine locked; false stops at once, mid-word.
  /// - Returns: false when there is no such voice.
  static func speak(_ text: String, voice name: String, take: (UnsafeBufferPointer<Int16>) -> Bool) -> Bool {
    lock.withLock { pieceCount in
      pieceCount += 1
      guard let voice = engine.voice(name), let streaming = new_audio_streaming_info() else { return false }
      withoutActuallyEscaping(take) { take in
        let sink = Sink(take)
        withExtendedLifetime(sink) {
          streaming.pointee.min_buffsize = Int32(rate / 100)
          streaming.pointee.userdata = Unmanaged.passUnretained(sink).toOpaque()
          streaming.pointee.asc = { wave, start, size, _, info in
            guard let wave, let samples = wave.pointee.samples, let userdata = info?.pointee.userdata else {
              return CST_AUDIO_STREAM_STOP
            }
            let sink = Unmanaged<Sink>.fromOpaque(userdata).takeUnretainedValue()
            let piece = UnsafeBufferPointer(start: samples + Int(start), count: Int(size))
            return sink.take(piece) ? CST_AUDIO_STREAM_CONT : CST_AUDIO_STREAM_STOP
          }
          // The features own the streaming info from here on, and free it when it is removed.
          let feature = constant("streaming_info")
          flite_feat_set(voice.pointee.features, feature, audio_streaming_info_val(streaming))
          if let utterance = flite_synth_text(text, voice) { delete_utterance(utterance) }
          _ = flite_feat_remove(voice.pointee.features, feature)
        }
      }
      return true
    }
  }
}

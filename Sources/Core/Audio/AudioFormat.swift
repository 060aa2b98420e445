/// What bytes of audio can be, of what this program plays. The raw values are what the timeline and the screen show.
public enum AudioFormat: String, Sendable, CaseIterable {
  /// Raw 16-bit little-endian mono samples.
  case pcm16
  case wav
  case mp3
  case oggOpus = "ogg-opus"
  case mulaw
  case alaw

  /// What a message declares, read leniently: the names that vendors use (`pcm_24000`, `audio/mpeg`, `mp3_44100_128`,
  /// `linear16`, `ulaw_8000`, `g711_alaw`, `audio/pcm;rate=24000`), whatever their case.
  public enum Declared: Sendable, Equatable {
    case format(AudioFormat, rate: Int?)
    /// A format that is known by name and cannot be played.
    case unsupported(String)
    /// Nothing was declared, or a name that means nothing here.
    case unknown
  }

  /// Reads a declaration.
  public static func declared(_ text: String?) -> Declared {
    guard let text else { return .unknown }
    let words = text.lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
    // A number of four digits or more is a rate; `mp3_44100_128` has its bit rate after it.
    let rate = words.lazy.compactMap { Int($0) }.first { Resampler.supportedRates.contains($0) }
    for word in words {
      switch word {
      case "ulaw", "mulaw", "pcmu", "basic": return .format(.mulaw, rate: rate)
      case "alaw", "pcma": return .format(.alaw, rate: rate)
      case "pcm", "pcm16", "pcm16le", "s16le", "s16", "linear16", "l16", "raw", "int16", "lpcm", "linear":
        return .format(.pcm16, rate: rate)
      case "wav", "wave", "xwav", "riff": return .format(.wav, rate: rate)
      case "mp3", "mpeg", "mpga": return .format(.mp3, rate: rate)
      case "ogg", "opus", "oggopus": return .format(.oggOpus, rate: rate)
      case "aac", "flac", "vorbis", "webm", "mp4", "m4a", "amr", "speex", "g722", "g729", "gsm", "adpcm":
        return .unsupported(word)
      default: continue
      }
    }
    return .unknown
  }
}

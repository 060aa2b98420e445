import Timeline

/// What bytes of audio can be, of what this program plays. The raw values are what the timeline and the screen show.
public enum AudioFormat: String, Sendable, CaseIterable {
  /// Raw 16-bit little-endian samples.
  case pcm16
  /// Raw samples of other widths and orders: unsigned and signed 8-bit, 16, 24 and 32 bits, IEEE 754 floats.
  case pcm8
  case pcm8Signed = "pcm8-signed"
  case pcm16BE = "pcm16-be"
  case pcm24
  case pcm24BE = "pcm24-be"
  case pcm32
  case pcm32BE = "pcm32-be"
  case float32
  case float32BE = "float32-be"
  case float64
  case float64BE = "float64-be"
  case mulaw
  case alaw
  case wav
  case mp3
  case oggOpus = "ogg-opus"
  /// Opus packets without Ogg pages, one in each message.
  case opus
  /// Opus in WebM, as a browser's `MediaRecorder` makes it.
  case webm

  /// The format of that name; nil for one that this program does not play.
  public init?(_ name: AudioFormatName) { self.init(rawValue: name.rawValue) }

  /// What the timeline calls it.
  public var name: AudioFormatName { AudioFormatName(rawValue) }

  /// How samples without a header are coded; nil for containers and compressed audio.
  public var samples: (encoding: WAV.Encoding, isBigEndian: Bool)? {
    switch self {
    case .pcm16: (.pcm16, false)
    case .pcm16BE: (.pcm16, true)
    case .pcm8, .pcm8Signed: (.pcm8, false)
    case .pcm24: (.pcm24, false)
    case .pcm24BE: (.pcm24, true)
    case .pcm32: (.pcm32, false)
    case .pcm32BE: (.pcm32, true)
    case .float32: (.float32, false)
    case .float32BE: (.float32, true)
    case .float64: (.float64, false)
    case .float64BE: (.float64, true)
    case .mulaw: (.mulaw, false)
    case .alaw: (.alaw, false)
    case .wav, .mp3, .oggOpus, .opus, .webm: nil
    }
  }

  /// Bytes of a sample without a header; nil where there is no such thing.
  public var sampleByteCount: Int? { samples?.encoding.byteCount }

  /// Whether fewer bytes than samples describe the sound: what is cut out of it looks like noise.
  public var isCompressed: Bool { hidesLength || self == .opus }

  /// Whether the length of the audio can only be told by decoding it; an Opus packet tells its own.
  public var hidesLength: Bool { self == .mp3 || self == .oggOpus || self == .webm }

  /// Mono 16-bit samples of raw audio: the mean of the channels, rounded.
  /// - Parameters:
  ///   - bytes: whole frames; what is left over at the end is ignored.
  ///   - channels: interleaved.
  public func monoSamples(of bytes: ArraySlice<UInt8>, channels: Int = 1) -> [Int16] {
    guard let (encoding, isBigEndian) = samples else { return [] }
    let header = WAV.Header(
      encoding: encoding, channels: min(max(channels, 1), 64), rate: 16_000, dataOffset: 0, dataByteCount: nil)
    if isBigEndian { return WAV.monoSamples(of: Self.swapped(bytes, width: encoding.byteCount)[...], header: header) }
    if self == .pcm8Signed { return WAV.monoSamples(of: bytes.map { $0 ^ 0x80 }[...], header: header) }
    return WAV.monoSamples(of: bytes, header: header)
  }

  private static func swapped(_ bytes: ArraySlice<UInt8>, width: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var start = bytes.startIndex
    while start + width <= bytes.endIndex {
      result += bytes[start..<start + width].reversed()
      start += width
    }
    return result
  }
}

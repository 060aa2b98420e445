/// RIFF/WAVE audio as bytes: reads the header even of a stream that is still arriving or was never finished, turns the
/// payload into mono samples, and writes headers.
public enum WAV {
  /// How a payload's samples are coded.
  public enum Encoding: Sendable, Equatable {
    /// Unsigned 8-bit.
    case pcm8
    /// Signed little-endian.
    case pcm16, pcm24, pcm32
    /// IEEE 754 little-endian, full scale ±1.
    case float32, float64
    case mulaw, alaw

    /// Bytes of a sample.
    public var byteCount: Int {
      switch self {
      case .pcm8, .mulaw, .alaw: 1
      case .pcm16: 2
      case .pcm24: 3
      case .pcm32, .float32: 4
      case .float64: 8
      }
    }
  }

  /// What a header says.
  public struct Header: Sendable, Equatable {
    public var encoding: Encoding
    public var channels: Int
    /// Samples a second and channel.
    public var rate: Int
    /// Where the payload begins, in bytes.
    public var dataOffset: Int
    /// Bytes of payload; nil when the writer did not know it (sizes 0, 0xFFFFFFFF or nearly that): all that follows.
    public var dataByteCount: Int?

    public init(encoding: Encoding, channels: Int, rate: Int, dataOffset: Int, dataByteCount: Int?) {
      self.encoding = encoding
      self.channels = channels
      self.rate = rate
      self.dataOffset = dataOffset
      self.dataByteCount = dataByteCount
    }

    /// Bytes of one sample of all channels.
    public var frameByteCount: Int { encoding.byteCount * channels }
  }

  /// The outcome of reading a header.
  public enum Parsed: Sendable, Equatable {
    case header(Header)
    /// So far it is a WAV, but the header is not whole.
    case needMoreBytes
    /// It is none, or one that cannot be played: why, in words.
    case invalid(String)
  }

  /// Headers longer than this are refused: what waits for its end must stay bounded.
  public static let maximumHeaderByteCount = 262_144

  /// Whether the bytes begin as a WAV does: `RIFF`, a size, `WAVE`.
  public static func isWAV(_ bytes: some RandomAccessCollection<UInt8>) -> Bool {
    bytes.count >= 12 && bytes.starts(with: "RIFF".utf8) && bytes.dropFirst(8).starts(with: "WAVE".utf8)
  }

  /// Reads the header from a stream's first bytes.
  public static func parse(_ bytes: [UInt8]) -> Parsed {
    guard bytes.count >= 12 else { return .needMoreBytes }
    guard isWAV(bytes) else { return .invalid("no RIFF/WAVE header") }
    var format: (encoding: Encoding, channels: Int, rate: Int)?
    var offset = 12
    while true {
      guard offset <= maximumHeaderByteCount else {
        return .invalid("no data within the first \(maximumHeaderByteCount) bytes of the WAV header")
      }
      guard offset + 8 <= bytes.count else { return .needMoreBytes }
      let size = Int(littleEndian(bytes, at: offset + 4, 4))
      let body = offset + 8
      switch String(decoding: bytes[offset..<offset + 4], as: UTF8.self) {
      case "data":
        guard let format else { return .invalid("WAV with data before its format") }
        return .header(
          Header(
            encoding: format.encoding, channels: format.channels, rate: format.rate, dataOffset: body,
            dataByteCount: isUnknown(size) ? nil : size))
      case "fmt ":
        guard size >= 16 else { return .invalid("WAV format chunk of \(size) bytes; 16 are the least") }
        guard body + min(size, 40) <= bytes.count else { return .needMoreBytes }
        switch parseFormat(Array(bytes[body..<body + min(size, 40)])) {
        case .success(let found): format = found
        case .failure(let problem): return .invalid(problem.text)
        }
      default: break
      }
      // Chunks are padded to an even size.
      offset = body + size + size & 1
    }
  }

  /// The header of a 16-bit mono WAV of 44 bytes.
  /// - Parameters:
  ///   - rate: samples a second.
  ///   - sampleCount: nil for a stream whose end is not known yet: the sizes are 0xFFFFFFFF.
  public static func header(rate: Int, sampleCount: Int?) -> [UInt8] {
    let longest = (Int(UInt32.max) - 36) / 2
    let byteCount = sampleCount.map { min(max($0, 0), longest) * 2 }
    func bytes(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    var header = Array("RIFF".utf8)
    header += bytes(byteCount.map { $0 + 36 } ?? 0xFFFF_FFFF, 4)
    header += Array("WAVEfmt ".utf8)
    header += bytes(16, 4) + bytes(1, 2) + bytes(1, 2) + bytes(rate, 4) + bytes(rate * 2, 4) + bytes(2, 2)
    header += bytes(16, 2)
    header += Array("data".utf8)
    return header + bytes(byteCount ?? 0xFFFF_FFFF, 4)
  }

  /// sox writes 0x7FFFF000 and more to a pipe, ffmpeg 0xFFFFFFFF, others 0.
  private static func isUnknown(_ size: Int) -> Bool { size == 0 || size >= 0x7FFF_0000 }

  private struct Problem: Error {
    var text: String
  }

  private static func parseFormat(
    _ bytes: [UInt8]
  ) -> Result<(encoding: Encoding, channels: Int, rate: Int), Problem> {
    var tag = Int(littleEndian(bytes, at: 0, 2))
    let channels = Int(littleEndian(bytes, at: 2, 2))
    let rate = Int(littleEndian(bytes, at: 4, 4))
    let bits = Int(littleEndian(bytes, at: 14, 2))
    // WAVE_FORMAT_EXTENSIBLE: the real tag begins the sub-format GUID.
    if tag == 0xFFFE, bytes.count >= 26 { tag = Int(littleEndian(bytes, at: 24, 2)) }
    let encoding: Encoding
    switch (tag, bits) {
    case (1, 8): encoding = .pcm8
    case (1, 16): encoding = .pcm16
    case (1, 24): encoding = .pcm24
    case (1, 32): encoding = .pcm32
    case (3, 32): encoding = .float32
    case (3, 64): encoding = .float64
    case (6, 8): encoding = .alaw
    case (7, 8): encoding = .mulaw
    default:
      return .failure(
        Problem(text: "WAV of format \(tag) with \(bits) bits; PCM of 8, 16, 24, 32 bits, float, µ-law, A-law work"))
    }
    guard (1...64).contains(channels) else { return .failure(Problem(text: "WAV with \(channels) channels")) }
    guard Resampler.supportedRates.contains(rate) else {
      return .failure(Problem(text: "WAV with \(rate) samples a second"))
    }
    return .success((encoding, channels, rate))
  }

  static func littleEndian(_ bytes: [UInt8], at offset: Int, _ count: Int) -> UInt64 {
    (0..<count).reduce(0) { $0 | UInt64(bytes[offset + $1]) << (8 * UInt64($1)) }
  }
}

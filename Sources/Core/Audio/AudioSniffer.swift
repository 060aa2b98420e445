/// Tells from the first bytes of a stream what it is.
///
/// Containers have signatures, which are believed whatever was declared. MP3 has none but a frame's sync of 11 bits, which
/// raw samples just below zero imitate: so a frame counts only if its header makes sense (layer III; version, bit rate
/// and rate not reserved) and a like one follows exactly where this one ends. Everything else is what was declared, or raw
/// 16-bit samples: what these really are is for `SampleSniffer`.
public enum AudioSniffer {
  /// The outcome.
  public enum Verdict: Sendable, Equatable {
    case format(AudioFormat)
    /// Known, and not playable here: its name.
    case unsupported(String)
    case needMoreBytes
  }

  /// More bytes than this are never asked for: the longest MP3 frame and the header after it.
  public static let maximumByteCount = 1_445

  /// - Parameters:
  ///   - bytes: the stream's first bytes.
  ///   - declared: what the message said about them.
  public static func sniff(_ bytes: [UInt8], declared: String?) -> Verdict {
    sniff(bytes, AudioFormat.declared(declared), isWhole: false)
  }

  /// As `sniff`, when no more bytes will come: never `needMoreBytes`.
  public static func conclude(_ bytes: [UInt8], declared: String?) -> Verdict {
    sniff(bytes, AudioFormat.declared(declared), isWhole: true)
  }

  /// Whether a new container begins here: the signatures that hold even in the middle of other audio.
  public static func beginsContainer(_ bytes: some RandomAccessCollection<UInt8>) -> Bool {
    // A hundred times a second: none of them begins otherwise.
    guard let first = bytes.first, [UInt8(ascii: "R"), UInt8(ascii: "O"), 0x1A].contains(first) else { return false }
    if WAV.isWAV(bytes) || bytes.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) { return true }
    // Ogg: capture pattern, version 0, and the flag of a stream's first page.
    return bytes.starts(with: "OggS\0".utf8) && bytes.dropFirst(5).first.map { $0 & 2 != 0 } == true
  }

  private static func sniff(_ bytes: [UInt8], _ declared: AudioFormat.Declared, isWhole: Bool) -> Verdict {
    for (signature, format) in signatures {
      switch match(bytes, signature) {
      case .yes: return format
      case .partly where !isWhole: return .needMoreBytes
      default: continue
      }
    }
    // The only signature that does not begin at the first byte: whatever is shorter may begin it.
    if bytes.count >= 8, bytes[4..<8].elementsEqual("ftyp".utf8) { return .unsupported("mp4") }
    switch declared {
    case .unsupported(let name): return .unsupported(name)
    // An MP3 stream may begin in the middle of a frame; the decoder finds the next.
    case .format(.mp3, _): return .format(.mp3)
    // Bytes before the first page are left out by who reads the pages.
    case .format(.webm, _): return .format(.webm)
    case .format(.oggOpus, _), .format(.opus, _): return .format(hasOggPage(bytes) ? .oggOpus : .opus)
    // `wav` without a header is what comes after a header sent only once: raw samples.
    case .format(.pcm16, _), .format(.wav, _), .unknown: break
    case .format(let samples, _): return .format(samples)
    }
    if hasOggPage(bytes) { return .format(.oggOpus) }
    if bytes.isEmpty { return isWhole ? .format(.pcm16) : .needMoreBytes }
    if isADTS(bytes) { return .unsupported("aac") }
    switch mp3(bytes) {
    case .yes: return .format(.mp3)
    case .partly where !isWhole: return .needMoreBytes
    default: return .format(.pcm16)
    }
  }

  /// A byte order mark before a container, as programs put there that take it for text.
  public static func beginsWithMark(_ bytes: some Collection<UInt8>) -> Bool { bytes.starts(with: [0xEF, 0xBB, 0xBF]) }

  /// The first page of an Ogg stream, somewhere.
  private static func hasOggPage(_ bytes: [UInt8]) -> Bool {
    var from = 0
    while let o = bytes[from...].firstIndex(of: UInt8(ascii: "O")) {
      if bytes[o...].starts(with: "OggS\0".utf8), bytes[o...].dropFirst(5).first.map({ $0 & 2 != 0 }) == true {
        return true
      }
      from = o + 1
    }
    return false
  }

  /// Whether two MP3 frames that fit together stand somewhere in the bytes, as they do in every piece of a stream that
  /// was cut anywhere.
  public static func holdsMP3Frames(_ bytes: [UInt8]) -> Bool {
    var from = 0
    while let sync = bytes[from...].firstIndex(of: 0xFF) {
      if case .yes = mp3(Array(bytes[sync...].prefix(maximumByteCount))) { return true }
      from = sync + 1
    }
    return false
  }

  private enum Match {
    case yes, partly, no
  }

  /// Bytes with gaps: nil is any byte.
  private static let signatures: [([UInt8?], Verdict)] = [
    (Array("RIFF".utf8) + [nil, nil, nil, nil] + Array("WAVE".utf8), .format(.wav)),
    (Array("OggS".utf8) + [0], .format(.oggOpus)),
    (Array("fLaC".utf8), .unsupported("flac")),
    // ID3v2 of version 2 to 4, before an MP3.
    (Array("ID3".utf8) + [2], .format(.mp3)),
    (Array("ID3".utf8) + [3], .format(.mp3)),
    (Array("ID3".utf8) + [4], .format(.mp3)),
    // EBML, the head of WebM, which browsers record.
    ([0x1A, 0x45, 0xDF, 0xA3], .format(.webm)),
    (Array("FORM".utf8) + [nil, nil, nil, nil] + Array("AIF".utf8), .unsupported("aiff")),
    (Array("#!AMR".utf8), .unsupported("amr")),
    (Array("caff".utf8) + [0, 1], .unsupported("caf")),
  ]

  private static func match(_ bytes: [UInt8], _ signature: [UInt8?]) -> Match {
    for (byte, wanted) in zip(bytes, signature) where wanted != nil && wanted != byte { return .no }
    return bytes.isEmpty ? .no : bytes.count >= signature.count ? .yes : .partly
  }

  /// AAC frames with ADTS headers (ISO/IEC 13818-7), the second where the first one ends;
  /// or a single one that is all there is.
  private static func isADTS(_ bytes: [UInt8]) -> Bool {
    func length(at start: Int) -> Int? {
      guard bytes.count >= start + 7, bytes[start] == 0xFF, bytes[start + 1] & 0xF6 == 0xF0,
        bytes[start + 2] >> 2 & 0x0F < 13
      else { return nil }
      let length = Int(bytes[start + 3] & 3) << 11 | Int(bytes[start + 4]) << 3 | Int(bytes[start + 5]) >> 5
      return length >= 7 ? length : nil
    }
    guard let first = length(at: 0) else { return false }
    return first == bytes.count || length(at: first) != nil
  }

  /// Two frames that fit together.
  private static func mp3(_ bytes: [UInt8]) -> Match {
    guard bytes[0] == 0xFF else { return .no }
    guard bytes.count >= 4 else { return bytes.count == 1 || MP3FrameHeader.isSync(bytes[1]) ? .partly : .no }
    guard let first = MP3FrameHeader(bytes[...]) else { return .no }
    guard bytes.count >= first.frameByteCount + 4 else { return .partly }
    guard let second = MP3FrameHeader(bytes[first.frameByteCount...]), second.follows(first) else { return .no }
    return .yes
  }
}

/// The header of an MPEG audio frame, layer III (ISO/IEC 11172-3 and 13818-3).
struct MP3FrameHeader: Equatable {
  private let version: UInt8
  /// Samples a second.
  let rate: Int
  /// Bytes of the frame, this header included.
  let frameByteCount: Int

  /// The second byte of a layer III header: sync, a version that is not reserved.
  static func isSync(_ byte: UInt8) -> Bool { byte & 0xE6 == 0xE2 && byte & 0x18 != 0x08 }

  /// Nil when the first four bytes are no such header.
  init?(_ bytes: ArraySlice<UInt8>) {
    guard bytes.count >= 4, bytes.first == 0xFF else { return nil }
    let (second, third, fourth) = (
      bytes[bytes.startIndex + 1], bytes[bytes.startIndex + 2], bytes[bytes.startIndex + 3]
    )
    let (bitRateIndex, rateIndex) = (Int(third >> 4), Int(third >> 2 & 3))
    // Bit rate 0 is "free", 15 is forbidden; emphasis 2 is reserved.
    guard Self.isSync(second), (1...14).contains(bitRateIndex), rateIndex != 3, fourth & 3 != 2 else { return nil }
    version = second >> 3 & 3
    let isVersion1 = version == 3
    let bitRates =
      isVersion1
      ? [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
      : [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
    // Version 2 halves the rates of version 1, version 2.5 halves them again.
    rate = [44_100, 48_000, 32_000][rateIndex] >> (isVersion1 ? 0 : version == 2 ? 1 : 2)
    let padding = Int(third >> 1 & 1)
    frameByteCount = (isVersion1 ? 144_000 : 72_000) * bitRates[bitRateIndex - 1] / rate + padding
  }

  /// Of the same stream as another frame.
  func follows(_ other: MP3FrameHeader) -> Bool { version == other.version && rate == other.rate }
}

import Audio
import Timeline

/// Tells of a peer's audio messages what their bytes are and how much sound they hold.
///
/// It follows one direction of a session: what the first messages of a stream show holds for those after them, until the
/// playout has found something else (`detected`). The length of an MP3 or Ogg stream cannot be read from a message of it; its
/// decoder tells it (`PlayoutChange.Step.decoded`).
public struct AudioLength: Sendable {
  /// What a message is.
  public struct Reading: Sendable, Equatable {
    /// Nil for what cannot be played.
    public var format: AudioFormat?
    /// In milliseconds; nil for the messages of an MP3 or Ogg stream and what cannot be played.
    public var ms: Double?
    /// Whether `format` may be relied on: not while loud bytes have shown nothing yet.
    public var isSettled = true
    /// What was declared.
    public var declared: AudioFormat.Declared
    /// What this message shows for the first time.
    public var discoveries: [Discovery] = []
  }

  /// Something that the bytes have shown.
  public enum Discovery: Sendable, Equatable {
    /// Nothing or something else was declared.
    case looksLike(AudioFormat)
    /// It cannot be played: `aac`, `mp4`, `noise`, `text`.
    case unplayable(String)
    /// A declared name that means nothing here.
    case unknownName(String)
  }

  // Reading a declaration costs more than all the rest, and it is the same in every message.
  private var lastDeclared: String?
  private var lastReading = AudioFormat.Declared.unknown
  private var declaredChannels = 1
  private var channels = 1

  /// What the bytes were found to be, by their signature, by their samples or by the playout.
  private var found: AudioFormat?
  /// They need not be looked at any more.
  private var isSure = false
  private var wav: WAV.Header?
  private var reported: [Discovery] = []
  /// A peer chooses some of the names.
  private static let reportedLimit = 32

  public init() {}

  /// Reads the next message.
  /// - Parameter rate: samples a second, where nothing else says it.
  public mutating func read(_ payload: AudioPayload, rate: Int) -> Reading {
    var reading = Reading(declared: declared(payload.format))
    if let name = payload.format, reading.declared == .unknown {
      report(.unknownName(String(name.prefix(40))), &reading)
    }
    var soundBytes = payload.bytes.count
    switch signature(payload.bytes) {
    case .format(let container)?:
      (found, isSure) = (container, true)
      if container == .wav, case .header(let header) = WAV.parse(payload.bytes) {
        wav = header
        soundBytes -= header.dataOffset
      }
    case .unsupported(let name)?:
      report(.unplayable(name), &reading)
      return reading
    default: break
    }
    let format = format(of: payload, &reading)
    reading.format = format
    guard let format else { return reading }
    guard format != .opus else {
      reading.ms = OpusPacket.duration(payload.bytes)
      return reading
    }
    var rate = rate
    if let own = payload.rate, Resampler.supportedRates.contains(own) {
      rate = own
    } else if case .format(_, let named?) = reading.declared {
      rate = named
    } else if format == .mulaw || format == .alaw {
      rate = G711.rate
    }
    var frame = format.sampleByteCount.map { $0 * channels }
    if format == .wav {
      frame = wav?.frameByteCount ?? 2
      rate = wav?.rate ?? rate
    }
    reading.ms = frame.map { Double(max(0, soundBytes) / max(1, $0)) * 1000 / Double(max(1, rate)) }
    return reading
  }

  /// What the playout found arriving.
  /// - Returns: what no message has shown.
  @discardableResult
  public mutating func detected(_ change: PlayoutChange) -> [Discovery] {
    switch change.step {
    case .format(let name, _):
      guard let format = AudioFormat(name) else { return [] }
      if format != .wav { wav = nil }
      (found, isSure) = (format, true)
      return []
    case .undecodable(_, let name):
      var reading = Reading(declared: .unknown)
      if let name { report(.unplayable(name.rawValue), &reading) }
      return reading.discoveries
    default: return []
    }
  }

  private mutating func format(of payload: AudioPayload, _ reading: inout Reading) -> AudioFormat? {
    var expected = AudioFormat.pcm16
    switch reading.declared {
    case .unsupported(let name):
      report(.unplayable(name), &reading)
      return nil
    case .format(let format, _): expected = format
    case .unknown: break
    }
    // Compressed or in a container, as declared or as the stream began.
    if let found, isSure, found.sampleByteCount == nil {
      if found == .opus, expected != .oggOpus { report(.looksLike(found), &reading) }
      return found
    }
    // What is declared as Opus and begins without an Ogg page is packets.
    if expected == .oggOpus, OpusPacket.isWellFormed(payload.bytes) {
      (found, isSure) = (.opus, true)
      return .opus
    }
    guard expected.sampleByteCount != nil else { return expected }
    if !isSure, channels == 1 { examine(payload, as: expected, &reading) }
    guard let found else { return expected }
    let isOpenOrder = expected == .pcm16 && found == .pcm16BE && AudioFormat.hasOpenByteOrder(declared: payload.format)
    if found != expected, !isOpenOrder { report(.looksLike(found), &reading) }
    return found
  }

  private mutating func examine(_ payload: AudioPayload, as expected: AudioFormat, _ reading: inout Reading) {
    // A container may have something before it, and a stream may begin in the middle of a frame.
    if case .format(let container) = AudioSniffer.conclude(payload.bytes, declared: nil), container.isCompressed {
      (found, isSure) = (container, true)
      return
    }
    switch SampleSniffer.judge(payload.bytes[...], as: expected) {
    case .certain(let format): (found, isSure) = (format, true)
    case .open: break
    case .needMoreBytes: reading.isSettled = false
    case .noise:
      reading.isSettled = false
      // A packet of a codec has its message for itself, and several of them tell more.
      if payload.bytes.count > 1_500 || !OpusPacket.isWellFormed(payload.bytes) {
        report(.unplayable("noise"), &reading)
      }
    case .text:
      reading.isSettled = false
      report(.unplayable("text"), &reading)
    }
  }

  /// Each thing once.
  private mutating func report(_ discovery: Discovery, _ reading: inout Reading) {
    guard reported.count < Self.reportedLimit, !reported.contains(discovery) else { return }
    reported.append(discovery)
    reading.discoveries.append(discovery)
  }

  /// What the first bytes of a container say; looked at only where they may.
  private func signature(_ bytes: [UInt8]) -> AudioSniffer.Verdict? {
    guard let first = bytes.first, [0x52, 0x4F, 0x66, 0x49, 0x1A, 0xFF, 0x46, 0x23].contains(first) else { return nil }
    switch AudioSniffer.sniff(bytes, declared: nil) {
    case .format(let format) where format.sampleByteCount == nil: return .format(format)
    case .unsupported(let name): return .unsupported(name)
    default: return nil
    }
  }

  private mutating func declared(_ text: String?) -> AudioFormat.Declared {
    guard let text else {
      channels = 1
      return .unknown
    }
    if text != lastDeclared {
      (lastDeclared, lastReading) = (text, AudioFormat.declared(text))
      declaredChannels = AudioFormat.channels(declared: text)
      (found, isSure) = (nil, false)
    }
    channels = declaredChannels
    return lastReading
  }
}

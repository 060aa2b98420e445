import Audio
import Timeline
import Wire

/// What a message says about its bytes, the same text being read only once.
struct Declaration: Sendable {
  private var text: String?
  private var reading = AudioFormat.Declared.unknown

  mutating func read(_ declared: String?) -> AudioFormat.Declared {
    guard let declared else { return .unknown }
    if declared != text { (text, reading) = (declared, AudioFormat.declared(declared)) }
    return reading
  }

}

/// A WAV, MP3, Ogg or other container where raw samples are declared. Where nothing is, a client looks for itself.
struct ContainerForPCM: Detector {
  static let interests: Interests = .audio
  private var declaration = Declaration()

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    // The first bytes of all signatures; most samples are none of them.
    guard let payload = read.audio, let first = payload.bytes.first, let declared = payload.format,
      [0x52, 0x4F, 0x66, 0x49, 0x1A, 0xFF].contains(first), case .format(let said, _) = declaration.read(declared),
      said.sampleByteCount != nil
    else { return nil }
    let name: String
    switch AudioSniffer.sniff(payload.bytes, declared: nil) {
    case .format(let format) where format.sampleByteCount == nil: name = format.rawValue
    case .unsupported(let format): name = format
    case .format, .needMoreBytes: return nil
    }
    return Evidence([read.index], "the bytes are \(name); \"\(declared)\" was declared")
  }
}

/// A container is declared, and raw samples come.
struct PCMForContainer: Detector {
  static let interests: Interests = .received
  private var declaration = Declaration()
  private var isStart = true

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    guard let payload = read.audio else {
      for event in read.meaning {
        switch event {
        case .responseComplete, .interrupted, .ready: isStart = true
        default: break
        }
      }
      return nil
    }
    guard isStart else { return nil }
    isStart = false
    switch declaration.read(payload.format) {
    case .format(let said, _) where said.sampleByteCount == nil:
      guard AudioSniffer.sniff(payload.bytes, declared: nil) == .format(.pcm16) else { return nil }
      // A stream that begins in the middle of a frame, and packets, which have no header.
      if said == .mp3, AudioSniffer.holdsMP3Frames(payload.bytes) { return nil }
      if said == .oggOpus, OpusPacket.isWellFormed(payload.bytes) { return nil }
      return Evidence([read.index], "\"\(payload.format ?? "")\" was declared, and the bytes have no such header")
    default: return nil
    }
  }
}

/// Half a sample at the end of a message of 16-bit samples.
struct OddByteCount: Detector {
  static let interests: Interests = .audio

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    guard let payload = read.audio, payload.bytes.count % 2 == 1, let arrival = read.arrival, arrival.isSettled,
      arrival.format == .pcm16 || arrival.format == .pcm16BE
    else { return nil }
    return Evidence([read.index], "\(payload.bytes.count) bytes")
  }
}

/// A binary message whose bytes are the text of base64.
struct Base64InBinary: Detector {
  static let interests: Interests = .audio

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    guard let message = read.message, message.kind == .binary, BinaryText.holdsBase64(message.payload) else {
      return nil
    }
    return Evidence([read.index], "\(message.payload.count) bytes of base64 text in a binary message")
  }
}

/// JSON in a binary message.
struct JSONInBinary: Detector {
  static let interests: Interests = .wire

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    guard let message = read.message, message.kind == .binary, BinaryText.holdsJSON(message.payload),
      message.way == .toServer || !read.context.textIsBinary
    else { return nil }
    let beginning = String(decoding: message.payload.prefix(40).filter { (0x20...0x7E).contains($0) }, as: UTF8.self)
    return Evidence([read.index], "\(message.payload.count) bytes, a binary message that begins \(beginning)")
  }
}

/// An audio message of more than 250 ms.
struct ChunkTooLong: Detector {
  static let interests: Interests = [.audioReceived, .audioSent, .playoutChange]
  static let longestMs = 250.0
  /// The message that came last from the server: what is decoded is its audio.
  private var last: Int?

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    if case .playoutChange(let change) = read.event {
      guard case .decoded(let duration) = change.step, duration > Self.longestMs, let last else { return nil }
      return Evidence([last, read.index], "\(ms(duration)) of audio in one message from the server")
    }
    let isSent = read.message?.way == .toServer
    if !isSent { last = read.index }
    guard let arrival = read.arrival, arrival.isSettled, let duration = arrival.ms, duration > Self.longestMs else {
      return nil
    }
    return Evidence([read.index], "\(ms(duration)) of audio in one message \(isSent ? "to" : "from") the server")
  }
}

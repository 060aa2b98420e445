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

  /// Raw samples are declared, or nothing else is.
  mutating func meansPCM(_ declared: String?) -> Bool {
    switch read(declared) {
    case .format(.pcm16, _), .unknown: true
    default: false
    }
  }
}

/// A WAV, MP3, Ogg or other container where raw samples are expected.
struct ContainerForPCM: Detector {
  static let interests: Interests = .audio
  private var declaration = Declaration()

  mutating func look(_ sight: Sight) -> Evidence? {
    // The first bytes of all signatures; most samples are none of them.
    guard let payload = sight.audio, let first = payload.bytes.first,
      [0x52, 0x4F, 0x66, 0x49, 0x1A, 0xFF].contains(first), declaration.meansPCM(payload.format)
    else { return nil }
    let name: String
    switch AudioSniffer.sniff(payload.bytes, declared: nil) {
    case .format(.pcm16), .needMoreBytes: return nil
    case .format(let format): name = format.rawValue
    case .unsupported(let format): name = format
    }
    return Evidence(
      [sight.index], "the bytes are \(name); \(payload.format.map { "\"\($0)\"" } ?? "nothing") was declared")
  }
}

/// A container is declared, and raw samples come.
struct PCMForContainer: Detector {
  static let interests: Interests = .received
  private var declaration = Declaration()
  private var isStart = true

  mutating func look(_ sight: Sight) -> Evidence? {
    guard let payload = sight.audio else {
      for event in sight.meaning {
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
    case .format(.wav, _), .format(.mp3, _), .format(.oggOpus, _):
      guard AudioSniffer.sniff(payload.bytes, declared: nil) == .format(.pcm16) else { return nil }
      return Evidence([sight.index], "\"\(payload.format ?? "")\" was declared, and the bytes have no such header")
    default: return nil
    }
  }
}

/// Half a sample at the end of a message of 16-bit samples.
struct OddByteCount: Detector {
  static let interests: Interests = [.audioReceived, .audioSent, .wordsReceived]
  private var declaration = Declaration()
  /// What the agent's stream begins with, from its first message; raw until then.
  private var isRaw = true
  private var isStart = true

  mutating func look(_ sight: Sight) -> Evidence? {
    guard let payload = sight.audio else {
      for event in sight.meaning {
        switch event {
        case .responseComplete, .interrupted, .ready: isStart = true
        default: break
        }
      }
      return nil
    }
    let isReceived = sight.message?.direction == .received
    if isReceived, isStart {
      isStart = false
      isRaw = AudioSniffer.sniff(payload.bytes, declared: nil) == .format(.pcm16)
    }
    guard payload.bytes.count % 2 == 1, isRaw || !isReceived, declaration.meansPCM(payload.format) else { return nil }
    return Evidence([sight.index], "\(payload.bytes.count) bytes")
  }
}

/// A binary message whose bytes are the text of base64.
struct Base64InBinary: Detector {
  static let interests: Interests = .audio
  /// So many in a row are no accident: one in 4⁶⁴ of random bytes.
  static let enough = 64

  mutating func look(_ sight: Sight) -> Evidence? {
    guard let message = sight.message, message.kind == .binary, message.payload.count >= Self.enough else { return nil }
    for byte in message.payload.prefix(Self.enough) {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F: continue
      default: return nil
      }
    }
    return Evidence([sight.index], "\(message.payload.count) bytes of base64 text in a binary message")
  }
}

/// An audio message of more than 250 ms.
struct ChunkTooLong: Detector {
  static let interests: Interests = .audio
  static let longestMs = 250.0
  private var length = AudioLength()

  mutating func look(_ sight: Sight) -> Evidence? {
    guard let payload = sight.audio, let message = sight.message else { return nil }
    let isSent = message.direction == .sent
    let rate = isSent ? sight.context.inputRate : sight.context.outputRate
    guard let duration = length.ms(of: payload, rate: rate), duration > Self.longestMs else { return nil }
    return Evidence([sight.index], "\(ms(duration)) of audio in one message \(isSent ? "to" : "from") the server")
  }
}

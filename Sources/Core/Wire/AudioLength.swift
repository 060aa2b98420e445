import Audio

/// Tells from a message's bytes how much sound it is.
public struct AudioLength: Sendable {
  // Reading a declaration costs more than all the rest, and it is the same in every message.
  private var lastDeclared: String?
  private var lastReading = AudioFormat.Declared.unknown

  public init() {}

  /// In milliseconds; nil for compressed audio, whose length its bytes do not say.
  /// - Parameters:
  ///   - detected: the format that the playout found arriving, where the message says nothing.
  ///   - rate: samples a second, where nothing else says it.
  public mutating func ms(of payload: AudioPayload, detected: AudioFormat? = nil, rate: Int) -> Double? {
    if payload.bytes.first == UInt8(ascii: "R"), case .header(let header) = WAV.parse(payload.bytes) {
      let frames = (payload.bytes.count - header.dataOffset) / max(1, header.frameByteCount)
      return Double(max(0, frames)) * 1000 / Double(max(1, header.rate))
    }
    var (format, rate) = (detected ?? .pcm16, payload.rate ?? rate)
    switch declared(payload.format) {
    case .format(let declared, let declaredRate):
      format = declared
      rate = payload.rate ?? declaredRate ?? rate
    case .unsupported: return nil
    case .unknown: break
    }
    let bytesPerSample: Int
    switch format {
    case .pcm16, .wav: bytesPerSample = 2
    case .mulaw, .alaw: bytesPerSample = 1
    case .mp3, .oggOpus: return nil
    }
    return Double(payload.bytes.count / bytesPerSample) * 1000 / Double(max(1, rate))
  }

  private mutating func declared(_ text: String?) -> AudioFormat.Declared {
    guard let text else { return .unknown }
    if text != lastDeclared {
      lastDeclared = text
      lastReading = AudioFormat.declared(text)
    }
    return lastReading
  }
}

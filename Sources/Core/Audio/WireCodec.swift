/// What the audio of a link is coded as, where two peers agree on that: each way for itself, and for all messages that do
/// not say what they are. The raw value is the name on the wire.
public enum WireCodec: String, Sendable, CaseIterable {
  /// What everybody takes, and what goes where nothing was agreed on.
  case pcm16
  /// One packet of 20 ms in each message (RFC 6716).
  case opus
  /// G.711, 8 000 samples a second.
  case mulaw

  /// The codec of that name, in any vendor's words; nil for one that cannot be agreed on.
  public init?(naming text: String?) {
    guard let text, text.utf8.count <= 40 else { return nil }
    if let codec = Self(rawValue: text) {
      self = codec
      return
    }
    guard case .format(let format, let rate) = AudioFormat.declared(text), AudioFormat.isName(text) else { return nil }
    // In a container, Opus is something else.
    switch (format, rate) {
    case (.pcm16, nil), (.pcm16, 16_000): self = .pcm16
    case (.oggOpus, _) where !text.lowercased().contains("og"): self = .opus
    case (.mulaw, nil), (.mulaw, G711.rate): self = .mulaw
    default: return nil
    }
  }

  /// What the bytes are.
  public var format: AudioFormat {
    switch self {
    case .pcm16: .pcm16
    case .opus: .opus
    case .mulaw: .mulaw
    }
  }

  /// Samples a second of what travels.
  /// - Parameter rate: of what is encoded.
  public func rate(of rate: Int) -> Int { self == .mulaw ? G711.rate : rate }

  /// The audio of one message, where the codec says it.
  public var frame: Duration? { self == .opus ? .milliseconds(20) : nil }
}

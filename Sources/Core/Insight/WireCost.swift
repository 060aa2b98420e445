import Audio

/// What the audio of one way takes on the wire.
public struct WireCost: Sendable, Equatable {
  /// What it is coded as, by its last message; nil before the first.
  public private(set) var format: AudioFormat?
  /// Bytes of the messages, and of the audio alone within them.
  private var messageBytes = 0
  private var codedBytes = 0
  /// How long their audio is.
  private var ms = 0.0

  public init() {}

  /// Bytes of messages for each second of audio.
  public var bytesPerSecond: Double? { ms > 0 ? Double(messageBytes) * 1000 / ms : nil }

  /// How many of a hundred bytes the coding saves against 16-bit samples.
  /// - Parameter rate: of those samples, a second.
  public func saving(rate: Int) -> Double? {
    let plain = ms * Double(rate) * 2 / 1000
    return plain > 0 ? (1 - Double(codedBytes) / plain) * 100 : nil
  }

  /// A message with audio.
  /// - Parameter lasting: in milliseconds; nil where its decoder tells it later.
  mutating func passed(_ format: AudioFormat?, messageBytes: Int, codedBytes: Int, lasting: Double?) {
    self.format = format ?? self.format
    self.messageBytes = self.messageBytes.adding(messageBytes)
    self.codedBytes = self.codedBytes.adding(codedBytes)
    decoded(lasting ?? 0)
  }

  /// The decoder has told how long audio is.
  mutating func decoded(_ lasting: Double) {
    if lasting.isFinite, lasting > 0 { ms += lasting }
  }
}

extension Insight {
  /// How many of a hundred bytes the coding of the user's audio saves against 16-bit samples at the dialect's rate.
  public var uplinkSaving: Double? { uplink.wire.saving(rate: reader.card.uplink.preferred.rate) }
  /// The same of the agent's.
  public var downlinkSaving: Double? { delivery.wire.saving(rate: reader.card.downlink.preferred.rate) }

  /// What one way's audio is coded as and what that saves, where it saves anything, as in `opus saves 91 %`.
  public static func coding(_ wire: WireCost, _ saving: Double?) -> String? {
    guard let format = wire.format, let saving, saving >= 1 else { return nil }
    return "\(format.rawValue) saves \(FigureText(saving, .percent))"
  }
}

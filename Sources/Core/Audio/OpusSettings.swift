/// How speech is coded as Opus.
public struct OpusSettings: Sendable, Hashable {
  /// What libopus can be asked for of one channel (its manual, `OPUS_SET_BITRATE`), in bits a second.
  public static let bitRates = 6_000...256_000
  /// Percentages of packets.
  public static let losses = 0...100

  /// Bits a second. Speech at 16 kHz is hardly told from the original at 24 000 (RFC 7587, section 3.1.1, gives 16 to 20
  /// for wideband and 28 to 40 for fullband).
  public var bitRate = 24_000
  /// Silence is sent as packets of one or two bytes, which the decoder fills with the noise of the room.
  public var usesDTX = false
  /// How many packets of a hundred the encoder is to expect to be lost on the way. From 1 on each packet also describes the
  /// one before it, roughly. 0 by default: a WebSocket loses nothing; a gateway to UDP behind it may.
  public var expectedLoss = 0

  public init() {}

  /// The same with every value in its range.
  public var bounded: OpusSettings {
    var it = self
    it.bitRate = min(max(bitRate, Self.bitRates.lowerBound), Self.bitRates.upperBound)
    it.expectedLoss = min(max(expectedLoss, Self.losses.lowerBound), Self.losses.upperBound)
    return it
  }
}

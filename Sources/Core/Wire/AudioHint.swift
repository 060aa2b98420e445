extension WireMessage {
  /// Whether it is audio, as far as a glance tells: good enough to decide what may wait a moment, in every dialect.
  ///
  /// Audio in text is base64, a run of letters and digits without spaces or quotes that is longer than any word. So 48
  /// bytes in the middle of the message decide, whatever its members are called, and nothing is decoded.
  public var isLikelyAudio: Bool {
    switch self {
    case .text(let bytes): Self.holdsBase64(bytes)
    case .binary(let bytes): BinaryText.holdsJSON(bytes) ? Self.holdsBase64(bytes) : true
    }
  }

  private static func holdsBase64(_ bytes: [UInt8]) -> Bool {
    // Shorter ones would hold less than 5 ms.
    guard bytes.count >= 256 else { return false }
    let start = bytes.count / 2 - 24
    return bytes.withUnsafeBufferPointer { bytes in
      for i in start..<start + 48 {
        switch bytes[i] {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: break
        // Of the alphabet of base64, and of that for URLs; `/` may be escaped.
        case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "\\"): break
        default: return false
        }
      }
      return true
    }
  }
}

/// Raw 16-bit little-endian samples and their bytes. As a value, it decodes a stream that may be cut in the middle of a
/// sample: an odd byte is carried over to the next piece.
public struct PCM16: Sendable {
  private var carry: UInt8?

  public init() {}

  /// A first half of a sample waits for its second.
  public var hasCarry: Bool { carry != nil }

  /// Takes the next piece of the stream.
  public mutating func samples(from bytes: some RandomAccessCollection<UInt8>) -> [Int16] {
    var samples: [Int16] = []
    samples.reserveCapacity((bytes.count + 1) / 2)
    for byte in bytes {
      if let low = carry {
        samples.append(Int16(bitPattern: UInt16(low) | UInt16(byte) << 8))
        carry = nil
      } else {
        carry = byte
      }
    }
    return samples
  }

  /// Forgets a carried byte.
  public mutating func reset() { carry = nil }

  /// The samples of a whole message; an odd byte at its end is ignored.
  public static func samples(of bytes: [UInt8]) -> [Int16] {
    var stream = PCM16()
    return stream.samples(from: bytes)
  }

  /// The bytes of samples.
  public static func bytes(of samples: some Sequence<Int16>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(samples.underestimatedCount * 2)
    for sample in samples {
      let pattern = UInt16(bitPattern: sample)
      bytes.append(UInt8(truncatingIfNeeded: pattern))
      bytes.append(UInt8(truncatingIfNeeded: pattern >> 8))
    }
    return bytes
  }
}

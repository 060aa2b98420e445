/// Raw 16-bit little-endian samples and their bytes. As a value, it decodes a stream that may be cut in the middle of a
/// sample: an odd byte is carried over to the next piece.
public struct PCM16: Sendable {
  private var carry: UInt8?

  public init() {}

  /// A first half of a sample waits for its second.
  public var hasCarry: Bool { carry != nil }

  /// Takes the next piece of the stream.
  public mutating func samples(from bytes: some RandomAccessCollection<UInt8>) -> [Int16] {
    if let samples = bytes.withContiguousStorageIfAvailable({ samples(of: $0) }) { return samples }
    return Array(bytes).withUnsafeBufferPointer { samples(of: $0) }
  }

  private mutating func samples(of bytes: UnsafeBufferPointer<UInt8>) -> [Int16] {
    let count = (bytes.count + (carry == nil ? 0 : 1)) / 2
    var next = 0
    let samples = [Int16](unsafeUninitializedCapacity: count) { samples, filled in
      if let low = carry, count > 0 {
        samples.initializeElement(at: 0, to: Int16(bitPattern: UInt16(low) | UInt16(bytes[0]) << 8))
        (carry, filled, next) = (nil, 1, 1)
      }
      while filled < count {
        samples.initializeElement(
          at: filled, to: Int16(bitPattern: UInt16(bytes[next]) | UInt16(bytes[next + 1]) << 8))
        filled += 1
        next += 2
      }
    }
    if next < bytes.count { carry = bytes[next] }
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

extension WAV {
  /// Turns the payload of a WAV into mono: the mean of its channels.
  ///
  /// - Parameters:
  ///   - bytes: whole frames; an incomplete one at the end is ignored, its bytes belong to the next call.
  /// - Returns: 16-bit samples; deeper ones are rounded, floats beyond ±1 clipped, NaN reads as silence.
  public static func monoSamples(of bytes: ArraySlice<UInt8>, header: Header) -> [Int16] {
    let width = header.encoding.byteCount
    let frameCount = bytes.count / header.frameByteCount
    let channels = header.channels
    guard frameCount > 0 else { return [] }
    return [Int16](unsafeUninitializedCapacity: frameCount) { output, count in
      bytes.withUnsafeBytes { input in
        for frame in 0..<frameCount {
          let start = frame * header.frameByteCount
          if channels == 1 {
            output[frame] = Int16(clamping: sample(input, start, header.encoding) >> 16)
          } else {
            var sum: Int64 = 0
            for channel in 0..<channels { sum += sample(input, start + channel * width, header.encoding) }
            output[frame] = Int16(clamping: (sum / Int64(channels)) >> 16)
          }
        }
      }
      count = frameCount
    }
  }

  /// One sample, scaled to 32 bits; what is finer than 16 bits is rounded by half a step, added here.
  private static func sample(_ bytes: UnsafeRawBufferPointer, _ at: Int, _ encoding: Encoding) -> Int64 {
    switch encoding {
    case .pcm8: Int64(Int(bytes[at]) - 128) << 24
    case .pcm16: Int64(Int16(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: Int16.self))) << 16
    case .pcm24:
      Int64(Int32(bitPattern: UInt32(bytes[at]) << 8 | UInt32(bytes[at + 1]) << 16 | UInt32(bytes[at + 2]) << 24))
        + 0x8000
    case .pcm32: Int64(Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: Int32.self))) + 0x8000
    case .float32:
      scaled(
        Double(Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)))))
    case .float64:
      scaled(Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))))
    case .mulaw: Int64(G711.sample(bytes[at], .mu)) << 16
    case .alaw: Int64(G711.sample(bytes[at], .a)) << 16
    }
  }

  private static func scaled(_ value: Double) -> Int64 {
    guard !value.isNaN else { return 0 }
    return Int64(min(max(value, -1), 1) * 2_147_483_648) + 0x8000
  }
}

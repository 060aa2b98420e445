/// The companding of telephony, ITU-T G.711: 8 bits a sample, µ-law (14 bits of range) and A-law (13 bits).
///
/// Encoding picks the code by the thresholds of tables 1 and 2 of the recommendation, as its reference software does:
/// µ-law adds a bias of 33 in 14 bits, A-law cuts towards zero. Decoding is exact.
public enum G711 {
  /// Samples a second, where nothing else says it.
  public static let rate = 8_000

  /// Which of the two.
  public enum Law: Sendable {
    case mu, a
  }

  /// The sample of one code.
  public static func sample(_ code: UInt8, _ law: Law) -> Int16 {
    law == .mu ? muTable[Int(code)] : aTable[Int(code)]
  }

  public static func decode(_ bytes: some Collection<UInt8>, _ law: Law) -> [Int16] {
    let table = law == .mu ? muTable : aTable
    return bytes.map { table[Int($0)] }
  }

  public static func encode(_ samples: [Int16], _ law: Law) -> [UInt8] {
    samples.map { law == .mu ? muLaw($0) : aLaw($0) }
  }

  private static let muTable: [Int16] = (0...255).map { code in
    let bits = ~code & 0xFF
    // In 16 bits: the bias of 33 is 132.
    let magnitude = ((bits & 0x0F) << 3 + 132) << ((bits & 0x70) >> 4) - 132
    return Int16(bits & 0x80 != 0 ? -magnitude : magnitude)
  }

  private static let aTable: [Int16] = (0...255).map { code in
    let bits = code ^ 0x55
    let segment = (bits & 0x70) >> 4
    let step = (bits & 0x0F) << 4
    let magnitude = segment == 0 ? step + 8 : (step + 264) << (segment - 1)
    return Int16(bits & 0x80 != 0 ? magnitude : -magnitude)
  }

  private static func muLaw(_ sample: Int16) -> UInt8 {
    // Bits of the one's complement for negative samples, as the recommendation's sign and magnitude want it.
    let value = Int(sample) >> 2
    let magnitude = min((value < 0 ? -value : value) + 33, 8_191)
    let segment = magnitude.bitWidth - 1 - magnitude.leadingZeroBitCount - 5
    let code = segment << 4 | (magnitude >> (segment + 1)) & 0x0F
    return UInt8(~(value < 0 ? code | 0x80 : code) & 0xFF)
  }

  private static func aLaw(_ sample: Int16) -> UInt8 {
    let value = Int(sample) >> 3
    // One's complement: -1 is the first magnitude below zero.
    let magnitude = value < 0 ? ~value : value
    let segment = max(magnitude.bitWidth - 1 - magnitude.leadingZeroBitCount - 4, 0)
    let code = segment << 4 | (magnitude >> (segment == 0 ? 1 : segment)) & 0x0F
    return UInt8((value < 0 ? code : code | 0x80) ^ 0x55)
  }
}

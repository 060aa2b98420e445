import Audio
import Testing

@Suite struct G711Tests {
  /// FNV-1a, 64 bits.
  private func hash(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
  private let all = (Int16.min...Int16.max).map { $0 }

  /// The hashes are those of the reference code's output for all 65 536 samples (Sun's g711.c, as in Python's audioop).
  @Test func encodesAllSamplesAsTheReference() {
    #expect(hash(G711.encode(all, .mu)) == 0xd5ee_23f7_d0ff_ae91)
    #expect(hash(G711.encode(all, .a)) == 0xf030_666e_b780_cf25)
  }

  /// Values of tables 1 and 2 of ITU-T G.711, scaled to 16 bits.
  @Test func decodesTheTables() {
    #expect(
      G711.decode([0x00, 0x80, 0x0F, 0x10, 0x7F, 0xFF, 0x7E, 0xFE], .mu)
        == [-32_124, 32_124, -16_764, -15_996, 0, 0, -8, 8])
    #expect(G711.decode([0x55, 0xD5, 0x2A, 0xAA, 0x80, 0x00], .a) == [-8, 8, -32_256, 32_256, 5_504, -5_504])
  }

  @Test(arguments: [G711.Law.mu, .a]) func everyCodeSurvivesTheRoundTrip(law: G711.Law) {
    let codes = (UInt8.min...UInt8.max).map { $0 }
    let again = G711.encode(G711.decode(codes, law), law)
    for (code, back) in zip(codes, again) {
      // µ-law has two zeros; the negative one comes back as the positive.
      #expect(back == code || (law == .mu && code == 0x7F && back == 0xFF))
    }
  }

  @Test(arguments: [G711.Law.mu, .a]) func theErrorIsThatOfTheSegment(law: G711.Law) {
    for sample in stride(from: -32_000, through: 32_000, by: 37) {
      let decoded = Int(G711.decode(G711.encode([Int16(sample)], law), law)[0])
      // Half a step: 1/32 of the magnitude, at least 8.
      #expect(abs(decoded - sample) <= max(abs(sample) / 31 + 4, 16), "\(sample) became \(decoded)")
    }
  }
}

import Audio
import Glibc
import TestKit
import Testing

/// Samples are told by their statistics: what is sound in 16 bits is never doubted, and what is none is found out.
@Suite struct SampleSnifferTests {
  private typealias Verdict = SampleSniffer.Verdict

  private func judge(_ samples: [Int16]) -> Verdict { SampleSniffer.judge(PCM16.bytes(of: samples)[...]) }
  private func isHarmless(_ verdict: Verdict) -> Bool { verdict == .certain(.pcm16) || verdict == .open }

  /// The same samples in another code.
  private func bytes(_ samples: [Int16], as format: AudioFormat) -> [UInt8] {
    func big(_ bytes: [UInt8], _ isBig: Bool) -> [UInt8] { isBig ? bytes.reversed() : bytes }
    func parts(_ value: UInt64, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let isBig = format.samples?.isBigEndian == true
    // What is finer than 16 bits is not zero in real recordings.
    var random = SeededGenerator(seed: 9)
    func fine() -> Int { Int.random(in: 0..<65_536, using: &random) }
    switch format {
    case .mulaw: return G711.encode(samples, .mu)
    case .alaw: return G711.encode(samples, .a)
    case .pcm8: return samples.map { UInt8(Int($0 >> 8) + 128) }
    case .pcm24, .pcm24BE:
      return samples.flatMap { big(parts(UInt64(bitPattern: Int64(Int($0) << 8 | fine() >> 8)), 3), isBig) }
    case .pcm32, .pcm32BE:
      return samples.flatMap { big(parts(UInt64(bitPattern: Int64(Int($0) << 16 | fine())), 4), isBig) }
    case .float32, .float32BE: return samples.flatMap { big(parts(UInt64((Float($0) / 32_768).bitPattern), 4), isBig) }
    default: return samples.flatMap { big(parts(UInt64(UInt16(bitPattern: $0)), 2), isBig) }
    }
  }

  @Test(arguments: [8_000, 16_000, 24_000, 48_000]) func speechIsNeverDoubted(rate: Int) {
    for levelDB in [-3.0, -12, -20, -30, -45, -60] {
      let speech = Signals.speech(rate: rate, count: rate * 2, levelDB: levelDB, seed: UInt64(-levelDB))
      for size in [64, 160, 320, 480, 640, 2_000] {
        for start in stride(from: 0, to: speech.count - size, by: size * 7) {
          let verdict = judge(Array(speech[start..<start + size]))
          #expect(isHarmless(verdict), "\(rate) Hz \(levelDB) dB \(size) samples from \(start): \(verdict)")
        }
      }
    }
  }

  @Test func tonesAreNeverMistaken() {
    for rate in [8_000, 16_000, 24_000] {
      for hertz in stride(from: 50.0, to: Double(rate) / 2, by: 137) + [
        Double(rate) / 4, Double(rate) / 3, Double(rate) / 2 - 1,
      ] {
        for amplitude in [0.001, 0.02, 0.3, 0.45, 0.5, 1] {
          let tone = Signals.tone(hertz, rate: rate, count: 320, amplitude: amplitude)
          let verdict = judge(tone)
          #expect(isHarmless(verdict), "\(hertz) Hz at \(rate), \(amplitude): \(verdict)")
        }
      }
      // Two tones, as a telephone's keys.
      for (low, high) in [(697.0, 1_209.0), (941, 1_633), (350, 440)] {
        let keys = Signals.mix(
          Signals.tone(low, rate: rate, count: 480, amplitude: 0.4),
          Signals.tone(high, rate: rate, count: 480, amplitude: 0.4))
        #expect(isHarmless(judge(keys)), "\(low) + \(high) at \(rate)")
      }
    }
  }

  @Test func chordsSquaresNoiseAndSilenceAreNeverMistaken() {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<200 {
      var music = [Int16](repeating: 0, count: 640)
      for _ in 0..<6 {
        let hertz = Double.random(in: 60...6_000, using: &random)
        music = Signals.mix(
          music, Signals.tone(hertz, rate: 16_000, count: 640, amplitude: Double.random(in: 0.02...0.3, using: &random))
        )
      }
      let cymbal = Signals.noise(
        count: 640, levelDB: Double.random(in: -50 ... -14, using: &random), seed: random.next())
      // Loud and bright, it may have to wait for more bytes; in the end it is heard.
      let mixed = PCM16.bytes(of: Signals.mix(music, cymbal))
      #expect(isHarmless(SampleSniffer.judge(mixed[...], isWhole: true)))
      #expect(isHarmless(judge(cymbal)))
    }
    for period in [2, 3, 4, 5, 8, 16, 40, 100] {
      let square = (0..<640).map { $0 % period < period / 2 ? Int16.max : Int16.min }
      #expect(isHarmless(judge(square)), "a square wave of \(period) samples")
    }
    for value in [0, 1, -1, 100, -2_000, 9_000] as [Int16] {
      #expect(isHarmless(judge([Int16](repeating: value, count: 640))), "\(value)")
    }
    #expect(isHarmless(judge((0..<640).map { _ in Int16.random(in: -2...2, using: &random) })))
    // 8-bit recordings in 16 bits.
    let coarse = Signals.speech(rate: 16_000, count: 16_000, levelDB: -10).map { $0 / 256 * 256 }
    for start in stride(from: 0, to: 15_000, by: 500) {
      #expect(isHarmless(judge(Array(coarse[start..<start + 640]))))
    }
    // Clipped speech.
    let loud = Signals.speech(rate: 16_000, count: 16_000, levelDB: 6)
    for start in stride(from: 0, to: 15_000, by: 500) { #expect(isHarmless(judge(Array(loud[start..<start + 640])))) }
  }

  private static let others: [AudioFormat] = [
    .float32, .float32BE, .mulaw, .alaw, .pcm16BE, .pcm24, .pcm24BE, .pcm32, .pcm32BE, .pcm8,
  ]

  /// Of 100 ms of speech in another code the code is told, wherever it begins; and before that nothing wrong is.
  @Test(arguments: others, [-6.0, -18, -28]) func speechInAnotherCodeIsFoundOut(format: AudioFormat, levelDB: Double) {
    let rate = format == .mulaw || format == .alaw ? 8_000 : 16_000
    let speech = Signals.speech(rate: rate, count: rate * 4, levelDB: levelDB, seed: 5)
    var (found, looked) = (0, 0)
    for start in stride(from: 0, to: speech.count - rate / 4, by: rate / 4) {
      let piece = Array(speech[start..<start + rate / 10])
      guard Level(of: piece).rmsDB > levelDB - 12 else { continue }
      looked += 1
      let verdict = SampleSniffer.judge(bytes(piece, as: format)[...])
      #expect(verdict != .certain(.pcm16), "\(format) at \(start)")
      if verdict == .certain(format) { found += 1 }
      if case .certain(let wrong) = verdict, wrong != format {
        Issue.record("\(format) at \(start) taken for \(wrong)")
      }
    }
    #expect(looked >= 8)
    // Loud speech in G.711 is rough in either reading, and takes two or three pieces.
    let share = format == .mulaw || format == .alaw ? 0.4 : 0.8
    #expect(Double(found) >= share * Double(looked), "\(format) at \(levelDB) dB: \(found) of \(looked)")
  }

  @Test(arguments: others) func aToneInAnotherCodeIsFoundOut(format: AudioFormat) {
    let rate = format == .mulaw || format == .alaw ? 8_000 : 16_000
    // 1 kHz at 8 kHz repeats each eight codes: read as 16 bits that is a tone, too, of a quarter of the rate.
    for hertz in [200.0, 440] {
      let tone = Signals.tone(hertz, rate: rate, count: rate / 10, amplitude: 0.37)
      #expect(SampleSniffer.judge(bytes(tone, as: format)[...]) == .certain(format), "\(format) \(hertz) Hz")
    }
  }

  /// Silence whose code is loud when it is read as 16-bit samples.
  @Test func silenceInAnotherCode() {
    var random = SeededGenerator(seed: 12)
    func codes(_ some: [UInt8]) -> [UInt8] { (0..<320).map { _ in some.randomElement(using: &random)! } }
    #expect(SampleSniffer.judge(codes([0xD5, 0x55])[...]) == .certain(.alaw))
    #expect(SampleSniffer.judge(codes([0xD5])[...]) == .certain(.alaw))
    #expect(SampleSniffer.judge(codes([0xFF, 0x7F])[...]) == .certain(.mulaw))
    #expect(SampleSniffer.judge(codes([0x80, 0x7F, 0x80])[...]) == .certain(.pcm8))
    // All ones are -1 in 16 bits, and as good as silent.
    #expect(SampleSniffer.judge(codes([0xFF])[...]) == .open)
  }

  @Test func declaredCodesAreCheckedToo() {
    let tone = Signals.tone(440, rate: 16_000, count: 1_600)
    for expected in [AudioFormat.mulaw, .alaw, .float32, .pcm16BE, .pcm24, .pcm8] {
      #expect(SampleSniffer.judge(bytes(tone, as: .pcm16)[...], as: expected) == .certain(.pcm16), "\(expected)")
      #expect(SampleSniffer.judge(bytes(tone, as: expected)[...], as: expected) == .certain(expected), "\(expected)")
    }
  }

  @Test func randomBytesAreNoiseAndTextIsText() {
    var random = SeededGenerator(seed: 8)
    for count in [2_048, 3_000, 8_192] {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect(SampleSniffer.judge(bytes[...]) == .noise)
      #expect(SampleSniffer.judge(bytes[..<300]) == .needMoreBytes)
      #expect(SampleSniffer.judge(bytes[..<300], isWhole: true) == .noise)
    }
    let text = Array(String(repeating: "the quick brown fox\n", count: 20).utf8)
    #expect(SampleSniffer.judge(text[...]) == .text)
  }

  @Test func thereIsAlwaysAVerdictInTheEnd() {
    var random = SeededGenerator(seed: 10)
    for _ in 0..<500 {
      let bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      for expected in AudioFormat.allCases {
        #expect(SampleSniffer.judge(bytes[...], as: expected, isWhole: true) != .needMoreBytes)
      }
    }
  }
}

@Suite struct OpusPacketTests {
  @Test func theRulesOfTheStandard() {
    #expect(!OpusPacket.isWellFormed([UInt8]()))
    #expect(OpusPacket.isWellFormed([0x78] as [UInt8]))
    #expect(OpusPacket.isWellFormed([0x78] + [UInt8](repeating: 1, count: 1_275)))
    #expect(!OpusPacket.isWellFormed([0x78] + [UInt8](repeating: 1, count: 1_276)))
    // Two frames of one size.
    #expect(OpusPacket.isWellFormed([0x79, 1, 2] as [UInt8]))
    #expect(!OpusPacket.isWellFormed([0x79, 1, 2, 3] as [UInt8]))
    // Two frames of their own sizes: the first of 2.
    #expect(OpusPacket.isWellFormed([0x7A, 2, 1, 2, 3] as [UInt8]))
    #expect(!OpusPacket.isWellFormed([0x7A, 9, 1, 2, 3] as [UInt8]))
    // Counted frames: three of 20 ms are allowed, none is not, and seven last longer than 120 ms.
    #expect(OpusPacket.isWellFormed([0x7B, 3, 1, 2, 3] as [UInt8]))
    #expect(!OpusPacket.isWellFormed([0x7B, 0, 1, 2, 3] as [UInt8]))
    #expect(!OpusPacket.isWellFormed([0x7B, 7, 1, 2, 3, 4, 5, 6, 7] as [UInt8]))
  }

  @Test func aStreamHasOneConfiguration() {
    let packets: [[UInt8]] = (0..<6).map { i in [0x78] + [UInt8](repeating: 7, count: 40 + i) }
    #expect(OpusPacket.isStream(packets.map { $0[...] }))
    #expect(!OpusPacket.isStream(packets.prefix(3).map { $0[...] }))
    var odd = packets
    odd[2][0] = 0x08
    #expect(!OpusPacket.isStream(odd.map { $0[...] }))
  }
}

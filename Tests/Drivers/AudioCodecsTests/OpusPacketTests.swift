import Audio
import TestKit
import Testing

@testable import AudioCodecs

/// Opus packets without a container, as two peers that have agreed on them send them.
@Suite struct OpusPacketTests {
  private static let rate = 16_000
  private static func tone(_ count: Int) -> [Int16] { Signals.tone(440, rate: rate, count: count) }

  private func packets(_ samples: [Int16], piece: Int, _ settings: OpusSettings = OpusSettings()) -> [[UInt8]] {
    let encoder = OpusPacketEncoder(rate: Self.rate, settings)!
    let pieces = stride(from: 0, to: samples.count, by: piece).flatMap {
      encoder.encode(PCM16.bytes(of: samples[$0..<min($0 + piece, samples.count)]))
    }
    return pieces + encoder.finish()
  }

  private func decoded(_ packets: [[UInt8]]) -> (samples: [Int16], problems: [String]) {
    let decoder = IncomingAudioDecoder(outputRate: Self.rate)
    var result: (samples: [Int16], problems: [String]) = ([], [])
    for packet in packets {
      let output = decoder.decode(packet, declaredFormat: "opus", declaredRate: nil, defaultRate: Self.rate)
      result.samples += output.samples
      result.problems += output.problem.map { [$0] } ?? []
    }
    result.samples += decoder.endOfResponse()
    return result
  }

  /// However the samples come, the packets are the same, and each tells how long it is.
  @Test(arguments: [1, 37, 320, 640, 1_024, 8_192]) func howSamplesAreCutMakesNoDifference(piece: Int) {
    let samples = Self.tone(20_000)
    let packets = packets(samples, piece: piece)
    #expect(packets == self.packets(samples, piece: 320))
    #expect(packets.dropLast().allSatisfy { OpusPacket.duration($0) == 20 })
    let lengths = packets.compactMap { OpusPacket.duration($0) }
    #expect(lengths.count == packets.count)
    #expect(decoded(packets).samples.count == Int(lengths.reduce(0, +)) * Self.rate / 1_000)
  }

  /// The last samples are heard, whether they fill their packet or leave no room for what the encoder holds back.
  @Test(arguments: [320, 321, 400, 536, 540, 600, 639, 640, 641]) func theEndOfAnUtteranceIsNotLost(count: Int) {
    let silence = [Int16](repeating: 0, count: 3_200)
    let heard = decoded(packets(silence + Self.tone(count), piece: 320)).samples
    let lookahead = 104
    #expect(heard.count >= 3_200 + count + lookahead)
    let last = heard[(3_200 + count - 100)..<(3_200 + count + lookahead - 20)]
    #expect(Level(of: Array(last)).rmsDB > -25, "the end is there")
  }

  @Test func theNextUtteranceGoesOnInTheSameStream() {
    let encoder = OpusPacketEncoder(rate: Self.rate)!
    var packets: [[UInt8]] = []
    for _ in 0..<3 {
      packets += encoder.encode(PCM16.bytes(of: Self.tone(1_700)))
      packets += encoder.finish()
      #expect(encoder.finish().isEmpty)
    }
    let heard = decoded(packets)
    #expect(heard.problems.isEmpty)
    // 1 700 samples and the lookahead need six packets.
    #expect(heard.samples.count == 3 * 6 * 320)
  }

  @Test func oneSecondOfSpeechTakesThreeThousandBytes() {
    let speech = Signals.speech(rate: Self.rate, count: 3 * Self.rate)
    let bytes = packets(speech, piece: 320).map(\.count).reduce(0, +)
    #expect((4_500...10_000).contains(bytes), "\(bytes) bytes of three seconds at 24 kbit/s")
    var settings = OpusSettings()
    settings.bitRate = 12_000
    #expect(packets(speech, piece: 320, settings).map(\.count).reduce(0, +) < bytes * 2 / 3)
  }

  @Test func silenceWithDTXTakesNearlyNothingAndKeepsItsLength() {
    var settings = OpusSettings()
    settings.usesDTX = true
    let samples = Self.tone(16_000) + [Int16](repeating: 0, count: 32_000)
    let packets = packets(samples, piece: 320, settings)
    let silent = packets.dropFirst(75)
    #expect(silent.count { $0.count <= 2 } > silent.count * 8 / 10)
    #expect(packets.allSatisfy { OpusPacket.duration($0) != nil })
    let heard = decoded(packets)
    #expect(heard.problems.isEmpty)
    #expect(heard.samples.count == packets.count * 320)
    #expect(Level(of: Array(heard.samples.suffix(8_000))).rmsDB < -60)
  }

  @Test func anExpectedLossIsPaidForInEachPacket() {
    var settings = OpusSettings()
    settings.expectedLoss = 20
    let speech = Signals.speech(rate: Self.rate, count: 2 * Self.rate)
    let (plain, redundant) = (packets(speech, piece: 320), packets(speech, piece: 320, settings))
    #expect(plain != redundant)
    #expect(decoded(redundant).problems.isEmpty)
    settings.bitRate = .max
    settings.expectedLoss = .min
    #expect(OpusPacketEncoder(rate: Self.rate, settings) != nil, "what is out of range is brought into it")
  }

  /// Packets that were cut, changed, swapped or made up never trap, and what is whole behind them is heard.
  @Test func damagedPacketsAreLeftOut() {
    let good = packets(Self.tone(6_400), piece: 320)
    var random = SeededGenerator(seed: 7)
    for _ in 0..<40 {
      var bad = good
      for _ in 0..<6 {
        let i = Int.random(in: 0..<bad.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bad[i] = Array(bad[i].prefix(Int.random(in: 0...bad[i].count, using: &random)))
        case 1:
          guard let at = bad[i].indices.randomElement(using: &random) else { continue }
          bad[i][at] ^= UInt8.random(in: 1...255, using: &random)
        case 2:
          bad[i] = (0..<Int.random(in: 0..<2_000, using: &random)).map { _ in .random(in: 0...255, using: &random) }
        default: bad.swapAt(i, Int.random(in: 0..<bad.count, using: &random))
        }
      }
      for packet in bad { _ = OpusPacket.duration(packet) }
      _ = decoded(bad)
    }
    let heard = decoded(good.prefix(5) + [[0xFF, 0xFF, 0xFF]] + good.dropFirst(5))
    #expect(heard.samples.count == good.count * 320)
    #expect(heard.problems.count == 1)
  }

  @Test func stereoIsMixed() {
    // Left loud, right silent: half of it is left.
    let stereo = OggOpusEncoding.packets(Self.tone(6_400), rate: Self.rate, channels: 2)
    let heard = decoded(stereo)
    #expect(heard.problems.isEmpty)
    #expect(abs(Level(of: Array(heard.samples.dropFirst(1_600))).rmsDB - (Level(of: Self.tone(6_400)).rmsDB - 6)) < 1)
  }
}

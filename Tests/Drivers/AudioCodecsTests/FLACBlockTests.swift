import AudioCodecs
import TestKit
import Testing

@Suite struct FLACBlockTests {
  @Test(arguments: [8000, 11_025, 16_000, 24_000, 44_100, 48_000]) func isExact(_ rate: Int) throws {
    let sounds = [
      Signals.speech(rate: rate, count: rate / 2), Signals.noise(count: 3001, levelDB: -3),
      [Int16](repeating: 0, count: rate), (0..<4096).map { $0 % 2 == 0 ? Int16.min : .max }, [Int16.min],
    ]
    for (i, sound) in sounds.enumerated() {
      for channels in [1, 2] where sound.count % channels == 0 {
        let bytes = try FLACBlock.encode(sound, rate: rate, channels: channels)
        let again = try FLACBlock.decode(bytes, sampleCount: sound.count, channels: channels)
        #expect(again == sound, "sound \(i), \(channels) channels")
      }
    }
  }

  @Test func isShorterThanTheSamples() throws {
    let speech = Signals.speech(rate: 16_000, count: 8000)
    #expect(try FLACBlock.encode(speech, rate: 16_000).count < 2 * speech.count * 8 / 10)
    #expect(try FLACBlock.encode([Int16](repeating: 0, count: 8000), rate: 16_000).count < 300)
  }

  @Test func whatFLACHasNotIsRefused() {
    #expect(throws: FLACBlock.Failure.self) { try FLACBlock.encode([], rate: 16_000) }
    for (rate, channels) in [(0, 1), (-1, 1), (16_000, 0), (16_000, 9), (.max, 1), (16_000, -1)] {
      #expect(throws: FLACBlock.Failure.self) { try FLACBlock.encode([1, 2], rate: rate, channels: channels) }
    }
  }

  /// Nobody gets more samples than were said, or other ones than were written.
  @Test func aStreamThatIsNotWhatWasSaidIsRefused() throws {
    let bytes = try FLACBlock.encode(Signals.speech(rate: 16_000, count: 4000), rate: 16_000)
    for (count, channels) in [(3999, 1), (4001, 1), (4000, 2), (4000, 0), (4000, -1), (-1, 1), (0, 1)] {
      #expect(throws: FLACBlock.Failure.self) {
        try FLACBlock.decode(bytes, sampleCount: count, channels: channels)
      }
    }
    for count in [0, 1, 4, 42, 100, bytes.count - 1] {
      #expect(throws: FLACBlock.Failure.self) { try FLACBlock.decode(Array(bytes.prefix(count)), sampleCount: 4000) }
    }
  }

  @Test(arguments: 0..<200) func changedBytesHarmNobody(_ seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    var bytes = try FLACBlock.encode(Signals.speech(rate: 16_000, count: 4000), rate: 16_000)
    for _ in 0..<(1 + random.below(30)) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
    let samples = try? FLACBlock.decode(bytes, sampleCount: 4000)
    #expect(samples == nil || samples?.count == 4000)
  }
}

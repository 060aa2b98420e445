import Audio
import TestKit
import Testing

@Suite struct ResamplerTests {
  /// All rates that come up: telephony, speech, MP3, Opus.
  static let pairs = [
    (8_000, 16_000), (24_000, 16_000), (44_100, 16_000), (48_000, 16_000), (22_050, 16_000),
    (16_000, 24_000), (16_000, 48_000), (16_000, 44_100),
  ]

  private func convert(_ samples: [Int16], _ resampler: Resampler, piece: Int) -> [Int16] {
    var output: [Int16] = []
    for start in stride(from: 0, to: samples.count, by: piece) {
      output += resampler.process(Array(samples[start..<min(start + piece, samples.count)]))
    }
    return output + resampler.flush()
  }

  @Test(arguments: pairs) func toneStaysClean(from: Int, to: Int) {
    let output = convert(Signals.tone(1_000, rate: from, count: from), Resampler(from: from, to: to), piece: from / 50)
    // The edges of the tone are not a tone.
    let middle = Array(output[to / 10..<to * 9 / 10])
    let ratio = Signals.signalToNoiseDB(middle, hertz: 1_000, rate: to)
    #expect(ratio > 75, "\(ratio) dB")
  }

  @Test(arguments: pairs) func outputIsAlignedAndAsLongAsItShould(from: Int, to: Int) {
    let output = convert(Signals.tone(440, rate: from, count: from / 2), Resampler(from: from, to: to), piece: 333)
    #expect(output.count == (from / 2 * to + from - 1) / from)
    let ideal = Signals.tone(440, rate: to, count: output.count)
    let range = to / 20..<output.count - to / 20
    let worst = range.map { abs(Int(output[$0]) - Int(ideal[$0])) }.max()!
    #expect(worst < 60, "off by \(worst)")
  }

  @Test(arguments: pairs) func piecesDoNotMatter(from: Int, to: Int) {
    let input = Signals.speech(rate: from, count: from / 4)
    let whole = convert(input, Resampler(from: from, to: to), piece: input.count)
    for piece in [1, 7, 160, 441, 1_024] {
      #expect(convert(input, Resampler(from: from, to: to), piece: piece) == whole)
    }
  }

  @Test func stopsWhatWouldAlias() {
    // 11 kHz does not fit into 16 kHz: it must vanish, not fold to 5 kHz.
    let output = convert(
      Signals.tone(11_000, rate: 48_000, count: 48_000), Resampler(from: 48_000, to: 16_000), piece: 480)
    #expect(Level(of: output[1_000..<15_000]).rmsDB < -80)
  }

  @Test func equalRatesPassThrough() {
    let resampler = Resampler(from: 16_000, to: 16_000)
    let input = Signals.noise(count: 500, levelDB: -20)
    #expect(resampler.process(input) == input)
    #expect(resampler.flush().isEmpty)
    #expect(resampler.latency == .zero)
  }

  @Test func afterAFlushItIsAsNew() {
    let resampler = Resampler(from: 24_000, to: 16_000)
    let first = convert(Signals.speech(rate: 24_000, count: 5_001), resampler, piece: 100)
    #expect(convert(Signals.speech(rate: 24_000, count: 5_001), resampler, piece: 100) == first)
    _ = resampler.process(Signals.noise(count: 777, levelDB: -3))
    resampler.reset()
    #expect(convert(Signals.speech(rate: 24_000, count: 5_001), resampler, piece: 100) == first)
  }

  @Test func latencyIsAsMeasured() {
    #expect(Resampler(from: 48_000, to: 16_000).latency.milliseconds <= 2.6)
    #expect(Resampler(from: 16_000, to: 24_000).latency.milliseconds <= 2.6)
  }

  @Test func oddRatesAreClampedNotFatal() {
    let resampler = Resampler(from: 0, to: 5_000_000)
    #expect(resampler.from == 1_000)
    #expect(resampler.to == 384_000)
    #expect(convert([1, 2, 3], resampler, piece: 1).count == 3 * 384)
    #expect(Resampler(from: 44_101, to: 16_000).process([]).isEmpty)
  }
}

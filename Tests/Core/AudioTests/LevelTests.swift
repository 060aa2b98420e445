import Audio
import TestKit
import Testing

@Suite struct LevelTests {
  @Test func fullScaleSquareIsZero() {
    let square = (0..<1_600).map { $0 / 20 % 2 == 0 ? Int16(32_767) : -32_767 }
    let level = Level(of: square)
    #expect(abs(level.rmsDB) < 0.001)
    #expect(abs(level.peakDB) < 0.001)
    #expect(level.clipped == 1_600)
  }

  @Test func sineIsThreeDecibelsBelowItsPeak() {
    let level = Level(of: Signals.tone(1_000, rate: 16_000, count: 1_600, amplitude: 0.1))
    #expect(abs(level.rmsDB - -23.01) < 0.02)
    #expect(abs(level.peakDB - -20) < 0.02)
    #expect(level.clipped == 0)
  }

  @Test func silenceAndNothingReadTheSame() {
    #expect(Level(of: [Int16](repeating: 0, count: 100)).rmsDB == Level.silenceDB)
    #expect(Level(of: [Int16]()).rmsDB == Level.silenceDB)
  }

  @Test func mostNegativeSampleDoesNotTrap() {
    #expect(Level(of: [.min, .min]).clipped == 2)
  }

  @Test func aLazySequenceMeasuresAsItsArray() {
    let samples = Signals.noise(count: 480, levelDB: -30)
    #expect(Level(of: samples.lazy.map { $0 }) == Level(of: samples))
    #expect(Level(of: samples[100..<200]) == Level(of: Array(samples[100..<200])))
  }

  @Test(
    arguments: [(1.0, 0.0), (0.5, -3.0103), (1e-6, -60), (100, 20), (1e-13, Level.silenceDB), (0, Level.silenceDB)]
      as [(Double, Double)])
  func decibels(power: Double, expected: Double) {
    #expect(abs(Decibels.fromPower(power) - expected) < 1e-4)
  }

  @Test func peaksCoverEverySample() {
    let columns = peaks(of: [1, -5, 3, 7, 2], window: 2)
    #expect(columns.map(\.low) == [-5, 3, 2])
    #expect(columns.map(\.high) == [1, 7, 2])
    #expect(peaks(of: [], window: 2).isEmpty)
    #expect(peaks(of: [4], window: 0).count == 1)
  }
}

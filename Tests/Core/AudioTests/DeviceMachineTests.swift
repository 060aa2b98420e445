import Audio
import Testing

@Suite struct DriftEstimatorTests {
  /// Wake-ups every 10 ms that are late by up to `lateness` ns, of a device that is `ppm` too fast.
  private func points(
    _ estimator: inout DriftEstimator, seconds: Double, ppm: Double, lateness: Double, seed: UInt64 = 1
  ) {
    var state = seed
    for i in 0..<Int(seconds * 100) {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let noise = Double(state >> 40) / Double(1 << 24) * lateness
      let time = Double(i) * 1e7
      // The position is of the moment of the interrupt, the time is read later.
      let position = Int(time / 1e9 * 16_000 * (1 + ppm * 1e-6))
      estimator.add(position: position, at: Int64(time + noise))
    }
  }

  @Test(arguments: [200.0, -200.0, 35.0, 0.0])
  func findsTheSlopeThroughJitter(ppm: Double) throws {
    var estimator = DriftEstimator(rate: 16_000)
    points(&estimator, seconds: 20, ppm: ppm, lateness: 2e6)
    let found = try #require(estimator.ppm)
    #expect(abs(found - ppm) < 20)
  }

  @Test func saysNothingTooEarly() {
    var estimator = DriftEstimator(rate: 16_000)
    #expect(estimator.ppm == nil)
    points(&estimator, seconds: 1.5, ppm: 200, lateness: 0)
    #expect(estimator.ppm == nil)
    var noisy = DriftEstimator(rate: 16_000)
    points(&noisy, seconds: 3, ppm: 200, lateness: 20e6)
    #expect(noisy.ppm == nil)
  }

  @Test func interruptionsShareTheSlope() throws {
    var estimator = DriftEstimator(rate: 16_000)
    for seed in 1...10 {
      points(&estimator, seconds: 1, ppm: 150, lateness: 1e5, seed: UInt64(seed))
      estimator.restart()
    }
    let found = try #require(estimator.ppm)
    #expect(abs(found - 150) < 30)
  }
}

@Suite struct HandoverLedgerTests {
  @Test func theLedgerTellsAudioFromPadding() {
    var ledger = HandoverLedger()
    #expect(ledger.real(inLast: 100) == 0)
    ledger.add(real: 160, silence: 0)
    ledger.add(real: 100, silence: 60)
    ledger.add(real: 0, silence: 160)
    #expect(ledger.real(inLast: 160) == 0)
    #expect(ledger.real(inLast: 200) == 0)
    #expect(ledger.real(inLast: 230) == 10)
    #expect(ledger.real(inLast: 320) == 100)
    #expect(ledger.real(inLast: 330) == 110)
    #expect(ledger.real(inLast: 9_999) == 260)
    ledger.removeAll()
    #expect(ledger.real(inLast: 9_999) == 0)
  }

  @Test func theLedgerForgetsTheOldest() {
    var ledger = HandoverLedger()
    for _ in 0..<200 { ledger.add(real: 1, silence: 0) }
    #expect(ledger.real(inLast: 9_999) == 64)
  }
}

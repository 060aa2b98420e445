import Insight
import TestKit
import Testing
import Timeline
import Wire

@Suite struct DeliveryTests {
  /// An answer that has run dry at 1560, and was heard until 1590.
  private func dry() -> Script {
    var script = Script()
    script.question()
    script.audio(1515)
    script.played(from: 1520, through: 1540, response: 1)
    script.changed(1560, .underrun, played: 40)
    script.played(1560, response: nil)
    return script
  }

  @Test func anUnderrunIsTimedAndTheSilenceInItIsHeard() {
    var script = dry()
    script.changed(1660, .recovered, played: 40)
    script.played(1660, response: 1)
    let delivery = script.insight.delivery
    #expect(delivery.underruns == 1)
    #expect(delivery.underrunMs == 100)
    // Heard until 1590, and from 1690 on.
    #expect(delivery.concealedMs == 100)
    #expect(delivery.depths.map(\.at.milliseconds) == [1520, 1660])
    #expect(delivery.depths.allSatisfy { $0.depthMs == 100 && $0.targetMs == 80 })
  }

  @Test func anUnderrunThatTheResponseDoesNotSurviveConcealsNothing() {
    var script = dry()
    script.changed(1900, .finished, played: 40)
    script.played(3000, response: 2)
    #expect(script.insight.delivery.underruns == 1)
    #expect(script.insight.delivery.underrunMs == 340)
    #expect(script.insight.delivery.concealedMs == 0)
  }

  /// Audio that ends within a block: the underrun is told before the block that it cut short.
  @Test func anUnderrunWithinABlockHidesNoSilence() {
    var script = Script()
    script.question()
    script.audio(1515)
    script.played(1520, response: 1)
    script.changed(1540, .underrun, played: 40)
    script.played(1540, response: 1)
    script.played(1560, response: nil)
    script.changed(1660, .recovered, played: 40)
    script.played(1660, response: 1)
    // Heard until 1590, and from 1690 on.
    #expect(script.insight.delivery.concealedMs == 100)
    // It goes on with less than a block, too.
    script.changed(1680, .underrun, played: 60)
    script.changed(1760, .recovered, played: 60)
    script.changed(1760, .underrun, played: 80)
    script.played(1760, response: 1)
    script.played(1780, response: nil)
    script.changed(1840, .recovered, played: 80)
    script.played(1840, response: 1)
    // Heard until 1710, from 1790 until 1810, and from 1870 on.
    #expect(script.insight.delivery.concealedMs == 240)
    #expect(script.insight.delivery.underruns == 3)
  }

  /// The buffer had enough, but who takes from it came late.
  @Test func aHoleWithoutAnUnderrunIsHeardToo() {
    var script = Script()
    script.question()
    script.audio(1515)
    script.played(from: 1520, through: 1540, response: 1)
    // Heard until 1590, and from 1670 on; 3 ms are the uncertainty of a moment.
    script.played(1640, response: 1)
    script.played(1663, response: 1)
    #expect(script.insight.delivery.concealedMs == 80)
    #expect(script.insight.delivery.underruns == 0)
  }

  @Test func nothingIsConcealedBetweenResponses() {
    var script = Script()
    script.question()
    script.audio(1515)
    script.played(1520, response: 1)
    script.changed(1560, .finished, played: 20)
    script.played(1560, response: nil)
    script.played(5000, response: 2)
    #expect(script.insight.delivery.concealedMs == 0)
    #expect(script.insight.delivery.underruns == 0)
  }

  @Test func burstsAreHowMuchFasterThanHeard() {
    var script = Script()
    script.question()
    script.audio(from: 2000, through: 2200, every: 10)
    #expect(script.insight.delivery.burst.factor == 2)
    script.received(2210, .responseComplete)
    script.received(5000, .transcriptFinal("and again"))
    script.audio(from: 6000, through: 6400, every: 20)
    #expect(script.insight.delivery.burst.factor == 1)
    #expect((script.insight.delivery.highestBurst ?? 0) >= 2)
  }

  @Test func deviationsAreCountedBySize() {
    var steady = Script()
    steady.audio(from: 0, through: 400, every: 20)
    #expect(steady.insight.delivery.deviations.counts == [20, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(steady.insight.delivery.jitterMs == 0)
    var late = Script()
    for i in 0...20 { late.audio(Double(i) * 20 + (i == 10 ? 30 : 0)) }
    // 30 ms late, and the next one as much early: both between 20 and 50 ms.
    #expect(late.insight.delivery.deviations.counts[5] == 2)
    #expect(late.insight.delivery.deviations.total == 20)
  }

  @Test func aChunkIsLateWhenWhoWaitsForItHasRunDry() {
    var script = Script()
    script.audio(from: 0, through: 40, every: 20)
    // Due at 60, with 80 ms in the buffer until 140.
    script.audio(140)
    #expect(script.insight.delivery.lateChunks == 0)
    script.audio(220)
    #expect(script.insight.delivery.lateChunks == 1)
    // 60 ms late: due at 80.
    #expect(script.insight.delivery.lateness.counts[6] == 1)
    // The buffer has filled again by then.
    script.audio(240)
    #expect(script.insight.delivery.lateChunks == 1)
    #expect(script.insight.delivery.chunks == 6)
  }

  @Test func ratesAndClocks() throws {
    var script = Script()
    script.at(
      0,
      .playoutChange(PlayoutChange(ResponseID(1), .format("wav", rate: 8_000))))
    script.question()
    script.audio(1515)
    script.played(1520, response: 1)
    #expect(script.insight.delivery.resamplingRatio == 2)
    script.at(
      1600, .device(DeviceChange(role: .speaker, state: .open, name: "s", text: "t", driftPPM: 12)))
    #expect(script.insight.delivery.speakerDriftPPM == 12)
    // The server's clock loses 100 µs in each second.
    for i in 0...250 {
      let now = 10_000 + Double(i) * 100
      script.received(
        now, .audio(AudioPayload(bytes: [0, 0], sentAtMs: (now - 10_000) * (1 - 1e-4) + 500 - (i % 7 == 3 ? 5 : 0))))
    }
    let ppm = try #require(script.insight.delivery.serverClock.ppm)
    #expect(abs(ppm - 100) < 0.5)
  }
}

@Suite struct UplinkTests {
  @Test func whatIsSentAndHowLongItWaited() {
    var script = Script()
    let audio = [UInt8](repeating: 9, count: 640)
    var now = 0.0
    for i in 0..<350 {
      now = Double(i) * 20
      script.sent(now, .audio(AudioPayload(bytes: audio, sequence: i < 100 ? i : i + 3)), waitedMs: i < 300 ? 2 : 40)
    }
    let uplink = script.insight.uplink
    #expect(uplink.chunks == 350)
    #expect(uplink.sentMs == 7000)
    #expect(uplink.sequenceGaps == 1)
    #expect(uplink.missingChunks == 3)
    #expect(uplink.realTimeFactor == 1)
    #expect(uplink.waits.p50 == 2)
    #expect(uplink.waits.percentile(99) == 40)
    let bytes = VoiceDialect().encode(.audio(AudioPayload(bytes: audio, sequence: 100)), from: .client)!.payload.count
    // Numbers of three digits, from the second second on; 50 messages a second.
    #expect(uplink.bytesPerSecond(at: Timestamp(milliseconds: 7000)) == Double(bytes * 50))
    // -50 dBFS and less is silence where nobody records the microphone: 0x0909 is not.
    #expect(uplink.silentMs == 0)
  }

  @Test func silenceIsWhatPassedWithoutSpeech() {
    var script = Script()
    for i in 0..<10 {
      script.at(
        Double(i) * 20,
        .micFrame(
          MicFrame(
            sampleCount: 320, rate: 16_000, rmsDB: -60, peakDB: -50, peaks: [], fate: i < 6 ? .sent : .gated,
            vadLevelDB: -60, vadThresholdDB: -45, isSpeech: i < 2)))
    }
    #expect(script.insight.uplink.silentMs == 80)
    var foreign = Script()
    foreign.sent(0, .audio(AudioPayload(bytes: [UInt8](repeating: 0, count: 640))))
    foreign.sent(20, .audio(AudioPayload(bytes: [UInt8](repeating: 0x40, count: 640))))
    #expect(foreign.insight.uplink.silentMs == 20)
  }

  @Test func queuesAndBacklog() {
    var script = Script()
    for (ms, depth, dropped) in [(0.0, 3, 0), (100, 7, 2), (200, 1, 2)] {
      script.at(ms, .queue(QueueDepth(name: .uplink, depth: depth, capacity: 100, dropped: dropped, unit: .frames)))
      script.at(
        ms, .queue(QueueDepth(name: .socket, depth: depth * 100, capacity: nil, dropped: 0, unit: .bytes)))
    }
    let uplink = script.insight.uplink
    #expect([uplink.depth, uplink.highestDepth, uplink.dropped] == [1, 7, 2])
    #expect([uplink.backlogBytes, uplink.highestBacklogBytes] == [100, 700])
  }
}

@Suite struct ConnectionTests {
  private func connect(_ script: inout Script, _ id: Int, at start: Double) {
    let id = LinkID(id)
    script.at(start, .connection(ConnectionChange(id, .connecting, attempt: 1)))
    script.at(
      start + 12,
      .connection(
        ConnectionChange(id, .open(stages: [ConnectStage(.dns, ms: 2), ConnectStage(.tcp, ms: 10)]))))
    script.at(start + 20, .connection(ConnectionChange(id, .ready())))
  }

  @Test func connectingByStage() {
    var script = Script()
    connect(&script, 1, at: 0)
    let connection = script.insight.connection
    #expect(
      connection.stages == [
        ConnectStage(.dns, ms: 2), ConnectStage(.tcp, ms: 10), ConnectStage(.ready, ms: 8),
      ])
    #expect(connection.connectTimes.p50 == 20)
    #expect(connection.outages.isEmpty)
  }

  @Test func roundTripsAndMissedPongs() {
    var script = Script()
    for i in 1...20 { script.at(Double(i), .roundTrip(RoundTrip(link: LinkID(1), ms: Double(i)))) }
    script.at(30, .roundTrip(RoundTrip(link: LinkID(1), ms: nil)))
    let connection = script.insight.connection
    #expect(connection.roundTrips.p50 == 10)
    #expect(connection.roundTrips.p95 == 19)
    #expect(connection.missedPongs == 1)
  }

  @Test func aLossItsRecoveryAndWhatWasLostInIt() {
    var script = Script()
    connect(&script, 1, at: 0)
    script.sent(500, .audio(AudioPayload(bytes: [UInt8](repeating: 1, count: 640))))
    func dropped(_ ms: Double, _ count: Int) {
      script.at(ms, .queue(QueueDepth(name: .uplink, depth: 9, capacity: 9, dropped: count, unit: .frames)))
    }
    dropped(600, 2)
    script.at(
      1000, .connection(ConnectionChange(LinkID(1), .closed(code: 1006, by: .network))))
    dropped(1500, 5)
    connect(&script, 2, at: 1980)
    // Told a little later, and lost in it all the same; what comes long after has another cause.
    dropped(2100, 7)
    dropped(9000, 9)
    let connection = script.insight.connection
    #expect(connection.outages.count == 1)
    #expect(connection.outages.last?.recovery == .milliseconds(1000))
    #expect(connection.outages.last?.code == 1006)
    #expect(connection.outages.last?.lostMs == 100)
    #expect(connection.recoveryTimes.p50 == 1000)
    // Who quits loses nothing.
    script.at(10_000, .operatorAct(OperatorAct(.quit)))
    script.at(10_010, .connection(ConnectionChange(LinkID(2), .closed(code: 1000, by: .client))))
    #expect(script.insight.connection.outages.count == 1)
  }
}

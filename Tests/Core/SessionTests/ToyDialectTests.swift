import TestKit
import Testing
import Timeline
import Wire

@testable import Session

/// A dialect with its own opening, its own pings, 24 kHz and names for its items: nothing in the session knows it.
@Suite struct ToyDialectTests {
  private func live(_ settings: DialectSettings = DialectSettings()) -> Rig {
    var rig = Rig(ToyDialect(settings)) {
      $0.inputRate = 24_000
      $0.chunkSampleCount = 960
    }
    rig.input(.started)
    rig.input(.connectionOpened(first, stages: []))
    return rig
  }

  private func hear(_ line: String, _ rig: inout Rig) -> [SessionEffect] {
    rig.input(.messageReceived(first, .string(line)))
  }

  @Test func theOpeningComesFirstAndAudioAfterTheAnswer() {
    var rig = live(DialectSettings(options: ["mood": "merry"]))
    #expect(rig.all.sent == [.string("Hmerry")])
    #expect(!rig.session.isLive)
    _ = hear("Hs_toy", &rig)
    #expect(rig.session.isLive)
    // Each connection begins a new link.
    rig.input(.connectionClosed(first, code: 1006, reason: "", by: .network))
    rig.untilConnect()
    let again = rig.input(.connectionOpened(second, stages: []))
    #expect(again.sent == [.string("Hmerry")])
  }

  @Test func aPingIsEchoedAtOnce() {
    var rig = live()
    _ = hear("Hs_toy", &rig)
    let echo = hear("P17", &rig)
    #expect(echo.sent == [.string("P17")])
  }

  @Test func theServerIsToldWhatWasHeard() throws {
    var rig = live()
    for line in ["Hs_toy", "R", "Sonce upon a time"] { _ = hear(line, &rig) }
    // 400 ms at 24 kHz.
    let audio = "A" + String(repeating: "10", count: 9_600 * 2)
    let play = hear(audio, &rig)
    #expect(play.plays == [ResponseID(1)])
    let stop = rig.command(.interrupt)
    #expect(stop.sent == [.string("X")])
    let at = try #require(stop.firstIndex(of: .flushPlayout))
    #expect(stop[..<at].contains { if case .send = $0 { true } else { false } }, "the word comes before the flush")
    let told = rig.input(
      .playoutChanged(PlayoutChange(ResponseID(1), .flushed(playedMs: 150, discardedMs: 250))))
    #expect(told.sent == [.string("Qi1 150.0")])
    // What comes late of it is not played, and the next one is.
    let late = hear(audio, &rig)
    #expect(late.plays.isEmpty)
    _ = hear("R", &rig)
    let next = hear(audio, &rig)
    #expect(next.plays == [ResponseID(2)])
  }

  @Test func whatWasHeardWholeIsNotTold() {
    var rig = live()
    for line in ["Hs_toy", "R", "A" + String(repeating: "10", count: 960 * 2), "E"] { _ = hear(line, &rig) }
    let told = rig.input(
      .playoutChanged(PlayoutChange(ResponseID(1), .flushed(playedMs: 40, discardedMs: 0))))
    #expect(told.sent.isEmpty)
  }

  @Test func anInterruptBeforeTheFirstWordCutsTheResponseThatWasAnnounced() {
    var rig = live()
    for line in ["Hs_toy", "R"] { _ = hear(line, &rig) }
    rig.command(.interrupt)
    let late = hear("A" + String(repeating: "10", count: 960 * 2), &rig)
    #expect(late.plays.isEmpty)
  }

  @Test func theFormOfTheCardGoesOut() {
    for (form, perSample, rate) in [
      (WireAudioForm(.pcm16, rate: 24_000, .base64), 2, 24_000),
      (WireAudioForm(.mulaw, rate: 8_000, .base64), 1, 8_000),
    ] {
      var rig = Rig(ToyDialect(DialectSettings(uplink: form))) {
        $0.inputRate = rate
        $0.chunkSampleCount = rate / 25
        $0.gateMode = .open
      }
      for input in [SessionInput.started, .connectionOpened(first, stages: []), .messageReceived(first, .string("Hs"))]
      {
        rig.input(input)
      }
      let sent = rig.input(.micFrameCaptured([Int16](repeating: 4_000, count: rate / 25), isSynthetic: false)).sent
      #expect(sent.map(\.payload.count) == [1 + rate / 25 * perSample * 2])
    }
  }

  @Test func theEndOfTheSessionIsToldBefore() {
    for isDate in [false, true] {
      var rig = Rig(ExpiringDialect(DialectSettings())) {
        if isDate { $0.wallClockMilliseconds = 1_000_000 }
        $0.firstPingDelay = .seconds(3_600)
      }
      rig.input(.started)
      rig.input(.connectionOpened(first, stages: []))
      rig.input(.messageReceived(first, .string(isDate ? "at" : "in")))
      let before = rig.advance(.seconds(200)).notices
      #expect(before.isEmpty)
      let told = rig.advance(.seconds(50)).notices
      #expect(told.map(\.text) == ["the server ends this session in 60 s"], "\(told)")
    }
  }
}

/// A server that says when it will end the session: in 300 s, or at a moment that is as far away.
private struct ExpiringDialect: Dialect {
  static let card = DialectCard(
    name: "expiring", title: "Expiring", notes: "", uplink: ToyDialect.card.uplink, downlink: ToyDialect.card.downlink,
    readiness: .open, turns: .byMessages, responseEnd: .said, identity: .byOrder, interruption: .serverDetects,
    clientSays: [], serverSays: [.expiry])
  init(_ settings: DialectSettings) {}
  mutating func read(_ message: WireMessage, from side: Side) -> Reading {
    let text = String(decoding: message.payload, as: UTF8.self)
    return Reading(text, [.expiry(text == "at" ? .at(1_300) : .inSeconds(300))])
  }
  mutating func say(_ what: Saying, as side: Side, at now: Timestamp) -> [WireMessage] { [] }
}

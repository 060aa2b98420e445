import TestKit
import Testing
import Timeline
import Wire

@testable import Session

/// Every timer of the table: what sets it, when it is due, and what it does then.
@Suite struct TimerTests {
  struct Row: CustomTestStringConvertible {
    var timer: SessionTimer
    /// From the start of the situation to the timer.
    var delay: Duration
    var situation: @Sendable () -> Rig
    /// What tells that it has run.
    var outcome: @Sendable ([SessionEffect]) -> Bool
    var testDescription: String { "\(timer)" }
  }

  private static func connecting() -> Rig {
    var rig = Rig()
    rig.input(.started)
    return rig
  }
  private static func opened() -> Rig {
    var rig = connecting()
    rig.input(.connectionOpened(first, stages: []))
    return rig
  }
  private static func live(_ act: (inout Rig) -> Void) -> Rig {
    var rig = Rig.live()
    act(&rig)
    return rig
  }
  private static func audio() -> VoiceEvent { .audio(AudioPayload(bytes: [1, 1])) }

  static let rows: [Row] = [
    Row(timer: .refusalEnd, delay: .seconds(4)) {
      live { $0.command(.disconnect(.refuse(.seconds(4)))) }
    } outcome: {
      $0.faults == [FaultChange(.refuse, active: false)]
    },
    Row(timer: .attemptTimeout, delay: .seconds(20)) {
      connecting()
    } outcome: {
      $0.contains(.abort(first)) && $0.states == [.failed, .waiting]
    },
    Row(timer: .nextAttempt, delay: .seconds(1)) {
      var rig = connecting()
      rig.input(.connectionFailed(first, reason: "no", isPermanent: false))
      return rig
    } outcome: {
      $0.connects.map(\.id) == [second]
    },
    Row(timer: .closeTimeout, delay: .seconds(5)) {
      live { $0.command(.disconnect(.close(code: 1000, reason: ""))) }
    } outcome: {
      $0.contains(.abort(first)) && $0.states == [.closed, .waiting]
    },
    Row(timer: .expiryNotice, delay: .seconds(10)) {
      live { rig in
        rig.session.dialling.connection?.expiryTold(.inSeconds(70), &rig.session.output)
      }
    } outcome: {
      $0.notices.map(\.id) == [.expiryNear]
    },
    Row(timer: .readyTimeout, delay: .seconds(5)) {
      opened()
    } outcome: {
      $0.notices.map(\.id) == [.notReady]
    },
    Row(timer: .heartbeat, delay: .seconds(1)) {
      live { _ in }
    } outcome: {
      $0.pings.count == 1
    },
    Row(timer: .manners, delay: .seconds(3)) {
      var rig = Rig(PunctualDialect(DialectSettings()))
      rig.input(.started)
      rig.input(.connectionOpened(first, stages: []))
      return rig
    } outcome: {
      $0.sent == [.string("still here")]
    },
    Row(timer: .response, delay: .seconds(5)) {
      live {
        $0.hear(audio())
        $0.command(.interrupt)
      }
    } outcome: {
      $0.notices.map(\.id) == [.interruptUnconfirmed]
    },
    Row(timer: .uplinkDepth, delay: .milliseconds(100)) {
      var rig = Rig.live { $0.gateMode = .open }
      rig.input(.socketBacklogChanged(first, byteCount: 1 << 20))
      rig.advance(.milliseconds(200))
      let frame = [Int16](repeating: 0, count: 320)
      // The first change is told at once.
      for _ in 0..<2 { rig.input(.micFrameCaptured(frame, isSynthetic: false)) }
      return rig
    } outcome: {
      $0.queues.map(\.name) == [.uplink]
    },
    Row(timer: .socketDepth, delay: .milliseconds(100)) {
      live { rig in for count in 1...2 { rig.input(.socketBacklogChanged(first, byteCount: count)) } }
    } outcome: {
      $0.queues.map(\.depth) == [2]
    },
  ]

  @Test func everyTimerHasARow() { #expect(Self.rows.map(\.timer) == SessionTimer.allCases) }

  @Test(arguments: rows) func aTimerRunsAtItsMoment(row: Row) {
    var rig = row.situation()
    let due = rig.now + row.delay
    #expect(rig.session.moment(of: row.timer) == due)
    #expect((rig.session.deadline ?? .zero) <= due)
    // Others may run before.
    rig.advance(row.delay - .milliseconds(1))
    #expect(rig.session.moment(of: row.timer) == due)
    let effects = rig.advance(.milliseconds(1))
    #expect(row.outcome(effects), "\(effects)")
    #expect(rig.session.moment(of: row.timer).map { $0 > rig.now } ?? true, "it has moved on")
  }

  /// Nothing is due before the start, after the operator is asked, and after the end.
  @Test func whoWaitsForTheOperatorHasNoTimer() {
    var rig = Rig { $0.reconnectAttempts = 1 }
    #expect(rig.session.deadline == nil)
    rig.input(.started)
    rig.input(.connectionFailed(first, reason: "no", isPermanent: false))
    rig.advance(.seconds(1))
    #expect(rig.session.hasGivenUp)
    #expect(SessionTimer.allCases.allSatisfy { rig.session.moment(of: $0) == nil })
    rig.command(.quit)
    #expect(rig.session.isFinished)
    #expect(SessionTimer.allCases.allSatisfy { rig.session.moment(of: $0) == nil })
  }
}

/// A dialect that says something of its own every three seconds.
private struct PunctualDialect: Dialect {
  static let card = DialectCard(
    name: "punctual", title: "Punctual", notes: "", uplink: ToyDialect.card.uplink, downlink: ToyDialect.card.downlink,
    readiness: .open, turns: .byMessages, responseEnd: .said, identity: .byOrder, interruption: .serverDetects,
    clientSays: [], serverSays: [])
  private(set) var deadline: Timestamp? = Timestamp(milliseconds: 3_000)
  init(_ settings: DialectSettings) {}
  mutating func read(_ message: WireMessage, from side: Side) -> Reading { Reading("?", []) }
  mutating func say(_ what: Saying, as side: Side, at now: Timestamp) -> [WireMessage] { [] }
  mutating func owes(as side: Side, at now: Timestamp) -> [WireMessage] {
    guard let due = deadline, due <= now else { return [] }
    deadline = due + .seconds(3)
    return [.string("still here")]
  }
}

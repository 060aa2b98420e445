import TestKit
import Testing
import Timeline
import Wire

@testable import Session

@Suite struct ConnectionTests {
  @Test func connectsAndBecomesReady() {
    var rig = Rig()
    let started = rig.input(.started)
    #expect(started.connects.map(\.id) == [first])
    #expect(started.connects[0].resume == nil)
    #expect(started.states == [.connecting])
    #expect(started.gates == [Gate(mode: .gate)])
    let stages = [ConnectStage(.tcp, ms: 1)]
    #expect(rig.input(.connectionOpened(first, stages: stages)).connections.map(\.stages) == [stages])
    #expect(!rig.session.isLive)
    let effects = rig.hear(.ready(Ready(sessionID: "s_9", resumed: false)))
    #expect(rig.session.isLive)
    #expect(effects.first?.isMessageRecord == true)
    #expect(effects.connections.map(\.sessionID) == ["s_9"])
  }

  @Test func pcmIsLiveAsSoonAsItIsOpen() {
    var rig = Rig(PCMDialect())
    rig.input(.started)
    #expect(rig.input(.connectionOpened(first, stages: [])).states == [.open, .ready])
    #expect(rig.session.isLive)
  }

  @Test func missingReadyIsToldAndWaitedFor() {
    var rig = Rig()
    rig.input(.started)
    rig.input(.connectionOpened(first, stages: []))
    #expect(rig.advance(.milliseconds(4999)).notices.isEmpty)
    let notices = rig.advance(.milliseconds(1)).notices
    #expect(notices.map(\.severity) == [.warning])
    #expect(notices[0].remedy?.contains("{\"type\":\"ready\"") == true)
    rig.input(.pongReceived(first, payload: rig.all.pings.last!))
    #expect(rig.advance(.seconds(8)).notices.isEmpty)
    #expect(rig.hear(.ready(ready())).states == [.ready])
  }

  @Test func heartbeatMeasuresAndRepeats() {
    var rig = Rig.live()
    let early = rig.advance(.seconds(1))
    #expect(early.pings.count == 1)
    rig.advance(.milliseconds(12))
    #expect(rig.input(.pongReceived(first, payload: [1])).roundTrips.isEmpty)
    #expect(rig.input(.pongReceived(first, payload: early.pings[0])).roundTrips.map(\.ms) == [12])
    #expect(rig.input(.pongReceived(first, payload: early.pings[0])).roundTrips.isEmpty)
    #expect(rig.advance(.milliseconds(19_987)).pings.isEmpty)
    let later = rig.advance(.milliseconds(1))
    #expect(later.pings.count == 1)
    #expect(later.pings != early.pings)
  }

  @Test func noPongIsADeadConnection() {
    var rig = Rig.live()
    rig.advance(.seconds(1))
    #expect(rig.advance(.milliseconds(9999)).isEmpty)
    let dead = rig.advance(.milliseconds(1))
    #expect(dead.contains(.abort(first)))
    #expect(dead.roundTrips == [RoundTrip(link: first, ms: nil)])
    #expect(dead.connections.first?.reason == "no pong within 10 s")
    #expect(dead.states == [.closed, .waiting])
    #expect(rig.input(.connectionClosed(first, code: 1006, reason: "", by: .network)).isEmpty)
  }

  /// A server that sends and does not read: told at the documented 10 s, ended when the pong does not come after as long
  /// again. Messages postpone neither.
  @Test func messagesDoNotHideAMissingPong() {
    var rig = Rig.live()
    let ping = rig.advance(.seconds(1)).pings
    #expect(ping.count == 1)
    for _ in 1...9 {
      #expect(rig.advance(.seconds(1)).roundTrips.isEmpty)
      rig.hear(.responseText("still here"))
    }
    let late = rig.advance(.seconds(1))
    #expect(late.roundTrips == [RoundTrip(link: first, ms: nil)])
    #expect(late.notices.first?.text.contains("no pong within 10 s, though messages come") == true)
    #expect(!late.contains(.abort(first)))
    var more: [SessionEffect] = []
    for _ in 1...10 {
      rig.hear(.responseText("still here"))
      more += rig.advance(.seconds(1))
    }
    #expect(more.contains(.abort(first)))
    #expect(more.roundTrips.isEmpty, "one ping, one round trip that is missing")
    #expect(more.connections.first?.code == 1006)
    #expect(more.connections.first?.reason?.contains("no pong within 20 s") == true)
  }

  /// A pong behind much that was sent before it comes late and counts.
  @Test func aLatePongIsARoundTrip() {
    var rig = Rig.live()
    let ping = rig.advance(.seconds(1)).pings
    rig.advance(.seconds(5))
    rig.hear(.responseText("a long answer"))
    #expect(rig.advance(.seconds(5)).roundTrips.map(\.ms) == [nil])
    rig.advance(.seconds(4))
    #expect(rig.input(.pongReceived(first, payload: ping[0])).roundTrips.map(\.ms) == [14_000])
    #expect(!rig.advance(.seconds(5)).contains(.abort(first)))
  }

  @Test func theServersWishToBeLeftAloneIsHonoured() {
    func delay(_ wish: Duration?) -> Double? {
      var rig = Rig()
      rig.input(.started)
      return rig.input(.connectionFailed(first, reason: "busy", isPermanent: false, retryAfter: wish))
        .connections.compactMap(\.delayMs).first
    }
    #expect(delay(.seconds(7)) == 7000)
    // Not less than usual, not for ever.
    #expect((800...1200).contains(delay(.zero) ?? 0))
    #expect((800...1200).contains(delay(nil) ?? 0))
    #expect(delay(.seconds(31_536_000)) == 120_000)
  }

  @Test func theChosenSubprotocolIsOnTheTimeline() {
    var rig = Rig()
    rig.input(.started)
    let opened = rig.input(.connectionOpened(first, stages: [], subprotocol: "realtime"))
    #expect(opened.connections.first { $0.state == .open }?.subprotocol == "realtime")
  }

  @Test func backsOffThenGivesUpThenTriesAgain() {
    var rig = Rig()
    rig.input(.started)
    var delays: [Double] = []
    for n in 1...5 {
      let effects = rig.input(.connectionFailed(LinkID(n), reason: "refused", isPermanent: false))
      delays += effects.connections.compactMap(\.delayMs)
      #expect(effects.states == (n < 5 ? [.failed, .waiting] : [.failed, .gaveUp]))
      rig.untilConnect()
    }
    #expect(delays == [1000, 2000, 4000, 8000])
    #expect(rig.session.hasGivenUp)
    #expect(rig.all.notices.last?.remedy?.contains(":reconnect") == true)
    #expect(rig.session.deadline == nil)
    #expect(rig.command(.reconnect).connects.map(\.id) == [LinkID(6)])
  }

  @Test func aLostGoodLineGetsFiveAttempts() {
    var rig = Rig.live()
    rig.advance(.seconds(6))
    var effects = rig.input(.connectionClosed(first, code: 1006, reason: "reset", by: .network))
    var delays: [Double] = []
    for n in 2...6 {
      delays += effects.connections.compactMap(\.delayMs)
      #expect(rig.untilConnect().connects.map(\.id) == [LinkID(n)])
      effects = rig.input(.connectionFailed(LinkID(n), reason: "no", isPermanent: false))
    }
    #expect(delays == [1000, 2000, 4000, 8000, 16000])
    #expect(effects.states == [.failed, .gaveUp])
  }

  @Test func delaysAreJitteredAndCapped() {
    var seen: Set<Double> = []
    for seed in UInt64(0)..<40 {
      var rig = Rig(seed: seed) {
        $0.backoffJitter = 0.2
        $0.reconnectAttempts = 8
      }
      rig.input(.started)
      for n in 1...7 {
        let effects = rig.input(.connectionFailed(LinkID(n), reason: "no", isPermanent: false))
        let nominal = min(1000 * Double(1 << (n - 1)), 30_000)
        let delay = effects.connections.compactMap(\.delayMs)[0]
        #expect((nominal * 0.8...nominal * 1.2).contains(delay))
        if n == 1 { seen.insert(delay) }
        rig.untilConnect()
      }
    }
    #expect(seen.count > 30)
  }

  @Test func aLineThatBreaksAtOnceUsesUpItsAttempts() {
    var rig = Rig.live()
    for n in 1...5 {
      let effects = rig.input(.connectionClosed(LinkID(n), code: 1011, reason: "", by: .server))
      #expect(effects.states == (n < 5 ? [.closed, .waiting] : [.closed, .gaveUp]))
      rig.untilConnect()
      rig.input(.connectionOpened(LinkID(n + 1), stages: []))
      rig.hear(.ready(ready()), on: LinkID(n + 1))
    }
  }

  @Test func permanentFailuresGiveUpAtOnce() {
    var rig = Rig()
    rig.input(.started)
    let effects = rig.input(.connectionFailed(first, reason: "404 Not Found", isPermanent: true))
    #expect(effects.states == [.failed, .gaveUp])
    #expect(effects.notices[0].text.contains("404"))
  }

  @Test(arguments: [1001, 1005, 1006, 1009, 1011, 1012, 1013, 4000])
  func losesAndReconnects(code: Int) {
    var rig = Rig.live()
    let effects = rig.input(.connectionClosed(first, code: code, reason: "", by: .server))
    #expect(effects.states == [.closed, .waiting])
    #expect(rig.advance(.seconds(3)).connects.map(\.id) == [second])
  }

  @Test func aNormalCloseByTheServerIsTheEnd() {
    var rig = Rig.live()
    let effects = rig.input(.connectionClosed(first, code: 1000, reason: "bye", by: .server))
    #expect(effects.states == [.closed, .gaveUp])
    #expect(effects.notices.last?.text.contains("the server ended the session: bye") == true)
    #expect(rig.advance(.seconds(100)).isEmpty)
    #expect(rig.command(.reconnect).connects.count == 1)
  }

  @Test func resumesWithItsTicket() {
    var rig = Rig.live(resume: true)
    rig.input(.connectionClosed(first, code: 1006, reason: "", by: .network))
    let again = rig.advance(.seconds(3))
    #expect(again.connects.map(\.resume) == [ResumeTicket(sessionID: "s_1", token: "tok-0123456789abcdef")])
    rig.input(.connectionOpened(second, stages: []))
    #expect(rig.hear(.ready(ready(resume: true, resumed: true)), on: second).connections.map(\.resumed) == [true])
    #expect(rig.all.notices.isEmpty)
  }

  @Test func aServerThatForgotIsToldToTheOperator() {
    var rig = Rig.live(resume: true)
    rig.input(.connectionClosed(first, code: 1006, reason: "", by: .network))
    rig.advance(.seconds(3))
    rig.input(.connectionOpened(second, stages: []))
    #expect(rig.hear(.ready(ready()), on: second).notices.map(\.severity) == [.warning])
  }

  @Test func aRefusedTicketIsDropped() {
    var rig = Rig.live(resume: true)
    rig.input(.connectionClosed(first, code: 1006, reason: "", by: .network))
    rig.advance(.seconds(3))
    #expect(rig.input(.connectionFailed(second, reason: "404", isPermanent: true)).states == [.failed, .waiting])
    let third = rig.advance(.seconds(5)).connects
    #expect(third.count == 1 && third[0].resume == nil)
    #expect(rig.input(.connectionFailed(third[0].id, reason: "404", isPermanent: true)).states == [.failed, .gaveUp])
  }

  @Test func tokensStayOutOfEntries() {
    var rig = Rig.live(resume: true)
    rig.hear(.error(ServerError(message: "token tok-0123456789abcdef is old")))
    rig.command(.sendConfig("{\"api_key\":\"sk-very-secret\",\"echo\":\"tok-0123456789abcdef\"}"))
    rig.input(.connectionClosed(first, code: 1006, reason: "tok-0123456789abcdef", by: .network))
    let entries = rig.all.entries.map { "\($0)" }.joined()
    #expect(!entries.contains("tok-0123456789abcdef"))
    #expect(!entries.contains("sk-very-secret"))
    for message in rig.all.messages {
      let text = String(decoding: message.payload, as: UTF8.self)
      #expect(!text.contains("tok-") && !text.contains("sk-"))
      #expect((try? JSONValue(parsing: message.payload)) != nil)
    }
    // What goes over the wire is whole.
    #expect(rig.all.sent.contains { String(decoding: $0.payload, as: UTF8.self).contains("sk-very-secret") })
  }

  @Test func lateEventsOfOldConnectionsAreIgnored() {
    var rig = Rig.live()
    rig.input(.connectionClosed(first, code: 1006, reason: "", by: .network))
    rig.advance(.seconds(3))
    for late: SessionInput in [
      .connectionOpened(first, stages: []), .connectionFailed(first, reason: "x", isPermanent: true),
      .connectionClosed(first, code: 1000, reason: "", by: .server), .messageReceived(first, .string("{}")),
      .pongReceived(first, payload: []), .socketBacklogChanged(first, byteCount: 99),
    ] {
      #expect(rig.input(late).isEmpty)
    }
    #expect(rig.input(.connectionOpened(second, stages: [])).states == [.open])
  }

  @Test func anAttemptThatNeverAnswersIsGivenUp() {
    var rig = Rig()
    rig.input(.started)
    let effects = rig.advance(.seconds(20))
    #expect(effects.contains(.abort(first)))
    #expect(effects.states == [.failed, .waiting])
  }

  @Test(arguments: [
    ("realtime", "realtime"), ("openai-insecure-api-key.sk-1", "openai-insecure-api-key.…"), ("given-key", "…"),
  ])
  func theChosenSubprotocolIsRecordedWithoutAKey(_ chosen: String, _ shown: String) {
    var configuration = SessionConfiguration()
    configuration.secrets = ["given-key"]
    var session = Session(configuration, dialect: VoiceDialect(), seed: 1)
    _ = session.handle(.started, at: .zero)
    let effects = session.handle(.connectionOpened(first, stages: [], subprotocol: chosen), at: .zero)
    #expect(effects.connections.map(\.subprotocol) == [shown])
  }

  /// Attempts in words are those that led nowhere: the connection that was good for a moment is none of them.
  @Test func theCountOfAttemptsIsTheRealOne() {
    func story(_ reachesReady: Bool) -> String {
      var rig = reachesReady ? Rig.live() : Rig()
      if !reachesReady {
        rig.input(.started)
        rig.input(.connectionFailed(first, reason: "refused", isPermanent: false))
      } else {
        rig.input(.connectionClosed(first, code: 1006, reason: "", by: .network))
      }
      for _ in 0..<10 {
        guard let next = rig.advance(.seconds(40)).connects.last?.id else { break }
        rig.input(.connectionFailed(next, reason: "refused", isPermanent: false))
      }
      return rig.all.connections.last?.reason ?? ""
    }
    #expect(story(false) == "5 attempts in a row failed, the last: refused")
    #expect(story(true) == "4 attempts in a row failed, and 1 connection was lost within 5 s, the last: refused")
  }

  /// What ends without a connection, and not because both sides agreed, was lost.
  @Test func aLostSessionEndsAsLost() {
    var rig = Rig.live()
    rig.input(.connectionClosed(first, code: 1006, reason: "", by: .network))
    for _ in 0..<10 {
      guard let next = rig.advance(.seconds(40)).connects.last?.id else { break }
      rig.input(.connectionFailed(next, reason: "refused", isPermanent: false))
    }
    #expect(rig.session.hasGivenUp)
    guard case .finish(let reason, let orderly)? = rig.command(.quit).last else {
      Issue.record("no end")
      return
    }
    #expect(!orderly && reason.contains("in a row failed"))

    var ended = Rig.live()
    ended.input(.connectionClosed(first, code: 1000, reason: "bye", by: .server))
    #expect(ended.command(.quit).last == .finish(reason: "quit by the operator", orderly: true))

    // It came back.
    var again = Rig.live()
    again.input(.connectionFailed(first, reason: "x", isPermanent: true))
    again.input(.connectionClosed(first, code: 1006, reason: "", by: .network))
    again.command(.reconnect)
    if let id = again.all.connects.last?.id {
      again.input(.connectionOpened(id, stages: []))
      again.hear(.ready(ready()), on: id)
      again.command(.quit)
      #expect(
        again.input(.connectionClosed(id, code: 1000, reason: "", by: .client)).last
          == .finish(reason: "quit by the operator", orderly: true))
    }
  }
}

import Testing
import Timeline
import Wire

@testable import Session

@Suite struct OperatorTests {
  @Test func configIsSentOrRefusedWithAReason() {
    var rig = Rig.live()
    let good = rig.command(.sendConfig("{\"voice\":\"awb\"}"))
    #expect(good.sentEvents == [.config(.object(["voice": .string("awb")]))])
    #expect(good.acts == [OperatorAct(.config, "{\"voice\":\"awb\"}")])
    for bad in ["{voice", "[1]", "", "7"] {
      let effects = rig.command(.sendConfig(bad))
      #expect(effects.sent.isEmpty)
      #expect(effects.notices.map(\.id) == [.configUnreadable] && effects.notices.map(\.source) == [.config])
      #expect(effects.notices[0].text.contains("config was not sent: "))
      #expect(effects.notices[0].remedy != nil)
    }
  }

  @Test func textAndRawMessages() {
    var rig = Rig.live()
    #expect(rig.command(.sendText("hello")).sentEvents == [.text("hello")])
    #expect(rig.command(.sendRaw(.string("{not json"))).sent == [.string("{not json")])
    #expect(rig.command(.sendRaw(.binary([1, 2, 3]))).acts == [OperatorAct(.send, "3 bytes")])
    var pcm = Rig.live(PCMDialect())
    #expect(pcm.command(.sendText("hello")).notices.count == 1)
    #expect(pcm.all.sent.isEmpty)
  }

  /// Both ways, in every form, and in the acts; what goes over the wire is whole.
  @Test func secretsReachNoEntry() {
    var rig = Rig.live { $0.secrets = ["given-by-a-header"] }
    let sent: [WireMessage] = [
      .string(#"{"type":"auth","token":"FAKE41"}"#), .string(#"{"x":"{\"api_key\":\"FAKE42\"}"}"#),
      .binary(Array(#"{"client_secret":{"value":"FAKE43"}}"#.utf8)), .string("Authorization: Bearer FAKE44"),
    ]
    for frame in sent { #expect(rig.command(.sendRaw(frame)).sent == [frame]) }
    rig.command(.sendText("my key is sk-proj-FAKE45abcDEF2ghiJKL3"))
    rig.command(.sendConfig(#"{"headers":{"Cookie":"sid=FAKE46"}}"#))
    rig.command(.disconnect(.close(code: 4001, reason: "token=FAKE47")))
    for frame: WireMessage in [
      .string(#"{"type":"session.created","session":{"client_secret":{"value":"FAKE51","expires_at":1}}}"#),
      .binary(Array(#"{"api_key":"FAKE52"}"#.utf8)), .string(#"{"type":"x","echo":"given-by-a-header"}"#),
      // What was sent comes back in words.
      .string(#"{"type":"error","message":"bad token FAKE41"}"#),
      // A key beyond the excerpt's length is not cut in the middle.
      .string(#"{"type":"error","message":"\#(String(repeating: "x", count: 150)) sk-FAKE53abcDEF2ghiJKL3mn"}"#),
    ] {
      rig.input(.messageReceived(first, frame))
    }
    let entries = rig.all.compactMap { effect -> String? in
      if case .record(let event) = effect { "\(event)" } else { nil }
    }
    let payloads = rig.all.compactMap { effect -> String? in
      if case .record(.message(let message)) = effect { String(decoding: message.payload, as: UTF8.self) } else { nil }
    }
    for text in entries + payloads {
      #expect(!text.contains("FAKE") && !text.contains("given-by"), "\(text)")
    }
  }

  @Test func withoutAConnectionCommandsSayWhy() {
    var rig = Rig()
    rig.input(.started)
    for command: OperatorCommand in [
      .sendText("x"), .sendConfig("{}"), .sendRaw(.string("{}")), .interrupt, .disconnect(.stall),
      .disconnect(.close(code: 1000, reason: "")),
    ] {
      let effects = rig.command(command)
      #expect(effects.sent.isEmpty)
      #expect(effects.notices.count == 1, "\(command)")
    }
  }

  @Test func closesWithACodeAndComesBack() {
    var rig = Rig.live()
    let closing = rig.command(.disconnect(.close(code: 4001, reason: "test")))
    #expect(closing.contains(.close(first, code: 4001, reason: "test")))
    #expect(closing.states == [.closing])
    #expect(rig.command(.sendText("late")).sent.isEmpty)
    #expect(rig.input(.connectionClosed(first, code: 4001, reason: "", by: .client)).states == [.closed, .waiting])
    #expect(rig.advance(.seconds(2)).connects.count == 1)
  }

  @Test func closeCodesThatNoFrameCarriesAreRefused() {
    var rig = Rig.live()
    for code in [0, 999, 1004, 1005, 1006, 1015, 2000, 5000, -1] {
      #expect(rig.command(.disconnect(.close(code: code, reason: ""))).notices.map(\.severity) == [.error])
    }
    let long = String(repeating: "x", count: 124)
    #expect(rig.command(.disconnect(.close(code: 1000, reason: long))).notices.count == 1)
    #expect(rig.session.isLive)
  }

  @Test func aCloseWithoutAnswerIsAborted() {
    var rig = Rig.live()
    rig.command(.disconnect(.close(code: 1000, reason: "")))
    let effects = rig.advance(.seconds(5))
    #expect(effects.contains(.abort(first)))
    #expect(effects.connections.first?.reason == "no close frame within 5 s")
    #expect(effects.states == [.closed, .waiting])
  }

  @Test func abortsAndComesBack() {
    var rig = Rig.live()
    let effects = rig.command(.disconnect(.abort))
    #expect(effects.contains(.abort(first)))
    #expect(effects.states == [.closed, .waiting])
    #expect(effects.acts == [OperatorAct(.disconnect, "abort")])
  }

  @Test func stallIsFoundByTheHeartbeat() {
    var rig = Rig.live()
    let stalled = rig.command(.disconnect(.stall))
    #expect(stalled.contains(.setStalled(first, true)))
    #expect(stalled.faults == [FaultChange(.stall, active: true)])
    let dead = rig.advance(.seconds(11))
    #expect(dead.states == [.closed, .waiting])
    #expect(dead.faults == [FaultChange(.stall, active: false)])
  }

  @Test func stallIsLiftedByHand() {
    var rig = Rig.live()
    rig.command(.disconnect(.stall))
    let lifted = rig.command(.disconnect(.stall))
    #expect(lifted.contains(.setStalled(first, false)))
    #expect(lifted.faults.map(\.active) == [false])
  }

  @Test func refusedAttemptsNeverReachTheNetwork() {
    var rig = Rig.live()
    rig.advance(.milliseconds(500))
    let refused = rig.command(.disconnect(.refuse(.seconds(4))))
    #expect(refused.contains(.abort(first)))
    #expect(refused.faults == [FaultChange(.refuse, active: true, durationMs: 4000)])
    let during = rig.advance(.milliseconds(3900))
    #expect(during.connects.isEmpty)
    #expect(during.connections.compactMap(\.reason) == ["refused on purpose", "refused on purpose"])
    let after = rig.advance(.seconds(4))
    #expect(after.faults == [FaultChange(.refuse, active: false)])
    #expect(after.connects.count == 1)
  }

  @Test func reconnectWhileLiveIsACleanOneWithoutDelay() {
    var rig = Rig.live(resume: true)
    #expect(rig.command(.reconnect).contains(.close(first, code: 1000, reason: "reconnect")))
    let effects = rig.input(.connectionClosed(first, code: 1000, reason: "", by: .client))
    #expect(effects.connects.map(\.id) == [second])
    #expect(effects.connects[0].resume != nil)
  }

  @Test func reconnectCutsTheWait() {
    var rig = Rig.live()
    rig.input(.connectionClosed(first, code: 1006, reason: "", by: .network))
    #expect(rig.command(.reconnect).connects.count == 1)
  }

  @Test func quitClosesThenFinishes() {
    var rig = Rig.live()
    let quitting = rig.command(.quit)
    #expect(quitting.contains(.close(first, code: 1000, reason: "")))
    #expect(!rig.session.isFinished)
    let end = rig.input(.connectionClosed(first, code: 1000, reason: "", by: .client))
    #expect(end.last == .finish(reason: "quit by the operator", orderly: true))
    #expect(rig.session.isFinished && rig.session.deadline == nil)
    #expect(rig.command(.reconnect).isEmpty)
  }

  @Test func quitDoesNotWaitForADeadServer() {
    var rig = Rig.live()
    rig.command(.disconnect(.stall))
    #expect(rig.command(.quit).contains(.setStalled(first, false)))
    let end = rig.advance(.milliseconds(1500))
    #expect(end.contains(.abort(first)))
    #expect(end.last == .finish(reason: "quit by the operator", orderly: true))
  }

  @Test func quitDoesNotWaitForACloseThatIsUnderWay() {
    var rig = Rig.live()
    rig.command(.disconnect(.close(code: 1000, reason: "")))
    rig.advance(.seconds(1))
    rig.command(.quit)
    let end = rig.advance(.milliseconds(1500))
    #expect(end.contains(.abort(first)))
    #expect(end.last == .finish(reason: "quit by the operator", orderly: true))
  }

  @Test func quitTwiceIsImmediate() {
    var rig = Rig.live()
    rig.command(.quit)
    #expect(rig.command(.quit).last == .finish(reason: "quit by the operator", orderly: true))
  }

  @Test func quitWithoutAConnection() {
    var rig = Rig()
    rig.input(.started)
    let effects = rig.command(.quit)
    #expect(effects.contains(.abort(first)))
    #expect(effects.last == .finish(reason: "quit by the operator", orderly: true))
  }

  @Test func absurdTimesDoNotOverflow() {
    var rig = Rig.live {
      $0.pingInterval = .seconds(Int64.max)
      $0.readyTimeout = .seconds(-5)
      $0.closeTimeout = .zero
    }
    #expect(rig.command(.disconnect(.refuse(.seconds(Int64.max)))).faults.count == 1)
    #expect(rig.command(.disconnect(.refuse(.zero))).notices.count == 1)
  }
}

import Session
import Testing
import Timeline
import Wire

@Suite struct DownlinkTests {
  private func audio(_ count: Int = 640) -> VoiceEvent {
    .audio(AudioPayload(bytes: Array(repeating: 1, count: count)))
  }

  @Test func responsesAreToldApart() {
    var rig = Rig.live()
    rig.hear(.responseText("Hello"))
    #expect(rig.session.isResponding)
    let effects = rig.hear(audio())
    #expect(effects.first?.isMessageRecord == true)
    #expect(effects.plays == [ResponseID(1)])
    #expect(rig.hear(.responseComplete).contains(.endPlay(ResponseID(1))))
    #expect(rig.hear(audio()).plays == [ResponseID(2)])
    #expect(rig.hear(.interrupted).contains(.flushPlayout))
    #expect(!rig.session.isResponding)
    #expect(rig.hear(audio()).plays == [ResponseID(3)])
  }

  @Test func interruptSilencesAtOnceAndDropsLeftovers() {
    var rig = Rig.live()
    rig.hear(audio())
    let effects = rig.command(.interrupt)
    #expect(effects.acts == [OperatorAct(command: "interrupt")])
    #expect(effects.sentEvents == [.interrupt])
    let flush = effects.firstIndex(of: .flushPlayout)!
    #expect(flush < effects.firstIndex { $0.isMessageRecord }!)
    #expect(rig.hear(audio()).plays.isEmpty)
    #expect(rig.hear(audio()).plays.isEmpty)
    #expect(rig.hear(.responseText("more")).plays.isEmpty)
    let confirmed = rig.hear(.interrupted)
    #expect(!confirmed.contains(.flushPlayout))
    #expect(
      confirmed.notices.map(\.text) == ["2 audio messages (1280 bytes) that came after the interrupt were not played"])
    #expect(rig.hear(audio()).plays == [ResponseID(2)])
  }

  @Test func completionInFlightEndsTheLeftoversToo() {
    var rig = Rig.live()
    rig.hear(audio())
    rig.command(.interrupt)
    rig.hear(audio())
    #expect(!rig.hear(.responseComplete).contains(.endPlay(ResponseID(1))))
    #expect(rig.hear(audio()).plays == [ResponseID(2)])
  }

  @Test func anInterruptWithoutAResponseLosesNothing() {
    var rig = Rig.live()
    rig.hear(audio())
    rig.hear(.responseComplete)
    #expect(rig.command(.interrupt).contains(.flushPlayout))
    #expect(rig.hear(audio()).plays == [ResponseID(2)])
  }

  @Test func anUnconfirmedInterruptIsToldAndForgotten() {
    var rig = Rig.live()
    rig.hear(audio())
    rig.command(.interrupt)
    rig.hear(audio())
    let notices = rig.advance(.seconds(5)).notices
    #expect(notices.map(\.severity) == [.warning, .info])
    #expect(rig.hear(audio()).plays == [ResponseID(2)])
  }

  @Test func aNewTurnEndsTheLeftovers() {
    var rig = Rig.live()
    rig.hear(audio())
    rig.command(.interrupt)
    rig.hear(.transcriptFinal("next"))
    #expect(rig.hear(audio()).plays == [ResponseID(2)])
  }

  @Test func readyNamesTheRateOfUndeclaredAudio() {
    var rig = Rig()
    rig.input(.started)
    rig.input(.connectionOpened(first, stages: []))
    rig.hear(.ready(Ready(sessionID: "s", outputRate: 24_000)))
    let declared = AudioPayload(bytes: [1, 2], rate: 8000)
    #expect(rig.hear(.audio(declared)).contains(.play(declared, response: ResponseID(1))))
    let bare = rig.hear(.audio(AudioPayload(bytes: [1, 2])))
    #expect(bare.contains(.play(AudioPayload(bytes: [1, 2], rate: 24_000), response: ResponseID(1))))
  }

  @Test func aLostLineEndsTheResponse() {
    var rig = Rig.live()
    rig.hear(audio())
    #expect(rig.input(.connectionClosed(first, code: 1006, reason: "", by: .network)).contains(.endPlay(ResponseID(1))))
  }

  @Test func pcmResponsesEndWithAPause() {
    var rig = Rig.live(PCMDialect())
    func piece() -> SessionInput { .messageReceived(first, .binary([0, 0])) }
    #expect(rig.input(piece()).plays == [ResponseID(1)])
    rig.advance(.milliseconds(900))
    #expect(rig.input(piece()).plays == [ResponseID(1)])
    #expect(rig.advance(.milliseconds(1000)).contains(.endPlay(ResponseID(1))))
    #expect(rig.input(piece()).plays == [ResponseID(2)])
    let interrupt = rig.command(.interrupt)
    #expect(interrupt.contains(.flushPlayout) && interrupt.sent.isEmpty)
    #expect(interrupt.notices.count == 1)
  }

  @Test func playoutTellsWhetherTheAgentIsHeard() {
    var rig = Rig.live()
    rig.input(.playoutChanged(PlayoutChange(kind: .started)))
    #expect(rig.session.isAgentAudible)
    rig.input(.playoutChanged(PlayoutChange(kind: .finished)))
    #expect(!rig.session.isAgentAudible)
  }

  @Test func serverErrorsAreNotices() {
    var rig = Rig.live()
    let effects = rig.hear(.error(ServerError(message: "no credit", code: "402", isFatal: true)))
    #expect(effects.notices == [Notice(severity: .error, source: "server", text: "no credit [402]")])
  }

  @Test func repetitionIsCountedNotRepeated() {
    var rig = Rig.live()
    for _ in 0..<1000 { rig.input(.messageReceived(first, .string("{\"type\":"))) }
    #expect(rig.all.notices.count == 4)
    #expect(rig.all.notices.last?.text.contains("(1000 times)") == true)
    #expect(rig.all.messages.count == 1001)
  }

  @Test func aFloodOfDifferentTypesIsBounded() {
    var rig = Rig.live()
    for n in 0..<5000 { rig.input(.messageReceived(first, .string("{\"type\":\"t\(n)\"}"))) }
    #expect(rig.all.notices.count < 40)
  }

  @Test func longPeerTextsAreCut() {
    var rig = Rig.live()
    let long = String(repeating: "é", count: 100_000)
    rig.hear(.error(ServerError(message: long)))
    rig.input(.messageReceived(first, .string("{\"type\":\"\(long)\"}")))
    #expect(rig.all.notices.count == 2)
    #expect(rig.all.notices.allSatisfy { $0.text.utf8.count < 1000 })
  }
}

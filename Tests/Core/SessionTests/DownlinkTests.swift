import Testing
import Timeline
import Wire

@testable import Session

@Suite struct DownlinkTests {
  private func audio(_ count: Int = 640) -> VoiceEvent {
    .audio(AudioPayload(bytes: Array(repeating: 1, count: count)))
  }

  @Test func responsesAreToldApart() {
    var rig = Rig.live()
    rig.hear(.responseText("Hello"))
    #expect(rig.session.downlink.isResponding)
    let effects = rig.hear(audio())
    #expect(effects.first?.isMessageRecord == true)
    #expect(effects.plays == [ResponseID(1)])
    #expect(rig.hear(.responseComplete).contains(.endPlay(ResponseID(1))))
    #expect(rig.hear(audio()).plays == [ResponseID(2)])
    #expect(rig.hear(.interrupted).contains(.flushPlayout))
    #expect(!rig.session.downlink.isResponding)
    #expect(rig.hear(audio()).plays == [ResponseID(3)])
  }

  @Test func aHeldResponseWaitsUntilItIsResumedOrCut() {
    var rig = Rig.live()
    #expect(!rig.hear(.responseHeld).contains(.holdPlayout), "there is nothing to hold")
    rig.hear(audio())
    #expect(rig.hear(.responseHeld).contains(.holdPlayout))
    #expect(rig.hear(audio()).plays == [ResponseID(1)])
    #expect(rig.hear(.responseResumed).contains(.resumePlayout))
    #expect(!rig.hear(.responseResumed).contains(.resumePlayout))
    rig.hear(.responseHeld)
    #expect(rig.hear(.interrupted).contains(.flushPlayout))
    #expect(!rig.session.downlink.isHeld)
  }

  @Test func whatIsHeldIsHeardWhenTheConnectionIsLost() {
    var rig = Rig.live()
    rig.hear(audio())
    rig.hear(.responseHeld)
    let effects = rig.input(.connectionClosed(first, code: 1006, reason: "", by: .network))
    #expect(effects.contains(.resumePlayout))
  }

  @Test func nothingIsHeldBehindAnInterruptOfOurs() {
    var rig = Rig.live()
    rig.hear(audio())
    rig.hear(.responseHeld)
    rig.command(.interrupt)
    #expect(rig.hear(.interrupted).contains(.resumePlayout))
    #expect(!rig.session.downlink.isHeld)
  }

  @Test func interruptSilencesAtOnceAndDropsLeftovers() {
    var rig = Rig.live()
    rig.hear(audio())
    let effects = rig.command(.interrupt)
    #expect(effects.acts == [OperatorAct(.interrupt)])
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
    // Also what comes behind it, up to a sign of the next response.
    #expect(rig.hear(audio()).plays.isEmpty)
    rig.hear(.transcriptFinal("next"))
    #expect(rig.hear(audio()).plays == [ResponseID(2)])
  }

  private func interrupted() -> Rig {
    var rig = Rig.live()
    rig.hear(.responseText("Once upon a time, "))
    rig.hear(audio())
    rig.command(.interrupt)
    rig.hear(.interrupted)
    return rig
  }

  /// The server says interrupted and sends the rest of its sentence in real time.
  @Test func whatGoesOnAfterInterruptedIsNotPlayed() {
    var rig = interrupted()
    for _ in 0..<200 {
      rig.advance(.milliseconds(20))
      #expect(rig.hear(audio()).plays.isEmpty)
    }
    #expect(!rig.session.downlink.isResponding)
    // The text of the sentence that was cut begins nothing, and neither does its audio behind it.
    rig.hear(.responseText("there was a dragon. "))
    #expect(rig.hear(audio()).plays.isEmpty)
    rig.hear(.responseText("It lived in a cave. "))
    #expect(rig.hear(audio()).plays.isEmpty)
    let end = rig.hear(.responseComplete)
    #expect(
      end.notices.map(\.text) == ["202 audio messages (129280 bytes) that came after the interrupt were not played"])
    #expect(!end.contains(.endPlay(ResponseID(1))))
    rig.hear(.responseText("And now? "))
    #expect(rig.hear(audio()).plays == [ResponseID(2)])
  }

  @Test(arguments: [
    VoiceEvent.transcriptFinal("go on"), .responseText("Very well. "), .responseComplete,
  ]) func aSignOfANewResponseIsHeard(_ sign: VoiceEvent) {
    var rig = interrupted()
    rig.hear(sign)
    #expect(rig.hear(audio()).plays == [ResponseID(2)])
  }

  @Test func textThatGoesOnWithTheSentenceIsNoSign() {
    for text in [" and then", "there was", ", again"] {
      var rig = interrupted()
      rig.hear(.responseText(text))
      #expect(rig.hear(audio()).plays.isEmpty)
    }
  }

  @Test func nothingUnderstoodIsNoSign() {
    var rig = interrupted()
    rig.hear(.transcriptFinal(""))
    #expect(rig.hear(audio()).plays.isEmpty)
  }

  /// A server that says nothing but audio: a pause tells, a short one once the user has spoken.
  @Test func aPauseIsASign() {
    var rig = interrupted()
    rig.advance(.milliseconds(4900))
    #expect(rig.hear(audio()).plays.isEmpty)
    rig.advance(.milliseconds(5000))
    #expect(rig.hear(audio()).plays == [ResponseID(2)])
    rig = interrupted()
    rig.hear(audio())
    rig.hear(.userSpeechStart)
    rig.hear(.userSpeechEnd)
    rig.advance(.milliseconds(200))
    #expect(rig.hear(audio()).plays.isEmpty)
    rig.advance(.milliseconds(300))
    #expect(rig.hear(audio()).plays == [ResponseID(2)])
  }

  @Test func aTypedTurnAfterAnUnansweredInterruptIsAnswered() {
    var rig = Rig.live()
    rig.hear(audio())
    rig.command(.interrupt)
    rig.hear(audio())
    rig.command(.sendText("hello again"))
    rig.hear(.responseText("Second answer. "))
    #expect(rig.hear(audio()).plays == [ResponseID(2)])
    // Written by hand, it is the same.
    rig.command(.interrupt)
    rig.command(.sendRaw(.string(#"{"type":"text","text":"and again"}"#)))
    #expect(rig.hear(audio()).plays == [ResponseID(3)])
    // The answer to the interrupts is late, and cuts nothing that came after it.
    #expect(!rig.hear(.responseComplete).contains(.flushPlayout))
  }

  private func said(_ json: String) -> SessionInput { .messageReceived(first, .string(json)) }
  private func named(_ name: String) -> SessionInput {
    said(#"{"type":"audio","data":"AQEBAQ==","responseId":"\#(name)"}"#)
  }

  @Test func namesTellResponsesApart() {
    var rig = Rig.live()
    rig.input(said(#"{"type":"response_text","text":"First.","response_id":"r1"}"#))
    #expect(rig.input(named("r1")).plays == [ResponseID(1)])
    rig.command(.interrupt)
    #expect(rig.input(named("r1")).plays.isEmpty)
    // Another one needs no other sign, and the answer to the interrupt may come behind it.
    #expect(rig.input(named("r2")).plays == [ResponseID(2)])
    rig.input(said(#"{"type":"interrupted","responseId":"r1"}"#))
    #expect(rig.input(named("r2")).plays == [ResponseID(2)])
    // What was cut stays cut, however late.
    rig.advance(.seconds(9))
    rig.hear(.transcriptFinal("next"))
    #expect(rig.input(named("r1")).plays.isEmpty)
    rig.input(said(#"{"type":"response_text","text":"rest","responseId":"r1"}"#))
    #expect(rig.input(named("r1")).plays.isEmpty)
    #expect(rig.input(named("r3")).plays == [ResponseID(3)])
  }

  @Test func interleavedResponsesKeepTheirNumbers() {
    var rig = Rig.live()
    #expect(rig.input(named("a")).plays == [ResponseID(1)])
    let second = rig.input(named("b"))
    #expect(second.plays == [ResponseID(2)] && second.dropLast().last == .expectMore(ResponseID(1)))
    #expect(rig.input(named("a")).plays == [ResponseID(1)])
    #expect(rig.input(said(#"{"type":"response_complete","responseId":"a"}"#)).contains(.endPlay(ResponseID(1))))
    #expect(rig.input(named("b")).plays == [ResponseID(2)])
    #expect(rig.hear(.responseComplete).contains(.endPlay(ResponseID(2))))
    for _ in 0..<2 { #expect(rig.hear(.responseComplete).entries.count == 1) }
    #expect(rig.hear(.interrupted).contains(.flushPlayout))
    #expect(!rig.session.downlink.isResponding)
  }

  /// The user speaks, the server says interrupted, and goes on.
  @Test func whatTheServerCutIsNotPlayedWhileTheUserSpeaks() {
    var rig = Rig.live()
    rig.hear(audio())
    rig.hear(.userSpeechStart)
    #expect(rig.hear(.interrupted).contains(.flushPlayout))
    #expect(rig.hear(audio()).plays.isEmpty)
    rig.hear(.userSpeechEnd)
    rig.hear(.transcriptFinal("stop"))
    #expect(rig.hear(audio()).plays == [ResponseID(2)])
    // The user's words are known, and then the old answer is cut for them: what comes is the new one.
    rig.hear(.userSpeechStart)
    rig.hear(.transcriptFinal("no, the other one"))
    rig.hear(.interrupted)
    rig.hear(.responseText("as you like"))
    #expect(rig.hear(audio()).plays == [ResponseID(3)])
  }

  /// A dialect without interrupt: the rest of the response is not played again, up to a pause.
  @Test func pcmDropsTheRestOfWhatWasCut() {
    var rig = Rig.live(PCMDialect())
    func piece() -> SessionInput { .messageReceived(first, .binary([0, 0])) }
    rig.input(piece())
    rig.command(.interrupt)
    for _ in 0..<100 {
      rig.advance(.milliseconds(40))
      #expect(rig.input(piece()).plays.isEmpty)
    }
    rig.advance(.milliseconds(990))
    #expect(rig.input(piece()).plays.isEmpty)
    rig.advance(.milliseconds(1000))
    #expect(rig.input(piece()).plays == [ResponseID(2)])
    // Nothing was coming: nothing is dropped.
    rig.advance(.milliseconds(1500))
    rig.command(.interrupt)
    #expect(rig.input(piece()).plays == [ResponseID(3)])
  }

  /// `clear` from a server empties the playout; from then on it can be said to it, too.
  @Test func pcmClears() {
    var rig = Rig.live(PCMDialect())
    let clear = WireMessage.string(#"{"type":"clear"}"#)
    let piece = SessionInput.messageReceived(first, .binary([0, 0]))
    rig.input(piece)
    #expect(rig.command(.interrupt).sent.isEmpty)
    rig.input(piece)
    rig.input(.messageReceived(first, clear))
    #expect(rig.input(piece).plays == [ResponseID(2)])
    #expect(rig.input(.messageReceived(first, clear)).contains(.flushPlayout))
    #expect(rig.input(piece).plays == [ResponseID(3)])
    let interrupt = rig.command(.interrupt)
    #expect(interrupt.sent == [clear] && interrupt.notices.isEmpty)
    #expect(rig.input(piece).plays.isEmpty)
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
    rig.input(.playoutChanged(PlayoutChange(nil, .started)))
    #expect(rig.session.downlink.isAudible)
    rig.input(.playoutChanged(PlayoutChange(nil, .finished(playedMs: 0))))
    #expect(!rig.session.downlink.isAudible)
  }

  @Test func serverErrorsAreNotices() {
    var rig = Rig.live()
    let effects = rig.hear(.error(ServerError(message: "no credit", code: "402", isFatal: true)))
    #expect(effects.notices == [Notice(.serverError, .error, .server, "no credit [402]")])
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

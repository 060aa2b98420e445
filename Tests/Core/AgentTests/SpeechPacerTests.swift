import Testing
import Timeline
import Wire

@testable import Agent

@Suite struct SpeechPacerTests {
  private var pacer: SpeechPacer { SpeechPacer(rate: 1000, piece: .milliseconds(40), lead: .milliseconds(100)) }

  private func drain(_ pacer: inout SpeechPacer, at milliseconds: Double) -> [Int] {
    var counts: [Int] = []
    while let piece = pacer.next(at: Timestamp(milliseconds: milliseconds)) { counts.append(piece.count) }
    return counts
  }

  @Test func sendsTheLeadAtOnceAndThenInRealTime() {
    var pacer = pacer
    pacer.append((0..<200).map { Int16($0) })
    #expect(drain(&pacer, at: 0) == [40, 40])
    #expect(pacer.deadline == Timestamp(milliseconds: 20))
    #expect(drain(&pacer, at: 19).isEmpty)
    #expect(drain(&pacer, at: 20) == [40])
    #expect(pacer.waitingCount == 80)
  }

  @Test func piecesKeepTheirOrderAndDoNotSpanSentences() {
    var pacer = SpeechPacer(rate: 1000, piece: .milliseconds(40), lead: .seconds(10))
    pacer.append((0..<50).map { Int16($0) })
    var samples: [Int16] = []
    var counts: [Int] = []
    func take(_ piece: [Int16]?) {
      guard let piece else { return }
      samples += piece
      counts.append(piece.count)
    }
    take(pacer.next(at: .zero))
    take(pacer.next(at: .zero))
    pacer.endSentence()
    pacer.append((50..<120).map { Int16($0) })
    pacer.endSentence()
    pacer.endSentence()
    for _ in 0..<5 { take(pacer.next(at: .zero)) }
    #expect(counts == [40, 10, 40, 30])
    #expect(samples == (0..<120).map { Int16($0) })
  }

  @Test func goesOnAtOnceAfterItRanDry() {
    var pacer = pacer
    pacer.append([Int16](repeating: 0, count: 40))
    #expect(drain(&pacer, at: 0) == [40])
    pacer.append([Int16](repeating: 0, count: 80))
    #expect(drain(&pacer, at: 500) == [40, 40])
    #expect(pacer.playedBy == Timestamp(milliseconds: 580))
  }

  @Test func aPieceLongerThanTheLeadStillGoes() {
    var pacer = SpeechPacer(rate: 1000, piece: .milliseconds(40), lead: .zero)
    pacer.append([Int16](repeating: 0, count: 80))
    #expect(drain(&pacer, at: 0) == [40])
    #expect(pacer.deadline == Timestamp(milliseconds: 40))
    #expect(drain(&pacer, at: 40) == [40])
  }

  @Test func countsWhatWasHeard() {
    var pacer = pacer
    #expect(pacer.heardCount(at: .zero, delay: .zero) == 0)
    pacer.append([Int16](repeating: 0, count: 80))
    _ = drain(&pacer, at: 0)
    let delay = Duration.milliseconds(20)
    #expect(
      [0, 20, 50, 99, 100, 900].map { pacer.heardCount(at: Timestamp(milliseconds: $0), delay: delay) }
        == [0, 0, 30, 79, 80, 80])
  }
}

@Suite struct HeardEstimateTests {
  private let sentences = [
    Response.Sentence(text: "One two three.", madeCount: 1400, isFinished: true),
    Response.Sentence(text: "Four five six seven.", madeCount: 2000, isFinished: true),
  ]

  @Test(arguments: [
    (0, "", false), (299, "", false), (300, "One", false), (1399, "One two", false), (1400, "One two three.", false),
    (1400 + 900, "One two three. Four five", false), (3400, "One two three. Four five six seven.", true),
  ])
  func cutsAtTheLastWholeWord(heardCount: Int, text: String, isWhole: Bool) {
    let heard = HeardEstimate(of: sentences, heardCount: heardCount, rate: 1000)
    #expect(heard.text == text)
    #expect(heard.isWhole == isWhole)
  }

  @Test func guessesTheLengthOfASentenceThatIsStillBeingMade() {
    // 20 characters at 15 a second are 1333 samples; 700 of them are ten characters.
    let open = Response.Sentence(text: "Four five six seven.", madeCount: 800)
    #expect(HeardEstimate(of: [open], heardCount: 700, rate: 1000).text == "Four five")
  }

  /// The first half of the sound says a fifth of the characters.
  @Test func marksOfAServiceAreBelieved() {
    var slow = Response.Sentence(text: "Four five six seven.", madeCount: 2000, isFinished: true)
    slow.paidCount = 20
    slow.marks = [.init(share: 0.2, count: 1000), .init(share: 0.7, count: 1500)]
    let heard = { (count: Int) in HeardEstimate(of: [slow], heardCount: count, rate: 1000) }
    #expect(heard(999).text == "" && heard(1000).text == "Four" && heard(1000).bill.unheard == 16)
    #expect(heard(1300).text == "Four five" && heard(1500).bill.unheard == 6 && heard(1750).bill.unheard == 3)
    #expect(heard(2000).isWhole && heard(2000).bill.unheard == 0)
    // Of one that broke off, nothing is heard behind the last mark.
    slow.isBroken = true
    let broken = HeardEstimate(of: [slow], heardCount: 2000, rate: 1000).bill
    #expect(broken == SpeechBill(sent: 20, unheard: 6))
  }

  @Test func aSentenceWithoutAudioWasNotHeard() {
    let failed = Response.Sentence(text: "Nobody said this.", isFinished: true)
    #expect(HeardEstimate(of: [failed] + sentences, heardCount: 1400, rate: 1000).text == "One two three.")
  }
}

/// Characters that a service is paid for, and what of them was heard.
@Suite struct SpeechBillTests {
  private static let turn = TurnID(rawValue: 2)

  /// A response whose sentences are all sent to a service.
  private func rig(_ reply: String, charges: [SpeechCharge?]) -> ConversationRig {
    var rig = ConversationRig()
    rig.replies = [reply]
    rig.give(.eventReceived(.text("tell me a story")))
    for (i, charge) in charges.enumerated() {
      if let charge { rig.give(.sentenceCharged(Self.turn, sentence: i, charge)) }
    }
    return rig
  }

  private func bills(_ rig: ConversationRig) -> [SpeechBill] {
    rig.events.compactMap { event in
      guard case .metrics(let metrics) = event, let sent = metrics.ttsCharacters else { return nil }
      #expect(metrics.turn == Self.turn.rawValue)
      return SpeechBill(sent: sent, unheard: metrics.ttsUnheard ?? -1)
    }
  }

  @Test func whatIsHeardToItsEndWasHeard() {
    var rig = rig(AgentRespondingTests.long, charges: [.sent(39), .sent(46), .sent(20)])
    #expect(bills(rig).isEmpty, "it is not over")
    rig.wait(.seconds(20))
    #expect(bills(rig) == [SpeechBill(sent: 105)] && rig.agent.bill == SpeechBill(sent: 105))
    #expect(rig.count(.responseComplete) == 1)
  }

  /// The first of the sentences is 39 characters, of which 1500 ms less 80 ms of playout are 21; the second is made already.
  @Test func whatWasMadeAheadOfAnInterruptIsPaidForNothing() throws {
    var rig = rig(AgentRespondingTests.long, charges: [.sent(39), .sent(46)])
    rig.wait(.milliseconds(1500))
    rig.give(.eventReceived(.interrupt))
    let bill = try #require(bills(rig).first)
    #expect(bill.sent == 85 && (63...64).contains(bill.unheard), "\(bill)")
    // A sentence that was on its way when the response was cut.
    rig.give(.sentenceCharged(Self.turn, sentence: 2, .sent(20)))
    #expect(bills(rig).last == SpeechBill(sent: 20, unheard: 20))
    #expect(rig.agent.bill == SpeechBill(sent: 105, unheard: bill.unheard + 20))
    let lines = rig.orders.compactMap { if case .log(let line) = $0 { line } else { nil } }
    #expect(lines.last?.hasSuffix("\(bill.unheard + 20) of 105 so far") == true, "\(lines)")
  }

  @Test func whatIsRefusedCostsNothingAndWhatAnotherVoiceSaysWasPaidForNothing() {
    let bill = { (charges: [SpeechCharge]) in
      var sentence = Response.Sentence(text: "Four five six seven.", madeCount: 1000, isFinished: true)
      for charge in charges { sentence.take(charge) }
      return HeardEstimate(of: [sentence], heardCount: 1000, rate: 1000).bill
    }
    #expect(bill([.sent(20), .refused]) == SpeechBill())
    #expect(bill([.sent(20), .replaced]) == SpeechBill(sent: 20, unheard: 20))
    // The other voice is one of a service, too.
    #expect(bill([.sent(20), .replaced, .sent(20)]) == SpeechBill(sent: 40, unheard: 20))
    #expect(bill([.sent(-5)]) == SpeechBill())
  }

  @Test func ofWhatBreaksOffThePartWithoutSoundIsUnheard() {
    var rig = ConversationRig()
    (rig.replies, rig.synthesizes) = (["Four five six seven."], false)
    rig.give(.eventReceived(.text("count")))
    rig.give(.sentenceCharged(Self.turn, sentence: 0, .sent(20)))
    // Of the 1.33 s that it would last.
    rig.give(.sentenceSynthesized(Self.turn, sentence: 0, [Int16](repeating: 1, count: 16_000 / 3)))
    rig.give(.synthesisFailed(Self.turn, sentence: 0, "it broke off"))
    rig.wait(.seconds(3))
    #expect(bills(rig) == [SpeechBill(sent: 20, unheard: 15)])
  }

  @Test func withoutAServiceNothingIsSaid() {
    var rig = rig(AgentRespondingTests.long, charges: [])
    rig.wait(.seconds(20))
    #expect(bills(rig).isEmpty && rig.agent.bill == SpeechBill())
  }
}

/// How far ahead is sent, by what the dialect can take back.
@Suite struct LeadTests {
  @Test func whatCannotBeTakenBackIsSentAHundredMillisecondsAhead() throws {
    #expect(AgentConfiguration().adapted(to: VoiceDialect.card).sendLead == .milliseconds(400))
    var short = AgentConfiguration()
    short.sendLead = .milliseconds(60)
    #expect(short.adapted(to: PCMDialect.card).sendLead == .milliseconds(60))
    for (dialect, lead) in [(VoiceDialect(), 400.0), (PCMDialect(), 100)] as [(any Dialect, Double)] {
      var rig = ConversationRig(AgentConfiguration().adapted(to: dialect.card))
      rig.replies = ["A long answer with very many words that goes on for some seconds and then for some more."]
      rig.give(.eventReceived(.text("tell me")))
      rig.wait(.seconds(3))
      let first = try #require(rig.audio.first?.at)
      var sentMs = 0.0
      var ahead: [Double] = []
      for (at, payload) in rig.audio {
        sentMs += Double(payload.bytes.count) / 32
        ahead.append(sentMs - (at - first).milliseconds)
      }
      #expect(ahead.count > 50 && ahead.allSatisfy { $0 <= lead } && (ahead.max() ?? 0) > lead - 40, "\(ahead)")
    }
  }
}

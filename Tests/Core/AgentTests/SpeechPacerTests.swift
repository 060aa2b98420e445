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

  @Test func aSentenceWithoutAudioWasNotHeard() {
    let failed = Response.Sentence(text: "Nobody said this.", isFinished: true)
    #expect(HeardEstimate(of: [failed] + sentences, heardCount: 1400, rate: 1000).text == "One two three.")
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

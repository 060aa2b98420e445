import Audio
import Testing

@testable import Agent

/// A recognizer that knows what was said when: words by the position of their audio, which is a ramp.
private struct Rig {
  var machine = Transcribing()
  var position = 0
  var jobs: [Transcribing.Job] = []
  var told: [Transcribing.Outcome] = []
  var withdrawn: Set<Int> = []
  var isSpeech = false
  var lastVoiced = 0
  let turn = TurnID(rawValue: 1)

  /// Each sample says in which hundredth of a second it lies, so that a job tells where it was cut.
  static func sample(at position: Int) -> Int16 { Int16(truncatingIfNeeded: position / 160 + 1) }

  mutating func take(_ outcomes: [Transcribing.Outcome]) {
    for outcome in outcomes {
      switch outcome {
      case .decode(let job): jobs.append(job)
      case .withdraw(let id):
        withdrawn.insert(id)
        jobs.removeAll { $0.id == id }
      default: told.append(outcome)
      }
    }
  }

  /// Feeds audio in blocks of 20 ms; the detector's decision is as given.
  mutating func feed(_ milliseconds: Int, speech: Bool, turn: TurnID? = nil, level: ((Int) -> Int16)? = nil) {
    for _ in 0..<milliseconds / 20 {
      let block = (position..<position + 320).map { level?($0) ?? Self.sample(at: $0) }
      var edges: [SpeechEdge] = []
      if speech != isSpeech {
        edges = [SpeechEdge(isSpeech: speech, sample: position)]
        isSpeech = speech
      }
      position += 320
      if speech { lastVoiced = position }
      take(
        machine.heard(block[...], of: turn ?? self.turn, edges: edges, isSpeech: speech, lastVoiced: lastVoiced))
    }
  }

  mutating func answer(_ text: String?, cost: Duration = .milliseconds(100)) {
    let job = jobs.removeFirst()
    take(machine.decoded(job.id, text: text, cost: cost))
  }
  mutating func end(_ turn: TurnID? = nil) { take(machine.ended(turn ?? self.turn)) }
  var finals: [String] { told.compactMap { if case .final(_, let text) = $0 { text } else { nil } } }
  var interims: [String] { told.compactMap { if case .interim(_, let text) = $0 { text } else { nil } } }
}

@Suite struct TranscribingTests {
  @Test func silenceAloneIsNeverDecoded() {
    var rig = Rig()
    rig.feed(20_000, speech: false)
    rig.end()
    #expect(rig.jobs.count == 0)
    #expect(rig.finals == [""])
  }

  @Test func theWordsAreThereWhenTheTurnEnds() {
    var rig = Rig()
    rig.feed(500, speech: false)
    rig.feed(280, speech: true)
    rig.feed(140, speech: false)
    #expect(rig.jobs.count == 0, "no interim yet, and the pause may be one between words")
    rig.feed(20, speech: false)
    #expect(rig.jobs.map(\.isFinal) == [true])
    // 300 ms before, the speech, and the silence that made it the end.
    #expect(rig.jobs[0].samples.count == (300 + 280 + 160) * 16)
    #expect(rig.jobs[0].samples.first == Rig.sample(at: 200 * 16))
    rig.answer("Go on.")
    #expect(rig.interims == ["Go on."])
    rig.feed(340, speech: false)
    rig.end()
    #expect(rig.finals == ["Go on."], "at once, and decoded once")
    #expect(rig.jobs.count == 0)
  }

  @Test func aTurnThatEndsBeforeItsWordsWaitsForThem() {
    var rig = Rig()
    rig.feed(280, speech: true)
    rig.feed(200, speech: false)
    rig.end()
    #expect(rig.finals.isEmpty)
    #expect(rig.jobs.count == 1)
    rig.answer("Go on.")
    #expect(rig.finals == ["Go on."])
  }

  @Test func aTurnThatIsEndedInMidSpeechIsDecodedWhole() {
    var rig = Rig()
    rig.feed(280, speech: true)
    rig.end()
    #expect(rig.jobs.map(\.isFinal) == [true])
    #expect(rig.jobs[0].samples.count == 280 * 16)
    rig.answer("Go")
    #expect(rig.finals == ["Go"])
    // The voice goes on, and no edge says so: it is the next turn's from its first sample.
    let next = TurnID(rawValue: 2)
    rig.feed(280, speech: true, turn: next)
    rig.end(next)
    #expect(rig.jobs[0].samples.count == 280 * 16)
    rig.answer("on.")
    #expect(rig.finals == ["Go", "on."])
  }

  @Test func speechThatGoesOnTakesBackTheEnd() {
    var rig = Rig()
    rig.feed(280, speech: true)
    rig.feed(200, speech: false)
    #expect(rig.jobs.count == 1)
    rig.feed(60, speech: true)
    #expect(rig.jobs.allSatisfy { !$0.isFinal })
    #expect(rig.withdrawn.count == 1)
    rig.feed(200, speech: false)
    rig.end()
    let whole = rig.jobs.filter(\.isFinal)
    #expect(whole.count == 1)
    #expect(whole[0].samples.count == (280 + 200 + 60 + 160) * 16, "the whole of it, its pause among it")
  }

  @Test func interimsComeWhileSomebodySpeaksAndTwoMustAgree() {
    var rig = Rig()
    rig.feed(280, speech: true)
    #expect(rig.jobs.isEmpty)
    rig.feed(20, speech: true)
    #expect(rig.jobs.map(\.isFinal) == [false])
    rig.feed(1000, speech: true)
    #expect(rig.jobs.count == 1, "one at a time")
    rig.answer("What time", cost: .milliseconds(50))
    rig.feed(20, speech: true)
    rig.answer("What time is it, and", cost: .milliseconds(50))
    #expect(rig.interims == ["What time"])
    rig.feed(300, speech: true)
    rig.answer("What time is it in")
    #expect(rig.interims == ["What time", "What time is it"])
  }

  @Test func anInterimThatCostsMuchIsFollowedLater() {
    var rig = Rig()
    rig.feed(300, speech: true)
    rig.answer("What", cost: .milliseconds(300))
    rig.feed(1180, speech: true)
    #expect(rig.jobs.count == 0)
    rig.feed(40, speech: true)
    #expect(rig.jobs.count == 1, "four times the cost")
  }

  @Test func theNextPieceIsLookedAtSoonHoweverMuchTheOneBeforeCost() {
    var rig = Rig()
    rig.feed(300, speech: true)
    rig.answer("What", cost: .milliseconds(900))
    rig.feed(200, speech: false)
    rig.answer("What?", cost: .milliseconds(900))
    rig.end()
    let next = TurnID(rawValue: 2)
    rig.feed(300, speech: false, turn: next)
    rig.feed(300, speech: true, turn: next)
    #expect(rig.jobs.map(\.isFinal) == [false])
  }

  @Test func aCostThatIsNoTimeDoesNoHarm() {
    var rig = Rig()
    rig.feed(500, speech: true)
    rig.answer("What", cost: .seconds(Int64.max / 4))
    rig.feed(500, speech: true)
    rig.feed(200, speech: false)
    rig.answer("What now?", cost: .seconds(-5))
    rig.end()
    #expect(rig.finals == ["What now?"])
  }

  @Test func longSpeechIsCutAtAPauseAndJoined() {
    var rig = Rig()
    rig.feed(9_000, speech: true)
    rig.jobs = []
    rig.feed(300, speech: false)
    let first = rig.jobs
    #expect(first.map(\.isFinal) == [true])
    rig.feed(2_000, speech: true)
    #expect(rig.withdrawn.isDisjoint(with: first.map(\.id)), "the first piece is at its end")
    rig.feed(200, speech: false)
    rig.end()
    let second = rig.jobs.last!
    // What follows begins where the first one ended: no sample is decoded twice, none is lost.
    #expect(second.samples.first == Rig.sample(at: (9_000 + 160) * 16))
    for job in rig.jobs {
      let text = job.id == first[0].id ? "One." : job.id == second.id ? "Two." : "no"
      rig.take(rig.machine.decoded(job.id, text: text, cost: .zero))
    }
    #expect(rig.finals == ["One. Two."])
  }

  @Test func endlessSpeechIsCutWhereItIsQuietest() {
    var rig = Rig()
    // Loud, but for 20 ms at 13 s.
    let level: (Int) -> Int16 = { (13_000 * 16..<13_020 * 16).contains($0) ? 1 : 8_000 }
    rig.feed(16_000, speech: true, level: level)
    let whole = rig.jobs.filter(\.isFinal)
    #expect(whole.count == 1)
    #expect(abs(whole[0].samples.count - 13_010 * 16) <= 20 * 16)
    #expect(rig.jobs.allSatisfy { $0.samples.count <= Transcribing.longestPiece })
    rig.end()
    let rest = rig.jobs.filter(\.isFinal).last!
    #expect(whole[0].samples.count + rest.samples.count == 16_000 * 16, "no sample is lost")
  }

  @Test func aMinuteOfSpeechKeepsToTheLimit() {
    var rig = Rig()
    for second in 0..<60 {
      rig.feed(1_000, speech: true)
      while let job = rig.jobs.first {
        #expect(job.samples.count <= Transcribing.longestPiece)
        rig.answer(job.isFinal ? "\(second)" : "interim")
      }
    }
    rig.end()
    while !rig.jobs.isEmpty { rig.answer("end") }
    #expect(rig.finals.count == 1)
    #expect(rig.machine.awaitedCount == 0)
  }

  @Test func aLongPauseEndsAPieceAndIsNotKept() {
    var rig = Rig()
    rig.feed(1_000, speech: true)
    rig.feed(60_000, speech: false)
    rig.feed(1_000, speech: true)
    rig.feed(200, speech: false)
    #expect(rig.jobs.allSatisfy { $0.samples.count <= 2_000 * 16 })
    rig.end()
    while !rig.jobs.isEmpty {
      let isFinal = rig.jobs[0].isFinal
      rig.answer(isFinal ? "word" : "interim")
    }
    #expect(rig.finals == ["word word"])
  }

  @Test func whatIsDiscardedIsNotTold() {
    var rig = Rig()
    rig.feed(280, speech: true)
    rig.feed(200, speech: false)
    let job = rig.jobs[0]
    rig.take(rig.machine.discarded(rig.turn))
    #expect(rig.withdrawn == [job.id])
    rig.take(rig.machine.decoded(job.id, text: "late", cost: .zero))
    #expect(rig.told.isEmpty)
    rig.end()
    #expect(rig.finals == [""])
  }

  @Test func audioOfAnotherTurnDropsTheOneBefore() {
    var rig = Rig()
    rig.feed(280, speech: true)
    rig.feed(200, speech: false)
    rig.feed(40, speech: false, turn: TurnID(rawValue: 2))
    #expect(rig.jobs.count == 0)
    rig.end(TurnID(rawValue: 2))
    #expect(rig.finals == [""])
  }

  @Test func aDecodeThatFailsIsNoWords() {
    var rig = Rig()
    rig.feed(280, speech: true)
    rig.feed(200, speech: false)
    rig.end()
    rig.answer(nil)
    #expect(rig.finals == [""])
  }

  @Test func turnsThatWaitAreToldInTheirOrder() {
    var rig = Rig()
    for turn in 1...3 {
      rig.feed(280, speech: true, turn: TurnID(rawValue: turn))
      rig.feed(200, speech: false, turn: TurnID(rawValue: turn))
      rig.end(TurnID(rawValue: turn))
    }
    // The answers come in another order.
    for job in rig.jobs.reversed() { rig.take(rig.machine.decoded(job.id, text: "turn \(job.id)", cost: .zero)) }
    let turns = rig.told.compactMap { if case .final(let turn, _) = $0 { turn.rawValue } else { nil } }
    #expect(turns == [1, 2, 3])
  }
}

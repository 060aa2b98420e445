import Audio
import Testing
import Timeline

@testable import Agent

/// A client that speaks, and a service that is told of by hand.
private struct Rig {
  var machine: StreamedTranscribing
  var now = Timestamp.zero
  var position = 0
  var isSpeech = false
  var outcomes: [StreamedTranscribing.Outcome] = []
  var sent = 0
  let first = TurnID(rawValue: 1)
  let second = TurnID(rawValue: 2)

  init(_ change: (inout StreamedTranscribing.Habits) -> Void = { _ in }) {
    var habits = StreamedTranscribing.Habits()
    change(&habits)
    machine = StreamedTranscribing(habits)
  }

  mutating func take(_ more: [StreamedTranscribing.Outcome]) {
    for outcome in more {
      if case .send(let samples) = outcome { sent += samples.count } else { outcomes.append(outcome) }
    }
  }

  mutating func feed(_ milliseconds: Int, speech: Bool, turn: TurnID? = nil) {
    for _ in 0..<milliseconds / 20 {
      let edges = speech == isSpeech ? [] : [SpeechEdge(isSpeech: speech, sample: position)]
      isSpeech = speech
      position += 320
      now += .milliseconds(20)
      take(
        machine.heard(
          [Int16](repeating: 1, count: 320)[...], of: turn ?? first, edges: edges, isSpeech: speech, at: now))
    }
  }

  mutating func tell(_ words: StreamedTranscribing.Word...) { for word in words { take(machine.told(word)) } }
  mutating func end(_ turn: TurnID? = nil) { take(machine.ended(turn ?? first, at: now)) }
  mutating func wait(until deadline: Timestamp?) {
    guard let deadline else { return }
    now = deadline
    take(machine.passed(at: now))
  }
}

@Suite struct StreamedTranscribingTests {
  @Test func onlySpeechIsSentAndWhatIsAroundIt() {
    var rig = Rig()
    rig.feed(2000, speech: false)
    #expect(rig.sent == 0)
    rig.feed(400, speech: true)
    rig.feed(300, speech: false)
    #expect(rig.sent == 16 * (300 + 400 + 300))
    rig.end()
    rig.feed(1000, speech: false, turn: rig.second)
    #expect(rig.sent == 16 * 1000 && rig.outcomes == [.finish])
  }

  @Test func theWordsOfATurnAreThoseUntilTheAnswerIsComplete() {
    var rig = Rig()
    rig.feed(600, speech: true)
    rig.tell(.interim("what"), .interim("what"), .interim("what is"), .settled("what time is"), .interim(" it \n"))
    rig.feed(400, speech: false)
    rig.end()
    // The next turn begins before the words of this one are told.
    rig.feed(200, speech: true, turn: rig.second)
    rig.tell(.interim("it now"), .settled("it now"), .complete, .interim("and"))
    #expect(
      rig.outcomes == [
        .interim(rig.first, "what"), .interim(rig.first, "what is"), .interim(rig.first, "what time is"),
        .interim(rig.first, "what time is it"), .finish, .final(rig.first, "what time is it now"),
        .interim(rig.second, "and"),
      ])
  }

  @Test func whatIsSettledAlreadyIsNotWaitedFor() {
    var rig = Rig()
    rig.feed(600, speech: true)
    rig.feed(400, speech: false)
    rig.tell(.settled("good evening"), .paused)
    rig.end()
    #expect(
      rig.outcomes == [
        .interim(rig.first, "good evening"), .paused(rig.first, "good evening"), .final(rig.first, "good evening"),
      ])
    #expect(!rig.machine.isOwed)
  }

  @Test func aPauseIsOverWhenSomebodySpeaksOn() {
    var rig = Rig()
    rig.feed(600, speech: true)
    rig.feed(200, speech: false)
    rig.tell(.settled("good"), .paused)
    rig.feed(200, speech: true)
    // Told of the pause before, late.
    rig.tell(.paused)
    rig.feed(200, speech: false)
    rig.end()
    #expect(rig.outcomes.last == .finish)
    rig.tell(.settled("evening"), .complete)
    #expect(rig.outcomes.last == .final(rig.first, "good evening"))
  }

  @Test func theServicesEndOfTurnIsToldOnceThereAreWords() {
    var rig = Rig()
    rig.feed(600, speech: true)
    rig.tell(.turnEnded)
    #expect(rig.outcomes.isEmpty)
    rig.feed(100, speech: false)
    rig.tell(.settled("yes"), .turnEnded, .complete)
    #expect(rig.outcomes == [.interim(rig.first, "yes"), .paused(rig.first, "yes"), .turnEnded(rig.first)])
    rig.tell(.resumed)
    rig.end()
    #expect(rig.outcomes.last == .finish)
  }

  @Test func aTurnWithoutSpeechHasNoWords() {
    var rig = Rig()
    rig.feed(600, speech: false)
    rig.end()
    #expect(rig.outcomes == [.final(rig.first, "")] && rig.machine.deadline == nil)
  }

  @Test func theWordsOfADiscardedTurnAreNobodys() {
    var rig = Rig()
    rig.feed(600, speech: true)
    rig.tell(.interim("never mind"))
    rig.take(rig.machine.discarded(rig.first, at: rig.now))
    rig.feed(600, speech: true, turn: rig.second)
    rig.tell(.settled("never mind"), .complete, .settled("hello"))
    rig.end(rig.second)
    rig.tell(.complete)
    #expect(
      rig.outcomes == [
        .interim(rig.first, "never mind"), .finish, .interim(rig.second, "hello"), .finish,
        .final(rig.second, "hello"),
      ])
  }

  @Test func aServiceThatSaysNothingHasFailed() {
    var rig = Rig()
    rig.feed(600, speech: true)
    rig.end()
    #expect(rig.machine.deadline == rig.now + .seconds(4))
    rig.wait(until: rig.machine.deadline)
    #expect(rig.outcomes == [.finish, .silent])
  }

  @Test func settledWordsAreToldThoughTheServiceDoesNotSayThatTheyAreAll() {
    var rig = Rig()
    rig.feed(600, speech: true)
    rig.tell(.settled("hello"))
    rig.end()
    #expect(rig.machine.deadline == rig.now + .seconds(1))
    rig.wait(until: rig.machine.deadline)
    #expect(rig.outcomes.suffix(2) == [.final(rig.first, "hello"), .renew])
  }

  @Test func aConnectionForEachUtteranceIsRenewed() {
    var rig = Rig { ($0.isOneUtterance, $0.isSilentWithoutWords) = (true, true) }
    rig.feed(600, speech: true)
    rig.end()
    rig.tell(.settled("hello"), .complete)
    #expect(rig.outcomes == [.finish, .final(rig.first, "hello"), .renew])
    // One that says nothing where there is nothing to say has not failed.
    rig.feed(600, speech: true, turn: rig.second)
    rig.end(rig.second)
    rig.wait(until: rig.machine.deadline)
    #expect(rig.outcomes.suffix(2) == [.final(rig.second, ""), .renew])
  }

  @Test func anIdleConnectionIsKept() {
    var rig = Rig { $0.keepAlive = .seconds(4) }
    rig.feed(1000, speech: false)
    #expect(rig.machine.deadline == nil)
    rig.machine.connected(true, at: rig.now)
    let opened = rig.now
    #expect(rig.machine.deadline == opened + .seconds(4))
    rig.feed(1000, speech: true)
    #expect(rig.machine.deadline == opened + .seconds(5))
    rig.wait(until: rig.machine.deadline)
    #expect(rig.outcomes == [.keepAlive] && rig.machine.deadline == rig.now + .seconds(4))
    rig.machine.connected(false, at: rig.now)
    #expect(rig.machine.deadline == nil)
  }

  @Test func noTextIsTooLong() {
    var rig = Rig()
    rig.feed(600, speech: true)
    for _ in 0..<20 { rig.tell(.settled(String(repeating: "word\u{7} ", count: 1000))) }
    rig.end()
    rig.tell(.complete)
    guard case .final(_, let text)? = rig.outcomes.last else { return #expect(Bool(false)) }
    #expect((4000...StreamedTranscribing.textLimit).contains(text.utf8.count) && !text.contains("\u{7}"))
  }
}

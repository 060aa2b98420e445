import TestKit
import Testing
import Timeline
import Wire

@testable import Agent

/// Inputs in any order, also ones that no provider would send, and what must hold whatever comes.
@Suite struct AgentRandomTests {
  /// Follows what is sent and ordered, and says what is wrong.
  struct Witness {
    var isJoined = false
    /// A response is open on the server: ordered by `generate`, or seen by its text.
    var isOpen = false
    var lastSequence = -1
    var isPaused = false
    var isHeld = false
    var isUserSpeaking = false
    var answeredInterrupts = 0
    var faults: [String] = []
    var responses = 0
    var ends = 0

    mutating func see(_ effect: AgentEffect, after input: AgentInput) {
      switch effect {
      case .generate, .send(.responseText):
        if case .generate = effect, isOpen { faults.append("a response began within a response") }
        if !isOpen { responses += 1 }
        isOpen = true
      case .send(.audio(let payload)):
        if !isOpen { faults.append("audio outside a response") }
        if isHeld { faults.append("audio of a held response") }
        if (payload.sequence ?? -1) <= lastSequence { faults.append("seq went back") }
        lastSequence = payload.sequence ?? lastSequence
        if payload.bytes.isEmpty || payload.bytes.count > 2 * 640 {
          faults.append("piece of \(payload.bytes.count) bytes")
        }
      case .send(.responseComplete):
        if !isOpen { faults.append("complete outside a response") }
        if isHeld { faults.append("complete while held") }
        (isOpen, ends) = (false, ends + 1)
      case .send(.interrupted):
        if isOpen { ends += 1 } else { faults.append("interrupted for nothing") }
        (isOpen, isHeld) = (false, false)
      case .send(.responseHeld):
        if !isOpen || isHeld { faults.append("held twice, or outside a response") }
        isHeld = true
      case .send(.responseResumed):
        if !isHeld { faults.append("resumed, and not held") }
        isHeld = false
      case .send(.pause):
        if isPaused { faults.append("paused twice") }
        isPaused = true
      case .send(.resume):
        if !isPaused { faults.append("resumed twice") }
        isPaused = false
      case .send(.userSpeechStart):
        if isUserSpeaking { faults.append("speech began twice") }
        isUserSpeaking = true
      case .send(.userSpeechEnd):
        if !isUserSpeaking { faults.append("speech ended twice") }
        isUserSpeaking = false
      default: break
      }
      if !isJoined, case .send = effect { faults.append("sent to nobody") }
    }

    mutating func see(_ input: AgentInput, _ effects: [AgentEffect]) {
      switch input {
      case .clientJoined: joined(true)
      case .clientLeft: joined(false)
      default: break
      }
      for effect in effects { see(effect, after: input) }
    }

    private mutating func joined(_ isJoined: Bool) {
      // Whatever was open ended with the connection.
      if isOpen { ends += 1 }
      (isOpen, isPaused, isUserSpeaking, isHeld) = (false, false, false, false)
      self.isJoined = isJoined
    }
  }

  private func input(_ random: inout SeededGenerator, _ turns: [TurnID], _ sentence: Int) -> AgentInput {
    let turn = turns.suffix(4).randomElement(using: &random) ?? TurnID(rawValue: Int.random(in: 0...9, using: &random))
    let text = ["", "hello there", "One two. Three four! ", "word ", "Mm-hmm.", "Yeah?"].randomElement(using: &random)!
    let samples = [Int16](repeating: 1, count: Int.random(in: 0...6000, using: &random))
    switch Int.random(in: 0..<44, using: &random) {
    case 0: return .clientLeft
    case 1, 2: return .clientJoined(sessionID: "s", resumeToken: "t", history: [], resumed: Bool.random(using: &random))
    case 3: return .eventReceived(.interrupt)
    case 4: return .eventReceived(.text(text))
    case 5: return .eventReceived([.speechStart, .speechEnd].randomElement(using: &random)!)
    case 6 where Bool.random(using: &random):
      let policy = BargeInPolicy.allCases.randomElement(using: &random)!
      return .eventReceived(.config(.object(["barge_in": .string(policy.rawValue)])))
    case 6:
      return .eventReceived(.config(.object(["endpointing": .number(Double.random(in: 0...900, using: &random))])))
    case 7: return .eventReceived(.unknown(type: "?"))
    case 8: return .recognizerBacklogChanged(.milliseconds(Int.random(in: 0...4000, using: &random)))
    case 9: return .recognizerFailed("boom")
    case 10: return .replyFailed(turn, "boom")
    case 11: return .synthesisFailed(turn, sentence: sentence, "boom")
    case 12: return .announcementDue("Ding.")
    case 13: return .announcementScheduled(id: Int.random(in: 0...3, using: &random), after: .seconds(2), text: "Dong.")
    case 14: return .announcementCancelled(id: Int.random(in: 0...3, using: &random))
    case 15..<20:
      return .voiceDetected(
        isSpeech: Bool.random(using: &random), atSample: Int.random(in: -10...400_000, using: &random))
    case 20..<24: return .finalRecognized(turn, text)
    case 24..<26: return .interimRecognized(turn, text)
    case 26..<30: return .replyGenerated(turn, text)
    case 30: return .replyFinished(turn)
    case 31..<36: return .sentenceSynthesized(turn, sentence: sentence, samples)
    case 36..<38: return .sentenceFinished(turn, sentence: sentence)
    case 38..<42: return .audioReceived(samples)
    default: return .deadlinePassed
    }
  }

  /// Clients of each kind: that hold, that stop when the user speaks, and others.
  private static func configuration(_ seed: Int) -> AgentConfiguration {
    var configuration = AgentConfiguration()
    configuration.tellsHolds = seed % 3 == 1
    configuration.startIsACut = seed % 3 == 2
    if seed % 3 == 2 { configuration.bargeIn = seed % 2 == 0 ? .words : .off }
    return configuration
  }

  @Test(arguments: 0..<150) func holdsItsPromisesWhateverComes(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    var agent = Agent(Self.configuration(seed))
    var witness = Witness()
    var now = Timestamp.zero
    var turns: [TurnID] = []
    var sentence = 0

    func give(_ input: AgentInput) {
      let effects = agent.handle(input, at: now)
      witness.see(input, effects)
      for effect in effects {
        switch effect {
        case .generate(let turn, _, _), .endUtterance(let turn): turns.append(turn)
        case .synthesize(let turn, let index, _, _, _):
          turns.append(turn)
          sentence = index
        default: break
        }
      }
    }

    for _ in 0..<600 {
      give(input(&random, turns, sentence))
      if let deadline = agent.deadline { #expect(deadline > now, "a deadline that has passed already") }
      // Time passes, deadlines are kept.
      let next = now + .milliseconds(Int.random(in: 0...300, using: &random))
      var steps = 0
      while let deadline = agent.deadline, deadline <= next {
        now = max(now, deadline)
        give(.deadlinePassed)
        steps += 1
        try #require(steps < 500, "deadlines make no progress")
      }
      now = next
    }
    // Left alone, it comes to rest.
    var steps = 0
    while let deadline = agent.deadline {
      now = deadline
      give(.deadlinePassed)
      steps += 1
      try #require(steps < 20_000)
    }
    #expect(witness.faults.isEmpty, "seed \(seed)")
    #expect(!witness.isOpen)
    #expect(witness.responses == witness.ends)
    #expect(agent.history.count <= agent.configuration.historyLimit)
  }

  /// Providers that behave, and a user who does not.
  @Test(arguments: 0..<40) func holdsThemInLivelyConversations(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed) &+ 1000)
    var rig = ConversationRig(Self.configuration(seed))
    for _ in 0..<60 {
      let time = Duration.milliseconds(Int.random(in: 20...1500, using: &random))
      switch Int.random(in: 0..<12, using: &random) {
      case 0, 1: rig.say("a question", reply: AgentRespondingTests.long)
      case 2:
        rig.transcripts = Bool.random(using: &random) ? [["over you"], ["Mm-hmm."]].randomElement(using: &random)! : []
        rig.replies = ["Yes. I hear you."]
        rig.speak(time)
        rig.pause(.milliseconds(520))
      case 3: rig.speak(time)
      case 4: rig.pause(time)
      case 5: rig.wait(time)
      case 6: rig.give(.eventReceived(.interrupt))
      case 7:
        rig.replies = [AgentRespondingTests.long]
        rig.give(.eventReceived(.text("typed")))
      case 8: rig.give(.announcementScheduled(id: 1, after: time, text: "Ding dong. It is time."))
      case 9: rig.give(.recognizerBacklogChanged(time * 2))
      case 10: rig.give(.recognizerBacklogChanged(.zero))
      default:
        guard Int.random(in: 0..<4, using: &random) == 0 else { continue }
        rig.give(.clientLeft)
        (rig.samplesSent, rig.isVoiced) = (0, false)
        rig.give(.clientJoined(sessionID: "s", resumeToken: "t", history: rig.agent.history, resumed: true))
      }
    }
    rig.give(.recognizerBacklogChanged(.zero))
    rig.pause(.seconds(1))
    rig.wait(.seconds(60))
    var witness = Witness()
    for (input, effects) in rig.log { witness.see(input, effects) }
    #expect(witness.faults.isEmpty, "seed \(seed)")
    #expect(!witness.isOpen && witness.responses == witness.ends)
    #expect(witness.responses >= 3 && rig.audio.count > 50, "the script does reach responses")
    #expect(!rig.agent.isResponding && rig.agent.deadline == nil)
    // What the history says the agent said was sent as text.
    for said in rig.agent.history where said.speaker == .agent {
      #expect(rig.responseText.contains(said.text), "\(said)")
    }
  }
}

import Insight
import TestKit
import Testing
import Timeline
import Wire

@Suite struct BargeInTests {
  /// The agent speaks from 1550 on, and is heard 30 ms later; its audio comes as fast as it is heard.
  private func speaking(until end: Double) -> Script {
    var script = Script()
    script.question()
    for ms in stride(from: 1520.0, through: end, by: 10) {
      if (Int(ms) - 1520) % 20 == 0 { script.audio(ms) } else { script.played(ms, response: 1) }
    }
    return script
  }

  /// The user speaks over the answer from 2600 ms on; its last audio is handed over at 2750 ms.
  private func spokenOver() -> Script {
    var script = speaking(until: 2630)
    script.at(2640, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 40)))
    for ms in stride(from: 2640.0, through: 2740, by: 20) {
      script.audio(ms)
      script.played(ms + 10, response: 1)
    }
    return script
  }

  @Test func byVoiceToTheMillisecond() throws {
    var script = spokenOver()
    script.received(2755, .interrupted)
    script.changed(2755, .flushed, played: 1100, discarded: 60, remaining: 10)
    let bargeIn = try #require(script.insight.bargeIns.all.last)
    #expect(bargeIn.trigger == .voice)
    #expect(bargeIn.turn == 1)
    #expect(bargeIn.onset == Timestamp(milliseconds: 2600))
    #expect(bargeIn.interruptSent == nil)
    #expect(bargeIn.acknowledged == Timestamp(milliseconds: 2755))
    #expect(bargeIn.playoutEmpty == Timestamp(milliseconds: 2755))
    #expect(bargeIn.lastSound == Timestamp(milliseconds: 2765))
    #expect(bargeIn.stopTime == .milliseconds(165))
    #expect(bargeIn.lastStaleAudio == Timestamp(milliseconds: 2740))
    #expect(bargeIn.staleReceivedMs == 140)
    #expect(bargeIn.staleHeardMs == 165)
    #expect(bargeIn.verdict == .genuine)
    // It counts once it is over.
    script.at(4300, .voiceEdge(VoiceEdge(isStart: false, sinceMs: 300)))
    script.received(4500, .transcriptFinal("stop"))
    #expect(script.insight.bargeIns.stopTimes.p50 == 165)
    #expect(script.insight.bargeIns.staleReceived.p50 == 140)
    #expect(script.insight.bargeIns.counts[.genuine] == 1)
  }

  /// The user waits until the agent is silent, and not until the server has decided.
  @Test func theStopTimeOfAHeldAnswerEndsWithTheHold() throws {
    var script = spokenOver()
    script.received(2755, .responseHeld)
    script.changed(2755, .held, played: 1160, takenBack: 15, remaining: 10)
    script.received(3400, .interrupted)
    script.changed(3400, .flushed, played: 1160, discarded: 60, remaining: 0)
    let bargeIn = try #require(script.insight.bargeIns.all.last)
    #expect(bargeIn.onset == Timestamp(milliseconds: 2600))
    #expect(bargeIn.lastSound == Timestamp(milliseconds: 2765))
    #expect(bargeIn.stopTime == .milliseconds(165))
    #expect(bargeIn.staleHeardMs == 165)
    #expect(script.insight.bargeIns.holds == 1 && script.insight.bargeIns.falseStops.count == 0)
  }

  /// What was held is heard once, and the silence in between was for nothing.
  @Test func aHoldThatGoesOnIsAFalseStop() throws {
    var script = speaking(until: 2630)
    script.at(2640, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 40)))
    script.received(2700, .responseHeld)
    let before = try #require(script.insight.turns.last).playedMs
    script.changed(2700, .held, played: before - 20, takenBack: 20, remaining: 0)
    #expect(script.insight.turns.last?.playedMs == before - 20)
    script.received(3200, .responseResumed)
    script.changed(3200, .resumed, played: before - 20)
    script.played(3210, response: 1)
    #expect(script.insight.turns.last?.playedMs == before)
    #expect(script.insight.bargeIns.holds == 1 && script.insight.bargeIns.falseStops.count == 1)
    // The last sample was heard 30 ms after the block before 2630.
    let silence = try #require(script.insight.bargeIns.falseStops.p50)
    #expect((500...560).contains(silence))
    #expect(script.insight.bargeIns.all.isEmpty && script.insight.delivery.concealedMs == 0)
    // It is heard to its end: nothing was cut, and the speech had the hold for its effect.
    script.received(3300, .responseComplete)
    script.changed(4000, .finished, played: before)
    #expect(script.insight.bargeIns.ignored == 0 && script.insight.bargeIns.all.isEmpty)
    #expect(script.insight.delivery.lateChunks == 0)
  }

  @Test func byKeyToTheMillisecond() throws {
    var script = speaking(until: 2590)
    script.at(2600, .operatorAct(OperatorAct(.interrupt)))
    script.changed(2600, .flushed, played: 1020, discarded: 100, remaining: 10)
    script.sent(2601, .interrupt)
    script.audio(2620)
    script.audio(2640)
    script.received(2650, .interrupted)
    let bargeIn = try #require(script.insight.bargeIns.all.last)
    #expect(bargeIn.trigger == .key)
    #expect(bargeIn.interruptSent == Timestamp(milliseconds: 2601))
    #expect(bargeIn.acknowledged == Timestamp(milliseconds: 2650))
    #expect(bargeIn.lastStaleAudio == Timestamp(milliseconds: 2640))
    #expect(bargeIn.staleReceivedMs == 40)
    #expect(bargeIn.staleHeardMs == 10)
    #expect(bargeIn.stopTime == .milliseconds(10))
  }

  /// Blocks of 20 ms up to 2590 are heard until 2640; nothing is left of them when the answer is cut.
  @Test func whatHadRunDryBeforeItWasCutWasSilentThen() throws {
    var script = speaking(until: 2590)
    script.at(2650, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 40)))
    script.received(2700, .interrupted)
    script.changed(2700, .flushed, played: 1080, discarded: 0, remaining: 0)
    let bargeIn = try #require(script.insight.bargeIns.all.last)
    #expect(bargeIn.onset == Timestamp(milliseconds: 2610))
    #expect(bargeIn.playoutEmpty == Timestamp(milliseconds: 2700))
    #expect(bargeIn.lastSound == Timestamp(milliseconds: 2640) && bargeIn.staleHeardMs == 30)
  }

  /// The onset at 2600 is known at 2640; from 2620 to 2650 nothing was heard.
  @Test func aHoleInWhatIsHeardIsNotHeard() throws {
    var script = speaking(until: 2570)
    script.played(2620, response: 1)
    script.at(2640, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 40)))
    script.received(2655, .interrupted)
    script.changed(2655, .flushed, played: 1075, discarded: 5, remaining: 10)
    let bargeIn = try #require(script.insight.bargeIns.all.last)
    #expect(bargeIn.lastSound == Timestamp(milliseconds: 2665) && bargeIn.stopTime == .milliseconds(65))
    #expect(bargeIn.staleHeardMs == 35)
  }

  @Test func aCoughIsToldApart() throws {
    var script = speaking(until: 2630)
    script.at(2640, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 40)))
    script.received(2700, .interrupted)
    script.changed(2700, .flushed, played: 1000, discarded: 100, remaining: 0)
    #expect(script.insight.bargeIns.all.last?.verdict == .genuine)
    script.at(3050, .voiceEdge(VoiceEdge(isStart: false, sinceMs: 300)))
    #expect(script.insight.bargeIns.all.last?.verdict == .tooShort)
    // What is said next does not make it a wish to speak.
    script.speech(from: 4000, to: 6000)
    script.received(6500, .transcriptFinal("go on"))
    let bargeIns = script.insight.bargeIns
    #expect(bargeIns.all.map(\.verdict) == [.tooShort])
    #expect(bargeIns.counts == [.genuine: 0, .tooShort: 1])
    #expect(bargeIns.stopTimes.count == 0)
  }

  @Test(arguments: [true, false]) func theAgentsOwnVoiceIsToldApart(_ isEcho: Bool) {
    var script = Script()
    script.question()
    script.audio(1520)
    var levels: [Double] = []
    var random = SeededGenerator(seed: 7)
    for i in 0..<60 {
      let now = 1600 + Double(i) * 20
      levels.append(Double(random.below(256)) / 256 * 40 - 50)
      // Heard 40 ms later, and back at the microphone 60 ms after that.
      script.at(now)
      script.playout(response: 1, rmsDB: levels[i], deviceDelayMs: 40)
      let heard = isEcho ? (i >= 6 ? levels[i - 6] - 15 : -60) : Double(random.below(256)) / 256 * 40 - 50
      script.at(
        now,
        .micFrame(
          MicFrame(
            sampleCount: 320, rate: 16_000, rmsDB: heard, peakDB: heard, peaks: [], fate: .sent, vadLevelDB: heard,
            vadThresholdDB: -45, isSpeech: true)))
      if i == 20 { script.at(now, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 100))) }
    }
    script.received(2790, .interrupted)
    script.changed(2790, .flushed, played: 1200, discarded: 100, remaining: 0)
    script.at(2790, .voiceEdge(VoiceEdge(isStart: false, sinceMs: 20)))
    #expect(script.insight.bargeIns.all.last?.verdict == (isEcho ? .echo : .genuine))
  }

  @Test func whatCutsNothingIsNoBargeIn() {
    var script = speaking(until: 2630)
    script.at(2640, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 40)))
    script.at(3000, .voiceEdge(VoiceEdge(isStart: false, sinceMs: 100)))
    script.received(3100, .responseComplete)
    script.changed(3200, .finished, played: 1600)
    #expect(script.insight.bargeIns.all.isEmpty)
    #expect(script.insight.bargeIns.ignored == 1)
  }

  // MARK: Two words for one onset

  /// Our edge at 2600 (known at 2640), the server's word 450 ms after the voice, the cut at 570 ms.
  private func cutAfter(edge: Bool = true, word: Double?, edgeKnown: Double = 2640, cut: Double = 3170) -> Script {
    var script = speaking(until: 2590)
    var moments: [(Double, (inout Script) -> Void)] = stride(from: 2600.0, to: cut, by: 20).map { ms in
      (
        ms,
        {
          $0.audio(ms); $0.played(ms + 10, response: 1)
        }
      )
    }
    if edge {
      moments.append((edgeKnown, { $0.at(edgeKnown, .voiceEdge(VoiceEdge(isStart: true, sinceMs: edgeKnown - 2600))) }))
    }
    if let word { moments.append((word, { $0.received(word, .userSpeechStart) })) }
    for (_, step) in moments.sorted(by: { $0.0 < $1.0 }) { step(&script) }
    script.received(cut, .interrupted)
    script.changed(cut, .flushed, played: cut - 1520, discarded: 60, remaining: 0)
    return script
  }

  @Test(arguments: [nil, 2610, 2700, 3050, 3160] as [Double?]) func theStopTimeCountsFromTheVoice(_ word: Double?)
    throws
  {
    var script = cutAfter(word: word)
    let bargeIn = try #require(script.insight.bargeIns.all.last)
    #expect(bargeIn.onset == Timestamp(milliseconds: 2600))
    #expect(bargeIn.stopTime == .milliseconds(570))
    #expect(bargeIn.staleReceivedMs == 560)
    script.at(4300, .voiceEdge(VoiceEdge(isStart: false, sinceMs: 300)))
    script.received(4500, .transcriptFinal("stop"))
    let bargeIns = script.insight.bargeIns
    #expect(bargeIns.all.map(\.verdict) == [.genuine] && bargeIns.ignored == 0)
    #expect(bargeIns.stopTimes.count == 1 && bargeIns.stopTimes.p50.map { abs($0 - 570) <= 1 } == true)
  }

  /// The server is quicker than our own detector: with its word before our edge, and with the cut before it, too.
  @Test(arguments: [(2650, 2700, 3170), (2650, 2720, 2700)] as [(Double, Double, Double)])
  func theEarlierOnsetWinsWhicheverIsKnownFirst(word: Double, edgeKnown: Double, cut: Double) throws {
    var script = cutAfter(edge: edgeKnown < cut, word: word, edgeKnown: edgeKnown, cut: cut)
    if edgeKnown > cut {
      // The playout runs empty a moment later.
      script.at(edgeKnown, .voiceEdge(VoiceEdge(isStart: true, sinceMs: edgeKnown - 2600)))
    }
    let bargeIn = try #require(script.insight.bargeIns.all.last)
    #expect(bargeIn.onset == Timestamp(milliseconds: 2600))
    #expect(bargeIn.stopTime == .milliseconds(Int64(cut - 2600)))
    #expect(script.insight.bargeIns.all.count == 1 && script.insight.bargeIns.ignored == 0)
  }

  /// Where our own detector hears nothing, the server's word is all there is.
  @Test func theServersWordAloneIsAnOnset() throws {
    let script = cutAfter(edge: false, word: 3050)
    #expect(script.insight.bargeIns.all.last?.stopTime == .milliseconds(120))
  }

  /// The user began to speak before the agent did: what was heard over the user began with the agent.
  @Test func theAgentThatBeginsIntoSpeechIsHeardFromItsOwnBeginning() throws {
    var script = Script()
    script.speech(from: 0, to: 1000)
    script.at(1480, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 60)))
    script.received(1500, .transcriptFinal("tell me a story"))
    script.received(1510, .responseText("Once upon a time there was a very long story without an end."))
    for ms in stride(from: 1540.0, through: 2000, by: 20) {
      script.audio(ms)
      script.played(ms + 10, response: 1)
    }
    script.received(1900, .userSpeechStart)
    script.received(2020, .interrupted)
    script.changed(2020, .flushed, played: 470, discarded: 0, remaining: 0)
    let bargeIn = try #require(script.insight.bargeIns.all.last)
    #expect(bargeIn.onset == Timestamp(milliseconds: 1580) && bargeIn.stopTime == .milliseconds(440))
    #expect(script.insight.bargeIns.ignored == 0)
  }
}

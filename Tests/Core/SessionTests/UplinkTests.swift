import TestKit
import Testing
import Timeline
import Wire

@testable import Session

@Suite struct UplinkTests {
  @Test func gateSendsSpeechWithPreRollAndHangover() {
    var rig = Rig.live()
    rig.stayQuiet(.seconds(1))
    #expect(rig.all.sent.isEmpty)
    let effects = rig.speak(.milliseconds(400)) + rig.stayQuiet(.seconds(2))
    #expect(effects.conversation == ["speech_start", "audio", "speech_end"])
    let audio = effects.sentAudio
    let samples = audio.reduce(0) { $0 + $1.bytes.count / 2 }
    // 300 ms before, 400 ms of speech, 800 ms after; the detector works in steps of 10 ms.
    #expect((23_840...24_160).contains(samples), "\(samples)")
    let loud = audio.flatMap(\.bytes).firstIndex { $0 != 0 }! / 2
    #expect((4_640...4_960).contains(loud), "pre-roll of \(loud) samples")
    #expect(audio.map(\.sequence) == Array(0..<audio.count))
    // Speech began at 1000 ms on the clock, the first chunk 300 ms before it.
    #expect(abs(audio[0].sentAtMs! - 700) <= 20)
    let edges = effects.edges
    #expect(edges.map(\.isStart) == [true, false])
    #expect(edges[0].sinceMs >= 20 && edges[0].sinceMs <= 60)
    #expect(edges[1].sinceMs >= 300 && edges[1].sinceMs <= 320)
    #expect(Set(effects.micFrames.map(\.fate)) == [.sent, .gated])
    #expect(effects.micFrames[0].peaks.count == 4)
  }

  /// What travels with a message for readers in the process is what they would make of it themselves.
  @Test(arguments: [false, true]) func messagesCarryTheirMeaning(isBinary: Bool) throws {
    var rig = Rig.live {
      $0.prefersBinaryAudio = isBinary
      $0.inputRate = 24_000
    }
    rig.speak(.milliseconds(400))
    rig.stayQuiet(.seconds(2))
    rig.hear(.responseText("hello"))
    rig.hear(.audio(AudioPayload(bytes: [1, 2, 3, 4], format: "pcm16", rate: 24_000, sequence: 7)))
    rig.hear(.ready(Ready(sessionID: "s", resumeToken: "a-long-secret-token")))
    let dialect = VoiceDialect()
    let messages = rig.all.compactMap { effect -> Message? in
      if case .record(.message(let message)) = effect { message } else { nil }
    }
    #expect(messages.contains { $0.way == .toServer && $0.reading != nil } || isBinary)
    #expect(messages.contains { $0.way == .toClient && $0.reading != nil })
    for message in messages {
      var bare = message
      bare.reading = nil
      #expect(message.meaning(in: dialect) == bare.meaning(in: dialect))
      #expect("\(message.meaning(in: dialect))".contains("secret") == false)
    }
  }

  @Test func itIsKnownWhetherAudioGoesOut() {
    var gated = Rig.live()
    gated.stayQuiet(.seconds(1))
    #expect(!gated.session.isSendingAudio)
    gated.speak(.milliseconds(300))
    #expect(gated.session.isSendingAudio)
    gated.stayQuiet(.milliseconds(500))
    #expect(gated.session.isSendingAudio, "the hangover is sent too")
    gated.stayQuiet(.seconds(2))
    #expect(!gated.session.isSendingAudio)
    var open = Rig.live { $0.gateMode = .open }
    open.stayQuiet(.milliseconds(100))
    #expect(open.session.isSendingAudio)
  }

  @Test func aPauseWithinTheHangoverIsOneUtterance() {
    var rig = Rig.live()
    rig.speak(.milliseconds(300))
    rig.stayQuiet(.milliseconds(600))
    rig.speak(.milliseconds(300))
    rig.stayQuiet(.seconds(2))
    #expect(rig.all.conversation == ["speech_start", "audio", "speech_end"])
  }

  @Test func howTheMicIsCutMakesNoDifference() {
    func bytes(_ frame: Int) -> [UInt8] {
      var rig = Rig.live()
      var audio = Array(repeating: Int16(0), count: 8000)
      audio += (0..<8000).map { Int16($0 / 20 % 2 == 0 ? 8000 : -8000) }
      audio += Array(repeating: 0, count: 32_000)
      for start in stride(from: 0, to: audio.count, by: frame) {
        let piece = audio[start..<min(start + frame, audio.count)]
        rig.advance(.samples(piece.count, rate: 16_000))
        rig.input(.micFrameCaptured(Array(piece), isSynthetic: false))
      }
      return rig.all.sentAudio.flatMap(\.bytes)
    }
    let reference = bytes(160)
    #expect(!reference.isEmpty)
    #expect(bytes(320) == reference)
    #expect(bytes(8000) == reference)
    #expect(bytes(48_000) == reference)
  }

  @Test func openMicSendsEverythingAndSaysNothingOfSpeech() {
    var rig = Rig.live { $0.gateMode = .open }
    rig.stayQuiet(.milliseconds(200))
    rig.speak(.milliseconds(200))
    #expect(rig.all.conversation == ["audio"])
    #expect(rig.all.sentAudio.count == 20)
  }

  @Test func anAudioMessageTellsHowLongItWaited() {
    var rig = Rig.live { $0.gateMode = .open }
    #expect(rig.speak(.milliseconds(100)).messages.map(\.waitedMs) == Array(repeating: 0, count: 5))
    rig.hear(.pause)
    rig.speak(.milliseconds(100))
    #expect(rig.hear(.resume).messages.filter { $0.way == .toServer }.map(\.waitedMs) == [80, 60, 40, 20, 0])
  }

  @Test func whatWaitedInTheDeviceIsAsOldAsItIs() {
    var prompt = Rig.live()
    var late = Rig.live()
    let speech = (0..<16_000).map { Int16($0 < 8000 ? $0 / 20 % 2 == 0 ? 8000 : -8000 : 0) }
    for start in stride(from: 0, to: speech.count, by: 320) {
      let frame = Array(speech[start..<start + 320])
      prompt.advance(.milliseconds(20))
      prompt.input(.micFrameCaptured(frame, isSynthetic: false))
      // The same, seen 37 ms later.
      late.advance(.milliseconds(start == 0 ? 57 : 20))
      late.input(.micFrameCaptured(frame, isSynthetic: false, capturedAt: late.now - .milliseconds(37)))
    }
    #expect(late.all.edges.map(\.isStart) == [true, false])
    #expect(late.all.edges.map(\.sinceMs) == prompt.all.edges.map { $0.sinceMs + 37 })
    #expect(late.all.micFrames.allSatisfy { $0.ageMs == 37 } && prompt.all.micFrames.allSatisfy { $0.ageMs == nil })
    let waits = { (rig: Rig) in rig.all.messages.compactMap(\.waitedMs) }
    #expect(waits(late) == waits(prompt).map { $0 + 37 })
    // A moment that has not come yet is now.
    late.input(.micFrameCaptured(speech, isSynthetic: false, capturedAt: late.now + .seconds(1)))
    #expect(late.all.micFrames.last?.ageMs == nil)
  }

  @Test func pushToTalkEndsWithSilence() {
    var rig = Rig.live {
      $0.gateMode = .ptt
      $0.chunkSampleCount = 1024
    }
    #expect(rig.speak(.milliseconds(200)).sent.isEmpty)
    rig.command(.setTalking(true))
    rig.speak(.milliseconds(200))
    rig.command(.setTalking(false))
    #expect(rig.all.conversation == ["speech_start", "audio", "speech_end"])
    let samples = rig.all.sentAudio.flatMap(\.bytes)
    // 200 ms of speech and 700 ms of silence, no pre-roll of what was said before the key.
    #expect(samples.count == (3200 + 11_200) * 2)
    #expect(samples.suffix(22_400).allSatisfy { $0 == 0 })
    #expect(rig.speak(.milliseconds(100)).micFrames.map(\.fate) == Array(repeating: .gated, count: 5))
  }

  @Test func muteSendsNothingAndLeaksNothing() {
    var rig = Rig.live()
    rig.speak(.milliseconds(400))
    let muted = rig.command(.setMuted(true))
    #expect(muted.conversation == ["audio", "speech_end"])
    #expect(muted.gates == [Gate(mode: .gate, muted: true)])
    let during = rig.speak(.milliseconds(400))
    #expect(during.sent.isEmpty)
    #expect(Set(during.micFrames.map(\.fate)) == [.muted])
    rig.command(.setMuted(false))
    // The first chunk after unmuting is of the frame after it, without a pre-roll from behind the mute.
    #expect(rig.speak(.milliseconds(20)).sentAudio.count == 1)
  }

  @Test func typedSpeechPassesAMutedMic() {
    var rig = Rig.live()
    rig.command(.setMuted(true))
    rig.stayQuiet(.milliseconds(500))
    let said = rig.speak(.milliseconds(400), isSynthetic: true)
    #expect(said.conversation == ["speech_start", "audio"])
    #expect(said.micFrames.allSatisfy { $0.isSynthetic })
    #expect(rig.stayQuiet(.milliseconds(100)).conversation == ["audio", "speech_end"])
  }

  @Test func nothingIsSentBeforeReadyAndSpeechIsKept() {
    var rig = Rig()
    rig.input(.started)
    rig.input(.connectionOpened(first, stages: []))
    let before = rig.speak(.milliseconds(400))
    #expect(before.sent.isEmpty)
    #expect(Set(before.micFrames.map(\.fate)) == [.held])
    #expect(rig.hear(.ready(ready())).conversation == ["speech_start", "audio"])
  }

  @Test func anOpenMicKeepsOnlySpeechWhileThereIsNoLine() {
    var rig = Rig.live { $0.gateMode = .open }
    rig.input(.connectionClosed(first, code: 1006, reason: "", by: .network))
    rig.stayQuiet(.milliseconds(400))
    #expect(rig.session.uplink.depth == 0)
    rig.speak(.milliseconds(200))
    #expect(rig.session.uplink.depth > 10)
  }

  @Test func speechSurvivesAReconnectUpToTheBound() {
    var rig = Rig.live(resume: true)
    rig.speak(.milliseconds(200))
    let sentBefore = rig.all.sentAudio.count
    rig.input(.connectionClosed(first, code: 1006, reason: "", by: .network))
    let away = rig.speak(.seconds(3))
    #expect(away.sent.isEmpty)
    #expect(rig.session.uplink.depth == 100)
    rig.input(.connectionOpened(second, stages: []))
    let effects = rig.hear(.ready(ready(resumed: true)), on: second)
    #expect(effects.conversation == ["speech_start", "audio"])
    #expect(effects.sentAudio.count == 100)
    // 150 chunks were made on the way, 50 of them are lost, and their numbers say so.
    #expect(effects.sentAudio[0].sequence == sentBefore + 50)
    rig.advance(.milliseconds(200))
    #expect(rig.all.queues.last { $0.name == .uplink }?.dropped == 50)
    #expect(rig.all.notices.contains { $0.text.contains("oldest audio is dropped") })
  }

  @Test func pauseHoldsAndResumeSends() {
    var rig = Rig.live()
    rig.speak(.milliseconds(200))
    #expect(rig.hear(.pause).gates == [Gate(mode: .gate, pausedByServer: true)])
    let held = rig.speak(.milliseconds(200))
    #expect(held.sent.isEmpty)
    #expect(Set(held.micFrames.map(\.fate)) == [.held])
    let resumed = rig.hear(.resume)
    #expect(resumed.gates == [Gate(mode: .gate)])
    #expect(resumed.sentAudio.count == 10)
  }

  @Test func aFullSocketHoldsTheQueueBack() {
    var rig = Rig.live { $0.gateMode = .open }
    rig.input(.socketBacklogChanged(first, byteCount: 262_144))
    #expect(rig.speak(.milliseconds(100)).sent.isEmpty)
    #expect(rig.session.uplink.depth == 5)
    #expect(rig.input(.socketBacklogChanged(first, byteCount: 0)).sentAudio.count == 5)
  }

  @Test func ourOwnSendingCountsAsBacklogUntilTheSocketReports() {
    var rig = Rig.live {
      $0.gateMode = .open
      $0.socketHighWater = 2000
    }
    let effects = rig.speak(.milliseconds(200))
    #expect(effects.sentAudio.count == 3)
    #expect(rig.session.uplink.depth == 7)
    // What the socket did not say itself is no entry.
    #expect(!rig.all.queues.contains { $0.name == .socket })
    rig.input(.socketBacklogChanged(first, byteCount: 2500))
    #expect(rig.all.queues.filter { $0.name == .socket }.map(\.depth) == [2500])
  }

  @Test func depthsAreReportedWhenTheyChangeAndNotTooOften() {
    var rig = Rig.live { $0.gateMode = .open }
    rig.input(.socketBacklogChanged(first, byteCount: 1 << 20))
    let effects = rig.speak(.seconds(1))
    let uplink = effects.queues.filter { $0.name == .uplink }
    #expect((9...11).contains(uplink.count), "\(uplink.count)")
    #expect(uplink.allSatisfy { $0.capacity == 100 && $0.unit == .frames })
    rig.advance(.milliseconds(200))
    #expect(rig.advance(.milliseconds(300)).queues.isEmpty)
  }

  @Test func binaryFramesWhereWanted() {
    var rig = Rig.live {
      $0.gateMode = .open
      $0.prefersBinaryAudio = true
    }
    #expect(rig.speak(.milliseconds(20)).sent == [.binary(rig.all.sentAudio[0].bytes)])
    #expect(rig.all.sentAudio[0].bytes.prefix(2) == [0x40, 0x1f])
  }

  @Test func anUnusualRateIsDeclared() {
    var rig = Rig.live {
      $0.gateMode = .open
      $0.inputRate = 24_000
    }
    #expect(rig.speak(.milliseconds(40)).sentAudio.allSatisfy { $0.rate == 24_000 })
  }

  @Test func changingTheModeInSpeechClosesTheUtterance() {
    var rig = Rig.live()
    rig.speak(.milliseconds(400))
    #expect(rig.command(.setGate(.ptt)).conversation == ["audio", "speech_end"])
    rig.command(.setGate(.open))
    #expect(rig.speak(.milliseconds(100)).conversation == ["audio"])
  }
}

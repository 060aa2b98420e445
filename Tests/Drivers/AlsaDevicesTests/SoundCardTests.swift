import AudioDeviceTestKit
import AudioDevices
import Glibc
import TestKit
import Testing
import Threads
import Timeline

@testable import AlsaDevices

/// The real libasound on a virtual sound card. One at a time: ALSA is told where its card is by an environment variable.
@Suite(.serialized) struct SoundCardTests {
  private let rate = 16_000

  private func withCard(
    _ options: VirtualSoundCard.Options = .init(), microphone: [Int16] = [], _ body: (VirtualSoundCard) throws -> Void
  ) throws {
    try withTemporaryDirectory { directory in
      let card = try VirtualSoundCard(directory: directory, options: options, microphone: microphone)
      setenv("ALSA_CONFIG_PATH", card.configPath, 1)
      try body(card)
    }
  }

  /// The default microphone and the default speaker, begun, each with its log.
  private func beginBoth() -> (microphone: Microphone, micLog: EventLog, speaker: Speaker, speakerLog: EventLog) {
    let (micLog, speakerLog) = (EventLog(), EventLog())
    let microphone = Microphone(name: nil, rate: rate, events: micLog.add) {}
    let speaker = Speaker(name: nil, rate: rate, events: speakerLog.add) {}
    microphone.start()
    speaker.start()
    return (microphone, micLog, speaker, speakerLog)
  }

  @Test func theMicrophoneHearsWhatIsSaid() throws {
    let speech = ramp(9_600)
    try withCard(microphone: speech) { card in
      let log = EventLog()
      let waker = Waker()
      let microphone = Microphone(name: nil, rate: rate, events: log.add) { waker.wake() }
      let start = monotonicNanoseconds()
      microphone.start()
      let reader = InputReader(microphone)
      var heard: [Int16] = []
      #expect(
        eventually {
          heard += reader.read()
          return heard.contains(9_600)
        })
      let elapsed = monotonicNanoseconds() - start
      microphone.stop()
      #expect(sounds(heard, speech) == "as expected")
      #expect(elapsed >= 590_000_000)
      #expect(log.states.first == .open)
      #expect(log.all[0].name == "default" && log.all[0].role == .mic)
      #expect(log.all[0].text.hasPrefix("16000 Hz, mono, 16 bit, 10.0 ms periods"))
      #expect(waker.wait(timeout: .zero))
      let status = microphone.status
      #expect(status.samplesCaptured >= 9_600 && status.samplesCaptured <= card.capturedFrames)
      #expect(status.lastArrival > start && !status.isStandIn)
      #expect(microphone.ring.dropped == 0)
    }
  }

  @Test func theSpeakerPlaysWhatIsWritten() throws {
    try withCard(.init(latencyMs: 20)) { card in
      let log = EventLog()
      let speaker = Speaker(name: nil, rate: rate, events: log.add) {}
      speaker.start()
      #expect(eventually { log.first(.open) != nil && !speaker.status.isStandIn && card.playedFrames > 0 })
      let writer = OutputWriter(speaker)
      let speech = ramp(12_345)
      feed(speech, to: writer, rate: rate)
      #expect(eventually { speaker.status.samplesHandedOver == speech.count })
      let status = speaker.status
      // 40 ms in the buffer, less what was played since it was filled, and 20 ms behind it.
      #expect(status.deviceDelay > 320 && status.deviceDelay <= 960)
      #expect((300...320).contains(status.latencyBehindBuffer))
      speaker.stop(drain: .seconds(30))
      let heardFrames = try card.played()
      #expect(sounds(heardFrames, speech) == "as expected")
      #expect(status.samplesWithdrawn == 0 && status.silencePadded > 0)
      // The echo canceller's reference is what was played, no less and no more.
      let reference = try #require(speaker.reference)
      var echo = [Int16](repeating: 0, count: reference.count)
      _ = echo.withUnsafeMutableBufferPointer { reference.read(into: $0) }
      #expect(sounds(echo, speech) == "as expected")
    }
  }

  @Test func aCardOfAnotherRateWidthAndFormatIsConverted() throws {
    // One second of 440 Hz on both channels of a card that knows 48 kHz, stereo and 32 bit only, without `plug`.
    let mono = tone(440, rate: 48_000, count: 48_000)
    let stereo32 = mono.flatMap { [Int16(0), $0, Int16(0), $0] }
    try withCard(.init(rate: 48_000, channels: 2, format: "S32_LE"), microphone: stereo32) { card in
      let microphone = Microphone(name: "card", rate: rate, events: { _ in }) {}
      let speaker = Speaker(name: "card", rate: rate, events: { _ in }) {}
      microphone.start()
      speaker.start()
      #expect(eventually { microphone.ringRate == 48_000 && speaker.ringRate == 48_000 })
      let reader = InputReader(microphone)
      var heard: [Int16] = []
      #expect(
        eventually {
          heard += reader.read()
          return heard.count { $0 != 0 } >= 15_000
        })
      let writer = OutputWriter(speaker)
      feed(tone(700, rate: rate, count: 8_000), to: writer, rate: rate)
      microphone.stop()
      speaker.stop(drain: .seconds(30))
      // From where the filter's ringing is over.
      let spoken = Array(heard.drop { abs($0) < 1_000 }.prefix(14_000))
      #expect(abs(frequency(of: spoken, rate: rate) - 440) < 2)
      #expect(abs(Int(spoken.max() ?? 0) - 16_000) < 200)
      // Of each 32-bit frame, the upper halves of left and right.
      let halves = try card.played()
      let left = stride(from: 1, to: halves.count - 2, by: 4).map { halves[$0] }
      let right = stride(from: 3, to: halves.count, by: 4).map { halves[$0] }
      #expect(left == right)
      let sound = Array(left.drop { abs($0) < 1_000 }.prefix(20_000))
      #expect(abs(frequency(of: sound, rate: 48_000) - 700) < 4)
      #expect(abs(speaker.status.samplesHandedOver - 8_000) < 60)
    }
  }

  @Test func xrunsAreCountedAndSurvived() throws {
    let speech = ramp(16_000)
    try withCard(microphone: speech) { card in
      let (microphone, micLog, speaker, speakerLog) = beginBoth()
      #expect(eventually { card.capturedFrames > 0 && card.playedFrames > 0 })
      card.injectOverruns(2)
      card.injectUnderruns(2)
      let writer = OutputWriter(speaker)
      feed(speech, to: writer, rate: rate)
      let reader = InputReader(microphone)
      var heard: [Int16] = []
      #expect(
        eventually {
          heard += reader.read()
          return heard.contains(16_000)
        })
      speaker.stop(drain: .seconds(30))
      microphone.stop()
      #expect(microphone.status.xruns >= 2 && speaker.status.xruns >= 2)
      #expect(micLog.first(.xrun)?.text.contains("overrun") == true)
      #expect(speakerLog.first(.xrun)?.text.contains("underrun") == true)
      #expect(micLog.first(.lost) == nil && speakerLog.first(.lost) == nil)
      #expect(sounds(heard, speech) == "as expected")
      let heardFrames = try card.played()
      #expect(sounds(heardFrames, speech) == "as expected")
    }
  }

  @Test func anUnpluggedCardIsFoundAgain() throws {
    try withCard(microphone: ramp(29_000)) { card in
      let (microphone, micLog, speaker, speakerLog) = beginBoth()
      #expect(eventually { card.capturedFrames > 0 && card.playedFrames > 0 })
      card.unplug()
      #expect(eventually { micLog.first(.lost) != nil && speakerLog.first(.lost) != nil })
      #expect(micLog.first(.lost)?.text == "audio device \"default\" has vanished")
      #expect(micLog.first(.lost)?.remedy?.contains("looked for every second") == true)
      // The session's tick goes on, and what it plays is taken.
      let silence = microphone.status.silenceInserted
      OutputWriter(speaker).write(ramp(1_600))
      #expect(eventually { microphone.status.silenceInserted > silence + 1_600 && speaker.ring.count == 0 })
      #expect(microphone.status.isStandIn && speaker.status.isStandIn)
      card.replug()
      let (captured, played) = (card.capturedFrames, card.playedFrames)
      #expect(eventually { micLog.first(.recovered) != nil && speakerLog.first(.recovered) != nil })
      #expect(eventually { card.capturedFrames > captured && card.playedFrames > played })
      feed(ramp(1_600, from: 5_000), to: OutputWriter(speaker), rate: rate)
      microphone.stop()
      speaker.stop(drain: .seconds(30))
      let heardFrames = try card.played()
      #expect(sounds(heardFrames, ramp(1_600, from: 5_000)) == "as expected")
      #expect(micLog.states.filter { $0 != .xrun } == [.open, .lost, .recovered])
    }
  }

  @Test func driftIsEstimated() throws {
    try withCard(.init(driftPPM: 200)) { card in
      let (microphone, micLog, speaker, speakerLog) = beginBoth()
      #expect(
        eventually {
          micLog.all.contains { $0.driftPPM != nil } && speakerLog.all.contains { $0.driftPPM != nil }
        })
      microphone.stop()
      speaker.stop(drain: .zero)
      for drift in [microphone.status.driftPPM, speaker.status.driftPPM] {
        let found = try #require(drift)
        #expect(abs(found - 200) <= 40)
      }
      #expect(micLog.all.last?.text.contains("ppm faster") == true)
    }
  }

  @Test func aFlushIsHeardAtOnceAndSparesWhatComesAfter() throws {
    // 20 ms behind the buffer cannot be taken back: a USB headset has less, a Bluetooth one far more.
    try withCard(.init(latencyMs: 20)) { card in
      let speaker = Speaker(name: nil, rate: rate, events: { _ in }) {}
      speaker.start()
      #expect(eventually { card.playedFrames > 0 })
      let writer = OutputWriter(speaker)
      var latencies: [Double] = []
      for _ in 0..<9 {
        feed(ramp(3_200), to: writer, rate: rate)
        let interrupt = monotonicNanoseconds()
        writer.flush()
        let played = card.playedFrames
        #expect(eventually { card.playedFrames > played + 1_600 })
        latencies.append(Double(card.lastSoundNanoseconds - interrupt) / 1e6)
      }
      latencies.sort()
      // The middle one: any single one may meet a busy machine.
      #expect(latencies[4] >= 19 && latencies[4] <= 60)
      let status = speaker.status
      #expect(status.samplesWithdrawn > 0)

      // What is written right after a flush, on the same thread, is played whole.
      let before = try card.played().count { $0 != 0 }
      writer.write(ramp(1_600))
      writer.flush()
      writer.write(ramp(1_600, from: 10_000))
      speaker.stop(drain: .seconds(30))
      let after = try card.played().filter { $0 != 0 }.dropFirst(before)
      #expect(sounds(after.suffix(1_600), ramp(1_600, from: 10_000)) == "as expected")
      // What was handed over was either played or withdrawn; in each of the flushes the card has played on a little
      // between being asked how far it is and being stopped.
      let end = speaker.status
      let unasked = before + after.count - (end.samplesHandedOver - end.samplesWithdrawn)
      #expect((0...10 * 160).contains(unasked))
    }
  }

  @Test func aBusyCardIsWaitedFor() throws {
    try withCard { card in
      card.setBusy(true)
      let log = EventLog()
      let microphone = Microphone(name: nil, rate: rate, events: log.add) {}
      microphone.start()
      #expect(eventually { microphone.status.silenceInserted > 1_600 && log.first(.failed) != nil })
      #expect(log.first(.failed)?.text == "audio device \"default\" is in use by another program")
      #expect(log.first(.failed)?.remedy?.contains("fuser") == true)
      card.setBusy(false)
      #expect(eventually { log.first(.recovered) != nil && card.capturedFrames > 0 })
      microphone.stop()
      #expect(log.states.filter { $0 != .xrun } == [.failed, .recovered])
    }
  }

  @Test func aFrozenCardIsOpenedAgain() throws {
    try withCard { card in
      let log = EventLog()
      let speaker = Speaker(name: nil, rate: rate, events: log.add) {}
      speaker.start()
      #expect(eventually { card.playedFrames > 0 })
      card.setFrozen(true)
      #expect(eventually { log.first(.lost) != nil })
      #expect(log.first(.lost)?.text == "audio device \"default\" stands still")
      card.setFrozen(false)
      let played = card.playedFrames
      #expect(eventually { log.first(.recovered) != nil && card.playedFrames > played + 1_600 })
      speaker.stop(drain: .zero)
    }
  }

  /// A suspended sink: to close its stream and open another does not help.
  @Test func aServersStreamThatStandsStillIsKeptUntilItGoesOn() throws {
    try withCard(.init(server: "PipeWire"), microphone: ramp(29_000)) { card in
      let (microphone, micLog, speaker, log) = beginBoth()
      #expect(eventually { card.playedFrames > 0 && card.capturedFrames > 0 })
      #expect(log.all[0].text.hasSuffix("40.0 ms buffer, by PipeWire"))
      card.setFrozen(true)
      #expect(eventually { log.first(.lost) != nil && micLog.first(.lost) != nil })
      #expect(log.first(.lost)?.text == "audio device \"default\" stands still at PipeWire")
      #expect(log.first(.lost)?.remedy?.contains("pactl suspend-sink NAME 0") == true)
      #expect(micLog.first(.lost)?.remedy?.contains("pactl suspend-source NAME 0") == true)
      // Meanwhile time goes on: what is said is taken, and silence comes in.
      let silence = microphone.status.silenceInserted
      OutputWriter(speaker).write(ramp(1_600))
      #expect(eventually { speaker.ring.count == 0 && microphone.status.silenceInserted > silence + 1_600 })
      #expect(microphone.status.isStandIn && speaker.status.isStandIn)
      card.setFrozen(false)
      let played = card.playedFrames
      #expect(eventually { log.first(.recovered) != nil && micLog.first(.recovered) != nil })
      #expect(eventually { card.playedFrames > played + 1_600 })
      #expect(!microphone.status.isStandIn && !speaker.status.isStandIn)
      feed(ramp(1_600, from: 5_000), to: OutputWriter(speaker), rate: rate)
      microphone.stop()
      speaker.stop(drain: .seconds(30))
      let heardFrames = try card.played()
      #expect(sounds(heardFrames, ramp(1_600, from: 5_000)) == "as expected")
      #expect(card.openCount == 2)
      #expect(log.states.filter { $0 != .xrun } == [.open, .lost, .recovered])
      #expect(micLog.states.filter { $0 != .xrun } == [.open, .lost, .recovered])
    }
  }

  /// ALSA's plugin for PipeWire goes on recovering, without a sample, when its server has ended.
  @Test(arguments: [nil, "PipeWire", "PulseAudio"]) func aStreamThatOnlyRecoversIsLostAndOpenedAgain(server: String?)
    throws
  {
    try withCard(.init(server: server), microphone: ramp(29_000)) { card in
      let (microphone, micLog, speaker, log) = beginBoth()
      #expect(eventually { card.playedFrames > 0 && card.capturedFrames > 0 })
      card.setDead(true)
      #expect(eventually { log.first(.lost) != nil && micLog.first(.lost) != nil })
      let text = server.map { "audio device \"default\": \($0) has ended its stream" }
      for lost in [log.first(.lost), micLog.first(.lost)] {
        #expect(lost?.text == text ?? "audio device \"default\" stands still")
        #expect(server == nil || lost?.remedy?.contains("start it again") == true)
      }
      // It is looked for again, and that is not told again; time goes on meanwhile.
      let (opened, silence) = (card.openCount, microphone.status.silenceInserted)
      #expect(eventually { card.openCount >= opened + 4 && microphone.status.silenceInserted > silence + rate })
      let begun = try card.starts(of: "microphone")
      #expect(begun < 400, "\(begun) begins")
      card.setDead(false)
      let (captured, played) = (card.capturedFrames, card.playedFrames)
      #expect(eventually { log.first(.recovered) != nil && micLog.first(.recovered) != nil })
      #expect(eventually { card.capturedFrames > captured + 1_600 && card.playedFrames > played + 1_600 })
      microphone.stop()
      speaker.stop(drain: .zero)
      #expect(micLog.states.filter { $0 != .xrun } == [.open, .lost, .recovered])
      #expect(log.states.filter { $0 != .xrun } == [.open, .lost, .recovered])
      // A machine that is late may make one or two of its own.
      #expect(microphone.status.xruns < 10 && speaker.status.xruns < 10)
    }
  }

  /// PulseAudio's sink may render seconds ahead between the end of one stream and the begin of the next.
  @Test func aFlushKeepsTheStreamOfPulseAudio() throws {
    try withCard(.init(server: "PulseAudio")) { card in
      let speaker = Speaker(name: nil, rate: rate, events: { _ in }) {}
      speaker.start()
      #expect(eventually { card.playedFrames > 0 })
      let writer = OutputWriter(speaker)
      for _ in 0..<3 {
        feed(ramp(3_200), to: writer, rate: rate)
        writer.flush()
      }
      writer.write(ramp(1_600, from: 10_000))
      speaker.stop(drain: .seconds(30))
      let heard = try card.played().filter { $0 != 0 }
      #expect(sounds(heard.suffix(1_600), ramp(1_600, from: 10_000)) == "as expected")
      #expect(speaker.status.samplesWithdrawn == 0)
      #expect(try card.starts(of: "speaker") == 1)
    }
  }

  /// Nobody says of an unknown plugin what it makes of a stream that begins anew: it is tried once.
  @Test func aDeviceThatStandsStillAfterAFlushIsNotBegunAnewAgain() throws {
    try withCard { card in
      let log = EventLog()
      let speaker = Speaker(name: nil, rate: rate, events: log.add) {}
      speaker.start()
      let writer = OutputWriter(speaker)
      #expect(eventually { card.playedFrames > 0 })
      writer.write(ramp(16_000))
      #expect(eventually { speaker.status.samplesHandedOver > 320 })
      card.setFrozen(true)
      writer.flush()
      #expect(eventually { speaker.status.samplesWithdrawn > 0 && log.first(.lost) != nil })
      card.setFrozen(false)
      #expect(eventually { log.first(.recovered) != nil && !speaker.status.isStandIn })
      let (withdrawn, begun) = (speaker.status.samplesWithdrawn, try card.starts(of: "speaker"))
      feed(ramp(3_200), to: writer, rate: rate)
      writer.flush()
      writer.write(ramp(1_600, from: 10_000))
      speaker.stop(drain: .seconds(30))
      #expect(speaker.status.samplesWithdrawn == withdrawn)
      #expect(try card.starts(of: "speaker") == begun)
      #expect(sounds(try card.played().filter { $0 != 0 }.suffix(1_600), ramp(1_600, from: 10_000)) == "as expected")
    }
  }

  /// A server hands out samples in portions of its own: their pace is not the card's clock.
  @Test func noDriftIsToldOfASoundServer() throws {
    try withCard(.init(driftPPM: 300, server: "PulseAudio")) { card in
      let (microphone, micLog, speaker, log) = beginBoth()
      // Of a card it is known after 2.3 s.
      #expect(eventually { card.playedFrames > 5 * rate && card.capturedFrames > 5 * rate })
      #expect(microphone.status.driftPPM == nil && speaker.status.driftPPM == nil)
      microphone.stop()
      speaker.stop(drain: .zero)
      #expect((micLog.all + log.all).allSatisfy { $0.driftPPM == nil && !$0.text.contains("ppm") })
    }
  }

  @Test func theWayToTheSpeakerIsKnown() throws {
    try withCard(.init(latencyMs: 200, server: "PipeWire")) { _ in
      let path = try #require(AudioDeviceList.defaultPath())
      #expect(path.server == .pipeWire)
      #expect((200.0...245).contains(path.latencyMs ?? 0), "\(path)")
    }
    try withCard { card in
      #expect(AudioDeviceList.defaultPath()?.server == SoundServer.none)
      card.setFrozen(true)
      #expect(AudioDeviceList.defaultPath() == .init(server: .none, latencyMs: nil))
      card.setBusy(true)
      #expect(AudioDeviceList.defaultPath() == nil)
    }
  }

  @Test func serversAreKnownByWhatALSASaysOfThem() {
    #expect(SoundServer(dump: "ALSA <-> PulseAudio PCM I/O Plugin\nIts setup is:\n") == .pulseAudio)
    #expect(SoundServer(dump: "Plug PCM: ALSA <-> PipeWire PCM I/O Plugin\nIts setup is:\n") == .pipeWire)
    #expect(SoundServer(dump: "Plug PCM: Rate conversion PCM (48000)\nSlave: ALSA <-> JACK PCM I/O Plugin\n") == .jack)
    #expect(SoundServer(dump: "Plug PCM: BlueALSA PCM: /org/bluealsa/hci0\n") == .blueALSA)
    #expect(SoundServer(dump: "Hardware PCM card 0 'PulseAudio lookalike' device 0 subdevice 0\n") == SoundServer.none)
    #expect(SoundServer(dump: "") == SoundServer.none)
  }

  @Test func whatIsNotThereIsSaid() throws {
    try withCard { _ in
      let log = EventLog()
      let microphone = Microphone(name: "hw:7,0", rate: rate, events: log.add) {}
      microphone.start()
      #expect(eventually { log.first(.failed) != nil && microphone.status.silenceInserted > 1_600 })
      microphone.stop()
      #expect(log.all.count == 1)
      #expect(log.all[0].name == "plughw:7,0")
      #expect(log.all[0].text == "there is no audio device \"plughw:7,0\"")
      #expect(log.all[0].remedy == "sidetone doctor lists what there is; or speak by typing, or give --input file:PATH")
    }
  }

  /// ALSA's `null` takes a second of audio in no time: the threads must not spin on it.
  @Test(arguments: [DeviceChange.Role.mic, .speaker])
  func aDeviceThatKeepsNoTimeIsRefused(role: DeviceChange.Role) throws {
    try withCard { _ in
      let log = EventLog()
      let microphone = Microphone(name: "null", rate: rate, events: log.add) {}
      let speaker = Speaker(name: "null", rate: rate, events: log.add) {}
      let silence = { role == .mic ? microphone.status.silenceInserted : speaker.status.silencePadded }
      if role == .mic { microphone.start() } else { speaker.start() }
      #expect(eventually { log.first(.failed) != nil })
      #expect(log.first(.failed)?.text.contains("does not keep time") == true)
      // From then on it is paced by our own clock.
      let (start, count) = (monotonicNanoseconds(), silence())
      #expect(eventually { silence() >= count + rate / 5 })
      #expect(monotonicNanoseconds() - start >= 180_000_000)
      microphone.stop()
      speaker.stop(drain: .zero)
      #expect(log.states == [.open, .failed])
    }
  }

  @Test func theListTriesTheDefaultAndLeavesTheRestAlone() throws {
    try withCard { card in
      let devices = AudioDeviceList.all()
      let defaults = devices.filter { $0.name == "default" }
      #expect(defaults.map(\.role) == [.mic, .speaker])
      #expect(defaults.allSatisfy { $0.state == .usable })
      #expect(!devices.contains { $0.name == "jack" || $0.name == "null" || $0.name.hasPrefix("oss") })
      let opened = card.openCount
      let configured = devices.filter { $0.name == "card" }
      #expect(configured.map(\.state) == [.notTried, .notTried])
      #expect(configured.first?.text == "sidetone virtual sound card")
      #expect(opened == 2)
      card.setBusy(true)
      guard case .unusable(let text, _) = AudioDeviceList.all()[0].state else { throw Failure("not busy") }
      #expect(text.contains("in use by another program"))
    }
  }
}

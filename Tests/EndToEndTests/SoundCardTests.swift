import Audio
import Foundation
import Speech
import TestKit
import Testing
import Timeline

extension EndToEnd {
  /// The whole program on a sound card: the real libasound and a virtual card that keeps time.
  @Suite struct SoundCards {
    private let folder: TestFolder
    private var log: String { folder.file("log.jsonl") }
    init() throws { folder = try TestFolder() }

    // MARK: Without a screen

    @Test func aQuestionAtTheMicrophoneIsAnsweredAtTheSpeaker() throws {
      let card = try VirtualSoundCard(directory: folder.path)
      let run = try CardRun(card, log: log)
      try run.wait(for: "ready") { $0.contains(where: isReady) }
      try card.speak(TypedSpeech.speak("what is two plus three", rate: 16_000))
      try run.wait(for: "an answer that was heard") { $0.contains { change($0)?.kind == .finished } }
      #expect(run.stop() == 0)
      let recording = try Recording(file: log)
      recording.expectWhole()
      #expect(recording.said(by: .user) == ["what is two plus three"])
      // What went out of the card is as long as what the program says it played, and as loud as a voice.
      let playedMs = recording.entries.compactMap { change($0)?.playedMs }.max() ?? 0
      let heard = try card.played()
      let sound = heard.drop { abs($0) < 300 }.reversed().drop { abs($0) < 300 }
      let heardMs = Double(sound.count) / 16
      #expect(playedMs > 400 && heardMs > playedMs * 0.6 && heardMs < playedMs + 100, "\(heardMs) ms of \(playedMs)")
      #expect(Level(of: sound).rmsDB > -35)
    }

    @Test func theAgentDoesNotInterruptItselfAndSpeechStillDoes() throws {
      let card = try VirtualSoundCard(directory: folder.path, options: .init(latencyMs: 10, echo: 0.5))
      let run = try CardRun(card, log: log)
      try run.wait(for: "ready") { $0.contains(where: isReady) }
      try card.speak(TypedSpeech.speak("tell me a story", rate: 16_000))
      // Long enough for the canceller to learn the room, and for the agent to trip over itself.
      let alone = try run.wait(for: "eight seconds of a story") { playedMs(in: $0) > 8_000 }
      let start = try #require(alone.first { change($0)?.kind == .started }?.at)
      let edges = alone.filter { $0.at > start && isOnset($0) }.map(\.at)
      #expect(edges.isEmpty, "the agent heard itself at \(edges)")
      #expect(!alone.contains { change($0)?.kind == .flushed })
      #expect(alone.contains { echo($0)?.phase == .ready })
      #expect(alone.contains { echo($0)?.isHolding == true })
      let now = alone.last?.at ?? .zero
      try card.speak(TypedSpeech.speak("stop please that is enough", rate: 16_000))
      let cut = try run.wait(for: "the story to be cut") { $0.contains { $0.at > now && change($0)?.kind == .flushed } }
      #expect(cut.contains { $0.at > now && isOnset($0) })
      // The echo was there: so much was taken out of it.
      let erle = cut.compactMap { echo($0)?.erleDB }.max() ?? 0
      #expect(erle > 10, "\(erle) dB")
      #expect(run.stop() == 0)
    }

    // MARK: On the screen

    @Test func faultsOfTheCardAreShownAndSurvived() throws {
      let card = try VirtualSoundCard(directory: folder.path, options: .init(driftPPM: 300))
      let console = try console(card)
      let drift = /\+(29|30|31)\d ppm/
      try console.terminal.wait(for: "both clocks' drift", within: 60) { $0.matches(of: drift).count >= 2 }
      card.injectOverruns(3)
      try console.terminal.wait(for: "the overruns", within: 60) { $0.contains("xruns 3") }
      card.injectUnderruns(2)
      try console.terminal.wait(for: "the underruns", within: 60) { $0.contains("xruns 2") }
      card.unplug()
      try console.wait(for: "Speaker lost", in: "agent")
      try console.wait(for: "No microphone", in: "mic")
      // The session goes on: typed speech is answered, though nobody hears it.
      try console.say("what is two plus three")
      try console.wait(for: "five", in: "transcript")
      card.replug()
      try console.terminal.wait(for: "the card to be back", within: 60) {
        !$0.contains("No microphone") && !$0.contains("no speaker") && !$0.contains("speaker lost")
      }
      let before = card.lastSoundNanoseconds
      try console.say("what is seven plus one")
      try console.wait(for: "eight", in: "transcript")
      try eventually("its sound") { card.lastSoundNanoseconds > before }
      #expect(card.openCount >= 4)
      try console.quit()
    }

    @Test func aBusyCardIsNamedAndTakenWhenItIsFree() throws {
      let card = try VirtualSoundCard(directory: folder.path)
      card.setBusy(true)
      let console = try console(card)
      try console.wait(for: "No speaker", in: "agent")
      try console.wait(for: "No microphone", in: "mic")
      #expect(console.screen.pane("mic")?.running.contains("another program") == true, "\(console.terminal.screen())")
      card.setBusy(false)
      try console.terminal.wait(for: "the card", within: 60) {
        !$0.contains("No microphone") && !$0.contains("No speaker")
      }
      try console.quit()
    }

    @Test func theInterruptKeyIsHeardAtOnce() throws {
      let card = try VirtualSoundCard(directory: folder.path)
      let console = try console(card)
      var delaysMs: [Double] = []
      for round in 1...5 {
        let before = card.lastSoundNanoseconds
        try console.say("tell me a story")
        try eventually("story \(round)") { card.lastSoundNanoseconds > before + 500_000_000 }
        try console.terminal.keys("i")
        try eventually("interrupt \(round)") { try interrupts(in: timeline(of: log)).count == round }
        // Silent for longer than the speaker could still hold anything.
        try eventually("silence") { monotonicNow() - card.lastSoundNanoseconds > 300_000_000 }
        let entries = try timeline(of: log)
        let pressed = try #require(interrupts(in: entries).last).nanoseconds + (try #require(origin(of: entries)))
        delaysMs.append(Double(card.lastSoundNanoseconds - pressed) / 1e6)
      }
      #expect(delaysMs.sorted()[2] < 60, "from key to last sample: \(delaysMs) ms")
      try console.quit()
    }

    private func console(_ card: VirtualSoundCard) throws -> ConsoleScreen {
      try ConsoleScreen(
        ["--log", log], columns: 160, rows: 45, environment: ["ALSA_CONFIG_PATH": card.configPath])
    }
  }
}

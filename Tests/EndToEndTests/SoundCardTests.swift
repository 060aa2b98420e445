import Audio
import Capture
import Foundation
import Speech
import TestKit
import Testing
import Timeline

/// The whole program on a sound card: the real libasound, a virtual card that keeps time, the embedded server, and a
/// terminal. One at a time: each needs most of a core.
@Suite(.serialized) struct SoundCardTests {
  private static let rate = 16_000

  // MARK: Headless

  @Test func aQuestionAtTheMicrophoneIsAnsweredAtTheSpeaker() throws {
    try withCard { card, folder in
      let run = try Headless(card, folder)
      try run.wait(for: "ready") { $0.contains(where: isReady) }
      try card.speak(try speech("what is two plus three"))
      try run.wait(for: "an answer that was heard") { $0.contains { change($0)?.kind == .finished } }
      let entries = run.entries()
      #expect(finals(in: entries).contains { $0.contains("two plus three") }, "\(finals(in: entries))")
      let spoken = entries.compactMap { change($0) }.filter { $0.kind == .finished }
      let playedMs = spoken.reduce(0) { $0 + ($1.playedMs ?? 0) }
      #expect(playedMs > 400)
      run.stop()
      // What went out of the card is as long as what the program says it played, and as loud as a voice.
      let heard = try card.played()
      let sound = heard.firstIndex { abs($0) > 300 }.map { heard[$0...(heard.lastIndex { abs($0) > 300 } ?? $0)] } ?? []
      let heardMs = Double(sound.count) / 16
      #expect(heardMs > playedMs * 0.6 && heardMs < playedMs + 100, "heard \(heardMs) ms of \(playedMs)")
      #expect(Level(of: sound).rmsDB > -35)
    }
  }

  @Test func theAgentDoesNotInterruptItselfAndSpeechStillDoes() throws {
    try withCard(.init(latencyMs: 10, echo: 0.5)) { card, folder in
      let run = try Headless(card, folder)
      try run.wait(for: "ready") { $0.contains(where: isReady) }
      try card.speak(try speech("tell me a story"))
      try run.wait(for: "a story") { $0.contains { change($0)?.kind == .started } }
      // Long enough for the canceller to learn the room, and for the agent to trip over itself.
      try run.wait(for: "eight seconds of it") { playedMs(in: $0) > 8_000 }
      let alone = run.entries()
      let start = try #require(alone.first { change($0)?.kind == .started }?.at)
      let edges = alone.filter { $0.at > start && isOnset($0) }
      #expect(edges.isEmpty, "the agent heard itself at \(edges.map(\.at))")
      #expect(!alone.contains { change($0)?.kind == .flushed })
      #expect(alone.contains { echo($0)?.phase == .ready })
      #expect(alone.contains { echo($0)?.isHolding == true })
      // The microphone did hear it: what was captured before cancelling is in no entry, but the canceller tells.
      let now = alone.last?.at ?? .zero
      try card.speak(try speech("stop please that is enough"))
      let cut = try run.wait(for: "the story to be cut") { $0.contains { $0.at > now && change($0)?.kind == .flushed } }
      let onset = try #require(cut.first { $0.at > now && isOnset($0) }?.at)
      let flush = try #require(cut.first { $0.at > now && change($0)?.kind == .flushed }?.at)
      #expect(flush >= onset)
      try run.wait(for: "its transcript") { finals(in: $0).contains { $0.contains("enough") || $0.contains("stop") } }
      let erle = run.entries().compactMap { echo($0)?.erleDB }.max() ?? 0
      #expect(erle > 10, "\(erle) dB taken out")
    }
  }

  // MARK: On the screen

  @Test func faultsOfTheCardAreShownAndSurvived() throws {
    try withCard(.init(driftPPM: 300)) { card, folder in
      let log = folder + "/log.jsonl"
      let terminal = try TmuxTerminal(
        "\(try programPath()) --log \(log)", columns: 160, rows: 45,
        environment: ["ALSA_CONFIG_PATH": card.configPath])
      try terminal.wait(forText: "live")
      try terminal.wait(for: "both clocks' drift", within: 60) { $0.components(separatedBy: "300 ppm").count > 2 }
      card.injectOverruns(3)
      try terminal.wait(for: "the overruns", within: 60) { $0.contains("xruns 3") }
      card.injectUnderruns(2)
      try terminal.wait(for: "the underruns", within: 60) { $0.contains("xruns 2") }
      card.unplug()
      try terminal.wait(for: "both losses", within: 60) { $0.contains("No microphone") && $0.contains("No speaker") }
      // The session goes on: typed speech is answered, though nobody hears it.
      try terminal.keys("s")
      try terminal.type("what is two plus three")
      try terminal.keys("Enter")
      try terminal.wait(for: "an answer without a card", within: 60) { $0.contains("five") }
      card.replug()
      try terminal.wait(for: "the card to be back", within: 60) {
        !$0.contains("No microphone") && !$0.contains("No speaker") && $0.contains("live")
      }
      let before = card.playedFrames
      try terminal.keys("s")
      try terminal.type("what is seven plus one")
      try terminal.keys("Enter")
      try terminal.wait(for: "an answer on the card", within: 60) { $0.contains("eight") && card.playedFrames > before }
      #expect(card.openCount >= 4)
      try terminal.keys("q")
      try terminal.wait(forText: "[exit 0]")
    }
  }

  @Test func aBusyCardIsNamedAndTakenWhenItIsFree() throws {
    try withCard { card, _ in
      card.setBusy(true)
      let terminal = try TmuxTerminal(
        try programPath(), columns: 160, rows: 45, environment: ["ALSA_CONFIG_PATH": card.configPath])
      try terminal.wait(for: "the reason") { $0.contains("No microphone") && $0.contains("No speaker") }
      let screen = terminal.screen()
      #expect(screen.contains("busy") || screen.contains("in use"), "\(screen)")
      card.setBusy(false)
      try terminal.wait(for: "the card") { !$0.contains("No microphone") && !$0.contains("No speaker") }
      try terminal.keys("q")
      try terminal.wait(forText: "[exit 0]")
    }
  }

  @Test func theInterruptKeyIsHeardAtOnce() throws {
    try withCard { card, folder in
      let log = folder + "/log.jsonl"
      let terminal = try TmuxTerminal(
        "\(try programPath()) --log \(log)", environment: ["ALSA_CONFIG_PATH": card.configPath])
      try terminal.wait(forText: "live")
      var delaysMs: [Double] = []
      for round in 1...5 {
        let played = try timeline(of: log).count { change($0)?.kind == .started }
        try terminal.keys("s")
        try terminal.type("tell me a story")
        try terminal.keys("Enter")
        try eventually("story \(round)") { try timeline(of: log).count { change($0)?.kind == .started } > played }
        let from = card.lastSoundNanoseconds
        try eventually("its sound") { card.lastSoundNanoseconds > from + 300_000_000 }
        try terminal.keys("i")
        try eventually("interrupt \(round)") { try interrupts(in: timeline(of: log)).count == round }
        // Silent for as long as the speaker could still hold anything.
        var last: Int64 = -1
        try eventually("silence") {
          defer { last = card.lastSoundNanoseconds }
          return last == card.lastSoundNanoseconds && monotonicNow() > last + 300_000_000
        }
        let all = try timeline(of: log)
        let pressed = try #require(interrupts(in: all).last)
        let zero = try #require(origin(of: all))
        delaysMs.append(Double(card.lastSoundNanoseconds - zero) / 1e6 - pressed.milliseconds)
      }
      let median = delaysMs.sorted()[delaysMs.count / 2]
      #expect(median < 60, "key to last sample: \(delaysMs) ms")
      try terminal.keys("q")
      try terminal.wait(forText: "[exit 0]")
    }
  }

  // MARK: Parts

  private func withCard(
    _ options: VirtualSoundCard.Options = .init(), _ body: (VirtualSoundCard, String) throws -> Void
  ) throws {
    let folder = NSTemporaryDirectory() + "sidetone-card-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(try VirtualSoundCard(directory: folder, options: options), folder)
  }

  private func speech(_ text: String) throws -> [Int16] {
    try TypedSpeech.speak(text, rate: Self.rate)
  }
}

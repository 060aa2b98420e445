import Audio
import Findings
import Foundation
import Speech
import TestKit
import Testing
import Timeline

/// The program on a sound server of the test's own, with an ear outside of both.
final class SoundServerRig {
  private static let rate = SoundServerEar.rate
  /// By how much the program and the ear may differ on a moment, in milliseconds: both learn of it in the server's portions.
  private static let tolerance = 90.0

  let server: PrivateSoundServer
  private let folder: TestFolder
  private var log: String { folder.file("log.jsonl") }

  init(_ kind: PrivateSoundServer.Kind) throws {
    folder = try TestFolder()
    server = try PrivateSoundServer(kind, folder: folder.path)
  }

  // MARK: - What is tried

  func interruptByKey() throws {
    let ear = try server.listen()
    let console = try ConsoleScreen(["--log", log], columns: 160, rows: 45, environment: server.environment)
    for round in 1...3 {
      let before = ear.count
      try console.say("tell me a story")
      try eventually("a second of story \(round)") { ear.lastSound > before + Self.rate }
      try console.terminal.keys("i")
      try eventually("interrupt \(round)") { try interrupts(in: timeline(of: log)).count == round }
      let pressed = ear.count
      try eventually("silence after interrupt \(round)") { ear.count > ear.lastSound + Self.rate }
      // 40 ms in our buffer, the server's own, and what the ear is behind.
      #expect(ear.lastSound - pressed < Self.rate * 4 / 10, "round \(round)")
      let asked = ear.count
      try console.say("what is seven plus one")
      try eventually("the answer to be over") {
        try timeline(of: log).count { change($0)?.kind == .finished } == round
      }
      try expectHeard(try timeline(of: log), by: ear, from: asked)
    }
    try console.quit()
    try expectASteadySpeaker()
  }

  /// The sentence that interrupts is answered itself.
  func interruptByVoice() throws {
    let story = MeasuredServer.Answer(delay: 300, lasting: 30_000),
      short = MeasuredServer.Answer(delay: 300, lasting: 1_500)
    let peer = try MeasuredServer(.init(answers: [story, short, story, short], word: 50))
    let ear = try server.listen()
    let run = try CardRun(environment: server.environment, log: log, ["connect", peer.url])
    try run.wait(for: "ready") { $0.contains(where: isReady) }
    for round in 1...2 {
      let before = ear.count
      try say("tell me a story")
      try eventually("three seconds of story \(round)") { ear.lastSound > before + 5 * Self.rate }
      try interrupt(run, cut: round)
      let cut = ear.count
      try run.wait(for: "answer \(round)") { $0.count { change($0)?.kind == .finished } == round }
      try eventually("silence") { ear.count > ear.lastSound + Self.rate }
      let heard = ear.sounds(from: before)
      try #require(heard.count == 2, "\(heard)")
      #expect(heard[0].range.upperBound - cut < Self.rate * 4 / 10, "\(heard[0]), cut at \(cut)")
      try expectWhole(heard[1], lasting: 1_500)
    }
    #expect(run.stop() == 0)
    try expectTold()
  }

  func suspendAndResume() throws {
    let story = MeasuredServer.Answer(delay: 300, lasting: 12_000),
      short = MeasuredServer.Answer(delay: 300, lasting: 1_500)
    let peer = try MeasuredServer(.init(answers: [story, short], word: 50))
    var ear = try server.listen()
    let run = try CardRun(environment: server.environment, log: log, ["connect", peer.url])
    try run.wait(for: "ready") { $0.contains(where: isReady) }
    var before = ear.count
    try say("tell me a story")
    try eventually("a second of story") { ear.lastSound > before + 3 * Self.rate }
    try server.pactl("suspend-sink", "spk", "1")
    // PipeWire wakes a sink by itself while a stream plays on it.
    if server.kind == .pulseAudio {
      try run.wait(for: "the speaker to stand still") { states($0, .speaker).contains(.lost) }
      // The story goes on unheard; its stream is kept, so nothing more happens until the sink goes on.
      let lost = run.entries().last?.at ?? .zero
      try run.wait(for: "four seconds more") { ($0.last?.at ?? .zero) > lost + .seconds(4) }
      #expect(states(run.entries(), .speaker).filter { $0 != .xrun && $0 != .open } == [.lost])
    }
    try server.pactl("suspend-sink", "spk", "0")
    // PipeWire's monitor does not come back to whoever had listened to it.
    ear = try server.listen()
    try eventually("the story to be heard again") { ear.lastSound > 0 }
    if server.kind == .pulseAudio {
      try run.wait(for: "the speaker to go on") { states($0, .speaker).contains(.recovered) }
    }
    // What the ear has missed meanwhile, it has not heard; what is said from now on, it hears.
    try run.wait(for: "the story's end", within: 120) { $0.contains { change($0)?.kind == .finished } }
    try eventually("silence") { ear.count > ear.lastSound + Self.rate }
    before = ear.count
    try say("what is two plus three")
    try run.wait(for: "an answer") { $0.count { change($0)?.kind == .finished } == 2 }
    try eventually("silence") { ear.count > ear.lastSound + Self.rate }
    try expectWhole(try #require(ear.sounds(from: before).first), lasting: 1_500)
    #expect(run.stop() == 0)
    #expect(states(try Recording(file: log).entries, .speaker).count { $0 == .lost } <= 1)
    try expectTold()
  }

  /// In a room: the microphone hears each sink as loud as it is, the second one later.
  func changeTheSink() throws {
    let story = try voice(
      """
      Once upon a time a small boat wanted to see the ocean. Every morning it looked across the harbour and counted the
      ships that sailed away. One day the wind turned and the rope came loose. The boat drifted past the lighthouse and
      past the last of the buoys. It met a whale who told it about islands where nobody had ever been.
      """)
    let peer = try MeasuredServer(.init(answers: [.init(delay: 300, lasting: 90_000)], word: 50, sound: story))
    try server.addRoom("spk", laterMs: 30)
    let ear = try server.listen()
    let run = try CardRun(environment: server.environment, log: log, ["connect", peer.url])
    try run.wait(for: "ready") { $0.contains(where: isReady) }
    try say("tell me a story")
    try run.wait(for: "the canceller to know the room") { $0.contains { echo($0)?.phase == .ready } }
    let known = ear.count
    try eventually("two seconds more") { ear.lastSound > known + 2 * Self.rate }

    let other = try server.addSink("other")
    try server.addRoom("other", laterMs: 90)
    let otherEar = try server.listen(to: "other")
    try server.pactl("set-default-sink", "other")
    try eventually("the story at the other sink") { otherEar.lastSound > 0 }
    let moved = otherEar.count
    try eventually("five seconds of it") { otherEar.lastSound > moved + 5 * Self.rate }

    try server.pactl("unload-module", other)
    let gone = ear.count
    try eventually("the story at the first sink again") { ear.lastSound > gone }
    let back = ear.count
    try eventually("five seconds of it") { ear.lastSound > back + 5 * Self.rate }

    let entries = run.entries()
    let start = try #require(entries.first { change($0)?.kind == .started }?.at)
    let edges = entries.filter { $0.at > start && isOnset($0) }.map(\.at)
    if !edges.isEmpty, hasStalled(entries, since: start) { throw StarvedMachine() }
    #expect(edges.isEmpty, "the agent heard itself at \(edges)")
    #expect(entries.count { change($0)?.kind == .started } == 1)
    #expect(!entries.contains { change($0)?.kind == .flushed })
    // And it has learnt: the operator is heard.
    try interrupt(run, cut: 1)
    #expect(run.stop() == 0)
    try expectTold()
  }

  /// The server ends under the running program, and comes back.
  func endAndStartAgain() throws {
    let peer = try MeasuredServer(.init(answers: [.init(delay: 300, lasting: 1_500)], word: 50))
    let run = try CardRun(environment: server.environment, log: log, ["connect", peer.url])
    try run.wait(for: "ready, and both devices open") {
      $0.contains(where: isReady) && states($0, .mic) == [.open] && states($0, .speaker) == [.open]
    }
    try server.end()
    let lost = try run.wait(for: "both to be lost") {
      states($0, .mic).contains(.lost) && states($0, .speaker).contains(.lost)
    }
    // Time goes on, and nothing more is told.
    let moment = lost.last?.at ?? .zero
    let later = try run.wait(for: "four seconds more") { ($0.last?.at ?? .zero) > moment + .seconds(4) }
    for role in [DeviceChange.Role.mic, .speaker] {
      let changes = later.compactMap { entry in
        if case .device(let change) = entry.event, change.role == role { change } else { nil as DeviceChange? }
      }
      #expect(changes.map(\.state).filter { $0 != .xrun } == [.open, .lost], "\(changes)")
      let change = try #require(changes.first { $0.state == .lost })
      #expect(change.text == "audio device \"default\": \(server.kind.title) has ended its stream")
      #expect(change.remedy?.contains("start it again") == true)
      #expect((changes.last?.xruns ?? 0) < 10, "\(changes)")
    }
    try server.start()
    try run.wait(for: "both to be back") {
      states($0, .mic).contains(.recovered) && states($0, .speaker).contains(.recovered)
    }
    let ear = try server.listen()
    try say("what is two plus three")
    try run.wait(for: "an answer") { $0.contains { change($0)?.kind == .finished } }
    try eventually("silence") { ear.count > ear.lastSound + Self.rate }
    try expectWhole(try #require(ear.sounds().first), lasting: 1_500)
    _ = run.stop()
    for role in [DeviceChange.Role.mic, .speaker] {
      #expect(states(try Recording(file: log).entries, role).filter { $0 != .xrun } == [.open, .lost, .recovered])
    }
  }

  func nameIt() throws {
    let doctor = try ChildProcess(
      Program.path, ["doctor"], environment: Program.environment.merging(server.environment) { $1 })
    _ = doctor.waitUntilExit()
    let row = doctor.lines.first { $0.contains("sound server") } ?? ""
    #expect(row.contains(server.kind.title), "\(doctor.lines)")
    #expect(!doctor.lines.contains { $0.contains("no sound card") }, "\(doctor.lines)")
  }

  // MARK: - How

  /// The machine gave the program no time while the agent spoke: what the microphone heard then went with the wrong part of
  /// what was played, and that has nothing to do with what is tried.
  private struct StarvedMachine: Error {}

  /// Tries again, three times at most, where the machine gave the program no time.
  static func onASteadyMachine(_ attempt: () throws -> Void) throws {
    for _ in 1...2 {
      do { return try attempt() } catch is StarvedMachine {}
    }
    try attempt()
  }

  /// Whether two microphone frames, which come each 20 ms, were more than 100 ms apart.
  private func hasStalled(_ entries: [Entry], since start: Timestamp) -> Bool {
    let frames = entries.filter { if case .micFrame = $0.event { $0.at > start } else { false } }.map(\.at)
    return zip(frames, frames.dropFirst()).contains { $1 - $0 > .milliseconds(100) }
  }

  /// With hard edges, so that nobody can argue about where it ends.
  private func say(_ words: String) throws {
    let mouth = try server.speak(Burst.speech(words))
    #expect(mouth.waitUntilExit() == 0, "\(mouth.errorLines)")
  }

  /// Speaks over the agent until it is cut. Once is enough, unless a busy machine has starved the speaker's stream a moment
  /// ago: then the microphone is held for 2 s of the agent's voice.
  private func interrupt(_ run: CardRun, cut count: Int) throws {
    func isCut() -> Bool { run.entries().count { change($0)?.kind == .flushed } == count }
    for _ in 1...4 where !isCut() {
      try run.wait(for: "the canceller to have learnt") { $0.last { echo($0) != nil }.flatMap(echo)?.phase == .ready }
      try say("stop please that is enough")
    }
    try run.wait(for: "cut \(count)", within: 5) { _ in isCut() }
  }

  /// A file with this said in it, as raw samples.
  private func voice(_ text: String) throws -> String {
    let file = folder.file("story.raw")
    let samples = try TypedSpeech.speak(text, voice: "rms", rate: Self.rate)
    try samples.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: file)) }
    return file
  }

  /// The last answer that was told to be over is as long at the ear as it was told.
  private func expectHeard(_ entries: [Entry], by ear: SoundServerEar, from start: Int) throws {
    let told = try #require(entries.last { change($0)?.kind == .finished }.flatMap(change)?.playedMs)
    try eventually("its end to be heard") {
      ear.lastSound > start + Self.rate / 4 && ear.count > ear.lastSound + Self.rate / 2
    }
    // Words begin and end softly.
    let loud = ear.frames(from: start).enumerated().filter { $1.magnitude > 64 }.map(\.offset)
    let heard = Double((loud.last ?? 0) - (loud.first ?? 0)) * 1000 / Double(Self.rate)
    #expect(heard > told - 250 && heard < told + 250, "\(heard) ms of \(told) ms")
  }

  /// All that was sent was heard, and the program says so. A late machine makes holes. A sound server on a machine that
  /// stands still for a moment drops periods of its own, 11 ms each, or gives silence in their place: up to 27 ms of an answer
  /// were seen to be missing at the ear, and 106 ms to be holes. What the program would lose is missing, and more than that: a
  /// message has 40 ms.
  private func expectWhole(_ sound: SoundServerEar.Sound, lasting ms: Double) throws {
    let isWhole = sound.loudMs + sound.holesMs > ms - 35 && sound.loudMs < ms + 10
    #expect(isWhole && sound.holesMs < 300, "\(sound) of \(ms) ms")
    let told = try timeline(of: log).compactMap { change($0)?.kind == .finished ? change($0)?.playedMs : nil }
    #expect(told.contains { abs($0 - ms) < 1 }, "told \(told) of \(ms) ms")
  }

  private func states(_ entries: [Entry], _ role: DeviceChange.Role) -> [DeviceChange.State] {
    entries.compactMap { entry in
      if case .device(let change) = entry.event, change.role == role { change.state } else { nil }
    }
  }

  /// No drift of a clock that nobody knows; and a microphone that was spoken into, and gives digital silence since then, is
  /// not dead.
  private func expectTold() throws {
    let entries = try Recording(file: log).entries
    for entry in entries {
      guard case .device(let change) = entry.event else { continue }
      #expect(change.driftPPM == nil && !change.text.contains("ppm"), "\(change.text)")
    }
    var linter = FindingsLinter()
    for entry in entries { linter.observe(entry) }
    #expect(!linter.findings.contains { $0.rule.id == "mic-dead" }, "\(linter.findings)")
  }

  /// It was never lost either.
  private func expectASteadySpeaker() throws {
    let entries = try Recording(file: log).entries
    #expect(states(entries, .speaker).filter { $0 != .xrun } == [.open])
    #expect(states(entries, .mic).filter { $0 != .xrun } == [.open])
    try expectTold()
  }
}

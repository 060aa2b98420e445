import Audio
import Foundation
import Speech
import TestKit
import Testing
import Timeline

extension EndToEnd {
  /// PulseAudio as desktops have it, behind ALSA's `default`.
  @Suite(.enabled(if: Unpacked.has("pulseaudio"), Comment(rawValue: Unpacked.comment("pulseaudio"))))
  struct OnPulseAudio {
    @Test func keysInterruptAndTheNextAnswerIsHeard() throws { try SoundServerRig(.pulseAudio).interruptByKey() }
    @Test func aSuspendedSinkIsToldOnceAndHeardAgain() throws { try SoundServerRig(.pulseAudio).suspendAndResume() }
    @Test func doctorNamesIt() throws { try SoundServerRig(.pulseAudio).nameIt() }
  }

  /// PipeWire as desktops have it, behind ALSA's `default`.
  @Suite(.enabled(if: Unpacked.has("pipewire"), Comment(rawValue: Unpacked.comment("pipewire"))))
  struct OnPipeWire {
    @Test func keysInterruptAndTheNextAnswerIsHeard() throws { try SoundServerRig(.pipeWire).interruptByKey() }
    @Test func doctorNamesIt() throws { try SoundServerRig(.pipeWire).nameIt() }
  }
}

/// The program on a sound server of the test's own, with an ear outside of both.
final class SoundServerRig {
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
      var before = ear.count
      try console.say("tell me a story")
      try eventually("a second of story \(round)") { ear.lastSound > before + SoundServerEar.rate }
      try console.terminal.keys("i")
      try eventually("interrupt \(round)") { try interrupts(in: timeline(of: log)).count == round }
      let pressed = ear.count
      try eventually("silence after interrupt \(round)") { ear.count > ear.lastSound + SoundServerEar.rate }
      // 40 ms in our buffer, the server's own, and what the ear is behind.
      #expect(ear.lastSound - pressed < SoundServerEar.rate * 4 / 10, "round \(round)")
      before = ear.count
      try console.say("what is seven plus one")
      try expectHeard("eight", by: ear, from: before)
    }
    try console.quit()
    try expectASteadySpeaker()
  }

  func suspendAndResume() throws {
    let ear = try server.listen()
    let run = try CardRun(environment: server.environment, log: log)
    try run.wait(for: "ready") { $0.contains(where: isReady) }
    try say("tell me a story")
    let before = ear.count
    try eventually("a second of story") { ear.lastSound > before + SoundServerEar.rate }
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
    if server.kind == .pulseAudio {
      try run.wait(for: "the speaker to go on") { states($0, .speaker).contains(.recovered) }
    }
    // What the ear has missed meanwhile, it has not heard; what is said from now on, it hears.
    try run.wait(for: "the story's end", within: 120) { $0.contains { change($0)?.kind == .finished } }
    let asked = ear.count
    try say("what is two plus three")
    try expectHeard("five", by: ear, from: asked)
    #expect(run.stop() == 0)
    #expect(states(try Recording(file: log).entries, .speaker).count { $0 == .lost } <= 1)
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

  private func say(_ words: String) throws {
    let mouth = try server.speak(TypedSpeech.speak(words, rate: SoundServerEar.rate))
    #expect(mouth.waitUntilExit() == 0, "\(mouth.errorLines)")
  }

  /// Waits until the ear has heard an answer since a frame, and then half a second of nothing.
  private func expectHeard(_ answer: String, by ear: SoundServerEar, from start: Int) throws {
    try eventually("\"\(answer)\" to be heard") {
      ear.lastSound > start + SoundServerEar.rate / 4 && ear.count > ear.lastSound + SoundServerEar.rate / 2
    }
    // Not which words: a busy machine starves the server or the ear, which garbles a short one.
    let loud = ear.frames(from: start).count { abs(Int($0)) > 64 }
    #expect(loud > SoundServerEar.rate / 20, "\(loud) loud frames of \"\(answer)\"")
  }

  private func states(_ entries: [Entry], _ role: DeviceChange.Role) -> [DeviceChange.State] {
    entries.compactMap { entry in
      if case .device(let change) = entry.event, change.role == role { change.state } else { nil }
    }
  }

  /// It was never lost, and nothing was told of a clock that nobody knows.
  private func expectASteadySpeaker() throws {
    let entries = try Recording(file: log).entries
    #expect(states(entries, .speaker).filter { $0 != .xrun } == [.open])
    #expect(states(entries, .mic).filter { $0 != .xrun } == [.open])
    for entry in entries {
      guard case .device(let change) = entry.event else { continue }
      #expect(change.driftPPM == nil && !change.text.contains("ppm"), "\(change.text)")
    }
  }
}

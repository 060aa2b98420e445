import Foundation
import Insight
import TestKit
import Testing
import Timeline

extension EndToEnd {
  /// People and Piper's voice, heard by the embedded server with the speech engines that `make test` fetches.
  ///
  /// `SIDETONE_SPOKEN_SESSIONS=50` in the environment makes `peopleAreReadOnTheScreen` speak as many recordings.
  @Suite(
    .enabled(if: TestEngines.areHere, "\(TestEngines.comment)"),
    .enabled(if: Unpacked.has("recordings"), Comment(rawValue: Unpacked.comment("recordings"))))
  struct Hearing {
    private let folder: TestFolder
    private let engines: [String: String]

    init() throws {
      folder = try TestFolder()
      engines = ["SIDETONE_ENGINES": try #require(TestEngines.path)]
    }

    private static let wanted =
      ProcessInfo.processInfo.environment["SIDETONE_SPOKEN_SESSIONS"].flatMap { Int($0) } ?? 5

    /// Each is a session of its own, from the start of the program to its end: what somebody said stands on the screen.
    @Test func peopleAreReadOnTheScreen() throws {
      var (all, exact) = (WordErrors(), 0)
      let prompts = try Self.prompts(Self.wanted)
      for prompt in prompts {
        let console = try ConsoleScreen(ConsoleScreen.silent, environment: engines)
        try console.run("play \(Recordings.path(of: prompt))")
        let heard = try heard(on: console)
        try console.quit()
        let errors = WordErrors(said: prompt.words, heard: heard)
        if errors.errors > 0 { print("\(prompt.words) → \(heard)") }
        exact += errors.errors == 0 ? 1 : 0
        all.add(errors)
      }
      print("\(prompts.count) sessions: \(all.errors) of \(all.words) words wrong, \(exact) without an error")
      // 4 to 8 % in the middle; a few words more where the machine is busy.
      #expect(all.percent <= 25, "\(all)")
    }

    /// The same choice each time: a few sentences of twelve words in the middle, of which one word may be wrong, or so many
    /// of all that take a few seconds.
    private static func prompts(_ count: Int) throws -> [Recordings.Clip] {
      let known = Recordings.prompts.filter { $0.words.count >= 50 }
      guard count > known.count else { return Array(known.prefix(count)) }
      let short = try Recordings.allPrompts().filter { WordErrors.folded($0.words).count <= 24 }
      return Recordings.choice(count, of: short)
    }

    /// What the user's lines of the transcript say, once the recording is over and all of it was answered.
    private func heard(on console: ConsoleScreen) throws -> String {
      var heard = ""
      try console.terminal.wait(for: "an answer to all that was said") { text in
        guard let pane = ScreenText(text).pane("transcript") else { return false }
        var speaker = ""
        var lines: [(speaker: String, text: String)] = []
        for line in pane.lines {
          let name = String(line.dropFirst().prefix(6)).trimmingCharacters(in: .whitespaces)
          if !name.isEmpty { speaker = name }
          lines.append((speaker, String(line.dropFirst(8))))
        }
        heard = lines.filter { $0.speaker == "you" }.map(\.text).joined(separator: " ")
        let isOver = ScreenText(text).pane("mic")?.border.contains(".wav") == false
        return isOver && lines.last?.speaker == "agent" && !heard.isEmpty
      }
      return heard
    }

    /// Typed words are spoken by Piper's voice where it is, because Moonshine understands it better than flite's. It knows no
    /// "mm-hmm", and writes two or three short words for it.
    @Test(arguments: ["okay", "mm-hmm"])
    func typedWordsAreUnderstoodAndASoundOfAgreementLetsTheAgentGoOn(_ agreement: String) throws {
      let log = folder.file("log.jsonl")
      let console = try ConsoleScreen(ConsoleScreen.silent + ["--log", log], environment: engines)
      try console.say("what is ten plus five")
      try console.wait(for: "agent That is fifteen.", in: "transcript")
      try console.wait(forBorder: "silent", of: "agent")
      try console.say("tell me a story")
      try console.wait(forBorder: "playing", of: "agent")
      try console.say(agreement)
      try console.wait(for: "← response_resumed", in: "protocol")
      try console.wait(forBorder: "playing", of: "agent")
      try console.say("stop please that is enough")
      try console.wait(for: "✂ cut after", in: "transcript")
      try console.wait(for: "← interrupted", in: "protocol")
      try console.quit()
      let recording = try Recording(file: log)
      recording.expectWhole()
      let types = recording.receivedTypes
      #expect(types.filter { $0 == "response_resumed" }.count == 1, "\(types)")
      #expect(types.filter { $0 == "interrupted" }.count == 1, "\(types)")
      #expect(recording.insight.bargeIns.falseStops.count == 1)
      #expect(recording.insight.bargeIns.counts[.genuine] == 1)
      #expect(recording.said(by: .agent).first == "That is fifteen.")
      // At the ear, from the onset of the sound to silence: the middle of what `docs/figures.md` promises of a hold.
      if let stop = recording.insight.bargeIns.stopTimes.p50 { print("stopped \(Int(stop)) ms after the onset") }
    }

    /// What tells when the user speaks into the microphone: a model's probability, or the energy of the sound.
    @Test(arguments: [("silero", "thr 0.50"), ("energy", "thr -")])
    func theMicrophonesDetectorIsTheOneThatWasNamed(_ name: String, _ threshold: String) throws {
      let console = try ConsoleScreen(
        ConsoleScreen.silent + ["--mic-detector", name], columns: 160, environment: engines)
      let prompt = try #require(Self.prompts(1).first)
      try console.run("play \(Recordings.path(of: prompt))")
      try console.wait(for: threshold, in: "mic")
      #expect(try !heard(on: console).isEmpty)
      try console.quit()
    }

    /// Several at once are heard one decode after the other, and each gets its own words.
    @Test(arguments: [2, 4]) func clientsAtOnceAreEachUnderstood(_ count: Int) throws {
      let (server, port) = try Program.serve(environment: engines)
      defer { server.terminate() }
      let prompts = try Self.prompts(count)
      let clients = try prompts.map { prompt in
        try Program.start([
          "connect", "ws://127.0.0.1:\(port)/voice", "--headless", "--until-idle", "--input",
          "file:\(Recordings.path(of: prompt))",
          "--output", "null",
        ])
      }
      var all = WordErrors()
      for (client, prompt) in zip(clients, prompts) {
        #expect(client.waitUntilExit(timeout: 120) == 0, "\(client.errorLines)")
        let recording = try Recording(client.lines)
        recording.expectWhole()
        let heard = recording.said(by: .user).joined(separator: " ")
        all.add(said: prompt.words, heard: heard)
        if heard != prompt.words { print("\(prompt.words) → \(heard)") }
        #expect(!recording.said(by: .agent).isEmpty)
        let times = recording.insight.turns.compactMap(\.responseTime?.milliseconds)
        print("\(count) clients: \(times.map { Int($0) }) ms to the answer's first sound")
      }
      #expect(all.percent <= 25, "\(all)")
    }

    /// An engine whose file is damaged is not opened: what serves in its place understands, and the console says why.
    @Test func aDamagedEngineIsReplacedAndNamed() throws {
      let place = folder.file("engines")
      try FileManager.default.copyItem(atPath: try #require(TestEngines.path), toPath: place)
      let model = place + "/silero_vad/data/silero_vad.onnx"
      try FileManager.default.removeItem(atPath: model)
      try "not a model".write(toFile: model, atomically: true, encoding: .utf8)
      let console = try ConsoleScreen(
        ConsoleScreen.silent, columns: 160, environment: ["SIDETONE_ENGINES": place])
      try console.terminal.wait(for: "the missing engine") { $0.contains("vad sphinx") && $0.contains("no silero") }
      try console.run("status")
      try console.terminal.wait(forText: "sidetone engines install")
      try console.terminal.keys("Escape")
      try console.terminal.wait(for: "the panes") { !$0.contains("to have it") }
      try console.say("what is ten plus five")
      try console.wait(for: "agent That is fifteen.", in: "transcript")
      try console.quit()
      // What was asked for by name is not replaced.
      let named = try ChildProcess(
        Program.path, ["--headless", "--duration", "1s", "--mic-detector", "silero"],
        environment: Program.environment.merging(["SIDETONE_ENGINES": place]) { $1 })
      #expect(named.waitUntilExit(timeout: 30) == 69)
      #expect(named.errorLines.contains { $0.contains("sidetone engines install") }, "\(named.errorLines)")
    }
  }
}

import AudioCodecs
import Foundation
import TestKit
import Testing
import Timeline

extension FirstLane {
  /// Sessions that a machine starts and nobody watches: they end, and their exit code and one line say why.
  @Suite struct Scripts {
    private let folder: TestFolder
    init() throws { folder = try TestFolder() }

    private func server(_ said: [String], arguments: [String] = []) throws -> (process: ChildProcess, url: String) {
      let process = try PeerLibrary.python.run("scripted_server", said)
      guard let line = process.waitForLine(timeout: 60, where: { $0.hasPrefix("port ") }) else {
        throw TestFailure("\(process.errorLines)")
      }
      return (process, "ws://127.0.0.1:\(line.dropFirst(5))/")
    }

    private static let headless = ["--headless", "--output", "null"]

    /// Keep-alives, or silence as audio, twice a second for as long as anybody listens.
    @Test(arguments: [#"{"type":"keepalive"}"#, "binary " + String(repeating: "00", count: 3200)])
    func noAnswerIsAnEnd(_ repeated: String) throws {
      let server = try server((0..<240).flatMap { _ in [repeated, "pause 500"] })
      defer { server.process.terminate() }
      let outcome = try Program.run(
        ["connect", server.url, "--until-idle", "--input", "say:hello"] + Self.headless, timeout: 90)
      #expect(outcome.status == 1)
      #expect(outcome.errors.hasPrefix("sidetone: no answer came within "), "\(outcome.errors)")
      try Recording(outcome.output).expectWhole()
    }

    @Test func anInputThatCannotWorkIsToldAndEndsTheSession() throws {
      let server = try server([])
      defer { server.process.terminate() }
      for (input, words) in [("mic:hw:77,0", "hw:77,0"), ("say:日本語のテスト", "no word in the text"), ("say:🙂", "no word")] {
        let outcome = try Program.run(
          ["connect", server.url, "--input", input, "--duration", "100s"] + Self.headless, timeout: 60)
        #expect(outcome.status == 66, "\(input): \(outcome.errors)")
        #expect(outcome.errors.contains(words) && !outcome.errors.contains("\n"), "\(outcome.errors)")
        try Recording(outcome.output).expectWhole()
      }
      for content in ["", "not a sound\nin here\n", "RIFF\u{24}\u{1}\u{0}\u{0}WAVEfmt "] {
        let file = try folder.write(content, to: "pipe")
        let outcome = try Program.run(
          ["connect", server.url, "--input", "stdin", "--until-idle"] + Self.headless, inputFile: file)
        #expect(outcome.status == 66 && outcome.errors.contains("raw samples"), "\(outcome.errors)")
      }
    }

    @Test func anOutputThatCannotBeOpenedIsToldAndEndsTheSession() throws {
      let server = try server([])
      defer { server.process.terminate() }
      let outcome = try Program.run([
        "connect", server.url, "--headless", "--input", "silence", "--output", "speaker:hw:77,0", "--duration", "100s",
      ])
      #expect(outcome.status == 73 && outcome.errors.contains("hw:77,0"), "\(outcome.errors)")
    }

    @Test func aServerThatIsGoneForGoodIsALostSession() throws {
      let server = try server([])
      let process = try Program.start(["connect", server.url] + Self.headless)
      #expect(process.waitForLine(timeout: 60) { $0.contains(#""state":"ready""#) } != nil)
      server.process.kill()
      #expect(process.waitUntilExit(timeout: 120) == 1)
      guard case .sessionEnded(let end)? = try Recording(process.lines).entries.last?.event else {
        throw TestFailure("no end")
      }
      #expect(!end.orderly && end.reason.contains("in a row failed"), "\(end)")
    }

    /// A WAV from a pipe, whose header knows no size, is spoken whole.
    @Test func aWAVWithoutASizeIsSpoken() throws {
      let question = folder.file("question.wav")
      try Voice.write("turn on the lights", to: question)
      var bytes = try Data(contentsOf: URL(fileURLWithPath: question))
      for place in [4..<8, 40..<44] { bytes.replaceSubrange(place, with: [0, 0, 0, 0]) }
      try bytes.write(to: URL(fileURLWithPath: question))
      let outcome = try Program.run(["--headless", "--until-idle", "--input", "file:\(question)"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try Recording(outcome.output).said(by: .user) == ["turn on the lights"])
    }

    @Test func aConfigurationWithAByteOrderMarkIsRead() throws {
      let config = try folder.write("\u{FEFF}theme: light\nmeters: 30\n", to: "config.yaml")
      let outcome = try Program.run(["--config", config, "--headless", "--duration", "1s"])
      #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    }
  }
}

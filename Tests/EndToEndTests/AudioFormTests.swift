import Audio
import Foundation
import TestKit
import Testing
import Timeline

/// The other seat: which form the agent's audio has for which client, and that each is heard.
extension FirstLane {
  @Suite struct AudioForms {
    private let folder: TestFolder
    init() throws { folder = try TestFolder() }

    /// Our client on our server: all that it offers is played.
    @Test(arguments: ["pcm16", "wav", "mp3", "binary", "wav,binary", "mp3,binary", "ogg-opus,binary"])
    func ourClientPlaysWhatItAsksFor(form: String) throws {
      let (server, port) = try Program.serve()
      defer { server.terminate() }
      let answer = folder.file("answer.wav")
      // Either way of asking.
      let asks = form.contains(",") ? ["--audio", form] : []
      let url = "ws://127.0.0.1:\(port)/voice" + (asks.isEmpty ? "?audio=\(form)" : "")
      let session = try Program.connect(
        url, asks + ["--until-idle", "--input", "say:turn on the lights", "--output", "file:\(answer)"])
      #expect(session.status == 0, "\(session.errors)")
      #expect(session.notices.allSatisfy { $0.severity == .info }, "\(session.notices)")
      let ear = try Ear(file: answer)
      let stretches = ear.stretches
      try #require(stretches.count == 1, "\(stretches)")
      #expect(ear.words(in: stretches[0]).contains("lights are on"))
      let isBinary = form.hasSuffix("binary")
      for way in [Way.toServer, .toClient] {
        let kinds = session.entries.compactMap { entry -> Message.Kind? in
          guard case .message(let message) = entry.event, message.way == way else { return nil }
          return message.kind
        }
        #expect(kinds.contains(.binary) == isBinary, "\(way)")
      }
      #expect(
        server.errorLines.contains {
          $0.contains("ready; audio goes out as \(form == "binary" ? "pcm16" : form.prefix { $0 != "," })")
        })
    }

    @Test func bytesAreAudioAndTextIsAboutIt() throws {
      let (server, port) = try Program.serve()
      defer { server.terminate() }
      let (question, answer) = (folder.file("question.wav"), folder.file("answer.raw"))
      try Voice.write("turn on the lights", to: question, rate: 16_000)
      let client = try PeerLibrary.python.run("reference_client", ["ws://127.0.0.1:\(port)/voice", question, answer])
      #expect(client.waitUntilExit(timeout: 120) == 0, "\(client.errorLines) \(server.errorLines)")
      #expect(
        client.lines == [
          "ready pcm16 16000 None None", "final turn on the lights", "words True", "whole samples True", "done",
        ])
      let samples = PCM16.samples(of: Array(try Data(contentsOf: URL(fileURLWithPath: answer))))
      let ear = Ear(samples: samples)
      let stretches = ear.stretches
      try #require(stretches.count == 1, "\(stretches)")
      #expect(ear.words(in: stretches[0]).contains("lights are on"))
    }

    @Test func theSameIsAgreedOnWhenItIsAskedFor() throws {
      let (server, port) = try Program.serve()
      defer { server.terminate() }
      let (question, answer) = (folder.file("question.wav"), folder.file("answer.raw"))
      try Voice.write("turn on the lights", to: question, rate: 16_000)
      let client = try PeerLibrary.python.run(
        "reference_client", ["ws://127.0.0.1:\(port)/?audio=ogg-opus,binary", question, answer])
      #expect(client.waitUntilExit(timeout: 120) == 0, "\(client.errorLines) \(server.errorLines)")
      #expect(client.lines.first == "ready ogg-opus 16000 True True")
      let ear = try Ear(file: answer)
      #expect(ear.stretches.map { ear.words(in: $0).contains("lights are on") } == [true])
    }

    /// 40 s of speech in 2 s: more than the recognizer would hold.
    @Test(arguments: ["json", "binary"]) func nobodyIsTooFastToBeHeard(form: String) throws {
      let sentences = [
        "what time is it in berlin", "turn on the lights", "repeat after me good morning", "what time is it in tokyo",
      ]
      let paths = try sentences.enumerated().map { index, sentence in
        let path = folder.file("\(index).wav")
        try Voice.write(sentence, to: path, rate: 16_000)
        return path
      }
      let (server, port) = try Program.serve()
      defer { server.terminate() }
      let rounds = 4
      let client = try PeerLibrary.python.run(
        "hasty_client",
        ["ws://127.0.0.1:\(port)/voice", form] + (0..<rounds).flatMap { _ in paths })
      #expect(client.waitUntilExit(timeout: 240) == 0, "\(client.errorLines) \(server.errorLines.suffix(40))")
      let finals = client.lines.filter { $0.hasPrefix("final ") }.map { String($0.dropFirst(6)) }
      #expect(finals == (0..<rounds).flatMap { _ in sentences })
      #expect(client.lines.suffix(2) == ["paused True", "done"])
      #expect(!client.lines.contains { $0.hasPrefix("error") })
    }

    /// Opens a page in a browser whose microphone hears a question, until the page is done.
    private func browse(_ page: String) throws -> (browser: ChildProcess, server: ChildProcess) {
      let (server, port) = try Program.serve()
      let question = folder.file("question.wav")
      try Voice.write("what time is it in berlin", to: question, rate: 48_000)
      let browser = try ChildProcess(
        "/usr/bin/python3",
        [
          "-u", "\(PeerLibrary.folder)/browser.py", try #require(Unpacked("chromium")).folder, question, page,
          "ws://127.0.0.1:\(port)/voice",
        ])
      #expect(browser.waitUntilExit(timeout: 150) == 0, "\(browser.errorLines) \(server.errorLines)")
      return (browser, server)
    }

    /// A page that decodes each message alone, in a browser.
    @Test(.enabled(if: Unpacked.has("chromium"), Comment(rawValue: Unpacked.comment("chromium"))))
    func aPageInABrowserHearsInterruptsAndComesBack() throws {
      let (browser, server) = try browse("\(PeerLibrary.folder)/browser_page.html")
      defer { server.terminate() }
      let reports = browser.lines.map { $0.split(separator: " ").map(String.init) }
      let names = reports.compactMap(\.first)
      try #require(names == ["ready", "final", "heard", "cut", "after", "again", "heard", "done"], "\(browser.lines)")
      #expect(browser.lines[0] == "ready wav 16000")
      #expect(browser.lines[1] == "final what time is it in berlin")
      for heard in [2, 6] {
        let numbers = reports[heard].compactMap { Int($0) }
        try #require(numbers.count == 3)
        // Decoded at 16 kHz: half a second and more, as loud as speech, and no message was refused.
        #expect(numbers[0] > 8_000, "\(browser.lines[heard])")
        #expect((-35 ... -10).contains(numbers[1]), "\(browser.lines[heard])")
        #expect(numbers[2] == 0, "\(browser.lines[heard])")
      }
      #expect(browser.lines[3] == "cut interrupted")
      #expect(browser.lines[4] == "after 0")
      #expect(browser.lines[5] == "again true wav")
    }

    /// The page of docs/browser.md as it is written there: MediaRecorder's chunks are understood, and the answer comes.
    @Test(.enabled(if: Unpacked.has("chromium"), Comment(rawValue: Unpacked.comment("chromium"))))
    func thePageOfTheDocumentationWorksAsItIsWritten() throws {
      let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
      let document = try String(contentsOf: root.appendingPathComponent("docs/browser.md"), encoding: .utf8)
      let page = try #require(document.split(separator: "```html\n").last?.split(separator: "```").first)
      // Presses the button, and tells what stands on the page.
      let watcher = """
        <script>
        let told = Promise.resolve();
        const tell = (line) => { told = told.then(() => fetch("/report", { method: "POST", body: line })); };
        new MutationObserver((changes) => {
          for (const change of changes) for (const node of change.addedNodes) {
            tell(node.data.trim());
            if (node.data.startsWith("agent: ")) tell("done");
          }
        }).observe(document.querySelector("pre"), { childList: true });
        document.querySelector("button").click();
        </script>
        """
      let path = folder.file("page.html")
      try (String(page) + watcher).write(toFile: path, atomically: true, encoding: .utf8)
      let (browser, server) = try browse(path)
      defer { server.terminate() }
      #expect(
        browser.lines.first?.hasPrefix("you: what time is it in") == true, "\(browser.lines) \(server.errorLines)")
      #expect(browser.lines.last == "done" && browser.lines.count == 3, "\(browser.lines)")
      #expect(server.errorLines.contains { $0.contains("the client sends binary audio") })
      #expect(!server.errorLines.contains { $0.contains("unsupported_audio") || $0.contains("malformed") })
    }
  }
}

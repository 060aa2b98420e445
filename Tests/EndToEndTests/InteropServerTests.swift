import AudioCodecs
import Foundation
import TestKit
import Testing
import Timeline

extension EndToEnd {
  /// `sidetone connect` against plain voice servers, which know less of the dialect than ours.
  @Suite struct InteropServerTests {
    private static func port(of server: ChildProcess) throws -> Int {
      guard
        let port = server.waitForLine(timeout: 60, where: { $0.hasPrefix("port ") }).flatMap({ Int($0.dropFirst(5)) })
      else { throw TestFailure("no port: \(server.errorLines)") }
      return port
    }

    /// Two seconds of 440 Hz in whatever form are two seconds of 440 Hz in the output file.
    @Test(arguments: PeerLibrary.allCases) func everyFormatIsPlayedAtItsPitchAndLength(library: PeerLibrary)
      async throws
    {
      let python = ["ready-rate/24000", "ulaw/8000", "pcm/22050", "pcm/48000"]
      let both = [
        "pcm/8000", "pcm/44100", "binary/16000", "binary/24000", "wav/22050", "wav/44100", "mp3", "mp3/1", "opus",
      ]
      let folder = try TestFolder()
      let server = try library.run("voice_server", [PeerLibrary.folder])
      let port = try await onThread { try Self.port(of: server) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (index, format) in (library == .python ? both + python : both).enumerated() {
          group.addTask {
            let file = "\(folder.path)/\(index).wav"
            let session = try await onThread {
              try Program.connect("ws://127.0.0.1:\(port)/\(format)", ["--output", "file:\(file)", "--until-idle"])
            }
            #expect(session.status == 0, "\(format): \(session.errors)")
            #expect(session.notices == [], "\(format)")
            let tone = ToneMeasure(try AudioFile.read(path: file, rate: 16_000), rate: 16_000)
            // A gap has two edges: half a period and some milliseconds of fading each.
            #expect(abs(tone.hertz - 440) < Double(3 + tone.gaps), "\(format): \(tone)")
            // Compressed streams begin and end with some milliseconds of their own.
            #expect(abs(tone.milliseconds - 2000) < Double(60 + 10 * tone.gaps), "\(format): \(tone)")
          }
        }
        try await group.waitForAll()
      }
    }

    @Test(arguments: PeerLibrary.allCases) func aPlainAgentIsSpokenToAndInterrupted(library: PeerLibrary) async throws {
      let folder = try TestFolder()
      let server = try library.run("voice_server", [PeerLibrary.folder])
      try await onThread {
        let port = try Self.port(of: server)
        let speech = try folder.speak("what time is it in berlin and what is the weather like")
        let terminal = try TmuxTerminal(
          "\(Program.path) connect ws://127.0.0.1:\(port)/agent --input file:\(speech) --output null",
          environment: Program.environment)
        try terminal.wait(forText: "plain peer heard you", within: 60)
        try terminal.wait(forText: "playing", within: 60)
        try terminal.keys("i")
        _ = server.waitForLine(timeout: 60) { $0 == "interrupt" }
        try terminal.wait(forText: "interrupted", within: 60)
        try terminal.keys(":")
        try terminal.type(#"config {"voice":"rms"}"#)
        try terminal.keys("Enter")
        #expect(server.waitForLine(timeout: 60) { $0.hasPrefix("config {") } != nil, "\(terminal.screen())")
        try terminal.keys("q")
      }
      #expect(server.lines.contains("interrupt"))
    }

    @Test(arguments: PeerLibrary.allCases) func aBareEchoIsHeard(library: PeerLibrary) async throws {
      let folder = try TestFolder()
      let server = try library.run("voice_server", [PeerLibrary.folder])
      let (session, seconds) = try await onThread {
        let port = try Self.port(of: server)
        let speech = try folder.speak("good morning")
        let file = folder.path + "/echo.wav"
        let session = try Program.connect(
          "ws://127.0.0.1:\(port)/echo",
          ["--dialect", "pcm", "--input", "file:\(speech)", "--output", "file:\(file)", "--duration", "5s"])
        let echo = try AudioFile.read(path: file, rate: 16_000)
        return (session, Double(echo.filter { abs(Int($0)) > 500 }.count) / 16_000)
      }
      #expect(session.status == 0, "\(session.errors)")
      #expect(seconds > 0.2)
    }

    @Test func wssWithACertificateOfItsOwn() async throws {
      let folder = try TestFolder()
      try await onThread {
        let (certificate, key) = try folder.makeCertificate()
        let (process, port) = try Program.serve(["--cert", certificate, "--key", key, "--token", "s3cret-t0ken"])
        defer { process.terminate() }
        let url = "wss://127.0.0.1:\(port)/voice"
        let token = ["-H", "Authorization: Bearer s3cret-t0ken"]
        for flags in [["--cacert", certificate] + token, ["--insecure"] + token] {
          let session = try Program.connect(url, flags + ["--duration", "1500ms"])
          #expect(session.status == 0, "\(session.errors)")
          #expect(session.states.contains(.ready))
        }
        let untrusted = try Program.connect(url, token + ["--until-idle"])
        #expect(untrusted.status == 69)
        #expect(untrusted.errors.contains { $0.contains("self-signed") && $0.contains("--cacert") })
        let stranger = try Program.connect(url, ["--insecure", "--until-idle"])
        #expect(stranger.status == 69)
        #expect(stranger.errors.contains { $0.contains("401") && $0.contains("-H") })
        #expect(!process.errorLines.joined().contains("s3cret"))
      }
    }
  }
}

import Foundation
import TestKit
import Testing
import Timeline

extension SecondLane {
  /// Opus and µ-law on the wire, with FFmpeg at the other end.
  @Suite(.enabled(if: VendorLibraries.areThere, VendorLibraries.comment)) struct Codecs {
    private let folder: TestFolder
    init() throws { folder = try TestFolder() }

    private func port(of peer: ChildProcess) throws -> Substring {
      guard let line = peer.waitForLine(timeout: 60, where: { $0.hasPrefix("port ") }) else {
        throw TestFailure("no port: \(peer.errorLines)")
      }
      return line.dropFirst(5)
    }

    /// Numbers of a line such as `heard 120 7200 2400`: messages, bytes, milliseconds.
    private func numbers(_ line: String?) -> [Int] { line?.split(separator: " ").compactMap { Int($0) } ?? [] }

    @Test(arguments: [("opus", 4_000), ("mulaw", 8_080)]) func ourClientSpeaksItBothWays(codec: String, most: Int)
      throws
    {
      let (heard, answer) = (folder.file("heard.wav"), folder.file("answer.wav"))
      let peer = try VendorLibraries.run("codec_peer", ["serve", codec, heard])
      defer { peer.kill() }
      let session = try Program.connect(
        "ws://127.0.0.1:\(try port(of: peer))/voice",
        [
          "--codec", codec, "--summary", "--until-idle", "--input", "say:turn on the lights", "--output",
          "file:\(answer)",
        ])
      #expect(session.status == 0, "\(session.errors) \(peer.errorLines)")
      #expect(session.notices.allSatisfy { $0.severity == .info }, "\(session.notices)")
      #expect(peer.lines.contains("asked \(codec),binary \(codec)"))
      // Over the telephone's bandwidth the last word may be misheard.
      let words = codec == "opus" ? "turn on the lights" : "turn on the"
      for path in [heard, answer] {
        let ear = try Ear(file: path)
        #expect(ear.stretches.map { ear.words(in: $0) }.joined(separator: " ").contains(words), "\(path)")
      }
      let numbers = numbers(peer.lines.first { $0.hasPrefix("heard ") })
      try #require(numbers.count == 3)
      #expect(numbers[1] * 1_000 / numbers[2] <= most, "bytes a second: \(numbers)")
      let saving = codec == "opus" ? "opus saves 9" : "mulaw saves 75 %"
      #expect(session.errors.contains { $0.hasPrefix("wire: ") && $0.contains("up (\(saving)") }, "\(session.errors)")
    }

    @Test(arguments: [("opus", "opus 16000"), ("mulaw", "mulaw 8000")])
    func ourServerSpeaksItBothWays(codec: String, form: String) throws {
      let (server, port) = try Program.serve()
      defer { server.terminate() }
      let (question, answer) = (folder.file("question.wav"), folder.file("answer.wav"))
      try Voice.write("turn on the lights", to: question, rate: 16_000)
      let peer = try VendorLibraries.run(
        "codec_peer", ["connect", codec, "ws://127.0.0.1:\(port)/voice", question, answer])
      #expect(peer.waitUntilExit(timeout: 120) == 0, "\(peer.errorLines) \(server.errorLines)")
      #expect(peer.lines.first == "ready \(form) \(form)", "\(peer.lines)")
      // PocketSphinx hears a voice that was coded twice over the telephone's bandwidth as some words or other.
      let understood = codec == "opus" ? "turn on the" : ""
      #expect(peer.lines.dropFirst().first?.hasPrefix("transcript_final \(understood)") == true, "\(peer.lines)")
      let ear = try Ear(file: answer)
      let words = ear.stretches.map { ear.words(in: $0) }.joined(separator: " ")
      #expect(codec == "opus" ? words.contains("lights are on") : !words.isEmpty, "\(words)")
    }

    /// A server that knows nothing of codecs gets samples, and the operator a word.
    @Test func whoDoesNotTakeItGetsSamples() throws {
      let peer = try VendorLibraries.run("codec_peer", ["refuse"])
      defer { peer.kill() }
      let session = try Program.connect(
        "ws://127.0.0.1:\(try port(of: peer))/voice",
        ["--codec", "opus", "--until-idle", "--input", "say:hello", "--output", "null"])
      #expect(session.status == 0, "\(session.errors) \(peer.errorLines)")
      #expect(session.notices.contains { $0.id == .codecNotTaken })
      #expect(!peer.lines.contains { $0.hasPrefix("unexpected") })
    }
  }
}

import Foundation
import TestKit
import Testing

/// `Peers/voice_double.py` and `Peers/voice_socket_double.py`: services that speak, their requests checked by the vendors' own libraries.
final class VoiceDouble: ServiceDouble {
  /// What is shown as a key, and where the program finds it.
  static let environment = ["VOICE_KEY": "voice-key-0123456789abcdef"]

  private let scheme: String
  var url: String { "\(scheme)://127.0.0.1:\(port)" }

  /// - Parameter manners: of the answers, in order; the last one stays.
  init(_ service: String, _ manners: [String]) throws {
    let isSocket = ["elevenlabs-ws", "deepgram"].contains(service)
    scheme = isSocket ? "ws" : "http"
    try super.init(script: isSocket ? "voice_socket_double" : "voice_double", manners)
  }

  var asked: [String] { facts.compactMap { $0["asked"] as? String } }
}

/// What a client of a server was told in one turn.
private struct ToldTurn: Decodable {
  var audio: Int
  var errors: [[String]]
  var voice: String
  var sent: Int
  var unheard: Int
  var end: String
}

extension SecondLane {
  /// Voices that are services of others, by doubles of them.
  @Suite(.enabled(if: VendorLibraries.areThere, VendorLibraries.comment)) struct VoiceServices {
    /// Runs a server whose voice the double makes, and asks it a question for each turn, each on a connection of its own.
    private func ask(
      _ turns: [String], _ service: String, by double: VoiceDouble, _ flags: [String] = []
    ) throws -> (told: [ToldTurn], log: [String]) {
      let (server, port) = try Program.serve(
        [
          "--tts", service, "--tts-url", double.url, "--tts-key-env", "VOICE_KEY",
          "--tts-timeout", "400ms",
        ] + flags, environment: VoiceDouble.environment)
      defer { server.terminate() }
      let client = try PeerLibrary.python.run("asking_client", ["ws://127.0.0.1:\(port)/voice"] + turns)
      #expect(client.waitUntilExit(timeout: 120) == 0, "\(client.errorLines)")
      let told = try client.lines.map { try JSONDecoder().decode(ToldTurn.self, from: Data($0.utf8)) }
      return (told, server.errorLines)
    }

    @Test(arguments: ["elevenlabs", "openai", "elevenlabs-ws", "deepgram"])
    func anAnswerIsSpokenAndACutEndsItAtTheService(_ service: String) throws {
      let double = try VoiceDouble(service, ["slow", "ok"])
      let (told, log) = try ask(["cut", "ask"], service, by: double)
      try double.wait(for: service == "deepgram" ? #""cleared""# : #""gone""#)
      #expect(double.wrong == [])
      try #require(told.count == 2)
      #expect(told[0].end == "interrupted" && told[1].end == "response_complete")
      // All that was asked of the service was sent to it, and of what is cut a part is heard.
      let first = try #require(double.asked.first?.count)
      #expect(told[0].sent == first && told[0].unheard < first, "\(told[0])")
      #expect(told[1].sent == double.asked.dropFirst().reduce(0) { $0 + $1.count } && told[1].unheard == 0)
      #expect(told[1].audio > 3_000 && told.allSatisfy { $0.errors.isEmpty })
      #expect(log.contains { $0.contains("characters that were sent to the voice's service were not heard") })
      #expect(!log.contains { $0.contains("voice-key-") })
    }

    /// The client is told why, and another voice speaks.
    @Test func whatFailsIsToldAndAnotherVoiceSpeaks() throws {
      let double = try VoiceDouble("elevenlabs", ["401", "429", "silent", "cut"])
      let (told, _) = try ask(["ask", "ask", "ask", "ask"], "elevenlabs", by: double)
      #expect(double.wrong == [])
      try #require(told.count == 4)
      let words = ["the key was refused", "wait 7 s", "silent for too long"]
      for (turn, words) in zip(told, words) { expectReplaced(turn, by: "slt", words) }
      // What is refused is not paid, and what is silent may be.
      #expect(told[0].sent == 0 && told[1].sent == 0 && told[2].sent > 0 && told[2].unheard == told[2].sent)
      #expect(told[3].errors.first?.first == "tts_failed" && told[3].errors.first?.last?.contains("broke off") == true)
      #expect(told[3].unheard > 0)
    }

    @Test func theVoiceThatWasNamedForItSpeaksWhereAServiceFails() throws {
      let double = try VoiceDouble("openai", ["401"])
      let (told, _) = try ask(["ask"], "openai", by: double, ["--fallback", "tts=rms"])
      expectReplaced(try #require(told.first), by: "rms", "the key was refused")
      #expect(double.wrong == [])
    }

    @Test func whatFailsOnASocketIsToldToo() throws {
      let double = try VoiceDouble("deepgram", ["silent", "cut"])
      let (told, _) = try ask(["ask", "ask"], "deepgram", by: double)
      #expect(double.wrong == [])
      try #require(told.count == 2)
      expectReplaced(told[0], by: "slt", "silent for too long")
      #expect(told[0].unheard == told[0].sent && told[0].sent > 0)
      #expect(told[1].errors.first?.first == "tts_failed" && told[1].errors.first?.last?.contains("broke off") == true)
      let closed = try VoiceDouble("elevenlabs-ws", ["429"])
      let refused = try #require(try ask(["ask"], "elevenlabs-ws", by: closed).told.first)
      expectReplaced(refused, by: "slt", "wait 7 s")
      #expect(refused.sent == 0 && closed.wrong == [])
    }

    private func expectReplaced(_ turn: ToldTurn, by voice: String, _ words: String) {
      #expect(turn.errors.first?.first == "voice_unavailable", "\(turn)")
      #expect(turn.errors.first?.last?.contains(words) == true, "\(turn)")
      #expect(turn.voice == voice && turn.audio > 16_000 && turn.end == "response_complete", "\(turn)")
    }
  }
}

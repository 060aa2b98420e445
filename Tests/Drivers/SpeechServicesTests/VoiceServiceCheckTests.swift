import Speech
import TestKit
import Testing

@testable import SpeechServices

/// What `doctor` asks of services that speak, in front of a server on loopback.
@Suite struct VoiceServiceCheckTests {
  private func reply(_ body: String, status: String = "200 OK") -> String {
    "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
  }

  private func ask(
    _ card: VoiceServiceCard, voice: String? = "anna", _ answer: @escaping @Sendable (_ head: String) -> String
  ) throws -> VoiceServiceCheck.Answer {
    let server = LoopbackHTTPServer { $0.write(answer($0.head)) }
    let scheme = card.usualAddress.hasPrefix("ws") ? "ws" : "http"
    let endpoint = try card.endpoint(
      address: "\(scheme)://127.0.0.1:\(server.port)", voice: voice, apiKey: "secret-key")
    return VoiceServiceCheck.ask(endpoint, timeout: .seconds(30))
  }

  @Test func elevenLabsIsAskedForTheVoiceItself() throws {
    let answer = try ask(.elevenLabs) { head in
      let isRight =
        head.hasPrefix("GET /v1/voices/anna ") && head.lowercased().contains("xi-api-key: secret-key")
      return self.reply(isRight ? #"{"voice_id":"anna","name":"Anna\u001b[2J, warm"}"# : "{}")
    }
    #expect(answer == .lists(VoiceServiceList(voices: ["anna"], models: nil, remark: "Anna [2J, warm")))
    let unknown = try ask(.elevenLabs) { _ in
      self.reply(#"{"detail":{"status":"voice_not_found","message":"no"}}"#, status: "404 Not Found")
    }
    #expect(unknown == .noVoice)
    // Nothing leads to another place of the service.
    #expect(try ask(.elevenLabs, voice: "../user") { _ in self.reply("{}") } == .noVoice)
    let refused = try ask(.elevenLabs) { _ in
      self.reply(#"{"detail":{"message":"no permission for secret-key"}}"#, status: "401 Unauthorized")
    }
    #expect(refused == .status(401, said: "no permission for [key]"))
  }

  @Test func othersListWhatTheyHave() throws {
    let models = try ask(.openAI) { head in
      self.reply(head.hasPrefix("GET /v1/models ") ? #"{"data":[{"id":"kokoro"}]}"# : "{}")
    }
    #expect(models == .lists(VoiceServiceList(voices: nil, models: ["kokoro"])))
    let voices = try ask(.piperHTTP) { head in
      self.reply(head.hasPrefix("GET /voices ") ? #"{"b":{"audio":{}},"a":{}}"# : "{}")
    }
    #expect(voices == .lists(VoiceServiceList(voices: ["a", "b"], models: nil)))
    let list = #"{"stt":[],"tts":[{"name":"a","canonical_name":"anna","version":"2026-02-01"},{"name":"b"}]}"#
    let aura = try ask(.deepgram) { head in
      let isRight = head.hasPrefix("GET /v1/models ") && head.contains("Token secret-key")
      return self.reply(isRight ? list : "{}")
    }
    #expect(aura == .lists(VoiceServiceList(voices: ["anna"], models: nil, remark: "version 2026-02-01")))
    #expect(try ask(.openAI) { _ in self.reply("no list") } == .status(200, said: nil))
    #expect(try ask(.piperHTTP) { _ in self.reply("", status: "404 Not Found") } == .status(404, said: nil))
  }
}

import FoundationEssentials
import Speech

extension VoiceServiceCard {
  /// Deepgram's Aura voices, over the WebSocket `/v1/speak`: one connection for all sentences. A voice is a model there.
  public static let deepgram = VoiceServiceCard(
    name: "deepgram", title: "Deepgram", usualAddress: "wss://api.deepgram.com", keyVariable: "DEEPGRAM_API_KEY",
    needsKey: true, usualVoice: "aura-2-thalia-en", usualModel: nil, keyHeader: .authorization("Token"),
    path: "/v1/speak",
    form: .socket(
      VoiceSocketForm(
        query: { question in
          var query = [
            (name: "model", value: question.voice), (name: "encoding", value: "linear16"),
            (name: "sample_rate", value: "\(rate)"),
          ]
          if let speed = question.settings["speed"]?.number { query.append((name: "speed", value: "\(speed)")) }
          return query
        },
        speech: { text in [try VoiceSocketForm.json(DeepgramOrder(type: "Speak", text: text)), #"{"type":"Flush"}"#] },
        clear: #"{"type":"Clear"}"#, farewell: #"{"type":"Close"}"#, read: read)),
    settings: [VoiceSetting("speed", .number(0.7...1.5))], rawRate: { _ in rate },
    listing: VoiceListing(path: { _ in "/v1/models" }) { bytes, voice in
      let list = try JSONDecoder().decode(DeepgramModels.self, from: Data(bytes))
      let version = list.tts.first { $0.canonical_name == voice }?.version
      return VoiceServiceList(
        voices: list.tts.compactMap(\.canonical_name), models: nil, remark: version.map { "version \($0)" })
    })

  private static let rate = 16_000

  private static let read: @Sendable ([UInt8], Bool) -> [VoiceSocketNews] = { bytes, isText in
    guard isText else { return [.sound(bytes)] }
    guard let said = try? JSONDecoder().decode(DeepgramSaid.self, from: Data(bytes)) else {
      return [.failed("it has sent something that is no message of its protocol")]
    }
    let words = [said.code, said.description].compactMap(\.self).joined(separator: ": ")
    switch said.type {
    case "Flushed": return [.finished]
    case "Cleared": return [.cleared]
    // The text stays, and may still be spoken: silence ends it, if not.
    case "Warning": return [.warned(words)]
    case "Error": return [.failed(words)]
    default: return []
    }
  }
}

private struct DeepgramOrder: Encodable {
  var type: String
  var text: String
}

private struct DeepgramSaid: Decodable {
  var type: String?
  var code: String?
  var description: String?
}

private struct DeepgramModels: Decodable {
  struct Model: Decodable {
    var canonical_name: String?
    var version: String?
  }
  var tts: [Model]
}

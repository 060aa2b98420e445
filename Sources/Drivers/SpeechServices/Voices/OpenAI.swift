import FoundationEssentials
import Speech

extension VoiceServiceCard {
  /// OpenAI, and every server that has its `/v1/audio/speech`: bare samples, 24 000 a second, or a container.
  public static let openAI = VoiceServiceCard(
    name: "openai", title: "OpenAI-compatible", usualAddress: "https://api.openai.com", keyVariable: "OPENAI_API_KEY",
    needsKey: false, usualVoice: "alloy", usualModel: "gpt-4o-mini-tts", keyHeader: .authorization("Bearer"),
    path: "/v1/audio/speech",
    form: .http { question in
      let body = SpeechRequest(
        model: question.model ?? "", input: question.text, voice: question.voice,
        response_format: question.settings["format"]?.text ?? "pcm", speed: question.settings["speed"],
        instructions: question.settings["instructions"])
      return VoiceRequest(body: Array(try JSONEncoder().encode(body)))
    },
    settings: [
      VoiceSetting("format", .words(["pcm", "wav", "mp3", "opus"])), VoiceSetting("speed", .number(0.25...4)),
      VoiceSetting("instructions", .text(4000)),
    ],
    rawRate: { ["pcm", nil].contains($0["format"]?.text) ? 24_000 : nil },
    listing: VoiceListing(path: { _ in "/v1/models" }) { bytes, _ in
      let list = try JSONDecoder().decode(ModelList.self, from: Data(bytes))
      return VoiceServiceList(voices: nil, models: list.data.map(\.id))
    })
}

private struct ModelList: Decodable {
  struct Model: Decodable { var id: String }
  var data: [Model]
}

private struct SpeechRequest: Encodable {
  var model: String
  var input: String
  var voice: String
  var response_format: String
  var speed: VoiceSettingValue?
  var instructions: VoiceSettingValue?
}

import FoundationEssentials
import Speech

extension VoiceServiceCard {
  /// OpenAI, and every server that has its `/v1/audio/speech`: bare samples, 24 000 a second.
  public static let openAI = VoiceServiceCard(
    name: "openai", title: "OpenAI-compatible", usualAddress: "https://api.openai.com", keyVariable: "OPENAI_API_KEY",
    needsKey: false, usualVoice: "alloy", usualModel: "gpt-4o-mini-tts", keyHeader: .authorization("Bearer"),
    path: "/v1/audio/speech",
    request: { question in
      let body = SpeechRequest(model: question.model ?? "", input: question.text, voice: question.voice)
      return VoiceRequest(body: Array(try JSONEncoder().encode(body)))
    },
    rawRate: 24_000,
    listing: VoiceListing(path: { _ in "/v1/models" }) { bytes in
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
  var response_format = "pcm"
}

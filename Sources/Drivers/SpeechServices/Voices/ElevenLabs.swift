import FoundationEssentials
import Speech

extension VoiceServiceCard {
  /// ElevenLabs, over HTTP: `/v1/text-to-speech/VOICE/stream`, 16 000 samples a second.
  public static let elevenLabs = VoiceServiceCard(
    name: "elevenlabs", title: "ElevenLabs", usualAddress: "https://api.elevenlabs.io",
    keyVariable: "ELEVENLABS_API_KEY", needsKey: true, usualVoice: "JBFqnCBsd6RMkjVDRZzb",
    usualModel: "eleven_flash_v2_5", keyHeader: .plain("xi-api-key"), path: "/v1/text-to-speech",
    request: { question in
      VoiceRequest(
        subpath: [question.voice, "stream"], query: [("output_format", "pcm_16000")],
        body: Array(try JSONEncoder().encode(ElevenLabsRequest(text: question.text, model_id: question.model))))
    },
    rawRate: 16_000, listing: elevenLabsListing)

  /// The voice by its own address: the list of an account lacks voices of the library that it can use.
  static let elevenLabsListing = VoiceListing(path: { "/v1/voices/\($0)" }, isOfOneVoice: true) { bytes in
    let voice = try JSONDecoder().decode(ElevenLabsVoice.self, from: Data(bytes))
    return VoiceServiceList(voices: [voice.voice_id], models: nil, remark: voice.name)
  }
}

private struct ElevenLabsVoice: Decodable {
  var voice_id: String
  var name: String?
}

private struct ElevenLabsRequest: Encodable {
  var text: String
  var model_id: String?
}

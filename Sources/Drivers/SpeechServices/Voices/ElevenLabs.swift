import FoundationEssentials
import Speech

extension VoiceServiceCard {
  /// ElevenLabs, over HTTP: `/v1/text-to-speech/VOICE/stream`.
  public static let elevenLabs = VoiceServiceCard(
    name: "elevenlabs", title: "ElevenLabs", usualAddress: "https://api.elevenlabs.io",
    keyVariable: "ELEVENLABS_API_KEY", needsKey: true, usualVoice: "JBFqnCBsd6RMkjVDRZzb",
    usualModel: "eleven_flash_v2_5", keyHeader: .plain("xi-api-key"), path: "/v1/text-to-speech",
    form: .http { question in
      let body = ElevenLabsRequest(
        text: question.text, model_id: question.model, voice_settings: ElevenLabs.voiceSettings(of: question))
      var query = [(name: "output_format", value: ElevenLabs.format(question.settings))]
      if let latency = question.settings["latency"]?.number {
        query.append((name: "optimize_streaming_latency", value: "\(Int(latency))"))
      }
      return VoiceRequest(
        subpath: [question.voice, "stream"], query: query, body: Array(try JSONEncoder().encode(body)))
    },
    settings: ElevenLabs.settings + [VoiceSetting("latency", .number(0...4))], rawRate: ElevenLabs.rawRate,
    listing: ElevenLabs.listing)
}

/// What both ways to ElevenLabs have in common.
enum ElevenLabs {
  static let settings = [
    VoiceSetting("stability", .number(0...1)), VoiceSetting("similarity_boost", .number(0...1)),
    VoiceSetting("style", .number(0...1)), VoiceSetting("speed", .number(0.7...1.2)),
    VoiceSetting("use_speaker_boost", .truth),
    VoiceSetting(
      "format",
      .words([
        "pcm_8000", "pcm_16000", "pcm_22050", "pcm_24000", "pcm_32000", "pcm_44100", "pcm_48000", "mp3_22050_32",
        "mp3_24000_48", "mp3_44100_32", "mp3_44100_64", "mp3_44100_96", "mp3_44100_128", "mp3_44100_192",
      ])),
  ]

  static func format(_ settings: [String: VoiceSettingValue]) -> String { settings["format"]?.text ?? "pcm_16000" }

  /// `pcm_16000` is bare samples; MP3 says its rate itself.
  static let rawRate: @Sendable ([String: VoiceSettingValue]) -> Int? = { settings in
    let parts = format(settings).split(separator: "_")
    return parts.first == "pcm" ? parts.dropFirst().first.flatMap { Int($0) } : nil
  }

  /// Those that belong to the voice; nil: the voice's own.
  static func voiceSettings(of question: SpokenQuestion) -> [String: VoiceSettingValue]? {
    let own = question.settings.filter { !["format", "latency"].contains($0.key) }
    return own.isEmpty ? nil : own
  }

  /// The voice by its own address: the list of an account lacks voices of the library that it can use.
  static let listing = VoiceListing(path: { "/v1/voices/\($0)" }, isOfOneVoice: true) { bytes, _ in
    let voice = try JSONDecoder().decode(ElevenLabsVoice.self, from: Data(bytes))
    return VoiceServiceList(voices: [voice.voice_id], models: nil, remark: voice.name)
  }
}

private struct ElevenLabsRequest: Encodable {
  var text: String
  var model_id: String?
  var voice_settings: [String: VoiceSettingValue]?
}

private struct ElevenLabsVoice: Decodable {
  var voice_id: String
  var name: String?
}

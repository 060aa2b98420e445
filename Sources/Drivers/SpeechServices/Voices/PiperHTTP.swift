import FoundationEssentials
import Speech

extension VoiceServiceCard {
  /// Piper's own HTTP server: one whole WAV for each sentence.
  public static let piperHTTP = VoiceServiceCard(
    name: "piper-http", title: "Piper's HTTP server", usualAddress: "http://127.0.0.1:5000", keyVariable: nil,
    needsKey: false, usualVoice: "", usualModel: nil, keyHeader: .authorization("Bearer"), path: "/synthesize",
    startCommand: "python3 -m piper.http_server -m VOICE", isPaid: false,
    form: .http { question in
      let body = PiperRequest(
        text: question.text, voice: question.voice.isEmpty ? nil : question.voice,
        length_scale: question.settings["length_scale"])
      return VoiceRequest(body: Array(try JSONEncoder().encode(body)))
    },
    settings: [VoiceSetting("length_scale", .number(0.2...5))], rawRate: { _ in nil },
    listing: VoiceListing(path: { _ in "/voices" }) { bytes, _ in
      // By name, each with its settings.
      let voices = try JSONDecoder().decode([String: PiperVoiceSettings].self, from: Data(bytes))
      return VoiceServiceList(voices: voices.keys.sorted(), models: nil)
    })
}

/// Nothing of them is wanted, but they are an object.
private struct PiperVoiceSettings: Decodable {}

private struct PiperRequest: Encodable {
  var text: String
  var voice: String?
  var length_scale: VoiceSettingValue?
}

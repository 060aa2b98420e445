import FoundationEssentials
import Speech

extension VoiceServiceCard {
  /// Piper's own HTTP server: one whole WAV for each sentence.
  public static let piperHTTP = VoiceServiceCard(
    name: "piper-http", title: "Piper's HTTP server", usualAddress: "http://127.0.0.1:5000", keyVariable: nil,
    needsKey: false, usualVoice: "", usualModel: nil, keyHeader: .authorization("Bearer"), path: "/synthesize",
    startCommand: "python3 -m piper.http_server -m VOICE",
    request: { question in
      let body = PiperRequest(text: question.text, voice: question.voice.isEmpty ? nil : question.voice)
      return VoiceRequest(body: Array(try JSONEncoder().encode(body)))
    },
    rawRate: nil)
}

private struct PiperRequest: Encodable {
  var text: String
  var voice: String?
}

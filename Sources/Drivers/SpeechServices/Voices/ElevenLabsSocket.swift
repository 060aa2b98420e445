import FoundationEssentials
import Speech

extension VoiceServiceCard {
  /// ElevenLabs, over its WebSocket `stream-input`: a connection for each sentence, of which the next is open beforehand. The
  /// input is closed behind the sentence, because only then the service says when all of its sound has come.
  public static let elevenLabsSocket = VoiceServiceCard(
    name: "elevenlabs-ws", title: "ElevenLabs over WebSocket", usualAddress: "wss://api.elevenlabs.io",
    keyVariable: "ELEVENLABS_API_KEY", needsKey: true, usualVoice: "JBFqnCBsd6RMkjVDRZzb",
    usualModel: "eleven_flash_v2_5", keyHeader: .plain("xi-api-key"), path: "/v1/text-to-speech",
    form: .socket(
      VoiceSocketForm(
        subpath: { [$0.voice, "stream-input"] },
        query: { question in
          // `auto_mode` is for whole sentences. A connection that waits is closed after 180 s, the longest time there is.
          var query = [
            (name: "output_format", value: ElevenLabs.format(question.settings)), (name: "auto_mode", value: "true"),
            (name: "inactivity_timeout", value: "180"),
          ]
          if let model = question.model { query.append((name: "model_id", value: model)) }
          return query
        },
        greeting: { question in
          [try VoiceSocketForm.json(ElevenLabsText(text: " ", voice_settings: ElevenLabs.voiceSettings(of: question)))]
        },
        // A text ends with a space; an empty one ends the input.
        speech: { text in
          [
            try VoiceSocketForm.json(ElevenLabsText(text: text + " ")),
            try VoiceSocketForm.json(ElevenLabsText(text: "")),
          ]
        },
        isForOneSentence: true, read: read)),
    settings: ElevenLabs.settings, rawRate: ElevenLabs.rawRate, listing: ElevenLabs.listing)

  private static let read: @Sendable ([UInt8], Bool) -> [VoiceSocketNews] = { bytes, isText in
    guard isText, let said = try? JSONDecoder().decode(ElevenLabsSaid.self, from: Data(bytes)) else {
      return [.failed("it has sent something that is no message of its protocol")]
    }
    var news: [VoiceSocketNews] = []
    if let audio = said.audio, !audio.isEmpty {
      guard let sound = Data(base64Encoded: audio) else { return [.failed("its sound is no base64")] }
      news.append(.sound(Array(sound)))
    }
    if let count = said.alignment?.chars?.count, count > 0 { news.append(.spelled(count)) }
    if said.isFinal == true { news.append(.finished) }
    if let words = said.message ?? said.error, said.audio == nil { news.append(.failed(words)) }
    return news
  }
}

private struct ElevenLabsText: Encodable {
  var text: String
  var voice_settings: [String: VoiceSettingValue]?
}

private struct ElevenLabsSaid: Decodable {
  struct Alignment: Decodable { var chars: [String]? }
  var audio: String?
  var alignment: Alignment?
  var isFinal: Bool?
  var message: String?
  var error: String?
}

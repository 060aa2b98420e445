import Audio
import FoundationEssentials
import Speech

extension RecognitionServiceCard {
  /// OpenAI, and every server that has its `/v1/audio/transcriptions`: a WAV for each piece of speech.
  public static let openAI = RecognitionServiceCard(
    name: "openai", title: "OpenAI-compatible", usualAddress: "https://api.openai.com", keyVariable: "OPENAI_API_KEY",
    needsKey: false, usualModel: "gpt-4o-mini-transcribe", keyHeader: .authorization("Bearer"),
    path: "/v1/audio/transcriptions", way: .pieces { OpenAITranscription.request($0) })
}

private enum OpenAITranscription {
  static func request(_ piece: SpokenPiece) -> PieceRequest {
    // Nothing of the form's other parts may hold it: they are the operator's words and sound.
    let boundary = "sidetone-\(UInt64.random(in: .min ... .max))-\(UInt64.random(in: .min ... .max))"
    var body: [UInt8] = []
    func add(_ name: String, _ more: String, _ content: [UInt8]) {
      body += Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\(more)\r\n\r\n".utf8)
      body += content + Array("\r\n".utf8)
    }
    add("model", "", Array(piece.question.model.utf8))
    add("language", "", Array(piece.question.plainLanguage.utf8))
    add("response_format", "", Array("json".utf8))
    let samples = piece.samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    add(
      "file", "; filename=\"speech.wav\"\r\nContent-Type: audio/wav",
      WAV.header(rate: 16_000, sampleCount: piece.samples.count) + samples)
    body += Array("--\(boundary)--\r\n".utf8)
    return PieceRequest(contentType: "multipart/form-data; boundary=\(boundary)", body: body) { answer in
      struct Said: Decodable { var text: String }
      return (try? JSONDecoder().decode(Said.self, from: Data(answer)))?.text
    }
  }
}

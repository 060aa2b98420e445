import Speech
import SpeechServices
import Testing

@testable import Runtime

/// What may take the place of a service that fails, as it is written.
@Suite struct FallbackTests {
  private func key(_ variable: String) -> String? { variable == "OPENAI_API_KEY" ? "sk-1" : nil }

  @Test func languageModels() throws {
    #expect(try LanguageModelFallback("none", key: key) == nil)
    let builtin = try #require(try LanguageModelFallback("builtin", key: key))
    #expect(builtin.shownName == "builtin")
    guard case .service(let ollama)? = try LanguageModelFallback("ollama:llama3.2@http://10.0.0.7:11434", key: key)
    else { throw FallbackFault(description: "no service") }
    #expect(ollama.model == "llama3.2" && ollama.address.place == "10.0.0.7:11434")
    for (text, words) in [
      ("ollama", "needs a model"), ("olama:x", "there is no \"olama\""), ("ollama:x@ftp://a", "http://HOST"),
      ("anthropic:x", "ANTHROPIC_API_KEY"),
    ] {
      let fault = #expect(throws: FallbackFault.self) { try LanguageModelFallback(text, key: key) }
      #expect(fault?.description.contains(words) == true, "\(text): \(fault?.description ?? "")")
    }
  }

  @Test func voices() throws {
    #expect(try VoiceFallback("none", key: key).substitute == nil)
    #expect(try VoiceFallback("local", key: key).substitute?.voice == Voice.standard.name)
    #expect(try VoiceFallback("rms", key: key).substitute?.voice == "rms")
    guard case .service(let openAI) = try VoiceFallback("openai:nova", key: key) else {
      throw FallbackFault(description: "no service")
    }
    #expect(openAI.voice == "nova" && openAI.address.place == "api.openai.com")
    let substitute = try #require(try VoiceFallback("openai:nova", key: key).substitute)
    #expect(substitute.voice == "nova" && substitute.voices.isSuperset(of: ["nova", "slt"]))
    for (text, words) in [("nobody", "there is no \"nobody\""), ("elevenlabs", "ELEVENLABS_API_KEY")] {
      let fault = #expect(throws: FallbackFault.self) { try VoiceFallback(text, key: key) }
      #expect(fault?.description.contains(words) == true, "\(text): \(fault?.description ?? "")")
    }
  }

  @Test func recognisers() throws {
    guard case .local = try RecognitionFallback("local", language: "en", key: key),
      case .service(let vosk) = try RecognitionFallback("vosk@ws://10.0.0.7:2700", language: "en", key: key),
      case .service(let openAI) = try RecognitionFallback("openai:whisper-1", language: "de", key: key)
    else { throw FallbackFault(description: "not as it was written") }
    #expect(vosk.address.place == "10.0.0.7:2700" && openAI.address.apiKey == "sk-1")
    #expect(openAI.model == "whisper-1" && openAI.language == "de")
    for (text, words) in [
      ("none", "there is no \"none\""), ("deepgram", "DEEPGRAM_API_KEY"), ("vosk@gopher://a", "stt: "),
    ] {
      let fault = #expect(throws: FallbackFault.self) { try RecognitionFallback(text, language: "en", key: key) }
      #expect(fault?.description.contains(words) == true, "\(text): \(fault?.description ?? "")")
    }
  }
}

import Agent
import ArgumentParser
import Glibc
import Runtime
import Speech
import Store

/// The flags that every voice server of ours has, embedded or alone.
struct ServerFlags: ParsableArguments {
  @Option(help: "How soon silence ends your turn: normal (500 ms) or snappy (300 ms).")
  var endpointing: Configuration.Endpointing?

  @Option(help: "Which language model answers: builtin, ollama or openai (any OpenAI-compatible endpoint).")
  var llm: Configuration.LanguageModel.Provider?

  @Option(help: "The language model's URL, as in http://127.0.0.1:11434.")
  var llmURL: String?

  @Option(help: "The language model's name.")
  var llmModel: String?

  @Option(help: "The environment variable that holds the language model's API key.")
  var llmKeyEnv: String?

  @Option(help: "The agent's voice: slt, rms, awb or kal16; a variant of espeak-ng in other languages.")
  var voice: String?

  @Option(help: "The agent's language, as in en or de.")
  var language: String?

  func apply(to options: inout VoiceServerOptions, _ configuration: Configuration) throws {
    if let mode = endpointing ?? configuration.endpointing {
      options.agent.endpointSilence = mode == .snappy ? .milliseconds(300) : .milliseconds(500)
    }
    options.agent.voice = voice ?? configuration.server.voice ?? options.agent.voice
    options.agent.language = language ?? configuration.server.language ?? options.agent.language
    if let interval = configuration.server.tokenInterval { options.pace.tokenInterval = interval }
    options.languageModel = try languageModel(configuration.llm)
  }

  private func languageModel(_ configured: Configuration.LanguageModel) throws -> VoiceServerOptions.LanguageModel {
    let provider = llm ?? configured.provider ?? .builtin
    let url = llmURL ?? configured.url
    guard provider != .builtin else { return .builtin }
    guard let model = llmModel ?? configured.model else {
      throw ValidationError("--llm \(provider.rawValue) needs --llm-model, as in --llm-model llama3.2")
    }
    do {
      if provider == .ollama {
        return .ollama(try OllamaGenerator.endpoint(address: url ?? OllamaGenerator.defaultAddress, model: model))
      }
      guard let url else { throw ValidationError("--llm openai needs --llm-url, as in https://api.example.org") }
      let variable = llmKeyEnv ?? configured.apiKeyEnvironment
      return .openAI(
        try ChatCompletionsGenerator.endpoint(address: url, model: model, apiKey: try apiKey(variable)),
        keyVariable: variable ?? "OPENAI_API_KEY")
    } catch let error as LanguageModelEndpoint.InvalidURL {
      throw ValidationError("--llm-url: \(error)")
    }
  }

  private func apiKey(_ variable: String?) throws -> String? {
    guard let variable else { return nil }
    guard let value = getenv(variable) else {
      throw ValidationError("the environment variable \(variable), which should hold the API key, is not set")
    }
    return String(cString: value)
  }
}

extension Configuration.Endpointing: ExpressibleByArgument {}
extension Configuration.LanguageModel.Provider: ExpressibleByArgument {}

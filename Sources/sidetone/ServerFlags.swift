import Agent
import ArgumentParser
import Glibc
import Runtime
import Speech
import Store
import Timeline

/// The flags that every voice server of ours has, embedded or alone.
struct ServerFlags: ParsableArguments {
  @Option(help: "How soon silence ends your turn: normal (500 ms) or snappy (300 ms).")
  var endpointing: Configuration.Endpointing?

  @Option(
    help: """
      What your speech over the agent does: words (short sounds and words of agreement let it go on), voice (any speech \
      cuts) or off. Without it, words where the client can be told to hold the answer meanwhile, and voice elsewhere.
      """)
  var bargeIn: BargeInPolicy?

  @Option(help: "Which language model answers: builtin, ollama or openai (any OpenAI-compatible endpoint).")
  var llm: Configuration.LanguageModel.Provider?

  @Option(help: "The language model's URL, as in http://127.0.0.1:11434.")
  var llmURL: String?

  @Option(help: "The language model's name.")
  var llmModel: String?

  @Option(help: "The environment variable that holds the language model's API key.")
  var llmKeyEnv: String?

  @Option(
    name: .customLong("stt"),
    help:
      "The recognizer: moonshine (needs `sidetone engines install`) or pocketsphinx. Default: the best that is there.")
  var recognizer: RecognizerKind?

  @Option(
    name: .customLong("detector"),
    help: """
      What finds where speech begins and ends: silero (needs `sidetone engines install`), sphinx or energy. Default: \
      the best that is there.
      """)
  var detector: DetectorKind?

  @Option(
    help: ArgumentHelp(
      """
      The agent's English voice: \(Voice.usage). Default: the first whose engine is there; with --endpointing snappy, \
      \(Voice.quickest.name).
      """), completion: .list(Voice.names))
  var voice: String?

  @Option(help: "The agent's language, as in en or de.")
  var language: String?

  func apply(to options: inout VoiceServerOptions, _ given: Configuration) throws {
    var configuration = given
    override(&configuration)
    if let mode = configuration.endpointing {
      options.agent.endpointSilence = mode == .snappy ? .milliseconds(300) : .milliseconds(500)
    }
    options.agent.bargeIn = configuration.server.bargeIn ?? options.agent.bargeIn
    options.agent.language = configuration.server.language ?? options.agent.language
    options.voice = configuration.server.voice
    // Other languages have one voice each, whatever it is called.
    if let name = options.voice, options.agent.language.lowercased().hasPrefix("en") {
      do {
        _ = try Voice.usable(name)
      } catch {
        throw ValidationError("the voice \(name) cannot speak: \(error.reason): \(error.remedy)")
      }
    }
    if let interval = configuration.server.tokenInterval { options.pace.tokenInterval = interval }
    options.hearing = HearingChoice(
      recognizer: configuration.server.recognizer, detector: configuration.server.detector)
    if options.hearing.recognizer != nil || options.hearing.detector != nil, let fault = options.hearing.fault {
      throw failure(.unavailable, "\(fault.reason); to have it: \(fault.remedy)")
    }
    options.languageModel = try languageModel(configuration.llm)
  }

  /// Writes what was given on the command line into the configuration.
  func override(_ configuration: inout Configuration) {
    configuration.endpointing = endpointing ?? configuration.endpointing
    configuration.server.bargeIn = bargeIn ?? configuration.server.bargeIn
    configuration.server.voice = voice ?? configuration.server.voice
    configuration.server.language = language ?? configuration.server.language
    configuration.server.recognizer = recognizer ?? configuration.server.recognizer
    configuration.server.detector = detector ?? configuration.server.detector
    configuration.llm.provider = llm ?? configuration.llm.provider
    configuration.llm.url = llmURL ?? configuration.llm.url
    configuration.llm.model = llmModel ?? configuration.llm.model
    configuration.llm.apiKeyEnvironment = llmKeyEnv ?? configuration.llm.apiKeyEnvironment
  }

  /// What a server has not got of the engines that are the default, in words.
  static func shortcomings(of options: VoiceServerOptions) -> [Notice] {
    guard let fault = options.hearing.fault else { return [] }
    let (recognizer, detector) = options.hearing.served
    return [
      Notice(
        .engineMissing, .info, .server,
        "speech is recognised by \(recognizer.name) and \(detector.name), which misunderstand much: \(fault.reason)",
        remedy: fault.remedy)
    ]
  }

  private func languageModel(_ wanted: Configuration.LanguageModel) throws -> VoiceServerOptions.LanguageModel {
    let provider = wanted.provider ?? .builtin
    guard provider != .builtin else { return .builtin }
    guard let model = wanted.model else {
      throw ValidationError("--llm \(provider.rawValue) needs --llm-model, as in --llm-model llama3.2")
    }
    do {
      if provider == .ollama {
        return .ollama(
          try OllamaGenerator.endpoint(address: wanted.url ?? OllamaGenerator.defaultAddress, model: model))
      }
      guard let url = wanted.url else {
        throw ValidationError("--llm openai needs --llm-url, as in https://api.example.org")
      }
      let variable = wanted.apiKeyEnvironment
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

extension BargeInPolicy: ExpressibleByArgument {}
extension RecognizerKind: ExpressibleByArgument {}
extension DetectorKind: ExpressibleByArgument {}
extension Configuration.Endpointing: ExpressibleByArgument {}
extension Configuration.LanguageModel.Provider: ExpressibleByArgument {}

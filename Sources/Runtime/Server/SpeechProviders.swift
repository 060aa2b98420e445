import Speech
import SpeechServices

/// How a server makes the providers of its conversations. Tests put scripted ones in their place.
///
/// Each closure is called on the server's thread and must return at once; the events of what it made may come on any
/// thread.
struct SpeechProviders: Sendable {
  typealias Events<Event> = @Sendable (Event) -> Void

  var recognizer: @Sendable (_ events: @escaping Events<RecognizerEvent>) -> any SpeechRecognizer
  var replier: @Sendable (_ events: @escaping Events<ReplyEvent>) -> any ReplyGenerator
  var synthesizer: @Sendable (_ rate: Int, _ events: @escaping Events<SynthesisEvent>) -> any SpeechSynthesizer

  /// The engines and the language model that the options name.
  /// Begins to load them.
  static func real(_ options: VoiceServerOptions) -> SpeechProviders {
    let engines = options.hearing.resolved()
    let hearing = options.recognitionService.map { engines.served(by: $0) } ?? engines
    hearing.prepare()
    return SpeechProviders(
      recognizer: { StreamingRecognizer(hearing, events: $0) },
      replier: { events in
        options.languageModel?.makeGenerator(events) ?? BuiltinReplyGenerator(pace: options.pace, deliver: events)
      },
      synthesizer: { rate, events in
        if let service = options.voiceService { return ServiceSynthesizer(service, rate: rate, events: events) }
        return VoiceSynthesizer(rate: rate, events: events)
      })
  }
}

import Speech
import SpeechServices

/// How a server makes the providers of its conversations. Tests and benchmarks put scripted ones in their place.
///
/// Each closure is called on the server's thread and must return at once; the events of what it made may come on any
/// thread.
package struct SpeechProviders: Sendable {
  package typealias Events<Event> = @Sendable (Event) -> Void

  package var recognizer: @Sendable (_ events: @escaping Events<RecognizerEvent>) -> any SpeechRecognizer
  package var replier: @Sendable (_ events: @escaping Events<ReplyEvent>) -> any ReplyGenerator
  package var synthesizer: @Sendable (_ rate: Int, _ events: @escaping Events<SynthesisEvent>) -> any SpeechSynthesizer

  package init(
    recognizer: @escaping @Sendable (_ events: @escaping Events<RecognizerEvent>) -> any SpeechRecognizer,
    replier: @escaping @Sendable (_ events: @escaping Events<ReplyEvent>) -> any ReplyGenerator,
    synthesizer: @escaping @Sendable (_ rate: Int, _ events: @escaping Events<SynthesisEvent>) -> any SpeechSynthesizer
  ) {
    (self.recognizer, self.replier, self.synthesizer) = (recognizer, replier, synthesizer)
  }

  /// The engines and the language model that the options name.
  /// Begins to load them.
  static func real(_ options: VoiceServerOptions) -> SpeechProviders {
    let hearing = Self.hearing(options)
    hearing.prepare()
    return SpeechProviders(
      recognizer: { StreamingRecognizer(hearing, events: $0) },
      replier: { Self.replier(options, events: $0) },
      synthesizer: { rate, events in
        if let service = options.voiceService {
          return ServiceSynthesizer(
            service, rate: rate, substitute: options.voiceFallback.substitute, events: events)
        }
        return VoiceSynthesizer(rate: rate, events: events)
      })
  }

  private static func hearing(_ options: VoiceServerOptions) -> Hearing {
    let engines = options.hearing.resolved()
    guard let service = options.recognitionService else { return engines }
    guard case .service(let fallback) = options.recognitionFallback else { return engines.served(by: service) }
    return engines.served(by: fallback).served(by: service)
  }

  private static func replier(
    _ options: VoiceServerOptions, events: @escaping Events<ReplyEvent>
  ) -> any ReplyGenerator {
    let builtin: FallbackGenerator.Maker = { BuiltinReplyGenerator(pace: options.pace, deliver: $0) }
    guard let model = options.languageModel else { return builtin(events) }
    guard let fallback = options.languageModelFallback else { return model.makeGenerator(events) }
    let other: FallbackGenerator.Maker
    switch fallback {
    case .builtin: other = builtin
    case .service(let endpoint): other = { endpoint.makeGenerator($0) }
    }
    let clock = TimelineClock()
    return FallbackGenerator(
      { model.makeGenerator($0) }, fallback: other, named: fallback.shownName, now: { clock.now }, events: events)
  }
}

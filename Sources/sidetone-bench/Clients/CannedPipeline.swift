import Agent
import Glibc
import Logging
import Runtime
import Speech
import Threads

/// Providers that have no thread and take no time: what is left is the server.
enum CannedPipeline {
  /// Runs a server for so many clients until standard input ends. Its port goes to standard output.
  static func serve(clients: Int) throws {
    Heap.keepPages()
    _ = FileDescriptors.allow(clients + 256)
    var options = VoiceServerOptions()
    options.port = 0
    options.maximumClients = clients
    // As `serve` writes it, and to nowhere.
    let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
    let log = Logger(label: "bench") { _ in LineLogHandler(secrets: [], descriptors: [nowhere]) }
    let server = try VoiceServer(options, providers: providers, clock: TimelineClock(), log: log)
    print("port \(server.port)")
    fflush(nil)
    while readLine() != nil {}
    server.stop()
  }

  private static let providers = SpeechProviders(
    recognizer: { _ in Deaf() }, replier: { Replier(events: $0) }, synthesizer: { Synthesizer(rate: $0, events: $1) })

  private final class Deaf: SpeechRecognizer {
    func accept(_ samples: [Int16], turn: TurnID) {}
    func endUtterance(_ turn: TurnID) {}
    func discardUtterance(_ turn: TurnID) {}
    func stop() {}
  }

  private final class Replier: ReplyGenerator {
    private let events: @Sendable (ReplyEvent) -> Void
    init(events: @escaping @Sendable (ReplyEvent) -> Void) { self.events = events }
    func generate(_ turn: TurnID, history: [Utterance], language: String) {
      events(.text(turn, "You said so."))
      events(.finished(turn))
    }
    func cancel(_ turn: TurnID) {}
    func stop() {}
  }

  private final class Synthesizer: SpeechSynthesizer {
    private let sound: [Int16]
    private let events: @Sendable (SynthesisEvent) -> Void
    init(rate: Int, events: @escaping @Sendable (SynthesisEvent) -> Void) {
      // One message of the server's.
      sound = Array(repeating: 257, count: rate / 25)
      self.events = events
    }
    func synthesize(_ turn: TurnID, sentence: Int, text: String, voice: String, language: String) {
      events(.audio(turn, sentence: sentence, sound))
      events(.finished(turn, sentence: sentence))
    }
    func cancel(_ turn: TurnID) {}
    func stop() {}
  }
}

import Agent
import Logging
import Speech
import TestKit
import Threads
import Timeline
import WebSockets
import Wire

@testable import Runtime

// Tests of Runtime: the wiring, over a real loopback socket, with providers that follow a script.

/// Waits until `condition` holds. False after five minutes, which only a hang takes: other tests may have the processor for
/// half a minute between two looks.
func eventually(seconds: Double = 300, _ condition: () -> Bool) async -> Bool {
  let deadline = monotonicNanoseconds() + Int64(seconds * 1e9)
  while !condition() {
    guard monotonicNanoseconds() < deadline else { return false }
    try? await Task.sleep(for: .milliseconds(2))
  }
  return true
}

/// The lines of a log.
final class LogLines: Sendable {
  private let lines = Locked<[String]>([])
  var all: [String] { lines.withLock { $0 } }

  var logger: Logger {
    Logger(label: "test") { [self] _ in Handler(lines: self) }
  }

  private struct Handler: LogHandler {
    let lines: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }
    func log(event: LogEvent) {
      let fields = (event.metadata ?? [:]).map { " \($0.key)=\($0.value)" }.sorted().joined()
      lines.lines.withLock { $0.append("\(event.message)\(fields)") }
    }
  }
}

/// Providers that follow a script, and what was asked of them.
///
/// - The recognizer hears speech in any sample that is not 0, and understands the next of `transcripts`.
/// - The replier answers with what `reply` makes of the history.
/// - The synthesizer makes 50 ms of tone for each character.
final class ScriptedProviders: Sendable {
  struct State: Sendable {
    var transcripts: [String] = []
    var recognizers = 0
    var samplesHeard = 0
    var synthesizers = 0
    var stopped = 0
    /// How the last replier that was made tells what it has to tell.
    var tell: (@Sendable (ReplyEvent) -> Void)?
    var asked: [[Utterance]] = []
    var turns: [TurnID] = []
    /// Pieces of speech that stand before each turn's last one; nil where nobody tells.
    var queue: Int?
    /// Tells the recognizer's backlog to the agent.
    var tellBacklog: (@Sendable (Duration) -> Void)?
  }
  let state = Locked<State>(State())
  let reply: @Sendable ([Utterance]) -> String

  init(reply: @escaping @Sendable ([Utterance]) -> String = { "You said \($0.last?.text ?? "nothing")." }) {
    self.reply = reply
  }

  var providers: SpeechProviders {
    SpeechProviders(
      recognizer: { [self] events in
        state.withLock {
          $0.recognizers += 1
          $0.tellBacklog = { events(.backlog($0)) }
        }
        return Recognizer(script: self, events: events)
      },
      replier: { [self] events in
        state.withLock { $0.tell = events }
        return Replier(script: self, events: events)
      },
      synthesizer: { [self] rate, events in
        state.withLock { $0.synthesizers += 1 }
        return Synthesizer(script: self, rate: rate, events: events)
      })
  }

  private final class Recognizer: SpeechRecognizer {
    let script: ScriptedProviders
    let events: @Sendable (RecognizerEvent) -> Void
    private let heard = Locked<(count: Int, isSpeech: Bool)>((0, false))

    init(script: ScriptedProviders, events: @escaping @Sendable (RecognizerEvent) -> Void) {
      self.script = script
      self.events = events
    }
    func accept(_ samples: [Int16], turn: TurnID) {
      script.state.withLock { $0.samplesHeard += samples.count }
      let isSpeech = samples.contains { $0 != 0 }
      let edge = heard.withLock { heard -> Int? in
        defer { heard = (heard.count + samples.count, isSpeech) }
        return heard.isSpeech == isSpeech ? nil : heard.count
      }
      if let edge { events(.voice(isSpeech: isSpeech, atSample: edge)) }
    }
    func endUtterance(_ turn: TurnID) {
      if let count = script.state.withLock({ $0.queue }) { events(.queued(turn, behind: count)) }
      events(.final(turn, script.state.withLock { $0.transcripts.isEmpty ? "" : $0.transcripts.removeFirst() }))
    }
    func discardUtterance(_ turn: TurnID) {}
    func stop() { script.state.withLock { $0.stopped += 1 } }
  }

  private final class Replier: ReplyGenerator {
    let script: ScriptedProviders
    let events: @Sendable (ReplyEvent) -> Void
    init(script: ScriptedProviders, events: @escaping @Sendable (ReplyEvent) -> Void) {
      self.script = script
      self.events = events
    }
    func generate(_ turn: TurnID, history: [Utterance], language: String) {
      script.state.withLock {
        $0.asked.append(history)
        $0.turns.append(turn)
      }
      events(.text(turn, script.reply(history)))
      events(.finished(turn))
    }
    func cancel(_ turn: TurnID) {}
    func stop() { script.state.withLock { $0.stopped += 1 } }
  }

  private final class Synthesizer: SpeechSynthesizer {
    let script: ScriptedProviders
    let rate: Int
    let events: @Sendable (SynthesisEvent) -> Void
    init(script: ScriptedProviders, rate: Int, events: @escaping @Sendable (SynthesisEvent) -> Void) {
      self.script = script
      self.rate = rate
      self.events = events
    }
    func synthesize(_ turn: TurnID, sentence: Int, text: String, voice: String, language: String) {
      let count = text.count * rate / 20
      events(.audio(turn, sentence: sentence, (0..<count).map { $0 % 40 < 20 ? 4000 : -4000 }))
      events(.finished(turn, sentence: sentence))
    }
    func cancel(_ turn: TurnID) {}
    func stop() { script.state.withLock { $0.stopped += 1 } }
  }
}

/// A server with scripted providers, and clients that speak the `voice` dialect by hand.
final class ServerRig: Sendable {
  let script: ScriptedProviders
  let log = LogLines()
  let server: VoiceServer
  let client: WebSocketClient
  private let events = Locked<[(id: Int, event: WebSocketEvent)]>([])

  init(
    _ script: ScriptedProviders = ScriptedProviders(), change: (inout VoiceServerOptions) -> Void = { _ in }
  ) throws {
    self.script = script
    var options = VoiceServerOptions()
    options.port = 0
    change(&options)
    server = try VoiceServer(options, providers: script.providers, clock: TimelineClock(), log: log.logger)
    let events = events
    client = WebSocketClient { id, event in events.withLock { $0.append((id.rawValue, event)) } }
  }

  func stop() {
    client.stop(deadline: .seconds(2))
    server.stop()
  }

  func connect(
    _ id: Int, resume: (session: String, token: String)? = nil, headers: [(name: String, value: String)] = []
  ) throws {
    var url = try WebSocketURL.parse("ws://127.0.0.1:\(server.port)/voice")
    if let resume {
      url.appendQuery(name: "session", value: resume.session)
      url.appendQuery(name: "token", value: resume.token)
    }
    client.connect(LinkID(id), ConnectRequest(url: url, headers: headers))
  }

  func send(_ event: VoiceEvent, on id: Int) {
    guard let frame = VoiceDialect().encode(event, from: .client) else { return }
    client.send(LinkID(id), frame.payload, isText: frame.isText)
  }

  /// What the server said on a connection.
  func heard(_ id: Int) -> [VoiceEvent] {
    all(id).flatMap { event -> [VoiceEvent] in
      guard case .message(let bytes, let isText) = event else { return [] }
      return VoiceDialect().decode(isText ? .text(bytes) : .binary(bytes), from: .server)
    }
  }

  func all(_ id: Int) -> [WebSocketEvent] { events.withLock { $0.filter { $0.id == id }.map(\.event) } }

  /// Waits for the server's greeting.
  func ready(_ id: Int) async -> Ready? {
    _ = await eventually { self.heard(id).contains { if case .ready = $0 { true } else { false } } || self.isOver(id) }
    for case .ready(let ready) in heard(id) { return ready }
    return nil
  }

  func isOver(_ id: Int) -> Bool { ending(id) != nil }

  /// How a connection ended: its close code, or 0 and the text when it was never open.
  func ending(_ id: Int) -> (code: Int, reason: String)? {
    switch all(id).last {
    case .closed(let code, let reason, _): (code, reason)
    case .failed(let failure): (0, failure.reason)
    default: nil
    }
  }

  /// Waits until the server has said it.
  func hears(_ event: VoiceEvent, on id: Int, times: Int = 1) async -> Bool {
    await eventually { self.heard(id).filter { $0 == event }.count >= times }
  }
}

extension Ready {
  /// What brings the conversation back.
  var ticket: (session: String, token: String) { (sessionID, resumeToken ?? "") }
}

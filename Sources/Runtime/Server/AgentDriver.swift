import Agent
import Audio
import AudioCodecs
import Logging
import Speech
import Threads
import Timeline
import WebSockets
import Wire

/// What the server's thread owns: a client's agent, its decoder and its providers, for each connection.
///
/// It decides nothing that the agent machine could decide. Created, run and left on the server's thread.
struct AgentDriver {
  private let options: VoiceServerOptions
  private let clock: TimelineClock
  private let log: Logger
  private let sockets: WebSocketServer
  private let server: VoiceServer
  private let dialect: any Dialect
  private var clients: [ServerConnectionID: Client] = [:]
  private var conversations: Conversations
  private var isStopping = false

  /// One connection's state.
  private struct Client {
    var agent: Agent
    var sessionID: String
    var token: String
    var decoder: IncomingAudioDecoder
    var recognizer: any SpeechRecognizer
    var replier: any ReplyGenerator
    var synthesizer: any SpeechSynthesizer
  }

  init(
    _ options: VoiceServerOptions, clock: TimelineClock, log: Logger, sockets: WebSocketServer, server: VoiceServer
  ) {
    self.options = options
    self.clock = clock
    self.log = log
    self.sockets = sockets
    self.server = server
    dialect = Dialects.named(options.dialect) ?? VoiceDialect()
    conversations = Conversations(lifetime: options.conversationLifetime)
  }

  /// The thread's whole life.
  mutating func run() {
    var events: [VoiceServer.Event] = []
    while !isStopping {
      server.waker.wait(timeout: timeout)
      server.mailbox.drain(into: &events)
      for event in events { take(event) }
      passDeadlines()
    }
    sockets.stop(deadline: .seconds(1))
    for id in clients.keys { leave(id, keep: false) }
    conversations.forgetAll()
  }

  private var timeout: Duration {
    let now = clock.now
    guard let deadline = clients.values.compactMap(\.agent.deadline).min() else { return .seconds(10) }
    return min(max(.zero, deadline - now), .seconds(10))
  }

  private mutating func passDeadlines() {
    let now = clock.now
    for id in clients.keys {
      if let deadline = clients[id]?.agent.deadline, deadline <= now { handle(.deadlinePassed, of: id) }
    }
  }

  // MARK: What arrives

  private mutating func take(_ event: VoiceServer.Event) {
    switch event {
    case .socket(let id, let event): take(id, event)
    case .recognizer(let id, let event): take(id, event)
    case .reply(let sessionID, let event):
      // A language model outlives its connection; it is known by the conversation.
      if let id = clients.first(where: { $0.value.sessionID == sessionID })?.key { take(id, event) }
    case .synthesis(let id, let event): take(id, event)
    case .stop: isStopping = true
    }
  }

  private mutating func take(_ id: ServerConnectionID, _ event: ServerEvent) {
    switch event {
    case .opened(let request): join(id, request)
    case .message(let bytes, let isText):
      for event in dialect.decode(isText ? .text(bytes) : .binary(bytes), from: .client) { take(id, event) }
    case .closed(let code, let reason, let by):
      log.info(
        "client left",
        metadata: ["client": "\(id)", "code": "\(code)", "by": "\(by.rawValue)", "reason": "\(reason)"])
      leave(id, keep: true)
    case .refused(let total):
      log.warning("the client does not keep up", metadata: ["client": "\(id)", "messages lost": "\(total)"])
    case .pong, .backlog: break
    }
  }

  private mutating func take(_ id: ServerConnectionID, _ event: VoiceEvent) {
    guard case .audio(let payload) = event else { return handle(.eventReceived(event), of: id) }
    guard let decoder = clients[id]?.decoder else { return }
    let decoded = decoder.decode(
      payload.bytes, declaredFormat: payload.format, declaredRate: payload.rate, defaultRate: options.agent.inputRate)
    if let problem = decoded.problem {
      handle(.eventReceived(.malformed(what: "audio", reason: problem)), of: id)
    }
    if !decoded.samples.isEmpty { handle(.audioReceived(decoded.samples), of: id) }
  }

  private mutating func take(_ id: ServerConnectionID, _ event: RecognizerEvent) {
    switch event {
    case .voice(let isSpeech, let atSample): handle(.voiceDetected(isSpeech: isSpeech, atSample: atSample), of: id)
    case .interim(let turn, let text): handle(.interimRecognized(turn, text), of: id)
    case .final(let turn, let text): handle(.finalRecognized(turn, text), of: id)
    case .backlog(let duration): handle(.recognizerBacklogChanged(duration), of: id)
    case .failed(let text): handle(.recognizerFailed(text), of: id)
    }
  }

  private mutating func take(_ id: ServerConnectionID, _ event: ReplyEvent) {
    switch event {
    case .text(let turn, let text): handle(.replyGenerated(turn, text), of: id)
    case .finished(let turn): handle(.replyFinished(turn), of: id)
    case .failed(let turn, let text): handle(.replyFailed(turn, text), of: id)
    case .schedule(let timer, let after, let text):
      handle(.announcementScheduled(id: timer, after: after, text: text), of: id)
    case .unschedule(let timer): handle(.announcementCancelled(id: timer), of: id)
    }
  }

  private mutating func take(_ id: ServerConnectionID, _ event: SynthesisEvent) {
    switch event {
    case .audio(let turn, let sentence, let samples):
      handle(.sentenceSynthesized(turn, sentence: sentence, samples), of: id)
    case .finished(let turn, let sentence): handle(.sentenceFinished(turn, sentence: sentence), of: id)
    case .failed(let turn, let sentence, let text):
      handle(.synthesisFailed(turn, sentence: sentence, text), of: id)
    }
  }

  // MARK: Clients come and go

  private mutating func join(_ id: ServerConnectionID, _ request: ServerRequest) {
    let now = clock.now
    let wanted = request.value(of: "session")
    let earlier = wanted.flatMap { conversations.takeUp($0, token: request.value(of: "token") ?? "", at: now) }
    let sessionID = earlier == nil ? String("s_" + Secrets.random(words: 1).prefix(8)) : wanted!
    let token = earlier?.token ?? Secrets.random(words: 2)
    let mailbox = server.mailbox
    let client = Client(
      agent: Agent(options.agent), sessionID: sessionID, token: token,
      decoder: IncomingAudioDecoder(outputRate: options.agent.inputRate),
      recognizer: PocketSphinxRecognizer { mailbox.post(.recognizer(id, $0)) },
      replier: earlier?.replier ?? replier { mailbox.post(.reply(sessionID: sessionID, $0)) },
      synthesizer: VoiceSynthesizer(rate: options.agent.outputRate) { mailbox.post(.synthesis(id, $0)) })
    clients[id] = client
    log.info(
      "client joined",
      metadata: [
        "client": "\(id)", "peer": "\(request.peerAddress)", "session": "\(sessionID)",
        "resumed": "\(earlier != nil)",
      ])
    handle(
      .clientJoined(
        sessionID: sessionID, resumeToken: token, history: earlier?.history ?? [], resumed: earlier != nil),
      of: id)
  }

  private func replier(_ events: @escaping @Sendable (ReplyEvent) -> Void) -> any ReplyGenerator {
    switch options.languageModel {
    case .builtin: BuiltinReplyGenerator(pace: options.pace, deliver: events)
    case .ollama(let endpoint): OllamaGenerator(endpoint: endpoint, events: events)
    case .openAI(let endpoint, let keyVariable):
      ChatCompletionsGenerator(endpoint: endpoint, keyVariable: keyVariable, events: events)
    }
  }

  private mutating func leave(_ id: ServerConnectionID, keep: Bool) {
    guard clients[id] != nil else { return }
    handle(.clientLeft, of: id)
    guard let client = clients.removeValue(forKey: id) else { return }
    client.recognizer.stop()
    client.synthesizer.stop()
    if keep {
      conversations.keep(
        Conversations.Conversation(token: client.token, history: client.agent.history, replier: client.replier),
        as: client.sessionID, at: clock.now)
    } else {
      client.replier.stop()
    }
  }

  // MARK: What the machine orders

  private mutating func handle(_ input: AgentInput, of id: ServerConnectionID) {
    let now = clock.now
    guard let effects = clients[id]?.agent.handle(input, at: now) else { return }
    for effect in effects { perform(effect, of: id) }
  }

  private mutating func perform(_ effect: AgentEffect, of id: ServerConnectionID) {
    guard let client = clients[id] else { return }
    switch effect {
    case .send(let event):
      if let frame = dialect.encode(event, from: .server) {
        sockets.send(id, frame.payload, isText: frame.isText)
      }
      logEvent(event, of: id)
    case .recognize(let samples, let turn): client.recognizer.accept(samples, turn: turn)
    case .endUtterance(let turn): client.recognizer.endUtterance(turn)
    case .discardUtterance(let turn): client.recognizer.discardUtterance(turn)
    case .generate(let turn, let history, let language):
      client.replier.generate(turn, history: history, language: language)
    case .cancelGeneration(let turn): client.replier.cancel(turn)
    case .synthesize(let turn, let sentence, let text, let voice, let language):
      client.synthesizer.synthesize(turn, sentence: sentence, text: text, voice: voice, language: language)
    case .cancelSynthesis(let turn): client.synthesizer.cancel(turn)
    case .log(let text): log.info("\(text)", metadata: ["client": "\(id)"])
    }
  }

  /// One line per event; audio is too much of it.
  private func logEvent(_ event: VoiceEvent, of id: ServerConnectionID) {
    let text: String
    switch event {
    case .audio, .responseText, .transcriptInterim: return
    case .transcriptFinal(let words): text = "user said: \(words)"
    case .responseComplete: text = "response complete"
    case .interrupted: text = "response interrupted"
    case .userSpeechStart: text = "user speech started"
    case .userSpeechEnd: text = "user speech ended"
    case .error(let error): text = "error \(error.code ?? ""): \(error.message)"
    case .pause: text = "asked the client to pause"
    case .resume: text = "asked the client to go on"
    case .ready: text = "ready"
    case .configApplied(let settings): text = "config applied: \(settings.jsonText)"
    case .metrics(let metrics):
      text =
        "turn \(metrics.turn ?? 0): stt \(metrics.sttMs ?? -1) ms, llm \(metrics.llmFirstTokenMs ?? -1) ms, tts \(metrics.ttsFirstByteMs ?? -1) ms"
    default: return
    }
    log.info("\(text)", metadata: ["client": "\(id)"])
  }
}

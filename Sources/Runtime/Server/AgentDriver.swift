import Admission
import Agent
import Audio
import AudioCodecs
import Logging
import Speech
import Threads
import Timeline
import WebSockets
import Wire

/// What the server's thread owns: the conversations, each with its agent, and what their clients need.
///
/// It decides nothing that the agent machine could decide. Created, run and left on the server's thread.
struct AgentDriver {
  private let options: VoiceServerOptions
  private let providers: SpeechProviders
  private let clock: TimelineClock
  private let log: ServerLog
  private let sockets: WebSocketServer
  private let server: VoiceServer
  private let dialect: any Dialect.Type
  private let card: DialectCard
  private var conversations: Conversations
  /// When conversations have something to do by themselves, by session.
  private var deadlines = Deadlines<String>()
  /// Who came with a wrong resume token waits before a new conversation begins; see `GuessGuard`.
  private var latecomers: [ServerConnectionID: Latecomer] = [:]
  private var guesses = GuessGuard()

  private struct Latecomer {
    var request: ServerRequest
    var until: Timestamp
    /// What it showed was not looked at: too many of its address wait. It is, when it has waited.
    var isUnseen: Bool
    /// What the client said meanwhile.
    var events: [ServerEvent] = []
  }

  init(
    _ options: VoiceServerOptions, providers: SpeechProviders, clock: TimelineClock, log: ServerLog,
    sockets: WebSocketServer, server: VoiceServer
  ) {
    var options = options
    self.providers = providers
    self.clock = clock
    self.log = log
    self.sockets = sockets
    self.server = server
    dialect = options.dialects[options.dialect] ?? VoiceDialect.self
    card = dialect.card
    options.agent.outputRate = card.downlink.preferred.rate
    let codings = OutgoingAudio.codings(rate: options.agent.outputRate)
    options.agent.audioCodings = card.downlink.isDeclared ? codings.filter(options.allows) : [.pcm16]
    options.agent.inputCodecs = card.uplink.isDeclared ? options.codecs : [.pcm16]
    if let model = options.languageModel {
      // It says so itself when it is late.
      options.agent.replyTimeout = max(options.agent.replyTimeout, model.firstWordTimeout + .seconds(5))
      // The built-in model sets timers while it answers, and so it is not asked for answers that nobody may hear.
      if case .builtin = options.languageModelFallback {} else { options.agent.asksAhead = true }
    } else {
      options.agent.callsTools = true
    }
    self.options = options
    conversations = Conversations(lifetime: options.conversationLifetime)
  }

  /// The thread's whole life.
  mutating func run() {
    var events: [VoiceServer.Event] = []
    while !server.isStopping {
      let deadline = [deadlines.next(), latecomers.values.lazy.map(\.until).min(), log.deadline]
        .compactMap(\.self).min()
      server.waker.wait(timeout: deadline.map { max(.zero, $0 - clock.now) })
      server.mailbox.drain(into: &events)
      for event in events where !server.isStopping { handle(event) }
      passDeadlines()
    }
    sockets.stop(deadline: .seconds(1))
    for conversation in conversations.all { end(conversation) }
  }

  private mutating func passDeadlines() {
    let now = clock.now
    for sessionID in deadlines.takeDue(at: now) {
      guard let conversation = conversations[sessionID] else { continue }
      if let deadline = conversation.agent.deadline, deadline <= now { handle(.deadlinePassed, in: conversation) }
      if let line = conversation.line, let deadline = line.dialect.deadline, deadline <= now { payWhatIsOwed(to: line) }
      noteDeadline(of: conversation)
    }
    for conversation in conversations.removeExpired(at: now) { forget(conversation, "nobody came back for it") }
    for (id, latecomer) in latecomers where latecomer.until <= now {
      latecomers[id] = nil
      begin(id, latecomer.request, earlier: latecomer.isUnseen ? asked(latecomer.request) : nil)
      for event in latecomer.events { handle(id, event) }
      if let conversation = conversations[id] { noteDeadline(of: conversation) }
    }
    log.tellWhatWasLeftOut()
  }

  /// Something has happened in a conversation.
  private mutating func noteDeadline(of conversation: Conversation) {
    let moments = [conversation.agent.deadline, conversation.line?.dialect.deadline, conversation.keptUntil]
    deadlines.set(moments.compactMap(\.self).min(), for: conversation.sessionID)
  }

  private mutating func forget(_ conversation: Conversation, _ why: String) {
    log.write(
      "conversation forgotten", at: conversation.address, "conversation forgotten: \(why)",
      ["session": "\(conversation.sessionID)"])
    deadlines.set(nil, for: conversation.sessionID)
    end(conversation)
  }

  /// Ends what works for a conversation, and joins its threads.
  private func end(_ conversation: Conversation) {
    conversation.line?.stop()
    conversation.replier.stop()
  }

  // MARK: What arrives

  private mutating func handle(_ event: VoiceServer.Event) {
    let conversation: Conversation?
    switch event {
    case .socket(let id, let event):
      handle(id, event)
      conversation = conversations[id]
    // A recognizer and a synthesizer serve one line; what an earlier line's still told belongs to nobody.
    case .recognizer(let id, let event):
      conversation = conversations[id]
      if let conversation { handle(event, in: conversation) }
    case .synthesis(let id, let event):
      conversation = conversations[id]
      if let conversation { handle(event, in: conversation) }
    // A language model serves the conversation, its client connected or not.
    case .reply(let sessionID, let event):
      conversation = conversations[sessionID]
      if let conversation { handle(event, in: conversation) }
    }
    if let conversation { noteDeadline(of: conversation) }
  }

  private mutating func handle(_ id: ServerConnectionID, _ event: ServerEvent) {
    if latecomers[id] != nil {
      if case .closed = event {
        latecomers[id] = nil
        return server.inflow.forget(id)
      }
      latecomers[id]?.events.append(event)
      return
    }
    switch event {
    case .opened(let request): join(id, request)
    case .message(let bytes, let isText):
      if let conversation = conversations[id], let line = conversation.line {
        let message: WireMessage = isText ? .text(bytes) : .binary(bytes)
        for event in line.dialect.read(message, from: .client).events {
          line.waiting.append(.init(event: event, isBinary: !isText, byteCount: bytes.count))
          if case .interrupt = event { handle(.eventReceived(event), in: conversation) }
        }
        payWhatIsOwed(to: line)
        takeWaiting(of: line, in: conversation)
      }
      server.inflow.taken(id, byteCount: bytes.count) { sockets.setReading(id, true) }
    case .closed(let code, let reason, let by):
      server.inflow.forget(id)
      leave(
        id, ["code": "\(code)", "by": "\(by.rawValue)", "reason": "\(reason)"])
    case .refused(let total):
      log.write(
        "lost messages", of: id.rawValue, at: conversations[id]?.address ?? "", "the client does not keep up",
        ["messages lost": "\(total)"], level: .warning)
    case .pong, .backlog: break
    }
  }

  /// Gives the agent what it takes of what its client has said.
  private func takeWaiting(of line: ClientLine, in conversation: Conversation) {
    while let message = line.waiting.first, conversation.agent.accepts(message.event) {
      line.waiting.removeFirst()
      handle(message, of: line, in: conversation)
    }
    server.inflow.setFull(line.id, line.waiting.isFull) { sockets.setReading(line.id, $0) }
  }

  private func handle(_ message: WaitingMessages.Message, of line: ClientLine, in conversation: Conversation) {
    switch message.event {
    case .audio(let payload): hear(payload, isBinary: message.isBinary, of: line, in: conversation)
    // It did not wait.
    case .interrupt: break
    // Text means nothing in a dialect that has none; whoever sends it expects no answer.
    case .unknown where !card.needsReady: break
    default: handle(.eventReceived(message.event), in: conversation)
    }
  }

  private func hear(_ payload: AudioPayload, isBinary: Bool, of line: ClientLine, in conversation: Conversation) {
    if case .leftOut(let advice) = line.foreignAudio.examine(payload) {
      if let advice { handle(.audioLeftOut(advice), in: conversation) }
      return
    }
    let decoded = line.decoder.decode(
      payload.bytes, declaredFormat: payload.format, declaredRate: payload.rate,
      defaultRate: line.dialect.card.uplink.preferred.rate)
    if let problem = decoded.problem {
      handle(.eventReceived(.malformed(what: "audio", reason: problem)), in: conversation)
    }
    if isBinary, card.uplink.has(.base64), card.uplink.has(.binary) { handle(.binaryAudioReceived, in: conversation) }
    guard !decoded.samples.isEmpty else { return }
    tellBacklog(of: line, in: conversation)
    handle(.audioReceived(decoded.samples), in: conversation)
  }

  /// Events of the recognizer are some time on their way; what it says now is exact.
  private func tellBacklog(of line: ClientLine, in conversation: Conversation) {
    guard let backlog = line.recognizerBacklog, backlog != conversation.agent.recognizerBacklog else { return }
    handle(.recognizerBacklogChanged(backlog), in: conversation)
  }

  private func handle(_ event: RecognizerEvent, in conversation: Conversation) {
    let input: AgentInput =
      switch event {
      case .voice(let isSpeech, let sample): .voiceDetected(isSpeech: isSpeech, atSample: sample)
      case .interim(let turn, let text): .interimRecognized(turn, text)
      case .paused(let turn, let text): .pauseRecognized(turn, text)
      case .final(let turn, let text): .finalRecognized(turn, text)
      case .queued(let turn, let count): .pieceQueued(turn, behind: count)
      case .backlog(let duration): .recognizerBacklogChanged(conversation.line?.recognizerBacklog ?? duration)
      case .refused(let count): .audioLost(count)
      case .turnEnded(let turn): .turnFoundOver(turn)
      case .substituted(let other, let text): .recognizerSubstituted(by: other, text)
      case .restored: .recognizerRestored
      case .failed(let text): .recognizerFailed(text)
      }
    handle(input, in: conversation)
    if let line = conversation.line { takeWaiting(of: line, in: conversation) }
  }

  private func handle(_ event: ReplyEvent, in conversation: Conversation) {
    let input: AgentInput =
      switch event {
      case .text(let turn, let text): .replyGenerated(turn, text)
      case .finished(let turn): .replyFinished(turn)
      case .failed(let turn, let text): .replyFailed(turn, text)
      case .substituted(let turn, let other, let text): .replySubstituted(turn, by: other, text)
      case .schedule(let timer, let after, let text): .announcementScheduled(id: timer, after: after, text: text)
      case .unschedule(let timer): .announcementCancelled(id: timer)
      }
    handle(input, in: conversation)
  }

  private func handle(_ event: SynthesisEvent, in conversation: Conversation) {
    let input: AgentInput =
      switch event {
      case .audio(let turn, let sentence, let samples): .sentenceSynthesized(turn, sentence: sentence, samples)
      case .spelled(let turn, let sentence, let share): .sentenceSpelled(turn, sentence: sentence, share: share)
      case .finished(let turn, let sentence): .sentenceFinished(turn, sentence: sentence)
      case .failed(let turn, let sentence, let text): .synthesisFailed(turn, sentence: sentence, text)
      case .charged(let turn, let sentence, let charge): .sentenceCharged(turn, sentence: sentence, charge)
      case .substituted(let voice, let other, let text): .voiceSubstituted(voice, by: other, text)
      }
    handle(input, in: conversation)
  }

  // MARK: Clients come and go

  private mutating func join(_ id: ServerConnectionID, _ request: ServerRequest) {
    guard request.value(of: "session") != nil else { return begin(id, request, earlier: nil) }
    let isBusy = guesses.isBusy(request.peerAddress, at: clock.now)
    if !isBusy, let earlier = asked(request) { return begin(id, request, earlier: earlier) }
    // An unknown session is more often one that was forgotten than a guess. Whoever guesses learns nothing quickly.
    let wait = guesses.wrong(from: request.peerAddress, at: clock.now)
    log.write(
      "not resumed", at: request.peerAddress,
      isBusy
        ? "a client waits before its conversation is resumed: many wrong resume tokens came from its address"
        : "a conversation is not resumed: it is forgotten, or the resume token is wrong; a new one begins",
      ["client": "\(id.rawValue)", "peer": "\(request.peerAddress)", "waits": "\(wait.milliseconds) ms"],
      level: .warning)
    latecomers[id] = Latecomer(request: request, until: clock.now + wait, isUnseen: isBusy)
  }

  /// The conversation that a client asks for and may have.
  private func asked(_ request: ServerRequest) -> Conversation? {
    request.value(of: "session").flatMap { conversations.find($0, token: request.value(of: "token") ?? "") }
  }

  /// Begins or goes on with a conversation.
  private mutating func begin(_ id: ServerConnectionID, _ request: ServerRequest, earlier: Conversation?) {
    guard earlier?.line != nil || conversations.connectedCount < options.maximumClients else {
      // It came back to a place that is taken: 503 spared it, because it might have been its own.
      log.write(
        "client turned away", at: request.peerAddress, "client turned away: every place is taken",
        ["client": "\(id.rawValue)", "peer": "\(request.peerAddress)"], level: .warning)
      return sockets.close(id, code: 1013, reason: "too many clients are connected; try again later")
    }
    let conversation = earlier ?? newConversation()
    conversation.address = request.peerAddress
    let mailbox = server.mailbox
    let (providers, rate) = (providers, options.agent.outputRate)
    let line = ClientLine(
      id, dialect.init(options.dialectSettings), inputRate: options.agent.inputRate,
      recognizer: { providers.recognizer { mailbox.post(.recognizer(id, $0)) } },
      synthesizer: { providers.synthesizer(rate) { mailbox.post(.synthesis(id, $0)) } }, opus: options.opus)
    if conversation.line != nil { handle(.clientLeft, in: conversation) }
    if let old = conversations.connect(conversation, to: line) {
      // A client that stalled or was cut off is back before TCP has told us of it.
      sockets.close(old.id, code: VoiceServer.takenOverCode, reason: "taken over by a newer connection")
      log.write(
        "connection taken over", at: request.peerAddress, "connection taken over",
        ["client": "\(old.id.rawValue)", "by": "\(id.rawValue)"])
      log.forget(old.id.rawValue)
      old.stop()
    }
    var details: Logger.Metadata = [
      "client": "\(id.rawValue)", "peer": "\(request.peerAddress)", "session": "\(conversation.sessionID)",
      "resumed": "\(earlier != nil)",
    ]
    if let origin = request.headers["origin"] { details["origin"] = "\(origin.prefix(120))" }
    log.write("client joined", at: request.peerAddress, "client joined", details)
    handle(
      .clientJoined(
        sessionID: conversation.sessionID, resumeToken: conversation.token, history: conversation.agent.history,
        resumed: earlier != nil, audio: audioRequest(request)),
      in: conversation)
  }

  private func audioRequest(_ request: ServerRequest) -> AudioRequest {
    AudioRequest(
      query: request.value(of: "audio") ?? request.value(of: "format"), inputQuery: request.value(of: "audio_in"),
      subprotocol: request.subprotocol,
      // Who chose the bare dialect wants bare samples.
      isWebPage: request.headers["origin"] != nil && card.downlink.isDeclared)
  }

  private func newConversation() -> Conversation {
    let sessionID = "s_" + RandomName.random(words: 1).prefix(8)
    let mailbox = server.mailbox
    return Conversation(
      sessionID: sessionID, token: RandomName.random(words: 2), agent: Agent(options.agent.adapted(to: card)),
      replier: providers.replier { mailbox.post(.reply(sessionID: sessionID, $0)) })
  }

  /// The connection has ended; its conversation waits, if it has one and its client was told how to come back.
  private mutating func leave(_ id: ServerConnectionID, _ how: Logger.Metadata) {
    guard let conversation = conversations[id], let line = conversation.line else { return }
    log.forget(id.rawValue)
    log.write(
      "client left", at: conversation.address, "client left", how.merging(["client": "\(id.rawValue)"]) { $1 })
    handle(.clientLeft, in: conversation)
    if card.resume == .query, conversation.agent.isWorthKeeping {
      conversations.disconnect(conversation, at: clock.now)
      noteDeadline(of: conversation)
      line.stop()
    } else {
      conversations.remove(conversation)
      forget(conversation, card.resume == .query ? "nothing was said in it" : "the dialect has no way to come back")
    }
  }

  // MARK: What the machine orders

  private func handle(_ input: AgentInput, in conversation: Conversation) {
    for effect in conversation.agent.handle(input, at: clock.now) { perform(effect, in: conversation) }
  }

  private func perform(_ effect: AgentEffect, in conversation: Conversation) {
    let replier = conversation.replier
    switch effect {
    case .generate(let turn, let history, let language): replier.generate(turn, history: history, language: language)
    case .cancelGeneration(let turn): replier.cancel(turn)
    case .log(let text):
      log.write(
        "agent: \(text.prefix { !$0.isNumber })", of: conversation.line?.id.rawValue, at: conversation.address, text,
        ["session": "\(conversation.sessionID)"])
    case .send(let event): if let line = conversation.line { send(event, to: line, in: conversation) }
    default: if let line = conversation.line { perform(effect, on: line, from: conversation.address) }
    }
  }

  private func perform(_ effect: AgentEffect, on line: ClientLine, from address: String) {
    switch effect {
    case .recognize(let samples, let turn): line.recognizer.accept(samples, turn: turn)
    case .endUtterance(let turn): line.recognizer.endUtterance(turn)
    case .discardUtterance(let turn): line.discardUtterance(turn)
    case .synthesize(let turn, let sentence, let text, let voice, let language):
      line.synthesizer.synthesize(turn, sentence: sentence, text: text, voice: voice, language: language)
    case .cancelSynthesis(let turn): line.synthesizer.cancel(turn)
    case .dismiss(let why):
      log.write("client dismissed", of: line.id.rawValue, at: address, "client dismissed: \(why)")
      sockets.close(line.id, code: VoiceServer.idleCode, reason: why)
    case .generate, .cancelGeneration, .log, .send: break
    }
  }

  private func send(_ event: VoiceEvent, to line: ClientLine, in conversation: Conversation) {
    let rate = options.agent.outputRate
    switch event {
    case .audio(let payload):
      let form = conversation.agent.audio.form
      return send(line.outgoing.encode(payload.bytes, rate: rate, beginningAs: form), to: line, in: conversation)
    case .responseComplete:
      if let rest = line.outgoing.finish() { send(rest, to: line, in: conversation) }
    case .interrupted: line.outgoing.drop()
    default: break
    }
    let wasSent = say(event, to: line)
    logEvent(event, wasSent: wasSent, of: line.id, at: conversation.address)
  }

  /// - Returns: whether the dialect has words for it.
  @discardableResult
  private func say(_ event: VoiceEvent, to line: ClientLine) -> Bool {
    guard card.serverSays.contains(event.kind) else { return false }
    let messages = line.dialect.say(.event(event), as: .server, at: clock.now)
    for message in messages { send(message, to: line) }
    return !messages.isEmpty
  }

  /// What manners demand: echoes of pings, keepalives.
  private func payWhatIsOwed(to line: ClientLine) {
    for message in line.dialect.owes(as: .server, at: clock.now) { send(message, to: line) }
  }

  private func send(_ message: WireMessage, to line: ClientLine) {
    _ = line.dialect.read(message, from: .server)
    sockets.send(line.id, message.payload, isText: message.isText)
  }

  private func send(_ encoded: OutgoingAudio.Encoded, to line: ClientLine, in conversation: Conversation) {
    let wire = line.dialect.card.downlink
    let (form, rate) = (encoded.form, options.agent.outputRate)
    for made in encoded.messages {
      // Where messages do not say what they are, it was agreed on for the link.
      let bytes = wire.isDeclared ? made : line.converted(made, from: rate, to: wire.preferred)
      guard !bytes.isEmpty else { continue }
      let payload = AudioPayload(
        bytes: bytes, format: wire.isDeclared ? form.coding.rawValue : wire.preferred.codec.rawValue,
        rate: wire.isDeclared ? form.coding.rate(of: rate) : wire.preferred.rate,
        sequence: conversation.audioMessageCount)
      conversation.audioMessageCount += 1
      if form.isBinary { send(.binary(bytes), to: line) } else { say(.audio(payload), to: line) }
    }
  }

  /// One line per event; audio is too much of it. What the dialect cannot say was not sent: then only what has happened is
  /// told, and nothing that the client was asked for or told.
  private func logEvent(_ event: VoiceEvent, wasSent: Bool, of id: ServerConnectionID, at address: String) {
    func write(_ kind: String, _ text: @autoclosure () -> String) {
      log.write(kind, of: id.rawValue, at: address, text())
    }
    switch event {
    case .pause, .resume, .ready, .configApplied, .error, .responseHeld: guard wasSent else { return }
    default: break
    }
    switch event {
    case .transcriptFinal(let words): write("transcript", "user said: \(words)")
    case .responseComplete: write("response complete", "response complete")
    case .interrupted: write("response interrupted", "response interrupted")
    case .responseHeld: write("response held", "response held until it is known what the user says")
    case .userSpeechStart: write("speech started", "user speech started")
    case .userSpeechEnd: write("speech ended", "user speech ended")
    case .error(let error): write("error", "error \(error.code ?? ""): \(error.message)")
    case .pause: write("pause", "asked the client to pause")
    case .resume: write("resume", "asked the client to go on")
    case .ready(let ready):
      let isBinary = ready.outputIsBinary == true
      write(
        "ready",
        "ready; audio goes out as \(ready.outputFormat ?? "pcm16")\(isBinary ? " in binary messages" : "")"
          + (ready.inputFormat.map { ", and comes as \($0)" } ?? ""))
    case .configApplied(let settings):
      write("config", "config applied: \(Redaction.hideSecrets(in: settings.jsonText).prefix(300))")
    // The agent's own line says more of it.
    case .metrics(let metrics) where metrics.ttsCharacters != nil: break
    case .metrics(let metrics):
      write(
        "metrics",
        "turn \(metrics.turn ?? 0)"
          + [("stt", metrics.sttMs), ("llm", metrics.llmFirstTokenMs), ("tts", metrics.ttsFirstByteMs)]
          .compactMap { name, ms in ms.map { ", \(name) \($0) ms" } }.joined()
          + (metrics.voice.map { " by \($0)" } ?? "")
          + (metrics.sttQueue.map { ", \($0) before it at the recogniser" } ?? "")
          + (metrics.endpointSavedMs.map { ", ended \($0) ms early" } ?? "")
          + (metrics.llmAheadMs.map { ", llm asked \($0) ms ahead" } ?? "")
          + (metrics.audioLostMs.map { ", \($0) ms of audio lost" } ?? ""))
    default: break
    }
  }
}

import Admission
import Timeline
import Wire

/// The machine that holds a conversation with one client. A value: no clock, no I/O, no lock; give it every input and
/// the time, carry out what it returns in order, and call it with `.deadlinePassed` at `deadline`.
///
/// What a client can rely on:
/// - A response begins when the user's words were understood, typed or a timer ran out, and is ended by exactly one
///   of `response_complete` and `interrupted`. No audio of it follows. What fails within is told by `error` before.
/// - `interrupt` ends the response in progress, which `interrupted` says. Without one it is not answered; the log says so.
/// - `user_speech_end` is followed by one `transcript_final`. It is empty when nothing was understood, so that nobody
///   waits for it and what interims showed is taken back; then no response follows.
/// - Speech over the agent cuts it, holds it until it is known what was said, or does neither: `BargeInPolicy`. A hold is
///   told by `response_held` and ended by exactly one of `response_resumed`, `interrupted` and the end of the connection.
/// - While the user speaks nothing new is said: a response that has not been heard yet is held back until the user's
///   words are known, and dropped if there are any.
public struct Agent: Sendable {
  public let configuration: AgentConfiguration
  /// The settings in force.
  public internal(set) var settings: AgentSettings
  /// What was said, oldest first; at most `historyLimit`. The running response is not in it yet.
  public internal(set) var history: [Utterance] = []

  /// How the agent's audio travels to the client.
  public internal(set) var audio: AudioAgreement

  var isJoined = false
  var listening: Listening
  var response: Response?
  /// The response is silenced until it is known what the user says over it.
  var hold: Hold?
  /// What was said over a response that nothing cuts, and what of it is to be answered now.
  var deferred: [DeferredWords] = []
  /// What the language model was asked ahead of the end of the user's turn.
  var advance: AdvanceReply?
  var owedAnswer: (turn: TurnID, text: String)?
  /// What became of speech over the agent.
  public internal(set) var bargeIns = BargeInCounts()
  /// What was sent to services that speak, and what of it was not heard, of all responses that are over.
  public internal(set) var bill = SpeechBill()
  var announcements = Announcements()
  var clientErrors = RateLimiter()
  var providerErrors = RateLimiter()
  /// Typed turns and settings are work: a client that floods is told so, and what is too much is not done.
  var typedTurns = RateLimiter(burst: 20, perSecond: 5)
  var configs = RateLimiter(burst: 20, perSecond: 5)
  var idling = Idling()
  var lastTurn = TurnID(rawValue: 0)
  var lastSequence = -1
  /// The last answer, and how it is remembered.
  var lastSpoken: (sentences: [Response.Sentence], remembered: Utterance)?
  /// What tools gave, until it is spoken of.
  var toolResults: [ToolResult] = []
  var effects: [AgentEffect] = []

  public init(_ configuration: AgentConfiguration) {
    self.configuration = configuration
    settings = AgentSettings(configuration)
    audio = AudioAgreement(configuration)
    listening = Listening(rate: configuration.inputRate, turn: TurnID(rawValue: 0))
  }

  /// Whether a response is being made, sent or held back.
  public var isResponding: Bool { response != nil }

  /// What the recognizer has not looked at, as it was last told.
  public var recognizerBacklog: Duration { listening.backlog }

  /// Whether a client that is lost would miss anything: something was said, or a timer runs.
  public var isWorthKeeping: Bool { !history.isEmpty || !announcements.isEmpty }

  /// Takes what has happened and returns what is to be done, in order.
  public mutating func handle(_ input: AgentInput, at now: Timestamp) -> [AgentEffect] {
    process(input, at: now)
    let lost = announcements.collectDue(at: now)
    if lost > 0 { log("\(lost) announcements lost: too many wait") }
    if isJoined {
      if isBusy { idling.active(at: now) }
      settleListening(at: now)
      settleAdvance(at: now)
      settleResponse(at: now)
      if owedAnswer != nil {
        answerDeferred(at: now)
        settleResponse(at: now)
      }
      if response == nil, !listening.isFloorTaken, let text = announcements.next() {
        announce(text, at: now)
        settleResponse(at: now)
      }
      if isBusy { idling.active(at: now) }
      if let limit = configuration.idleLimit, idling.isOver(limit, at: now) { dismiss(after: limit) }
    }
    defer { effects.removeAll(keepingCapacity: true) }
    return effects
  }

  /// When to call with `.deadlinePassed`, if nothing else happens before. Always later than the last call.
  public var deadline: Timestamp? {
    let idleDeadline = isBusy ? nil : configuration.idleLimit.flatMap { idling.deadline($0) }
    let moments =
      isJoined
      ? [announcements.deadline, listeningDeadline, responseDeadline, idleDeadline] : [announcements.deadline]
    return moments.compactMap(\.self).min()
  }

  /// Somebody speaks, or is about to.
  private var isBusy: Bool { response != nil || listening.isFloorTaken }

  private mutating func dismiss(after limit: Duration) {
    idling.isDismissed = true
    effects.append(.dismiss("idle: nothing was said, typed or set for \(seconds(limit))"))
  }

  private mutating func process(_ input: AgentInput, at now: Timestamp) {
    switch input {
    case .clientJoined(let sessionID, let resumeToken, let history, let resumed, let audio):
      join(sessionID, resumeToken, history, resumed, audio, at: now)
    case .clientLeft: leave(at: now)
    case .announcementScheduled(let id, let after, let text):
      if !announcements.schedule(id: id, due: now + after, text: text) { log("timer \(id) lost: too many run") }
    case .announcementCancelled(let id): announcements.cancel(id: id)
    case .announcementDue(let text):
      if !announcements.enqueue(text) { log("announcement lost: too many wait") }
    case .deadlinePassed: break
    // Results that come after the client has gone belong to nobody, and a client says nothing before it has joined.
    case _ where !isJoined: break
    case .eventReceived(let event): receive(event, at: now)
    case .audioReceived(let samples): audioReceived(samples, at: now)
    case .binaryAudioReceived:
      if audio.binaryAudioReceived() { log("the client sends binary audio: so is what it gets") }
    case .audioLeftOut(let advice): reject("unsupported_audio", advice, at: now)
    case .audioLost(let count): audioLost(count, at: now)
    case .voiceDetected(let isSpeech, let sample): voiceDetected(isSpeech, at: sample)
    case .recognizerBacklogChanged(let backlog): backlogChanged(backlog, at: now)
    case .interimRecognized(let turn, let text): interimRecognized(turn, text)
    case .pauseRecognized(let turn, let text): pauseRecognized(turn, text, at: now)
    case _ where tookForAdvance(input): break
    case .finalRecognized(let turn, let text): finalRecognized(turn, text, at: now)
    case .pieceQueued(let turn, let count): listening.pieceQueued(turn, behind: count)
    case .turnFoundOver(let turn): turnFoundOver(turn)
    case .recognizerSubstituted(let other, let reason): recognizerSubstituted(by: other, reason, at: now)
    case .recognizerRestored: listening.substitute = nil
    case .recognizerFailed(let reason): recognizerFailed(reason, at: now)
    case .replyGenerated(let turn, let text): replyGenerated(turn, text, at: now)
    case .replyFinished(let turn): if turn == response?.turn { response?.finishText(at: now) }
    case .replyFailed(let turn, let reason): replyFailed(turn, reason, at: now)
    case .replySubstituted(let turn, let other, let reason): replySubstituted(turn, by: other, reason, at: now)
    case .sentenceSynthesized(let turn, let sentence, let samples):
      if turn == response?.turn { response?.audioMade(samples, sentence: sentence, at: now) }
    case .sentenceSpelled(let turn, let sentence, let share):
      if turn == response?.turn { response?.spelled(share, sentence: sentence) }
    case .sentenceFinished(let turn, let sentence):
      if turn == response?.turn { response?.sentenceFinished(sentence, at: now) }
    case .synthesisFailed(let turn, let sentence, let reason): synthesisFailed(turn, sentence, reason, at: now)
    case .sentenceCharged(let turn, let sentence, let charge): sentenceCharged(turn, sentence, charge)
    case .voiceSubstituted(let voice, let other, let reason): voiceSubstituted(voice, by: other, reason, at: now)
    }
  }

  // MARK: Coming and going

  private mutating func join(
    _ sessionID: String, _ resumeToken: String, _ history: [Utterance], _ resumed: Bool, _ request: AudioRequest,
    at now: Timestamp
  ) {
    if isJoined { leave(at: now) }
    isJoined = true
    idling = Idling(activeAt: now)
    self.history = Array(history.suffix(max(0, configuration.historyLimit)))
    // A new client counts its samples from 0.
    listening = Listening(rate: configuration.inputRate, turn: nextTurn())
    let faults = audio.connected(request)
    send(
      .ready(
        Ready(
          sessionID: sessionID, protocolName: "voice/1",
          inputRate: (audio.input ?? .pcm16).rate(of: configuration.inputRate),
          outputRate: audio.form.coding.rate(of: configuration.outputRate), inputIsBinary: audio.agreedBinary,
          inputFormat: audio.input?.rawValue, outputFormat: audio.form.coding.rawValue,
          outputIsBinary: audio.agreedBinary, resumeToken: resumeToken,
          resumed: resumed, voice: speakingVoice, engines: configuration.engines)))
    for fault in faults { reject("bad_format", fault, at: now) }
  }

  /// Timers run on, and what they say waits for the client to come back.
  private mutating func leave(at now: Timestamp) {
    guard isJoined else { return }
    cutResponse(at: now, tellClient: false)
    owedAnswer = nil
    effects.append(.discardUtterance(listening.turn))
    listening.intake = AudioIntake()
    cancelAdvance()
    isJoined = false
  }

  // MARK: Messages of the client

  private mutating func receive(_ event: VoiceEvent, at now: Timestamp) {
    switch event {
    case .audio: break
    case .interrupt:
      idling.active(at: now)
      interrupt(at: now)
    case .config(let wanted):
      idling.active(at: now)
      guard configs.admit(at: now).isAdmitted else {
        return reject("too_fast", "config: more than 5 a second; what it says was not set", at: now)
      }
      var wanted = wanted
      for fault in audio.apply(&wanted) { reject("bad_format", fault, at: now) }
      for fault in settings.apply(wanted) { reject("bad_config", fault, at: now) }
      send(.configApplied(settings.json(with: audio.settings)))
    case .speechStart: listening.utterance?.isHintedOver = false
    case .speechEnd: listening.utterance?.isHintedOver = true
    case .turnEnd: turnEnded(at: now)
    case .responseRequest: responseRequested(at: now)
    case .audioDiscarded: audioDiscarded(at: now)
    case .toolResult(let result): toolReturned(result, at: now)
    case .heard(let heard): self.heard(heard)
    case .text(let text):
      idling.active(at: now)
      guard typedTurns.admit(at: now).isAdmitted else {
        return reject("too_fast", "text: more than 5 turns a second; this one was not taken", at: now)
      }
      typed(text, at: now)
    // The dialect echoes pings itself.
    case .ping, .pong, .mark, .dtmf: break
    case .malformed(let what, let reason):
      reject("malformed", "\(what.prefix(80)): \(reason.prefix(200))", at: now)
    case .unknown(let type): reject("unknown_type", "unknown message type \"\(type.prefix(80))\"", at: now)
    default: reject("unexpected", "a message that only the server sends", at: now)
    }
  }

  // MARK: Shared by all aspects

  mutating func nextTurn() -> TurnID {
    lastTurn.rawValue += 1
    return lastTurn
  }

  mutating func send(_ event: VoiceEvent) { effects.append(.send(event)) }
  mutating func log(_ line: String) { effects.append(.log(line)) }

  mutating func remember(_ utterance: Utterance) {
    history = remembered(history + [utterance])
  }

  /// As much of a history as is kept.
  func remembered(_ history: [Utterance]) -> [Utterance] { Array(history.suffix(max(0, configuration.historyLimit))) }

  /// Tells the client of its own mistake.
  mutating func reject(_ code: String, _ message: String, at now: Timestamp) {
    report(code, message, clientErrors.admit(at: now))
  }

  /// Tells the client of a provider's failure.
  mutating func providerFailed(_ code: String, _ message: String, at now: Timestamp) {
    report(code, message, providerErrors.admit(at: now))
  }

  private mutating func report(_ code: String, _ message: String, _ admission: (isAdmitted: Bool, heldBack: Int)) {
    guard admission.isAdmitted else {
      if admission.heldBack == 1 { log("errors come too fast; not all are sent") }
      return
    }
    let before = admission.heldBack > 0 ? " (\(admission.heldBack) errors before it were not sent)" : ""
    send(.error(ServerError(message: message + before, code: code)))
  }
}

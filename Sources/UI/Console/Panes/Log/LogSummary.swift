import Screen
import Timeline
import Wire

/// What an entry says in the log: its type, whose doing it is, and a line about it.
struct LogSummary: Equatable {
  var type: String
  var actor: Role
  var text: String
  var run: LogRow.Run?
  /// Streams that go on around it are one row, not two: it tells of them, or has nothing to do with them.
  var isAside = false

  init(type: String, actor: Role, text: String, run: LogRow.Run? = nil, isAside: Bool = false) {
    self.type = type
    self.actor = actor
    // Measured only when it is short: a message may be 100 MB.
    let start =
      text.utf8.count > 4 * LogRow.summaryLimit ? String(text.unicodeScalars.prefix(2 * LogRow.summaryLimit)) : text
    self.text = Truncation.tail(start, to: LogRow.summaryLimit)
    self.run = run
    self.isAside = isAside
  }

  /// What a row of a run says once another message has joined it.
  static func joined(_ text: String, _ next: String, _ run: LogRow.Run) -> String {
    switch run {
    case .audio: return text.isEmpty ? next : text
    case .interims: return next
    case .deltas:
      // Both are in quotes; a text that was cut ends in `…` and stays as it is.
      guard text.hasSuffix("\""), next.hasPrefix("\"") else { return text }
      return Truncation.tail(String(text.dropLast()) + next.dropFirst(), to: LogRow.summaryLimit)
    }
  }

  /// A message, as its dialect reads it. Its first event says what it is.
  init(_ message: Message, _ reading: Reading) {
    let isOurs = message.way == .toServer
    let own: Role = isOurs ? .operator : .server
    let type = reading.type
    if let summary = reading.summary {
      self.init(type: type, actor: reading.events.contains { $0.kind == .error } ? .error : own, text: summary)
      return
    }
    guard let event = reading.events.first else {
      self.init(type: type, actor: own, text: Self.content(message))
      return
    }
    switch event {
    case .audio(let payload):
      self.init(
        type: "audio", actor: isOurs ? .user : .agent,
        text: [payload.format, payload.rate.map { "\($0) Hz" }].compactMap { $0 }.joined(separator: " "),
        run: .audio)
    case .transcriptInterim(let text): self.init(type: type, actor: .user, text: "\"\(text)\"", run: .interims)
    case .transcriptFinal(let text), .text(let text): self.init(type: type, actor: .user, text: "\"\(text)\"")
    case .responseText(let text):
      self.init(type: type, actor: .agent, text: "\"\(VoiceEvent.shown(text))\"", run: .deltas)
    case .responseComplete: self.init(type: type, actor: .agent, text: "")
    case .interrupted: self.init(type: type, actor: .warning, text: "")
    case .ready(let ready):
      var parts = [ready.sessionID]
      if let rate = ready.inputRate { parts.append("in \(rate) Hz") }
      if let rate = ready.outputRate { parts.append("out \(rate) Hz") }
      if ready.resumed { parts.append("resumed") }
      let facts = [
        ("stt", ready.engines?.recognizer), ("vad", ready.engines?.detector), ("voice", ready.voice),
        ("missing", ready.engines?.missing),
      ]
      parts += facts.compactMap { name, value in value.map { "\(name) \($0)" } }
      self.init(type: type, actor: .good, text: parts.filter { !$0.isEmpty }.joined(separator: "  "))
    case .error(let error):
      let code = error.code.map { "\($0): " } ?? ""
      self.init(type: type, actor: .error, text: code + error.message + (error.isFatal ? " (fatal)" : ""))
    case .metrics(let claims):
      let parts: [(String, Double?)] = [
        ("stt", claims.sttMs), ("llm", claims.llmFirstTokenMs), ("tts", claims.ttsFirstByteMs),
      ]
      let times = parts.compactMap { name, ms in ms.map { "\(name) \(Figures.milliseconds($0))" } }
      let words = [
        times.isEmpty ? nil : times.joined(separator: "  ") + " ms", claims.voice.map { "by \($0)" },
        claims.sttQueue.flatMap { $0 > 0 ? "behind \($0)" : nil },
        claims.endpointSavedMs.map { "\(Figures.milliseconds($0)) ms early" },
        claims.llmAheadMs.map { "llm \(Figures.milliseconds($0)) ms ahead" },
        claims.ttsCharacters.map { "\(claims.ttsUnheard ?? 0) of \($0) characters unheard" },
        claims.turn.map { "turn \($0)" },
      ]
      self.init(type: type, actor: own, text: words.compactMap(\.self).joined(separator: "  "))
    case .malformed(let what, let reason):
      self.init(type: type, actor: .error, text: "\(what): \(reason)")
    case .speechStart, .speechEnd, .userSpeechStart, .userSpeechEnd: self.init(type: type, actor: .vad, text: "")
    case .interrupt, .pause, .resume, .turnEnd, .audioDiscarded, .responseStarted, .responseHeld, .responseResumed:
      self.init(type: type, actor: own, text: "")
    case .responseCorrected(let text): self.init(type: type, actor: .agent, text: "only \"\(text)\" was heard")
    case .heard(let heard):
      self.init(type: type, actor: own, text: "\(Figures.milliseconds(heard.ms)) ms of \(heard.of.item ?? "it") heard")
    case .toolCall(let call): self.init(type: type, actor: .agent, text: "\(call.name) \(call.arguments)  \(call.id)")
    case .toolCallsCancelled(let ids): self.init(type: type, actor: .warning, text: ids.joined(separator: " "))
    case .toolResult(let result):
      self.init(
        type: type, actor: own,
        text: [result.name, result.output, result.id].compactMap(\.self).joined(separator: "  "))
    case .usage(let usage): self.init(type: type, actor: .dim, text: Self.words(usage), isAside: true)
    case .rateLimits(let limits):
      self.init(type: type, actor: .dim, text: limits.map(Self.words).joined(separator: "  "), isAside: true)
    case .expiry(let expiry):
      let text =
        switch expiry {
        case .inSeconds(let seconds): "the session ends in \(Figures.milliseconds(seconds * 1000)) ms"
        case .at: "the session has an end"
        }
      self.init(type: type, actor: .warning, text: text)
    case .ping(let ping), .pong(let ping):
      self.init(type: type, actor: .dim, text: ping.id ?? "", isAside: true)
    case .mark(let name): self.init(type: type, actor: own, text: name, isAside: true)
    case .dtmf(let key): self.init(type: type, actor: own, text: key)
    case .resumeToken: self.init(type: type, actor: own, text: "")
    case .config, .configApplied, .responseRequest, .unknown:
      self.init(type: type, actor: own, text: Self.content(message))
    }
  }

  private static func content(_ message: Message) -> String {
    guard message.kind == .text || BinaryText.holdsJSON(message.payload) else { return "binary" }
    let line = JSONPretty.oneLine(message.payload, limit: LogRow.summaryLimit)
    guard line.isEmpty else { return line }
    // No JSON: the words as they are, without secrets. Cut only then: half a key is a secret, too.
    let words = Redaction.hideSecrets(in: message.payload).prefix(4 * LogRow.summaryLimit)
    return String(decoding: words, as: UTF8.self)
  }

  private static func words(_ usage: Usage) -> String {
    let counts = [("in", usage.inputTokens), ("out", usage.outputTokens), ("total", usage.totalTokens)]
    let words = counts.compactMap { name, count in count.map { "\(name) \(Figures.grouped($0))" } }
    let audio = usage.audioSeconds.map { "\(Figures.milliseconds($0 * 1000)) ms of audio" }
    return ((words.isEmpty ? [] : [words.joined(separator: "  ") + " tokens"]) + [audio].compactMap(\.self))
      .joined(separator: "  ")
  }

  private static func words(_ limit: RateLimit) -> String {
    let of = limit.limit.map { " of \(Figures.grouped($0))" } ?? ""
    return "\(limit.name) \(limit.remaining.map(Figures.grouped) ?? "?")\(of)"
  }

  /// An entry that has no row in the log; nil for a message.
  init?(frequent event: Entry.Event) {
    switch event {
    case .micFrame(let frame):
      self.init(
        type: "micFrame", actor: .dim,
        text: "\(frame.fate.rawValue)  \(Figures.decibels(frame.rmsDB)) dB\(frame.isSpeech ? "  speech" : "")")
    case .playout(let block):
      let response = block.response.map { "response \($0.rawValue)" }
      self.init(type: "playout", actor: .dim, text: response ?? "")
    case .queue(let queue):
      self.init(
        type: "queue", actor: .dim,
        text: "\(queue.name.rawValue)  \(queue.depth)\(queue.capacity.map { " of \($0)" } ?? "")")
    case .playoutChange(let change): self.init(change)
    case .operatorAct(let act): self.init(act)
    case .sourceStarted(let source): self.init(source)
    default: return nil
    }
  }

  /// An entry that is no message; nil when it is too frequent to be worth a row (frames, blocks, depths).
  init?(_ event: Entry.Event) {
    switch event {
    case .message, .micFrame, .playout, .queue: return nil
    // As frequent as the messages whose length it tells.
    case .playoutChange(let change) where change.kind == .decoded: return nil
    case .sessionStarted(let start):
      self.init(
        type: "session", actor: .good,
        text: "\(start.url)  \(start.dialect)  in \(start.input)  out \(start.output)  \(start.version)")
    case .sourceStarted(let source): self.init(source)
    case .delivery(let delivery):
      let how: String =
        switch delivery.outcome {
        case .held(let ms): " \(Figures.milliseconds(ms)) ms"
        case .cut(let count): " after \(Figures.bytes(count))"
        case .duplicated(let count): ", sent \(count) times"
        case .dropped, .corrupted, .other: ""
        }
      self.init(
        type: "delivery", actor: .fault, text: "entry \(delivery.of) \(delivery.outcome.name)\(how)", isAside: true)
    case .unknown(let unknown):
      self.init(
        type: unknown.kind, actor: .dim, text: JSONPretty.oneLine(unknown.line, limit: LogRow.summaryLimit),
        isAside: true)
    case .sessionEnded(let end):
      self.init(type: "session", actor: end.orderly ? .dim : .error, text: "ended: \(end.reason)")
    case .connection(let change): self.init(change)
    case .roundTrip(let trip):
      let text = trip.ms.map { "\(Figures.milliseconds($0)) ms" } ?? "no answer in time"
      self.init(type: "pong", actor: trip.ms == nil ? .warning : .dim, text: text, isAside: true)
    case .voiceEdge(let edge):
      self.init(
        type: "vad", actor: .vad,
        text: (edge.isStart ? "speech began " : "speech ended ") + "\(Figures.milliseconds(edge.sinceMs)) ms ago",
        isAside: true)
    case .gate(let gate):
      var parts = ["mode \(gate.mode.rawValue)"]
      if gate.muted { parts.append("muted") }
      if gate.mode == .ptt { parts.append(gate.talking ? "talking" : "not talking") }
      if gate.pausedByServer { parts.append("paused by the server") }
      self.init(type: "gate", actor: .modifier, text: parts.joined(separator: ", "), isAside: true)
    case .echo(let echo):
      let learnt = echo.phase == .learning ? "learning the room" : "\(Figures.decibels(-echo.erleDB)) dB"
      let doing = echo.isHolding ? "holds the microphone back while the agent is heard" : "lets the microphone through"
      self.init(type: "echo", actor: .dim, text: "\(learnt), \(doing)", isAside: true)
    case .playoutChange(let change): self.init(change)
    // The pane shows what is in force; a row would pass the filter that it tells of.
    case .operatorAct(let act) where [.filter, .mark].contains(act.command): return nil
    case .operatorAct(let act): self.init(act)
    case .injection(let speech):
      let ms = speech.state == .started ? speech.durationMs : speech.spokenMs
      let how = speech.isMixed ? ", mixed with the microphone" : ""
      self.init(
        type: speech.source.rawValue, actor: .operator,
        text: "\(speech.state.rawValue) \(speech.name)  \(Figures.milliseconds(ms)) ms\(how)", isAside: true)
    case .fault(let fault):
      let length = fault.durationMs.map { " for \(Figures.milliseconds($0)) ms" } ?? ""
      self.init(type: "fault", actor: .fault, text: fault.name.rawValue + (fault.active ? length : " lifted"))
    case .device(let change):
      // Not to have a device is no fault of the session: it goes on with a stand-in.
      let actor: Role =
        switch change.state {
        case .lost: .error
        case .failed, .xrun: .warning
        case .open, .recovered, .ended: .dim
        }
      let remedy = change.remedy.map { " – \($0)" } ?? ""
      self.init(
        type: change.role.rawValue, actor: actor,
        text: "\(change.state.rawValue) \(change.name): \(change.text)\(remedy)", isAside: true)
    case .notice(let notice):
      let remedy = notice.remedy.map { " – \($0)" } ?? ""
      let role: Role =
        switch notice.severity {
        case .info: .dim
        case .warning: .warning
        case .error: .error
        }
      self.init(type: notice.source.rawValue, actor: role, text: notice.text + remedy, isAside: true)
    }
  }

  private init(_ source: Source) {
    self.init(
      type: "source", actor: .good, text: "\(source.name)  \(source.kind)  \(source.dialect)  \(source.url)",
      isAside: true)
  }

  private init(_ act: OperatorAct) {
    guard act.command != .moment else {
      self.init(type: "mark", actor: .operator, text: act.argument.isEmpty ? "this moment" : act.argument)
      return
    }
    self.init(type: "operator", actor: .operator, text: "\(act.command) \(act.argument)")
  }

  private init(_ change: ConnectionChange) {
    var parts = ["#\(change.link.rawValue) \(change.state.rawValue)"]
    if case .waiting(let delay) = change.step { parts[0] += " \(Figures.milliseconds(delay)) ms" }
    if let attempt = change.attempt { parts.append("attempt \(attempt)") }
    switch change.step {
    case .ready(let sessionID, let resumed): parts += [sessionID, resumed == true ? "resumed" : nil].compactMap(\.self)
    case .open(let stages, let subprotocol):
      if let subprotocol { parts.append("subprotocol \(subprotocol)") }
      parts += stages.map { "\($0.name) \(Figures.milliseconds($0.ms)) ms" }
    case .connecting, .closing, .closed, .failed, .waiting, .gaveUp: break
    }
    if let code = change.code { parts.append("\(code)") }
    if let by = change.by { parts.append("by the \(by.rawValue)") }
    if let reason = change.reason, !reason.isEmpty { parts.append(reason) }
    let actor: Role =
      switch change.state {
      case .ready, .open: .good
      case .gaveUp: .error
      // What was broken on purpose is no trouble.
      case .failed: change.by == .client ? .fault : .error
      case .closed: change.by == .client ? .fault : .warning
      case .connecting, .closing, .waiting: .dim
      }
    self.init(type: "connection", actor: actor, text: parts.joined(separator: "  "))
  }

  private init(_ change: PlayoutChange) {
    var parts = [change.kind.rawValue]
    if let response = change.response { parts.append("response \(response.rawValue)") }
    if let format = change.format { parts.append(format.rawValue) }
    if case .format(_, let rate?) = change.step { parts.append("\(rate) Hz") }
    if let played = change.playedMs { parts.append("heard \(Figures.milliseconds(played)) ms") }
    if let lost = change.discardedMs { parts.append("discarded \(Figures.milliseconds(lost)) ms") }
    if case .undecodable(let text, _) = change.step { parts.append(text) }
    let actor: Role =
      switch change.kind {
      case .undecodable: .error
      case .underrun, .flushed: .warning
      default: .agent
      }
    self.init(type: "playout", actor: actor, text: parts.joined(separator: "  "), isAside: true)
  }
}

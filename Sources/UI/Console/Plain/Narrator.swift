import Insight
import Screen
import Timeline
import Wire

/// Says in words what an entry tells, when it tells something worth a sentence.
struct Narrator: Sendable {
  /// Every message but audio is said, too.
  var saysMessages = false
  /// It is long over: nothing can be done about it.
  var canReconnect = true

  private var readers = SourceReaders()
  private var nextIndex: Int?
  private var gate = Gate(mode: .gate)
  private var hasLearntEcho = false
  private var dropped: [QueueName: Int] = [:]
  private var attempt = 1
  /// An error message of the server was just said.
  private var hasToldError = false
  /// What was said of the server's engines.
  private var serverFacts: [String] = []
  /// Turns whose lines and times were said; only the latest matter.
  private var said: Set<Told> = []
  /// When the last words over an answer began that were said. They may become a turn, and are not said again then.
  private var saidAside: Timestamp?

  private enum Told: Hashable {
    case user(Int)
    case agent(Int)
    case cut(Int)
    case time(Int)

    var turn: Int {
      switch self {
      case .user(let turn), .agent(let turn), .cut(let turn), .time(let turn): turn
      }
    }
  }

  /// - Parameter insight: what is known with this entry.
  mutating func lines(for entry: Entry, _ insight: Insight) -> [PlainLine] {
    var lines: [PlainLine] = []
    func say(_ text: String, _ role: Role = .text) { lines.append(PlainLine(text, role, at: entry.at)) }
    if let nextIndex, entry.index > nextIndex {
      say("\(Figures.count(entry.index.subtracting(nextIndex), "event")) lost on the way here", .warning)
    }
    nextIndex = entry.index.adding(1)
    let reading = readers.observe(entry)
    switch entry.event {
    case .micFrame, .playout, .roundTrip: return lines
    case .queue(let depth):
      let before = dropped[depth.name] ?? 0
      if depth.dropped > before {
        say("\(depth.name) queue full: \(depth.dropped - before) more \(depth.unit) dropped", .warning)
      }
      // Queues are few; names from a file may not be.
      if dropped.count < 32 { dropped[depth.name] = max(before, depth.dropped) }
      return lines
    case .sessionStarted(let start):
      say("sidetone \(start.version), dialect \(start.dialect), microphone \(start.input), speaker \(start.output)")
    case .sourceStarted(let source):
      // The session's only source is what its start has told of.
      if entry.source != .first { say("source \(source.name), \(source.kind), \(source.url)") }
    case .delivery(let delivery): say("message of entry \(delivery.of) \(delivery.outcome.name)", .fault)
    case .unknown(let unknown): say("\(unknown.kind): an entry that this version does not know", .dim)
    case .connection(let change): lines += connection(change, insight, at: entry.at)
    case .message(let message):
      hasToldError = false
      lines += self.message(message, reading, insight, at: entry.at)
    case .gate(let new): lines += gateLines(new, at: entry.at)
    case .echo(let state):
      if state.phase == .ready, !hasLearntEcho { say("the room is learnt: you can speak over the agent now") }
      hasLearntEcho = state.phase == .ready
    case .playoutChange(let change):
      switch change.step {
      case .underrun: say("playout ran dry", .warning)
      case .undecodable(let what, _): say("audio: \(what)", .error)
      case .started, .recovered, .flushed, .held, .resumed, .finished, .format, .decoded: break
      }
    case .operatorAct(let act) where act.command == .moment:
      say("marked\(act.argument.isEmpty ? "" : ": \(act.argument)")", .operator)
    case .operatorAct(let act):
      say("did: \(act.command)\(act.argument.isEmpty ? "" : " \(act.argument)")", .operator)
    case .injection(let speech):
      let what = speech.source == .say ? "typed words" : speech.name
      switch speech.state {
      case .started: say("speaking \(what), \(Figures.fixed(speech.durationMs / 1000, 1)) seconds", .operator)
      case .ended: say("spoken: \(what)", .operator)
      case .cancelled: say("not spoken further: \(what)", .operator)
      }
    case .fault(let fault): say("fault \(fault.name) \(fault.active ? "in force" : "lifted")", .fault)
    case .device(let change): lines += device(change, at: entry.at)
    // The session's word for an error that the server's own message has told already.
    case .notice(let notice) where notice.source == .server && hasToldError: hasToldError = false
    case .notice(let notice):
      let remedy = notice.remedy.map { ". To do: \($0)" } ?? ""
      let role: Role =
        switch notice.severity {
        case .info: .text
        case .warning: .warning
        case .error: .error
        }
      say(
        "\(notice.severity == .info ? "" : "\(notice.severity.rawValue), ")\(notice.source): \(notice.text)\(remedy)",
        role)
    case .voiceEdge: break
    case .sessionEnded(let end): say("session over: \(end.reason)", end.orderly ? .text : .error)
    }
    return lines + words(insight, at: entry.at)
  }

  // MARK: - What was said

  /// Whole sentences only: what is still being recognised or made changes many times a second.
  private mutating func words(_ insight: Insight, at now: Timestamp) -> [PlainLine] {
    var lines: [PlainLine] = []
    for line in insight.transcript.suffix(8) {
      guard line.isFinal else { continue }
      if line.aside != nil, saidAside.map({ $0 < line.at }) ?? true {
        saidAside = line.at
        lines.append(Self.said("you, over the answer", line, .user, at: now))
      }
      guard let turn = line.turn else { continue }
      switch line.speaker {
      case .user where said.insert(.user(turn)).inserted && line.at != saidAside:
        lines.append(Self.said("you", line, .user, at: now))
      case .agent:
        if said.insert(.agent(turn)).inserted { lines.append(Self.said("agent", line, .agent, at: now)) }
        if let note = HeardWords.cutNote(line), said.insert(.cut(turn)).inserted {
          lines.append(PlainLine("agent \(note)", .warning, at: now))
        }
      case .user, .notice, .link: break
      }
    }
    for turn in insight.turns.suffix(2) {
      guard let time = turn.responseTime, said.insert(.time(turn.number)).inserted else { continue }
      lines.append(PlainLine("answer heard after \(Int(time.milliseconds)) milliseconds", .dim, at: now))
    }
    if said.count > 200 {
      let oldest = (insight.turns.last?.number ?? 0) - 20
      said = said.filter { $0.turn > oldest }
    }
    return lines
  }

  private static func said(_ name: String, _ line: TranscriptLine, _ role: Role, at now: Timestamp) -> PlainLine {
    let cut = line.cutBytes > 0 ? " (\(Figures.bytes(line.cutBytes)) more were not kept)" : ""
    return PlainLine("\(name): \(line.text)\(cut)", role, at: now)
  }

  // MARK: - The connection

  private mutating func connection(_ change: ConnectionChange, _ insight: Insight, at now: Timestamp) -> [PlainLine] {
    func line(_ text: String, _ role: Role = .server) -> [PlainLine] { [PlainLine(text, role, at: now)] }
    let why = change.reason.flatMap { $0.isEmpty ? nil : ", \($0)" } ?? ""
    switch change.step {
    case .connecting:
      attempt = change.attempt ?? 1
      let url = insight.start.map { " to \($0.url)" } ?? ""
      return line(attempt > 1 ? "connecting again, attempt \(attempt)" : "connecting\(url)")
    case .open(_, let chosen):
      let subprotocol = chosen.map { "subprotocol \($0)" }
      guard saysMessages else { return subprotocol.map { line($0) } ?? [] }
      return line("socket open, \(subprotocol.map { "\($0), " } ?? "")waiting for ready")
    case .ready(let sessionID, let resumed):
      let session = sessionID.map { ", session \($0)" } ?? ""
      return line("connected\(session)\(resumed == true ? ", the conversation goes on" : "")", .good)
    case .closing: return []
    case .closed(let code, _, let by):
      let who = by.map { " by the \($0.rawValue)" } ?? ""
      return line("connection closed\(who) with code \(code)\(why)", .warning)
    case .failed: return line("connection failed\(why)", .error)
    case .waiting(let delayMs):
      let seconds = max(1, Int(saturating: (delayMs / 1000).rounded()))
      return line("not connected; next attempt in \(Figures.count(seconds, "second"))", .warning)
    case .gaveUp: return line("gave up\(why)\(canReconnect ? ". To try again, type: reconnect" : "")", .error)
    }
  }

  private mutating func message(
    _ message: Message, _ reading: Reading?, _ insight: Insight, at now: Timestamp
  ) -> [PlainLine] {
    guard let reading else { return [] }
    // What is larger is audio, and neither an error nor worth a line.
    guard message.payload.count <= 4096 else { return [] }
    var lines: [PlainLine] = []
    for event in reading.events {
      switch event {
      case .error(let error):
        let code = error.code.map { "\($0), " } ?? ""
        let standing = error.isFatal ? "the session is over" : "the session goes on"
        lines.append(PlainLine("server error: \(code)\(error.message); \(standing)", .error, at: now))
        hasToldError = true
      case .interrupted: lines.append(PlainLine("agent interrupted", .warning, at: now))
      case .ready:
        // Whoever resumes a session knows them.
        let facts = ServerFacts(insight).lines
        if facts != serverFacts { lines += facts.map { PlainLine($0, .server, at: now) } }
        serverFacts = facts
      default: break
      }
    }
    if saysMessages, !reading.isAudio {
      let verb = message.way == .toServer ? "sent" : "received"
      let text = message.kind == .text ? String(decoding: message.payload.prefix(300), as: UTF8.self) : ""
      let size = Figures.count(message.payload.count, "byte")
      lines.append(PlainLine("\(verb) \(message.kind.rawValue), \(size): \(text)", .dim, at: now))
    }
    return lines
  }

  private mutating func gateLines(_ new: Gate, at now: Timestamp) -> [PlainLine] {
    defer { gate = new }
    var lines: [PlainLine] = []
    func say(_ text: String) { lines.append(PlainLine(text, .modifier, at: now)) }
    if new.muted != gate.muted { say(new.muted ? "microphone muted" : "microphone on") }
    if new.mode != gate.mode {
      switch new.mode {
      case .gate: say("only speech is sent")
      case .open: say("everything is sent")
      case .ptt: say("push to talk: type talk to open and close the line")
      }
    }
    if new.talking != gate.talking { say(new.talking ? "line open, talk" : "line closed") }
    if new.pausedByServer != gate.pausedByServer {
      say(new.pausedByServer ? "the server holds the microphone back" : "the server takes the microphone again")
    }
    return lines
  }

  private func device(_ change: DeviceChange, at now: Timestamp) -> [PlainLine] {
    let name = change.role == .mic ? "microphone" : "speaker"
    let remedy = change.remedy.map { ". To do: \($0)" } ?? ""
    switch change.state {
    case .open: return []
    case .failed: return [PlainLine("\(name) failed: \(change.text)\(remedy)", .warning, at: now)]
    case .xrun: return [PlainLine("\(name) stumbled, \(change.xruns) so far", .warning, at: now)]
    case .lost: return [PlainLine("\(name) lost: \(change.text)\(remedy)", .warning, at: now)]
    case .recovered: return [PlainLine("\(name) is back", .good, at: now)]
    case .ended: return [PlainLine("\(name): end of the input", .text, at: now)]
    }
  }

  // MARK: - On request

  /// How the session stands, in sentences.
  static func status(_ insight: Insight) -> [String] {
    var lines: [String] = []
    let link = insight.link
    let state = link.state.map { "\($0.rawValue == "ready" ? "connected" : $0.rawValue)" } ?? "starting"
    let trip = link.rttMs.map { ", round trip \(Figures.milliseconds($0)) milliseconds" } ?? ""
    lines.append("\(state)\(insight.start.map { ", \($0.url)" } ?? "")\(trip)")
    lines.append(
      "microphone \(insight.gate.muted ? "muted" : "on"), mode \(insight.gate.mode.rawValue)"
        + (insight.gate.pausedByServer ? ", held back by the server" : ""))
    lines += ServerFacts(insight).lines
    let turns = insight.turns.last?.number ?? 0
    var latency = "no response time yet"
    if insight.latency.count > 0 {
      let (p50, p95) = (Figure.responseTimeP50.text(in: insight), Figure.responseTimeP95.text(in: insight))
      latency = "response time p50 \(p50.number), p95 \(p95.number) milliseconds"
    }
    lines.append("\(Figures.count(turns, "turn")), \(latency)")
    lines.append(
      "sent \(Figures.count(insight.sent.messages, "message")), received \(insight.received.messages); "
        + "agent \(insight.playout.isPlaying ? "speaking" : "silent")")
    for fault in insight.faults.values.sorted(by: { $0.name.rawValue < $1.name.rawValue }) {
      lines.append("fault \(fault.name) in force")
    }
    return lines
  }
}

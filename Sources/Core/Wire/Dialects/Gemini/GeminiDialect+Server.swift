import Timeline

// A server: what it says, and what its messages mean.

extension GeminiDialect {
  // MARK: Saying

  /// The server's messages are JSON in binary messages.
  private static func message(_ members: [String: JSONValue]) -> WireMessage {
    .binary(Array(JSONValue.object(members).jsonText.utf8))
  }
  private static func content(_ member: String, _ value: JSONValue) -> WireMessage {
    message(["serverContent": .object([member: value])])
  }
  private static func transcription(_ text: String, isFinal: Bool = false) -> JSONValue {
    .object(isFinal ? ["text": .string(text), "finished": .bool(true)] : ["text": .string(text)])
  }

  func setupComplete(_ ready: Ready) -> WireMessage {
    Self.message(["setupComplete": .object(ready.sessionID.isEmpty ? [:] : ["sessionId": .string(ready.sessionID)])])
  }

  mutating func sayAsServer(_ what: VoiceEvent) -> [WireMessage] {
    switch what {
    case .ready(let ready):
      // It answers the client's setup.
      guard link.hasSetup else {
        earlyReady = ready
        return []
      }
      return [setupComplete(ready)]
    case .userSpeechStart: return card.turns == .byClient ? [] : [activity("ACTIVITY_START")]
    case .userSpeechEnd: return card.turns == .byClient ? [] : [activity("ACTIVITY_END")]
    case .transcriptInterim(let text):
      return link.transcribesInput ? [Self.content("interimInputTranscription", Self.transcription(text))] : []
    case .transcriptFinal(let text):
      guard link.transcribesInput else { return [] }
      return [Self.content("inputTranscription", Self.transcription(text, isFinal: true))]
    case .responseText(let text):
      if link.answersInText { return [Self.turn(.object(["text": .string(text)]))] }
      return link.transcribesOutput ? [Self.content("outputTranscription", Self.transcription(text))] : []
    case .audio(let payload): return link.answersInText ? [] : [Self.audio(payload)]
    case .responseComplete:
      // A turn with calls goes on when they are answered.
      guard link.calls.isEmpty else { return [] }
      return [Self.content("generationComplete", .bool(true)), Self.content("turnComplete", .bool(true))]
    case .interrupted: return [Self.content("interrupted", .bool(true)), Self.content("turnComplete", .bool(true))]
    case .toolCall(let call):
      let arguments = (try? JSONValue(parsing: call.arguments.utf8)) ?? .null
      let isObject = if case .object = arguments { true } else { false }
      let json: [String: JSONValue] = [
        "id": .string(call.id), "name": .string(call.name),
        "args": isObject ? arguments : .object(["value": arguments]),
      ]
      return [Self.message(["toolCall": .object(["functionCalls": .array([.object(json)])])])]
    case .toolCallsCancelled(let ids):
      return [Self.message(["toolCallCancellation": .object(["ids": .array(ids.map { .string($0) })])])]
    case .usage(let usage): return [Self.message(["usageMetadata": Self.json(usage)])]
    case .expiry(.inSeconds(let seconds)):
      guard seconds.isFinite else { return [] }
      return [Self.message(["goAway": .object(["timeLeft": .string(Self.seconds(seconds))])])]
    case .resumeToken(let handle):
      let update: [String: JSONValue] = ["newHandle": .string(handle), "resumable": .bool(true)]
      return [Self.message(["sessionResumptionUpdate": .object(update)])]
    default: return []
    }
  }

  private func activity(_ type: String) -> WireMessage {
    let offset = Self.seconds(link.heardMs / 1000)
    return Self.message([
      "voiceActivity": .object(["type": .string(type), "audioOffset": .string(offset)])
    ])
  }

  /// A length of time as protocol buffers have it, in thousandths.
  private static func seconds(_ seconds: Double) -> String {
    let thousandths = Int((min(max(seconds, 0), 1e9) * 1000).rounded())
    let rest = thousandths % 1000
    guard rest > 0 else { return "\(thousandths / 1000)s" }
    return "\(thousandths / 1000).\(String(1000 + rest).dropFirst())s"
  }

  private static func turn(_ part: JSONValue) -> WireMessage {
    content("modelTurn", .object(["role": .string("model"), "parts": .array([part])]))
  }

  private static func audio(_ payload: AudioPayload) -> WireMessage {
    let rate = payload.rate ?? card.downlink.preferred.rate
    let head = "{\"serverContent\":{\"modelTurn\":{\"role\":\"model\",\"parts\":[{\"inlineData\":"
    return .binary(audio(payload.bytes, rate: rate, before: head, after: "}]}}}"))
  }

  private static func json(_ usage: Usage) -> JSONValue {
    var members: [String: JSONValue] = [:]
    for (name, count) in [
      ("promptTokenCount", usage.inputTokens), ("responseTokenCount", usage.outputTokens),
      ("totalTokenCount", usage.totalTokens),
    ] {
      members[name] = count.map { .number(Double($0)) }
    }
    return .object(members)
  }

  // MARK: Reading

  mutating func readServer(_ message: GeminiMessage) -> [Part] {
    let object = message.object
    var parts: [Part] = []
    if let complete = object.member("setupComplete") {
      let ready = Ready(sessionID: Self.name(complete.member("sessionId")) ?? "", resumed: link.isResuming)
      parts.append(Part("setupComplete", [.ready(ready)]))
    }
    if let content = object.member("serverContent") { parts += readContents(content, message) }
    if let call = object.member("toolCall") { parts.append(readCalls(call)) }
    if let cancelled = object.member("toolCallCancellation") {
      let ids = (cancelled.member("ids") ?? .null).elements(atMost: 32).compactMap { Self.name($0) }
      ids.forEach { link.answered($0) }
      parts.append(Part("toolCallCancellation", [.toolCallsCancelled(ids)]))
    }
    if let usage = object.member("usageMetadata") { parts.append(Part("usageMetadata", [.usage(Self.usage(usage))])) }
    if let end = object.member("goAway") {
      let left = Self.seconds(end.member("timeLeft"))
      parts.append(Part("goAway", left.map { [.expiry(.inSeconds($0))] } ?? []))
    }
    if let update = object.member("sessionResumptionUpdate") { parts.append(Self.resumption(update)) }
    if let activity = object.member("voiceActivity") {
      // The second name is that of the vendor's other service.
      let type = (activity.member("type") ?? activity.member("voiceActivityType"))?.stringValue ?? ""
      let offset = Self.seconds(activity.member("audioOffset")).map { "at \($0) s of audio" }
      parts.append(Self.edge("voiceActivity", isStart: type.hasSuffix("START"), isEnd: type.hasSuffix("END"), offset))
    }
    if let signal = object.member("voiceActivityDetectionSignal") {
      let type = signal.member("vadSignalType")?.stringValue ?? ""
      parts.append(
        Self.edge("voiceActivityDetectionSignal", isStart: type.hasSuffix("SOS"), isEnd: type.hasSuffix("EOS"), nil))
    }
    if let error = object.member("error") { parts.append(Self.error(error)) }
    return parts
  }

  private static func edge(_ name: String, isStart: Bool, isEnd: Bool, _ summary: String?) -> Part {
    Part(name, isStart ? [.userSpeechStart] : isEnd ? [.userSpeechEnd] : [], summary: summary)
  }

  /// Where the service refuses before the session has begun, and some gateways within it.
  private static func error(_ error: JSONValue) -> Part {
    let text = error.member("message")?.stringValue ?? error.stringValue ?? "(no message)"
    let code = error.member("status")?.stringValue ?? error.member("code")?.intValue.map(String.init)
    return Part(
      "error",
      [
        .error(
          ServerError(message: LoneSurrogates.settled(text), code: code.map(LoneSurrogates.settled), isFatal: true))
      ])
  }

  private static func resumption(_ update: JSONValue) -> Part {
    let isResumable = update.member("resumable")?.boolValue ?? true
    guard isResumable, let handle = update.member("newHandle")?.stringValue, !handle.isEmpty else {
      return Part("sessionResumptionUpdate", summary: "the session cannot be resumed from here")
    }
    return Part("sessionResumptionUpdate", [.resumeToken(handle)])
  }

  private static func usage(_ usage: JSONValue) -> Usage {
    Usage(
      inputTokens: usage.member("promptTokenCount")?.intValue,
      outputTokens: usage.member("responseTokenCount")?.intValue,
      totalTokens: usage.member("totalTokenCount")?.intValue)
  }

  /// A length of time such as `9.5s`.
  private static func seconds(_ value: JSONValue?) -> Double? {
    guard let text = value?.stringValue, text.hasSuffix("s"), text.utf8.count <= 40 else { return nil }
    return Double(text.dropLast()).flatMap { (0...1e9).contains($0) ? $0 : nil }
  }

  private mutating func readCalls(_ call: JSONValue) -> Part {
    var (part, names) = (Part("toolCall", words()), [String]())
    for one in (call.member("functionCalls") ?? .null).elements(atMost: 32) {
      guard let id = Self.name(one.member("id")), let name = Self.name(one.member("name")) else {
        part.events.append(.malformed(what: "functionCalls", reason: "no string \"id\" and \"name\""))
        continue
      }
      link.called(id, name)
      names.append(name)
      let arguments = (one.member("args") ?? .object([:])).jsonText
      part.events.append(.toolCall(ToolCall(id: id, name: name, arguments: LoneSurrogates.settled(arguments))))
    }
    part.summary = names.joined(separator: ", ")
    return part
  }

  // MARK: Contents

  /// What the user has said up to here, as a final text, if there is any.
  private mutating func words() -> [VoiceEvent] { link.takeWords().map { [.transcriptFinal($0)] } ?? [] }

  /// The contents of a message, in the order in which they are to be taken.
  private mutating func readContents(_ content: JSONValue, _ message: GeminiMessage) -> [Part] {
    var parts: [Part] = []
    func add(_ name: String, _ events: [VoiceEvent] = [], summary: String? = nil) {
      parts.append(Part(name, events, summary: summary))
    }
    if let interim = content.member("interimInputTranscription")?.member("text")?.stringValue {
      add("interimInputTranscription", [.transcriptInterim(LoneSurrogates.settled(link.words + interim))])
    }
    if let said = content.member("inputTranscription") { add("inputTranscription", heard(said)) }
    if let said = content.member("outputTranscription") {
      let text = said.member("text")?.stringValue ?? ""
      if !text.isEmpty { begin() }
      add("outputTranscription", text.isEmpty ? [] : [.responseText(text)])
    }
    if let turn = content.member("modelTurn") {
      let (events, summary) = readTurn(turn, message)
      add("modelTurn", events, summary: summary)
    }
    if content.member("interrupted")?.boolValue == true { add("interrupted", cut()) }
    if content.member("generationComplete")?.boolValue == true { add("generationComplete", complete()) }
    if content.member("turnComplete")?.boolValue == true {
      let reason = content.member("turnCompleteReason")?.stringValue.map(LoneSurrogates.settled)
      add("turnComplete", endTurn(), summary: reason)
    }
    guard parts.isEmpty, case .object(let members) = content else { return parts }
    // Sources, states and what is new: shown, and no events.
    return [Part(members.keys.min().map(Self.excerpt) ?? "serverContent")]
  }

  private mutating func heard(_ said: JSONValue) -> [VoiceEvent] {
    let text = link.heard(said.member("text")?.stringValue ?? "")
    guard said.member("finished")?.boolValue == true else {
      return text.isEmpty ? [] : [.transcriptInterim(LoneSurrogates.settled(text))]
    }
    return [.transcriptFinal(link.takeWords() ?? "")]
  }

  private mutating func readTurn(_ turn: JSONValue, _ message: GeminiMessage) -> ([VoiceEvent], String?) {
    var (events, thoughts): ([VoiceEvent], [String]) = ([], [])
    for part in (turn.member("parts") ?? .null).elements(atMost: 64) {
      if let text = part.member("text")?.stringValue {
        if part.member("thought")?.boolValue == true {
          thoughts.append(LoneSurrogates.settled(text))
        } else if !text.isEmpty {
          events.append(.responseText(text))
        }
      }
      if let blob = part.member("inlineData"), blob.member("mimeType")?.stringValue?.hasPrefix("audio/") != false {
        events.append(audio(blob, in: message, from: .server))
      }
    }
    if !events.isEmpty { begin() }
    return (events, thoughts.isEmpty ? nil : "thinks: \(thoughts.joined(separator: " "))")
  }

  // MARK: The turn

  /// Something of an answer. Words may come after it was told to be whole.
  private mutating func begin() { if !link.isEnded { link.isGenerating = true } }

  private mutating func complete() -> [VoiceEvent] {
    guard !link.isEnded else { return [] }
    (link.isGenerating, link.isEnded) = (false, true)
    return words() + [.responseComplete]
  }

  /// What the user has said meanwhile belongs to the turn that cuts this one, once this one's words were told.
  private mutating func cut() -> [VoiceEvent] {
    let isGenerating = link.isGenerating
    (link.isGenerating, link.isEnded) = (false, true)
    return (isGenerating ? words() : []) + [.interrupted]
  }

  /// A turn ends after its answer was told to be whole or cut. Where neither was told, there was none, or the server has
  /// left it out.
  private mutating func endTurn() -> [VoiceEvent] {
    let wasEnded = link.isEnded
    (link.isGenerating, link.isEnded) = (false, false)
    return wasEnded ? [] : words() + [.responseComplete]
  }
}

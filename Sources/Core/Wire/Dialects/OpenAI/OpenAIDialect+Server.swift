import FoundationEssentials

// A server: what it says.
//
// One event of other dialects is several messages here. Names and places of what is open are those of `link`, which has
// read every message that was said before.

extension OpenAIDialect {
  mutating func sayAsServer(_ what: VoiceEvent, _ of: WireRef?) -> [WireMessage] {
    switch what {
    case .ready(let ready):
      var session = OpenAISettings.fresh(model: model)
      session.merge(.object(["id": .string(ready.sessionID)]))
      return [event("session.created", ["session": session.json])]
    case .configApplied(let flat): return [event("session.updated", ["session": effective(flat)])]
    case .userSpeechStart: return speechStarted()
    case .userSpeechEnd: return speechStopped()
    case .transcriptInterim(let text): return interim(text)
    case .transcriptFinal(let text): return final(text)
    case .rateLimits(let limits):
      return [event("rate_limits.updated", ["rate_limits": .array(limits.map(Self.json))])]
    case .error(let error): return [say(error)]
    case .responseStarted: return link.active == nil ? begin(of).messages : []
    case .responseText(let text): return say(words: text, of)
    case .audio(let payload): return say(audio: payload.bytes, of)
    case .toolCall(let call): return say(call, of)
    case .responseComplete: return end("completed", .null, of)
    case .interrupted:
      let reason = link.active?.isCancelAsked == true ? "client_cancelled" : "turn_detected"
      return end("cancelled", .object(["type": .string("cancelled"), "reason": .string(reason)]), of)
    default: return []
    }
  }

  // MARK: The session

  /// All settings in force, those of the flat names on top of what the client has asked for.
  private func effective(_ flat: JSONValue) -> JSONValue {
    var settings = link.settings
    if settings.members.isEmpty { settings = .fresh(model: model) }
    if let asked = link.asked { settings.grant(asked) }
    guard case .object(var members) = flat else { return settings.json }
    // Who ends the turns is the client's choice; what is turned off has no settings, and is not turned on by them.
    members["turn_detection"] = nil
    if settings.detector != "server_vad" { members["endpointing"] = nil }
    if !settings.transcribes, members["transcription"]?.stringValue == nil { members["language"] = nil }
    settings.merge(settings.session(members, transcription: transcription))
    return settings.json
  }

  private mutating func say(_ error: ServerError) -> WireMessage {
    let isClients = Self.clientFaults.contains(error.code ?? "")
    return event(
      "error",
      [
        "error": .object([
          "type": .string(isClients ? "invalid_request_error" : "server_error"),
          "code": error.code.map { .string($0) } ?? .null, "message": .string(error.message), "param": .null,
          "event_id": isClients ? link.lastClientEvent.map { .string($0) } ?? .null : .null,
        ])
      ])
  }

  /// Codes of errors that answer the client's last message.
  private static let clientFaults: Set<String> = [
    "malformed", "unknown_type", "unexpected", "bad_config", "bad_format", "bad_text", "too_fast",
  ]

  private static func json(_ limit: RateLimit) -> JSONValue {
    func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
    return .object([
      "name": .string(limit.name), "limit": number(limit.limit.map(Double.init)),
      "remaining": number(limit.remaining.map(Double.init)), "reset_seconds": number(limit.resetSeconds),
    ])
  }

  // MARK: The user

  private mutating func speechStarted() -> [WireMessage] {
    // Without a detector nobody is told what it hears.
    guard !link.settings.isManual else { return [] }
    let start = max(0, link.heardMs - link.settings.prefixPaddingMs)
    return [
      event(
        "input_audio_buffer.speech_started",
        ["audio_start_ms": Self.whole(start), "item_id": .string(nextName("item"))])
    ]
  }

  private mutating func speechStopped() -> [WireMessage] {
    guard !link.settings.isManual else { return [] }
    let item = link.committedSpeech ?? link.speechItem ?? nextName("item")
    let stopped = event(
      "input_audio_buffer.speech_stopped",
      ["audio_end_ms": Self.whole(link.heardMs), "item_id": .string(item)])
    return link.committedSpeech == nil ? [stopped] + commit(item, after: link.lastItem) : [stopped]
  }

  private mutating func commit(_ item: String, after previous: String?) -> [WireMessage] {
    let before: JSONValue = previous.map { .string($0) } ?? .null
    let content = JSONValue.object(["type": .string("input_audio"), "transcript": .null])
    let json: [String: JSONValue] = [
      "id": .string(item), "object": .string("realtime.item"), "type": .string("message"), "role": .string("user"),
      "status": .string("completed"), "content": .array([content]),
    ]
    let committed = event("input_audio_buffer.committed", ["item_id": .string(item), "previous_item_id": before])
    return [committed] + added(json, after: before, isDone: true)
  }

  private mutating func added(_ item: [String: JSONValue], after before: JSONValue, isDone: Bool) -> [WireMessage] {
    let fields: [String: JSONValue] = ["item": .object(item), "previous_item_id": before]
    let added = event("conversation.item.added", fields)
    return isDone ? [added] + done(.object(item), after: before) : [added]
  }

  /// The beta shape has no word for it: there an item is only created.
  private mutating func done(_ item: JSONValue, after before: JSONValue) -> [WireMessage] {
    guard shape == .current else { return [] }
    return [event("conversation.item.done", ["item": item, "previous_item_id": before])]
  }

  private mutating func interim(_ text: String) -> [WireMessage] {
    guard link.settings.transcribes else { return [] }
    let item = link.speechItem ?? link.awaited.last?.id ?? nextName("item")
    // Only what is added can be said. What was understood otherwise is said in the end.
    let before = link.interim(of: item)
    guard text.hasPrefix(before), text.count > before.count else { return [] }
    return [
      event(
        "conversation.item.input_audio_transcription.delta",
        [
          "item_id": .string(item), "content_index": .number(0),
          "delta": .string(String(text.dropFirst(before.count))),
        ])
    ]
  }

  private mutating func final(_ text: String) -> [WireMessage] {
    guard link.settings.transcribes else { return [] }
    let (item, ms) = link.awaited.first ?? (link.speechItem ?? nextName("item"), link.uncommittedMs)
    return [
      event(
        "conversation.item.input_audio_transcription.completed",
        [
          "item_id": .string(item), "content_index": .number(0), "transcript": .string(text),
          "usage": .object(["type": .string("duration"), "seconds": .number((ms / 10).rounded() / 100)]),
        ])
    ]
  }

  static func whole(_ ms: Double) -> JSONValue { .number(min(max(ms, 0), 1e12).rounded()) }

  // MARK: A response

  /// A response as it is about to be, and the messages that make it so.
  private struct Draft {
    var response: OpenAILink.Response
    var lastItem: String?
    var messages: [WireMessage] = []
  }

  private mutating func begin(_ of: WireRef?) -> Draft {
    if let active = link.active { return Draft(response: active, lastItem: link.lastItem) }
    let request = link.request
    let response = OpenAILink.Response(
      id: of?.response ?? nextName("resp"),
      modalities: OpenAISettings.modalities(request) ?? link.settings.modalities,
      metadata: request?["metadata"] ?? .null)
    var draft = Draft(response: response, lastItem: link.lastItem)
    draft.messages = [event("response.created", ["response": described(response, "in_progress", .null)])]
    return draft
  }

  private func described(_ response: OpenAILink.Response, _ status: String, _ details: JSONValue) -> JSONValue {
    var members: [String: JSONValue] = [
      "id": .string(response.id), "object": .string("realtime.response"), "status": .string(status),
      "status_details": details, "output": .array(response.output), "metadata": response.metadata, "usage": .null,
      "output_modalities": .array(response.modalities.map { .string($0) }),
    ]
    if let format = link.request?["audio"]?["output"]?["format"], OpenAISettings.form(format) != nil {
      members["audio"] = .object(["output": .object(["format": format])])
    }
    return .object(members)
  }

  private func place(_ draft: Draft) -> [String: JSONValue] {
    [
      "response_id": .string(draft.response.id), "item_id": .string(draft.response.item ?? ""),
      "output_index": .number(Double(draft.response.outputIndex)),
    ]
  }
  private func partPlace(_ draft: Draft) -> [String: JSONValue] {
    place(draft).merging(["content_index": .number(0)]) { $1 }
  }

  /// A message of the agent that words and audio can be said in.
  private mutating func openPart(_ of: WireRef?) -> Draft {
    var draft = begin(of)
    guard draft.response.part == nil else { return draft }
    let item = of?.item ?? nextName("item")
    let json: [String: JSONValue] = [
      "id": .string(item), "object": .string("realtime.item"), "type": .string("message"),
      "role": .string("assistant"), "status": .string("in_progress"), "content": .array([]),
    ]
    let isText = draft.response.modalities == ["text"]
    (draft.response.item, draft.response.part, draft.response.words) = (item, isText ? "text" : "audio", "")
    let before: JSONValue = draft.lastItem.map { .string($0) } ?? .null
    draft.messages.append(
      event(
        "response.output_item.added",
        [
          "response_id": .string(draft.response.id), "output_index": .number(Double(draft.response.outputIndex)),
          "item": .object(json),
        ]))
    draft.messages += added(json, after: before, isDone: false)
    let part: [String: JSONValue] =
      isText
      ? ["type": .string("text"), "text": .string("")] : ["type": .string("audio"), "transcript": .string("")]
    draft.messages.append(
      event("response.content_part.added", partPlace(draft).merging(["part": .object(part)]) { $1 }))
    draft.lastItem = item
    return draft
  }

  private mutating func say(words: String, _ of: WireRef?) -> [WireMessage] {
    let draft = openPart(of)
    let kind = draft.response.part == "text" ? "output_text" : "output_audio_transcript"
    return draft.messages + [
      event("response.\(kind).delta", partPlace(draft).merging(["delta": .string(words)]) { $1 })
    ]
  }

  private mutating func say(audio: [UInt8], _ of: WireRef?) -> [WireMessage] {
    let draft = openPart(of)
    // A response in text alone has no audio.
    guard draft.response.part == "audio" else { return draft.messages }
    let name = nextName("event")
    let plain = OpenAIAudio.delta(
      audio, type: shape.typeName("response.output_audio.delta"), event: name, response: draft.response.id,
      item: draft.response.item ?? "", outputIndex: draft.response.outputIndex)
    if let plain { return draft.messages + [plain] }
    let delta = JSONValue.string(Data(audio).base64EncodedString())
    return draft.messages + [event("response.output_audio.delta", partPlace(draft).merging(["delta": delta]) { $1 })]
  }

  private mutating func say(_ call: ToolCall, _ of: WireRef?) -> [WireMessage] {
    var draft = begin(of)
    close(&draft, "completed")
    let item = nextName("item")
    func json(_ status: String, _ arguments: String) -> [String: JSONValue] {
      [
        "id": .string(item), "object": .string("realtime.item"), "type": .string("function_call"),
        "status": .string(status), "call_id": .string(call.id), "name": .string(call.name),
        "arguments": .string(arguments),
      ]
    }
    draft.response.item = item
    let output: [String: JSONValue] = [
      "response_id": .string(draft.response.id), "output_index": .number(Double(draft.response.outputIndex)),
    ]
    let before: JSONValue = draft.lastItem.map { .string($0) } ?? .null
    draft.messages.append(
      event("response.output_item.added", output.merging(["item": .object(json("in_progress", ""))]) { $1 }))
    draft.messages += added(json("in_progress", ""), after: before, isDone: false)
    let fields = place(draft).merging(["call_id": .string(call.id)]) { $1 }
    draft.messages.append(
      event(
        "response.function_call_arguments.delta", fields.merging(["delta": .string(call.arguments)]) { $1 }))
    draft.messages.append(
      event(
        "response.function_call_arguments.done",
        fields.merging(["name": .string(call.name), "arguments": .string(call.arguments)]) { $1 }))
    let whole = JSONValue.object(json("completed", call.arguments))
    draft.messages.append(event("response.output_item.done", output.merging(["item": whole]) { $1 }))
    draft.messages += done(whole, after: before)
    return draft.messages
  }

  /// Ends the message that is being said, if there is one.
  private mutating func close(_ draft: inout Draft, _ status: String) {
    guard let part = draft.response.part, let item = draft.response.item else { return }
    let words = JSONValue.string(LoneSurrogates.settled(draft.response.words))
    let fields = partPlace(draft)
    let (kind, member) = part == "text" ? ("output_text", "text") : ("output_audio", "transcript")
    if part == "text" {
      draft.messages.append(event("response.output_text.done", fields.merging(["text": words]) { $1 }))
    } else {
      draft.messages.append(event("response.output_audio.done", fields))
      draft.messages.append(
        event("response.output_audio_transcript.done", fields.merging(["transcript": words]) { $1 }))
    }
    draft.messages.append(
      event(
        "response.content_part.done",
        fields.merging(["part": .object(["type": .string(part), member: words])]) { $1 }))
    let json = JSONValue.object([
      "id": .string(item), "object": .string("realtime.item"), "type": .string("message"),
      "role": .string("assistant"), "status": .string(status),
      "content": .array([.object(["type": .string(kind), member: words])]),
    ])
    draft.messages.append(
      event(
        "response.output_item.done",
        [
          "response_id": .string(draft.response.id), "output_index": .number(Double(draft.response.outputIndex)),
          "item": json,
        ]))
    draft.messages += done(json, after: .null)
    draft.response.output.append(json)
    draft.response.outputIndex += 1
    (draft.response.part, draft.response.item) = (nil, nil)
  }

  private mutating func end(_ status: String, _ details: JSONValue, _ of: WireRef?) -> [WireMessage] {
    var draft = begin(of)
    close(&draft, status == "completed" ? "completed" : "incomplete")
    return draft.messages + [event("response.done", ["response": described(draft.response, status, details)])]
  }

  // MARK: Manners

  /// Answers to what needs no agent.
  mutating func owesAsServer() -> [WireMessage] {
    let debts = link.debts
    link.debts = []
    var last = link.lastItem
    var messages: [WireMessage] = []
    for debt in debts {
      switch debt {
      case .message(let type, let fields): messages.append(event(type, fields))
      case .commit:
        let item = link.speechItem ?? nextName("item")
        messages += commit(item, after: last)
        last = item
      case .item(var json):
        let name = OpenAIEvent.name(json["id"]) ?? nextName("item")
        json["id"] = .string(name)
        json["object"] = .string("realtime.item")
        json["status"] = json["status"].flatMap { $0 == .null ? nil : $0 } ?? .string("completed")
        messages += added(json, after: last.map { .string($0) } ?? .null, isDone: true)
        last = name
      case .error(let code, let message, let param, let eventID):
        messages.append(
          event(
            "error",
            [
              "error": .object([
                "type": .string("invalid_request_error"), "code": .string(code), "message": .string(message),
                "param": param.map { .string($0) } ?? .null, "event_id": eventID.map { .string($0) } ?? .null,
              ])
            ]))
      }
    }
    return messages
  }
}

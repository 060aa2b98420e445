import Timeline

// A client: what it says, and what its messages mean.

extension OpenAIDialect {
  // MARK: Saying

  /// The settings with which a conversation begins.
  mutating func opening() -> WireMessage {
    var flat: [String: JSONValue] = [
      "output_modalities": .array([.string("audio")]),
      "uplink_format": .string(OpenAISettings.formatName(wanted.uplink ?? Self.standardForm) ?? "audio/pcm"),
      "downlink_format": .string(OpenAISettings.formatName(wanted.downlink ?? Self.standardForm) ?? "audio/pcm"),
      "transcription": .string(transcription),
      "turn_detection": wanted.isManual ? .null : .string("server_vad"),
    ]
    flat.merge(wanted.conversation) { $1 }
    // What the server has chosen by itself is its own affair.
    return event("session.update", ["session": OpenAISettings().session(flat, transcription: transcription)])
  }

  private mutating func update(_ flat: [String: JSONValue]) -> WireMessage {
    var current = link.settings
    current.merge(link.asked)
    return event("session.update", ["session": current.session(flat, transcription: transcription)])
  }

  mutating func sayAsClient(_ what: VoiceEvent, _ of: WireRef?) -> [WireMessage] {
    switch what {
    case .audio(let payload): return [OpenAIAudio.append(payload.bytes)]
    case .config(.object(let flat)): return [update(flat)]
    case .text(let text):
      let content = JSONValue.object(["type": .string("input_text"), "text": .string(text)])
      let item: [String: JSONValue] = [
        "type": .string("message"), "role": .string("user"), "content": .array([content]),
      ]
      return cancel() + [event("conversation.item.create", ["item": .object(item)]), event("response.create")]
    case .turnEnd: return [event("input_audio_buffer.commit")] + cancel() + [event("response.create")]
    case .audioDiscarded: return [event("input_audio_buffer.clear")]
    case .responseRequest(let settings):
      guard case .object(let members) = settings, !members.isEmpty else { return [event("response.create")] }
      return [event("response.create", ["response": settings])]
    case .interrupt:
      // A response that has ended cannot be cancelled: what is left of it is our own playout's affair.
      guard link.active != nil || !link.hasHadResponse else { return [] }
      return [event("response.cancel", link.active.map { ["response_id": .string($0.id)] } ?? [:])]
    case .heard(let heard): return truncate(heard)
    case .toolResult(let result):
      let item: [String: JSONValue] = [
        "type": .string("function_call_output"), "call_id": .string(result.id), "output": .string(result.output),
      ]
      let created = event("conversation.item.create", ["item": .object(item)])
      // The model goes on when it has all that it has asked for, and only one response can be in progress.
      guard !link.openCalls.contains(where: { $0 != result.id }) else { return [created] }
      owesRequest = link.active != nil
      return owesRequest ? [created] : [created, event("response.create")]
    default: return []
    }
  }

  /// What is said takes the place of the response in progress: beside it the server would begin no other.
  private mutating func cancel() -> [WireMessage] {
    guard let active = link.active, !active.isCancelAsked else { return [] }
    return [event("response.cancel", ["response_id": .string(active.id)])]
  }

  private mutating func truncate(_ heard: HeardAudio) -> [WireMessage] {
    guard let item = heard.of.item, let known = link.item(item), known.receivedMs > 0, heard.ms.isFinite else {
      return []
    }
    // The server answers with an error when more is said to be heard than it has sent.
    let ms = Int(min(max(heard.ms, 0), known.receivedMs, 1e12))
    return [
      event(
        "conversation.item.truncate",
        [
          "item_id": .string(item), "content_index": .number(Double(heard.of.part ?? 0)),
          "audio_end_ms": .number(Double(ms)),
        ])
    ]
  }

  mutating func owesAsClient() -> [WireMessage] {
    guard owesRequest, link.active == nil else { return [] }
    owesRequest = false
    return [event("response.create")]
  }

  // MARK: Reading

  mutating func readClient(_ event: OpenAIEvent, _ type: String) -> Reading {
    let id = event.name("event_id")
    link.sawClientEvent(id, type)
    switch type {
    case "session.update": return readUpdate(event, type)
    case "input_audio_buffer.append": return readAppend(event, type)
    case "input_audio_buffer.commit": return readCommit(type, id)
    case "input_audio_buffer.clear":
      link.uncommittedMs = 0
      link.owe(.message(type: "input_audio_buffer.cleared", fields: [:]))
      return Reading(type, [.audioDiscarded])
    case "conversation.item.create": return readItem(event, type)
    case "conversation.item.truncate": return readTruncate(event, type, id)
    case "conversation.item.delete", "conversation.item.retrieve": return readItemRequest(event, type, id)
    case "response.create": return readRequest(event, type, id)
    case "response.cancel": return readCancel(event, type, id)
    case "output_audio_buffer.clear":
      link.owe(
        .error(
          code: "invalid_event", message: "output_audio_buffer.clear is for WebRTC and SIP only.", param: "type",
          eventID: id))
      return Reading(type, [], summary: "for WebRTC and SIP only")
    default: return Reading(type, [.unknown(type: type)])
    }
  }

  private mutating func readUpdate(_ event: OpenAIEvent, _ type: String) -> Reading {
    let session = event["session"] ?? .null
    if let fault = OpenAISettings.fault(in: session) { return Reading(type, [.malformed(what: type, reason: fault)]) }
    var asked = OpenAISettings(link.asked)
    asked.merge(session)
    link.asked = asked.json
    agree()
    return Reading(type, [.config(.object(OpenAISettings.flat(session)))])
  }

  private mutating func readAppend(_ event: OpenAIEvent, _ type: String) -> Reading {
    guard let base64 = event["audio"]?.stringValue else {
      return Reading(type, [.malformed(what: type, reason: "no base64 string in \"audio\"")])
    }
    switch Base64Text.decode(base64) {
    case .failure(let problem): return Reading(type, [.malformed(what: type, reason: problem.reason)])
    case .success(let decoded): return read(OpenAIAudio(type: type, bytes: decoded.bytes), from: .client)
    }
  }

  private mutating func readCommit(_ type: String, _ id: String?) -> Reading {
    // The server takes no less than this (docs/openai.md).
    guard link.uncommittedMs >= 100 else {
      let has = (link.uncommittedMs * 100).rounded() / 100
      link.owe(
        .error(
          code: "input_audio_buffer_commit_empty",
          message:
            "Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer "
            + "only has \(has)ms of audio.", param: nil, eventID: id))
      return Reading(type, [.turnEnd], summary: "\(has) ms of audio")
    }
    link.commitMs = link.uncommittedMs
    link.uncommittedMs = 0
    link.owe(.commit)
    return Reading(type, [.turnEnd])
  }

  private mutating func readItem(_ event: OpenAIEvent, _ type: String) -> Reading {
    guard case .object(let item)? = event["item"], let kind = item["type"]?.stringValue else {
      return Reading(type, [.malformed(what: type, reason: "no object \"item\" with a \"type\"")])
    }
    link.owe(.item(item))
    let of = WireRef(item: OpenAIEvent.name(item["id"]))
    switch kind {
    case "function_call_output":
      guard let call = OpenAIEvent.name(item["call_id"]) else {
        return Reading(type, [.malformed(what: type, reason: "no string \"call_id\"")])
      }
      let output = item["output"].map { $0.stringValue.map(LoneSurrogates.settled) ?? $0.jsonText } ?? ""
      let result = ToolResult(id: call, name: link.tool(of: call), output: output)
      link.answered(call)
      return Reading(type, [.toolResult(result)], of: of)
    case "message":
      let words = Self.words(item["content"])
      let role = item["role"]?.stringValue ?? "?"
      // It is what the user says once an answer is asked for.
      if role == "user", !words.isEmpty { link.typed(words) }
      return Reading(type, [], of: of, summary: "\(role): \(words)")
    default: return Reading(type, [], of: of, summary: kind)
    }
  }

  /// The texts of an item's content.
  static func words(_ content: JSONValue?) -> String {
    guard case .array(let parts)? = content else { return "" }
    let texts = parts.prefix(64).compactMap { $0["text"]?.stringValue ?? $0["transcript"]?.stringValue }
    return LoneSurrogates.settled(texts.joined(separator: " "))
  }

  private mutating func readTruncate(_ event: OpenAIEvent, _ type: String, _ id: String?) -> Reading {
    guard let name = event.name("item_id"), let ms = event["audio_end_ms"]?.numberValue, ms >= 0, ms < 1e12 else {
      return Reading(type, [.malformed(what: type, reason: "no \"item_id\" with an \"audio_end_ms\"")])
    }
    let part = event["content_index"]?.intValue
    guard let item = link.item(name), item.receivedMs > 0 else {
      link.owe(unknownItem(name, "truncate", id))
      return Reading(type, [], of: WireRef(item: name, part: part), summary: "no such audio")
    }
    guard ms <= item.receivedMs + 1 else {
      link.owe(
        .error(
          code: "invalid_value",
          message: "Audio content of \(Int(item.receivedMs))ms is already shorter than \(Int(ms))ms",
          param: "audio_end_ms", eventID: id))
      return Reading(type, [], of: WireRef(item: name, part: part), summary: "beyond its end")
    }
    link.owe(
      .message(
        type: "conversation.item.truncated",
        fields: [
          "item_id": .string(name), "content_index": .number(Double(part ?? 0)), "audio_end_ms": .number(ms),
        ]))
    guard let of = WireRef(response: item.response, item: name, part: part ?? 0) else { return Reading(type, []) }
    return Reading(type, [.heard(HeardAudio(of: of, ms: ms))], of: of)
  }

  private mutating func readItemRequest(_ event: OpenAIEvent, _ type: String, _ id: String?) -> Reading {
    guard let name = event.name("item_id") else {
      return Reading(type, [.malformed(what: type, reason: "no string \"item_id\"")])
    }
    let isDeletion = type.hasSuffix("delete")
    let of = WireRef(item: name)
    guard let item = link.item(name) else {
      link.owe(unknownItem(name, isDeletion ? "delete" : "retrieve", id))
      return Reading(type, [], of: of, summary: "no such item")
    }
    if isDeletion {
      link.owe(.message(type: "conversation.item.deleted", fields: ["item_id": .string(name)]))
    } else {
      let bare: [String: JSONValue] = [
        "id": .string(name), "type": .string("message"), "role": .string("user"), "content": .array([]),
      ]
      link.owe(.message(type: "conversation.item.retrieved", fields: ["item": item.json ?? .object(bare)]))
    }
    return Reading(type, [], of: of)
  }

  private func unknownItem(_ name: String, _ act: String, _ id: String?) -> OpenAILink.Debt {
    .error(
      code: "item_\(act)_invalid_item_id",
      message: "Error with \(act): item with item_id '\(name)' was not found or has no audio.", param: "item_id",
      eventID: id)
  }

  private mutating func readRequest(_ event: OpenAIEvent, _ type: String, _ id: String?) -> Reading {
    let wanted = event["response"] ?? .object([:])
    if let active = link.active, !active.isCancelAsked {
      link.owe(
        .error(
          code: "conversation_already_has_active_response",
          message: "Conversation already has an active response in progress: \(active.id). Wait until the response is "
            + "finished before creating a new one.", param: nil, eventID: id))
      return Reading(type, [], of: WireRef(response: active.id), summary: "refused: a response is in progress")
    }
    link.request = wanted.jsonText.utf8.count <= 16_384 ? wanted : .object([:])
    if let text = link.takeTyped() { return Reading(type, [.text(text)]) }
    return Reading(type, [.responseRequest(wanted)])
  }

  private mutating func readCancel(_ event: OpenAIEvent, _ type: String, _ id: String?) -> Reading {
    let name = event.name("response_id")
    let isActive = name.map { link.response($0) != nil } ?? (link.active != nil)
    if isActive {
      link.change(response: name) { $0.isCancelAsked = true }
      return Reading(type, [.interrupt], of: WireRef(response: name ?? link.active?.id))
    }
    // A response that was asked for and has not begun may be meant.
    if name == nil, link.request != nil { return Reading(type, [.interrupt]) }
    link.owe(
      .error(
        code: "response_cancel_not_active", message: "Cancellation failed: no active response found", param: nil,
        eventID: id))
    return Reading(
      type, name == nil && !link.hasHadResponse ? [.interrupt] : [], of: WireRef(response: name),
      summary: "nothing to cancel")
  }
}

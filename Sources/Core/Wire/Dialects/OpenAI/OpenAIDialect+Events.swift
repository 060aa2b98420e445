import Timeline

// What a server's messages mean.

extension OpenAIDialect {
  mutating func readServer(_ event: OpenAIEvent, _ type: String) -> Reading {
    let of = event.reference
    switch type {
    case "session.created", "session.updated": return readSession(event, type)
    case "error": return readError(event, type)
    case "rate_limits.updated": return Reading(type, [.rateLimits(Self.limits(event["rate_limits"]))])
    case "conversation.created": return Reading(type, [])
    case _ where type.hasPrefix("input_audio_buffer."): return readBuffer(event, type, of)
    case _ where type.hasPrefix("conversation.item."): return readConversation(event, type, of)
    case _ where type.hasPrefix("response."): return readResponse(event, type, of)
    case "output_audio_buffer.started", "output_audio_buffer.stopped", "output_audio_buffer.cleared":
      return Reading(type, [], of: of)
    case "mcp_list_tools.in_progress", "mcp_list_tools.completed", "mcp_list_tools.failed":
      return Reading(type, [], of: of)
    default: return Reading(type, [.unknown(type: type)], of: of)
    }
  }

  // MARK: The session

  private mutating func readSession(_ event: OpenAIEvent, _ type: String) -> Reading {
    let session = event["session"] ?? .object([:])
    link.settings.merge(session)
    var events: [VoiceEvent] = [.configApplied(.object(OpenAISettings.flat(session)))]
    if type == "session.created" {
      link.sessionID = OpenAIEvent.name(session["id"]) ?? ""
      let other = shape.dialect == card.name ? nil : shape.dialect
      events.insert(.ready(Ready(sessionID: link.sessionID ?? "", otherDialect: other)), at: 0)
    } else {
      link.asked = nil
    }
    agree()
    if let end = session["expires_at"]?.numberValue, end > 0, end < 1e12 { events.append(.expiry(.at(end))) }
    return Reading(type, events)
  }

  private mutating func readError(_ event: OpenAIEvent, _ type: String) -> Reading {
    let error = event["error"]
    let fields = OpenAIEvent(error ?? .null)
    let code = fields.text("code") ?? event.text("code")
    let told =
      fields.text("message") ?? error?.stringValue.map(LoneSurrogates.settled) ?? event.text("message")
      ?? "(no message)"
    let answered = fields.name("event_id")
    var summary: String?
    if let answered {
      let about = link.clientEventType(answered)
      if about == "session.update" { link.asked = nil }
      summary = "\(code ?? "error"): \(told) (answers \(about.map { "\($0), " } ?? "")\(answered))"
    }
    // A cancellation that comes too late: what was to end has ended.
    if code == "response_cancel_not_active" {
      return Reading(type, [], summary: summary ?? "\(code ?? "")): \(told)")
    }
    let isFatal = code == "session_expired"
    return Reading(
      type, [.error(ServerError(message: told, code: code ?? fields.text("type"), isFatal: isFatal))], summary: summary)
  }

  private static func limits(_ list: JSONValue?) -> [RateLimit] {
    guard case .array(let limits)? = list else { return [] }
    return limits.prefix(16).compactMap { limit in
      OpenAIEvent.name(limit["name"]).map {
        RateLimit(
          name: $0, limit: limit["limit"]?.intValue, remaining: limit["remaining"]?.intValue,
          resetSeconds: limit["reset_seconds"]?.numberValue)
      }
    }
  }

  // MARK: The user's audio

  private mutating func readBuffer(_ event: OpenAIEvent, _ type: String, _ of: WireRef?) -> Reading {
    switch type {
    case "input_audio_buffer.speech_started":
      (link.speechItem, link.committedSpeech) = (of?.item, nil)
      return Reading(type, [.userSpeechStart], of: of, summary: at(event, "audio_start_ms"))
    case "input_audio_buffer.speech_stopped":
      link.committedSpeech = nil
      return Reading(type, [.userSpeechEnd], of: of, summary: at(event, "audio_end_ms"))
    case "input_audio_buffer.committed":
      if let item = of?.item {
        link.committed(item)
        link.lastItem = item
      }
      return Reading(type, [], of: of)
    case "input_audio_buffer.cleared": return Reading(type, [])
    case "input_audio_buffer.timeout_triggered":
      return Reading(type, [], of: of, summary: at(event, "audio_end_ms").map { "nothing was said until \($0)" })
    case "input_audio_buffer.dtmf_event_received":
      guard let key = event.text("event") else { return Reading(type, []) }
      return Reading(type, [.dtmf(String(key.prefix(8)))])
    default: return Reading(type, [.unknown(type: type)], of: of)
    }
  }

  private func at(_ event: OpenAIEvent, _ field: String) -> String? {
    event[field]?.intValue.map { "at \($0) ms of audio" }
  }

  // MARK: The conversation

  private mutating func readConversation(_ event: OpenAIEvent, _ type: String, _ of: WireRef?) -> Reading {
    switch type {
    case "conversation.item.added", "conversation.item.done", "conversation.item.created":
      guard let item = of?.item, let json = event["item"] else { return Reading(type, [], of: of) }
      link.know(item: item, json)
      link.lastItem = item
      let words = Self.words(json["content"])
      let kind = json["role"]?.stringValue ?? json["type"]?.stringValue ?? "item"
      return Reading(type, [], of: of, summary: words.isEmpty ? kind : "\(kind): \(words)")
    case "conversation.item.deleted":
      if let item = of?.item { link.forget(item: item) }
      return Reading(type, [], of: of)
    case "conversation.item.retrieved": return Reading(type, [], of: of)
    case "conversation.item.truncated":
      return Reading(type, [], of: of, summary: event["audio_end_ms"]?.intValue.map { "\($0) ms are left" })
    case "conversation.item.input_audio_transcription.delta":
      let delta = event.text("delta") ?? ""
      return Reading(type, [.transcriptInterim(link.heard(delta, of: of?.item ?? ""))], of: of)
    case "conversation.item.input_audio_transcription.completed":
      link.understood(of?.item ?? "")
      guard let words = event.text("transcript") else {
        return Reading(type, [.malformed(what: type, reason: "no string \"transcript\"")], of: of)
      }
      return Reading(type, [.transcriptFinal(words)], of: of)
    case "conversation.item.input_audio_transcription.failed":
      link.understood(of?.item ?? "")
      let fields = OpenAIEvent(event["error"] ?? .null)
      let error = ServerError(
        message: fields.text("message") ?? "(no message)", code: fields.text("code") ?? fields.text("type"))
      return Reading(type, [.error(error), .transcriptFinal("")], of: of)
    case "conversation.item.input_audio_transcription.segment":
      return Reading(type, [], of: of, summary: event.text("text"))
    default: return Reading(type, [.unknown(type: type)], of: of)
    }
  }

  // MARK: Responses

  private mutating func readResponse(_ event: OpenAIEvent, _ type: String, _ of: WireRef?) -> Reading {
    switch type {
    case "response.created": return readCreated(event, type, of)
    case "response.done": return readDone(event, type, of)
    case "response.output_item.added", "response.output_item.done": return readOutputItem(event, type, of)
    case "response.content_part.added":
      link.change(response: of?.response) {
        $0.part = event["part"]?["type"]?.stringValue == "text" ? "text" : "audio"
        $0.words = ""
      }
      return Reading(type, [], of: of)
    case "response.content_part.done":
      link.change(response: of?.response) { $0.part = nil }
      return Reading(type, [], of: of)
    case _ where OpenAIAudio.isAudio(type, .server): return readAudio(event, type, of)
    case "response.output_audio_transcript.delta", "response.output_text.delta":
      guard let delta = event.delta("delta") else {
        return Reading(type, [.malformed(what: type, reason: "no string \"delta\"")], of: of)
      }
      link.change(response: of?.response) {
        if $0.words.utf8.count < OpenAILink.textCapacity { $0.words += delta }
      }
      return Reading(type, [.responseText(delta)], of: of)
    case "response.output_audio.done", "response.output_audio_transcript.done", "response.output_text.done":
      return Reading(type, [], of: of)
    case "response.function_call_arguments.delta": return Reading(type, [], of: of)
    case "response.function_call_arguments.done":
      let call = event.name("call_id")
      let name = event.name("name") ?? call.flatMap { link.tool(of: $0) }
      return Reading(type, toolCall(call, name, event["arguments"]).map { [$0] } ?? [], of: of)
    case _ where type.hasPrefix("response.mcp_call"): return Reading(type, [], of: of)
    default: return Reading(type, [.unknown(type: type)], of: of)
    }
  }

  private mutating func readCreated(_ event: OpenAIEvent, _ type: String, _ of: WireRef?) -> Reading {
    guard let id = of?.response else {
      return Reading(type, [.malformed(what: type, reason: "no object \"response\" with an \"id\"")])
    }
    let said = event["response"]
    let form = OpenAISettings.form(said?["audio"]?["output"]?["format"] ?? link.request?["audio"]?["output"]?["format"])
    let modalities =
      OpenAISettings.modalities(said) ?? OpenAISettings.modalities(link.request) ?? link.settings.modalities
    let metadata = said?["metadata"].flatMap { $0.jsonText.utf8.count <= 16_384 ? $0 : nil }
    link.begin(
      OpenAILink.Response(id: id, form: form, modalities: modalities, metadata: metadata ?? .null))
    link.request = nil
    if form != nil { agree() }
    return Reading(type, [.responseStarted], of: of)
  }

  private mutating func readOutputItem(_ event: OpenAIEvent, _ type: String, _ of: WireRef?) -> Reading {
    guard let item = of?.item, let json = event["item"] else { return Reading(type, [], of: of) }
    link.know(item: item, of: of?.response, json)
    let call = OpenAIEvent.name(json["call_id"])
    let isCall = json["type"]?.stringValue == "function_call"
    if isCall, let call, let name = OpenAIEvent.name(json["name"]) { link.name(name, of: call) }
    guard type.hasSuffix("done") else {
      link.change(response: of?.response) { $0.item = item }
      return Reading(type, [], of: of)
    }
    link.change(response: of?.response) {
      if $0.item == item { $0.item = nil }
      $0.outputIndex = min($0.outputIndex + 1, 1_000_000)
      if $0.output.count < 32, json.jsonText.utf8.count <= 65_536 { $0.output.append(json) }
    }
    guard isCall, json["status"]?.stringValue != "incomplete" else { return Reading(type, [], of: of) }
    return Reading(
      type, toolCall(call, OpenAIEvent.name(json["name"]), json["arguments"]).map { [$0] } ?? [], of: of)
  }

  private mutating func readAudio(_ event: OpenAIEvent, _ type: String, _ of: WireRef?) -> Reading {
    guard let base64 = event["delta"]?.stringValue else {
      return Reading(type, [.malformed(what: type, reason: "no base64 string in \"delta\"")], of: of)
    }
    switch Base64Text.decode(base64) {
    case .failure(let problem): return Reading(type, [.malformed(what: type, reason: problem.reason)], of: of)
    case .success(let decoded):
      return read(OpenAIAudio(type: type, bytes: decoded.bytes, reference: of), from: .server)
    }
  }

  /// A call, when it is told for the first time and all of it is known.
  private mutating func toolCall(_ call: String?, _ name: String?, _ arguments: JSONValue?) -> VoiceEvent? {
    guard let call, let name, let arguments = arguments?.stringValue, link.called(call) else { return nil }
    return .toolCall(ToolCall(id: call, name: name, arguments: LoneSurrogates.settled(arguments)))
  }

  private mutating func readDone(_ event: OpenAIEvent, _ type: String, _ of: WireRef?) -> Reading {
    let said = OpenAIEvent(event["response"] ?? .null)
    var events: [VoiceEvent] = []
    // Some servers tell of calls here alone.
    if case .array(let output)? = said["output"], said.text("status") != "cancelled" {
      for item in output.prefix(32) where item["type"]?.stringValue == "function_call" {
        let call = toolCall(OpenAIEvent.name(item["call_id"]), OpenAIEvent.name(item["name"]), item["arguments"])
        if let call { events.append(call) }
      }
    }
    if let usage = said["usage"] {
      events.append(
        .usage(
          Usage(
            inputTokens: usage["input_tokens"]?.intValue, outputTokens: usage["output_tokens"]?.intValue,
            totalTokens: usage["total_tokens"]?.intValue)))
    }
    if link.end(response: of?.response)?.form != nil { agree() }
    let details = OpenAIEvent(said["status_details"] ?? .null)
    let status = said.text("status")
    switch status {
    case "cancelled": events.append(.interrupted)
    case "failed":
      let error = OpenAIEvent(details["error"] ?? .null)
      events.append(
        .error(
          ServerError(
            message: error.text("message") ?? "the response has failed",
            code: error.text("code") ?? error.text("type") ?? "response_failed")))
      events.append(.responseComplete)
    default: events.append(.responseComplete)
    }
    let reason = details.text("reason").map { ", \($0)" } ?? ""
    return Reading(type, events, of: of, summary: status.map { "\($0)\(reason)" })
  }
}

import Testing
import Timeline
import Wire

/// What a client of OpenAI Realtime says.
@Suite struct OpenAIClientTests {
  private func opening(_ settings: DialectSettings = DialectSettings()) -> JSONValue? {
    var line = DialectLine(client: settings)
    line.say(.ready(Ready(sessionID: "s")), as: .server)
    return line.send(.opening(resume: nil), as: .client).first("session.update")?["session"]
  }

  @Test func theOpeningSaysTheSettings() throws {
    let session = try #require(
      opening(
        DialectSettings(
          options: ["transcription": "whisper-1"],
          conversation: [
            "instructions": .string("Be brief."), "voice": .string("marin"), "language": .string("de"),
            "endpointing": .number(300), "tools": .array([.object(["type": .string("function")])]),
          ])))
    #expect(session["type"] == .string("realtime"))
    #expect(session["instructions"] == .string("Be brief."))
    #expect(session["audio"]?["output"]?["voice"] == .string("marin"))
    #expect(
      session["audio"]?["input"]?["transcription"]
        == .object(["model": .string("whisper-1"), "language": .string("de")]))
    #expect(
      session["audio"]?["input"]?["turn_detection"]
        == .object(["type": .string("server_vad"), "silence_duration_ms": .number(300)]))
    #expect(
      session["audio"]?["input"]?["format"] == .object(["type": .string("audio/pcm"), "rate": .number(24_000)]))
    #expect(session["tools"] == .array([.object(["type": .string("function")])]))
    #expect(session["model"] == nil, "the model is in the address and cannot be changed")
  }

  @Test func whoEndsTheTurnsByHandTurnsTheDetectorOff() throws {
    let session = try #require(opening(DialectSettings(isManual: true)))
    #expect(session["audio"]?["input"]?["turn_detection"] == .null)
    #expect(OpenAIDialect(DialectSettings(isManual: true)).card.turns == .byClient)
    var line = DialectLine.ready(client: DialectSettings(isManual: true))
    line.say(DialectLine.audio(ms: 200), as: .client)
    #expect(line.say(.turnEnd, as: .client).types == ["input_audio_buffer.commit", "response.create"])
    #expect(
      line.owed(by: .server).types == [
        "input_audio_buffer.committed", "conversation.item.added", "conversation.item.done",
      ])
    // Its detector hears nothing, so it tells nothing.
    #expect(line.say(.userSpeechStart, as: .server).isEmpty && line.say(.userSpeechEnd, as: .server).isEmpty)
  }

  @Test(arguments: [
    (WireAudioForm(.mulaw, rate: 8000, .base64), "audio/pcmu"),
    (WireAudioForm(.alaw, rate: 8000, .base64), "audio/pcma"),
  ])
  func telephoneAudio(form: WireAudioForm, name: String) throws {
    let settings = DialectSettings(uplink: form, downlink: form)
    let session = try #require(opening(settings))
    #expect(session["audio"]?["input"]?["format"] == .object(["type": .string(name)]))
    #expect(session["audio"]?["output"]?["format"] == .object(["type": .string(name)]))
    var line = DialectLine.ready(client: settings)
    // The rate of the format before is none of this one's.
    let told = line.say(.configApplied(.object([:])), as: .server)[0].json["session"]
    #expect(told?["audio"]?["input"]?["format"] == .object(["type": .string(name)]))
    #expect(line.server.card.uplink.preferred == form && line.witness.card.downlink.preferred == form)
    // One byte is one sample now: 100 ms are enough to be committed.
    line.say(.audio(AudioPayload(bytes: [UInt8](repeating: 0xFF, count: 800))), as: .client)
    line.say(.turnEnd, as: .client)
    #expect(line.owed(by: .server).types.first == "input_audio_buffer.committed")
    let audio = line.say(.audio(AudioPayload(bytes: [1, 2])), as: .server)
    guard case .audio(let payload)? = audio.last?.reading.events.first else { return #expect(Bool(false)) }
    #expect(payload.format == form.codec.rawValue && payload.rate == 8000)
  }

  @Test func aChangeKeepsWhatBelongsToIt() throws {
    var line = DialectLine.ready(client: DialectSettings(conversation: ["language": .string("de")]))
    let update = line.say(.config(.object(["endpointing": .string("snappy")])), as: .client)
    let detection = update.first("session.update")?["session"]?["audio"]?["input"]?["turn_detection"]
    #expect(detection?["silence_duration_ms"] == .number(300) && detection?["create_response"] == .bool(true))
    #expect(update.first("session.update")?["session"]?["audio"]?["input"]?["transcription"] == nil)
    let language = line.say(.config(.object(["language": .string("en")])), as: .client)
    #expect(
      language.first("session.update")?["session"]?["audio"]?["input"]?["transcription"]
        == .object(["model": .string("gpt-4o-mini-transcribe"), "language": .string("en")]))
    let off = line.say(.config(.object(["turn_detection": .null, "instructions": .null])), as: .client)
    #expect(off.first("session.update")?["session"]?["audio"]?["input"]?["turn_detection"] == .null)
    #expect(off.first("session.update")?["session"]?["instructions"] == .string(""))
    line.say(.configApplied(.object([:])), as: .server)
    #expect(line.client.card.interruption == .clientSays(truncates: true))
  }

  @Test func typedWordsTakeThePlaceOfAResponse() {
    var line = DialectLine.ready()
    #expect(line.say(.text("hello"), as: .client).types == ["conversation.item.create", "response.create"])
    #expect(line.owed(by: .server).types == ["conversation.item.added", "conversation.item.done"])
    line.say(.responseText("Hi."), as: .server)
    let again = line.say(.text("stop that"), as: .client)
    #expect(again.types == ["response.cancel", "conversation.item.create", "response.create"])
    #expect(again.events == [.interrupt, .text("stop that")])
    // None of it is refused, for the cancellation comes first.
    #expect(line.owed(by: .server).allSatisfy { $0.type != "error" })
  }

  // MARK: Interruption

  @Test func whatWasHeardIsAtMostWhatCame() throws {
    var line = DialectLine.ready()
    let ref = WireRef(response: "resp_x", item: "item_x", part: 0)!
    line.say(DialectLine.audio(ms: 1200), as: .server, of: ref)
    func truncated(_ ms: Double) -> Double? {
      var line = line
      return line.say(.heard(HeardAudio(of: ref, ms: ms)), as: .client)
        .first("conversation.item.truncate")?["audio_end_ms"]?.numberValue
    }
    #expect(truncated(700.9) == 700)
    #expect(truncated(5000) == 1200)
    #expect(truncated(-3) == 0 && truncated(.infinity) == nil && truncated(.nan) == nil)
    // After the response has ended, too: audio runs ahead of the ear.
    line.say(.responseComplete, as: .server)
    #expect(truncated(700) == 700)
    let said = line.say(.heard(HeardAudio(of: ref, ms: 700)), as: .client)
    #expect(said.events == [.heard(HeardAudio(of: ref, ms: 700))])
    #expect(line.owed(by: .server).types == ["conversation.item.truncated"])
    // Of an item without audio there is nothing to take back.
    #expect(line.say(.heard(HeardAudio(of: WireRef(item: "other")!, ms: 1)), as: .client).isEmpty)
  }

  @Test func aResponseThatHasEndedIsNotCancelled() {
    var line = DialectLine.ready()
    line.say(DialectLine.audio(ms: 100), as: .server)
    let cancel = line.say(.interrupt, as: .client)
    #expect(cancel.first("response.cancel")?["response_id"]?.stringValue == cancel[0].reading.of?.response)
    #expect(cancel.events == [.interrupt])
    line.say(.interrupted, as: .server)
    #expect(line.say(.interrupt, as: .client).isEmpty)
  }

  /// Another client's cancellation that comes too late gets an answer and changes nothing.
  @Test func aLateCancellationIsHarmless() throws {
    var line = DialectLine.ready()
    line.say(.responseText("a"), as: .server)
    line.say(.responseComplete, as: .server)
    #expect(line.raw(#"{"type":"response.cancel","event_id":"late"}"#, from: .client).reading.events.isEmpty)
    let answer = line.owed(by: .server)
    #expect(answer.first("error")?["error"]?["code"] == .string("response_cancel_not_active"))
    #expect(answer.first("error")?["error"]?["event_id"] == .string("late"))
    // To the client that is no failure.
    #expect(answer.events.isEmpty)
    #expect(answer[0].reading.summary?.contains("answers response.cancel, late") == true)
  }

  // MARK: Tools

  @Test func theModelGoesOnWithAllResults() {
    var line = DialectLine.ready()
    for id in ["c1", "c2"] { line.say(.toolCall(ToolCall(id: id, name: "f", arguments: "{}")), as: .server) }
    line.say(.responseComplete, as: .server)
    #expect(line.say(.toolResult(ToolResult(id: "c1", output: "1")), as: .client).types == ["conversation.item.create"])
    let last = line.say(.toolResult(ToolResult(id: "c2", output: "2")), as: .client)
    #expect(last.types == ["conversation.item.create", "response.create"])
    #expect(last.events == [.toolResult(ToolResult(id: "c2", name: "f", output: "2")), .responseRequest(.object([:]))])
  }

  @Test func aResultWaitsForTheResponseInProgress() {
    var line = DialectLine.ready()
    line.say(.toolCall(ToolCall(id: "c1", name: "f", arguments: "{}")), as: .server)
    #expect(line.say(.toolResult(ToolResult(id: "c1", output: "1")), as: .client).types == ["conversation.item.create"])
    #expect(line.owed(by: .client).isEmpty)
    line.say(.responseComplete, as: .server)
    #expect(line.owed(by: .client).types == ["response.create"])
    #expect(line.owed(by: .client).isEmpty)
  }

  /// Servers tell of a call up to three times.
  @Test func aCallIsToldOnce() {
    var line = DialectLine.ready()
    let item = #"{"id":"i","type":"function_call","status":"completed","call_id":"c","name":"f","arguments":"{}"}"#
    let said = [
      #"{"type":"response.output_item.added","response_id":"r","output_index":0,"item":{"id":"i","type":"function_call","call_id":"c","name":"f","arguments":""}}"#,
      // Without the name, as some servers send it.
      #"{"type":"response.function_call_arguments.done","response_id":"r","item_id":"i","call_id":"c","arguments":"{}"}"#,
      #"{"type":"response.output_item.done","response_id":"r","output_index":0,"item":\#(item)}"#,
      #"{"type":"response.done","response":{"id":"r","status":"completed","output":[\#(item)]}}"#,
    ].flatMap { line.raw($0, from: .server).reading.events }
    #expect(said == [.toolCall(ToolCall(id: "c", name: "f", arguments: "{}")), .responseComplete])
    // Of a server that says it in the end alone.
    var late = DialectLine.ready()
    let done = #"{"type":"response.done","response":{"id":"r","status":"completed","output":[\#(item)]}}"#
    #expect(
      late.raw(done, from: .server).reading.events == [
        .toolCall(ToolCall(id: "c", name: "f", arguments: "{}")), .responseComplete,
      ])
  }

  // MARK: What compatible servers do

  /// `null` where objects are described says nothing.
  @Test func nullSaysNothing() {
    var line = DialectLine.ready(client: DialectSettings(downlink: WireAudioForm(.alaw, rate: 8000, .base64)))
    let said = line.raw(
      #"{"type":"session.updated","session":{"type":"realtime","model":null,"instructions":null,"tools":null,"audio":{"input":{"format":null,"turn_detection":null,"transcription":null},"output":{"format":null,"voice":null}}}}"#,
      from: .server)
    #expect(line.client.card.downlink.preferred == WireAudioForm(.alaw, rate: 8000, .base64))
    guard case .configApplied(.object(let flat))? = said.reading.events.first else { return #expect(Bool(false)) }
    // What can be turned off is off.
    #expect(flat == ["turn_detection": .null, "transcription": .null])
    for text in [
      #"{"type":"session.created","session":null}"#, #"{"type":"error","error":null}"#,
      #"{"type":"error","error":"boom"}"#, #"{"type":"rate_limits.updated","rate_limits":null}"#,
      #"{"type":"conversation.item.created","item":null}"#, #"{"type":"response.output_item.done","item":null}"#,
      #"{"type":"response.done","response":null}"#,
      #"{"type":"response.done","response":{"id":"r","status":null,"status_details":null,"output":null,"usage":null}}"#,
      #"{"type":"conversation.item.input_audio_transcription.failed","item_id":"i","error":null}"#,
    ] {
      #expect(!line.raw(text, from: .server).type.isEmpty)
    }
    #expect(
      line.raw(#"{"type":"error","error":"boom"}"#, from: .server).reading.events == [
        .error(ServerError(message: "boom"))
      ])
  }

  @Test func aResponseThatFailedSaysWhy() {
    var line = DialectLine.ready()
    line.raw(#"{"type":"response.created","response":{"id":"r"}}"#, from: .server)
    let failed = line.raw(
      #"{"type":"response.done","response":{"id":"r","status":"failed","status_details":{"type":"failed","error":{"type":"server_error","code":"rate_limit_exceeded","message":"too much"}}}}"#,
      from: .server)
    #expect(
      failed.reading.events == [
        .error(ServerError(message: "too much", code: "rate_limit_exceeded")), .responseComplete,
      ])
    line.raw(#"{"type":"response.created","response":{"id":"r2"}}"#, from: .server)
    let short = line.raw(
      #"{"type":"response.done","response":{"id":"r2","status":"incomplete","status_details":{"type":"incomplete","reason":"max_output_tokens"}}}"#,
      from: .server)
    #expect(short.reading.events == [.responseComplete] && short.reading.summary == "incomplete, max_output_tokens")
  }

  @Test func halvesOfPairsFindEachOther() {
    var line = DialectLine.ready()
    var text = DeltaText()
    var whole = ""
    for half in ["\\ud83d", "\\ude00"] {
      let said = line.raw(#"{"type":"response.output_text.delta","response_id":"r","delta":"\#(half)"}"#, from: .server)
      guard case .responseText(let delta)? = said.reading.events.first else { return #expect(Bool(false)) }
      whole += text.add(delta)
    }
    #expect(whole == "\u{1F600}")
  }

  /// A response may have its own format.
  @Test func theFormatOfOneResponse() {
    var line = DialectLine.ready()
    line.raw(
      #"{"type":"response.created","response":{"id":"r","audio":{"output":{"format":{"type":"audio/pcmu"}}}}}"#,
      from: .server)
    let audio = line.raw(
      #"{"type":"response.output_audio.delta","response_id":"r","item_id":"i","delta":"AQI="}"#, from: .server)
    guard case .audio(let payload)? = audio.reading.events.first else { return #expect(Bool(false)) }
    #expect(payload.rate == 8000 && payload.format == "mulaw")
    line.raw(#"{"type":"response.done","response":{"id":"r"}}"#, from: .server)
    #expect(line.client.card.downlink.preferred.rate == 24_000)
  }
}

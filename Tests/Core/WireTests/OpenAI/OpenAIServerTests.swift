import Testing
import Timeline
import Wire

/// What a server of OpenAI Realtime says.
@Suite struct OpenAIServerTests {
  @Test func aTurn() throws {
    var line = DialectLine.ready()
    line.say(DialectLine.audio(ms: 820), as: .client)
    let started = line.say(.userSpeechStart, as: .server)
    // Counted in samples, with the audio before speech that belongs to it.
    #expect(started.first("input_audio_buffer.speech_started")?["audio_start_ms"] == .number(520))
    line.say(DialectLine.audio(ms: 1420), as: .client)
    let stopped = line.say(.userSpeechEnd, as: .server)
    #expect(
      stopped.types == [
        "input_audio_buffer.speech_stopped", "input_audio_buffer.committed", "conversation.item.added",
        "conversation.item.done",
      ])
    #expect(stopped[0].json["audio_end_ms"] == .number(2240))
    let user = try #require(started[0].json["item_id"])
    #expect(stopped[0].json["item_id"] == user && stopped[1].json["item_id"] == user)
    #expect(stopped[2].json["item"]?["id"] == user && stopped[2].json["item"]?["role"] == .string("user"))

    let final = line.say(.transcriptFinal("What time is it?"), as: .server)
    #expect(final[0].json["item_id"] == user)
    #expect(final[0].json["usage"] == .object(["type": .string("duration"), "seconds": .number(2.24)]))

    let begun = line.say(.responseStarted, as: .server)
    let words = line.say(.responseText("It is "), as: .server)
    #expect(begun.types == ["response.created"])
    #expect(
      words.types == [
        "response.output_item.added", "conversation.item.added", "response.content_part.added",
        "response.output_audio_transcript.delta",
      ])
    let audio = line.say(DialectLine.audio(ms: 100), as: .server)
    #expect(audio.types == ["response.output_audio.delta"])
    line.say(.responseText("noon."), as: .server)
    let done = line.say(.responseComplete, as: .server)
    #expect(
      done.types == [
        "response.output_audio.done", "response.output_audio_transcript.done", "response.content_part.done",
        "response.output_item.done", "conversation.item.done", "response.done",
      ])
    let response = try #require(done.first("response.done")?["response"])
    #expect(response["status"] == .string("completed") && response["id"] == begun[0].json["response"]?["id"])
    guard case .array(let output)? = response["output"], case .array(let content)? = output.first?["content"] else {
      return #expect(Bool(false))
    }
    #expect(output.count == 1 && output[0]["id"] == audio[0].json["item_id"])
    #expect(content == [.object(["type": .string("output_audio"), "transcript": .string("It is noon.")])])
    // All of them say what they are about, and nothing has the name of another.
    for said in words + audio + done where said.type.hasPrefix("response.") {
      #expect(said.reading.of?.response == response["id"]?.stringValue, "\(said.type)")
    }
    let names = (started + stopped + final + begun + words + audio + done).compactMap {
      $0.json["event_id"]?.stringValue
    }
    #expect(Set(names).count == names.count && names.count == 18)
  }

  @Test(arguments: [true, false]) func whyAResponseWasCut(byClient: Bool) throws {
    var line = DialectLine.ready()
    line.say(.responseText("It is half past"), as: .server)
    if byClient { line.say(.interrupt, as: .client) }
    let cut = line.say(.interrupted, as: .server)
    let response = try #require(cut.first("response.done")?["response"])
    #expect(response["status"] == .string("cancelled"))
    #expect(
      response["status_details"]
        == .object(["type": .string("cancelled"), "reason": .string(byClient ? "client_cancelled" : "turn_detected")]))
    #expect(cut.first("response.output_item.done")?["item"]?["status"] == .string("incomplete"))
    #expect(cut.events == [.interrupted])
  }

  @Test func transcriptionIsOffUntilItIsAskedFor() {
    var line = DialectLine()
    line.say(.ready(Ready(sessionID: "s")), as: .server)
    line.say(.userSpeechStart, as: .server)
    line.say(.userSpeechEnd, as: .server)
    #expect(line.say(.transcriptFinal("hello"), as: .server).isEmpty)
    #expect(line.say(.transcriptInterim("hel"), as: .server).isEmpty)
    // The language of the agent is no reason to turn it on.
    let update = line.say(.configApplied(.object(["language": .string("en"), "voice": .string("slt")])), as: .server)
    #expect(update[0].json["session"]?["audio"]?["input"]?["transcription"] == .null)
    #expect(update[0].json["session"]?["audio"]?["output"]?["voice"] == .string("slt"))
  }

  @Test func wordsSoFarAreSaidByWhatIsAdded() {
    var line = DialectLine.ready()
    line.say(.userSpeechStart, as: .server)
    #expect(line.say(.transcriptInterim("what"), as: .server)[0].json["delta"] == .string("what"))
    #expect(line.say(.transcriptInterim("what time"), as: .server)[0].json["delta"] == .string(" time"))
    // What was understood otherwise cannot be said before the end.
    #expect(line.say(.transcriptInterim("watt"), as: .server).isEmpty)
    line.say(.userSpeechEnd, as: .server)
    #expect(line.say(.transcriptFinal("watt is it"), as: .server).events == [.transcriptFinal("watt is it")])
  }

  @Test func theWholeSettingsAreTold() throws {
    var line = DialectLine()
    line.say(.ready(Ready(sessionID: "sess_1")), as: .server)
    let update = line.raw(
      #"{"type":"session.update","event_id":"u1","session":{"type":"realtime","instructions":"Be brief.","audio":{"input":{"turn_detection":{"type":"server_vad","silence_duration_ms":600},"format":null},"output":{"voice":"marin"}},"tools":[{"type":"function","name":"f"}]}}"#,
      from: .client)
    guard case .config(let flat)? = update.reading.events.first else { return #expect(Bool(false)) }
    #expect(flat["endpointing"] == .number(600) && flat["voice"] == .string("marin"))
    let told = line.say(.configApplied(flat), as: .server)
    let session = try #require(told[0].json["session"])
    #expect(session["id"] == .string("sess_1") && session["model"] == .string("gpt-realtime"))
    #expect(session["instructions"] == .string("Be brief."))
    #expect(
      session["audio"]?["input"]?["turn_detection"]
        == .object([
          "type": .string("server_vad"), "silence_duration_ms": .number(600), "threshold": .number(0.5),
          "prefix_padding_ms": .number(300), "create_response": .bool(true), "interrupt_response": .bool(true),
        ]))
    #expect(session["audio"]?["input"]?["format"]?["rate"] == .number(24_000))
    // A second update changes only what it names.
    line.raw(#"{"type":"session.update","session":{"type":"realtime","tools":[]}}"#, from: .client)
    let second = line.say(.configApplied(.object([:])), as: .server)[0].json["session"]
    #expect(second?["tools"] == .array([]) && second?["instructions"] == .string("Be brief."))
  }

  @Test(arguments: [
    #"{"type":"session.update"}"#, #"{"type":"session.update","session":7}"#,
    #"{"type":"session.update","session":{}}"#,
    #"{"type":"session.update","session":{"type":"realtime","audio":{"input":{"format":{"type":"audio/pcm","rate":16000}}}}}"#,
    #"{"type":"session.update","session":{"type":"realtime","audio":{"output":{"format":{"type":"audio/opus"}}}}}"#,
    #"{"type":"session.update","session":{"type":"realtime","output_modalities":["audio","text"]}}"#,
    #"{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"psychic"}}}}}"#,
    #"{"type":"conversation.item.create"}"#,
    #"{"type":"conversation.item.create","item":{"type":"function_call_output"}}"#,
    #"{"type":"conversation.item.truncate","item_id":"i"}"#,
    #"{"type":"conversation.item.truncate","item_id":"i","audio_end_ms":1e400}"#,
    #"{"type":"conversation.item.truncate","item_id":"i","audio_end_ms":-1}"#, #"{"type":"conversation.item.delete"}"#,
    #"{"type":"input_audio_buffer.append"}"#, #"{"type":"input_audio_buffer.append","audio":7}"#,
    #"{"type":"input_audio_buffer.append","audio":"*"}"#,
  ]) func whatMakesNoSenseIsMalformed(text: String) {
    var line = DialectLine.ready()
    let events = line.raw(text, from: .client).reading.events
    #expect(events.count == 1)
    guard case .malformed(_, let reason)? = events.first else { return #expect(Bool(false), "\(events)") }
    #expect(!reason.isEmpty)
  }

  @Test func binaryAudioIsNone() {
    var line = DialectLine()
    let reading = line.client.read(.binary([1, 2, 3]), from: .server)
    guard case .malformed? = reading.events.first else { return #expect(Bool(false)) }
    // JSON that lost its flag on the way is read.
    let text = Array(#"{"type":"response.output_text.delta","response_id":"r","delta":"It is a long sentence"}"#.utf8)
    #expect(line.client.read(.binary(text), from: .server).events == [.responseText("It is a long sentence")])
  }

  // MARK: Manners

  @Test func aCommitOfNothingIsAnError() {
    var line = DialectLine.ready()
    line.say(DialectLine.audio(ms: 60), as: .client)
    line.raw(#"{"type":"input_audio_buffer.commit","event_id":"c2"}"#, from: .client)
    let answer = line.owed(by: .server)
    #expect(answer.types == ["error"])
    let error = answer[0].json["error"]
    #expect(error?["code"] == .string("input_audio_buffer_commit_empty") && error?["event_id"] == .string("c2"))
    #expect(error?["message"]?.stringValue?.contains("60.0ms") == true)
    // What was sent stays.
    line.say(DialectLine.audio(ms: 60), as: .client)
    line.raw(#"{"type":"input_audio_buffer.commit"}"#, from: .client)
    #expect(line.owed(by: .server).types.first == "input_audio_buffer.committed")
    line.say(DialectLine.audio(ms: 200), as: .client)
    line.raw(#"{"type":"input_audio_buffer.clear"}"#, from: .client)
    #expect(line.owed(by: .server).types == ["input_audio_buffer.cleared"])
    line.raw(#"{"type":"input_audio_buffer.commit"}"#, from: .client)
    #expect(line.owed(by: .server).types == ["error"])
  }

  /// The client commits while the detector hears speech: it is one item, committed once.
  @Test func aCommitInMidSpeechIsOneItem() {
    var line = DialectLine.ready()
    line.say(DialectLine.audio(ms: 500), as: .client)
    let item = line.say(.userSpeechStart, as: .server)[0].json["item_id"]
    line.raw(#"{"type":"input_audio_buffer.commit"}"#, from: .client)
    let committed = line.owed(by: .server)
    #expect(committed[0].json["item_id"] == item)
    let stopped = line.say(.userSpeechEnd, as: .server)
    #expect(stopped.types == ["input_audio_buffer.speech_stopped"] && stopped[0].json["item_id"] == item)
    #expect(line.say(.transcriptFinal("hello"), as: .server)[0].json["item_id"] == item)
    // The next one is another.
    #expect(line.say(.userSpeechStart, as: .server)[0].json["item_id"] != item)
    #expect(line.say(.userSpeechEnd, as: .server).count == 4)
  }

  @Test func oneResponseAtATime() {
    var line = DialectLine.ready()
    line.say(.responseText("a"), as: .server)
    let refused = line.raw(#"{"type":"response.create","event_id":"again"}"#, from: .client)
    #expect(refused.reading.events.isEmpty)
    let error = line.owed(by: .server).first("error")?["error"]
    #expect(error?["code"] == .string("conversation_already_has_active_response"))
    #expect(error?["event_id"] == .string("again"))
  }

  @Test func whatAResponseWasAskedWithIsEchoed() {
    var line = DialectLine.ready()
    line.raw(
      #"{"type":"response.create","response":{"metadata":{"client_event_id":"7"},"output_modalities":["text"]}}"#,
      from: .client)
    let begun = line.say(.responseStarted, as: .server)
    let metadata = JSONValue.object(["client_event_id": .string("7")])
    #expect(begun[0].json["response"]?["metadata"] == metadata)
    // In text alone, its words are text and its audio is not sent.
    #expect(line.say(.responseText("noon"), as: .server).types.last == "response.output_text.delta")
    #expect(line.say(DialectLine.audio(ms: 40), as: .server).isEmpty)
    let done = line.say(.responseComplete, as: .server)
    #expect(done.first("response.done")?["response"]?["metadata"] == metadata)
    #expect(done.first("response.output_text.done")?["text"] == .string("noon"))
    // Of this response alone.
    #expect(line.say(.responseStarted, as: .server)[0].json["response"]?["metadata"] == .null)
  }

  @Test func itemsAreKnownByTheirNames() {
    var line = DialectLine.ready()
    line.raw(
      #"{"type":"conversation.item.create","item":{"id":"mine","type":"message","role":"system","content":[{"type":"input_text","text":"be kind"}]}}"#,
      from: .client)
    #expect(line.owed(by: .server).first("conversation.item.added")?["item"]?["id"] == .string("mine"))
    line.raw(#"{"type":"conversation.item.retrieve","item_id":"mine"}"#, from: .client)
    #expect(line.owed(by: .server).first("conversation.item.retrieved")?["item"]?["role"] == .string("system"))
    line.raw(#"{"type":"conversation.item.delete","item_id":"mine"}"#, from: .client)
    #expect(line.owed(by: .server).types == ["conversation.item.deleted"])
    for (act, code) in [("retrieve", "item_retrieve_invalid_item_id"), ("delete", "item_delete_invalid_item_id")] {
      line.raw(#"{"type":"conversation.item.\#(act)","event_id":"x","item_id":"mine"}"#, from: .client)
      #expect(line.owed(by: .server).first("error")?["error"]?["code"] == .string(code))
    }
    // What a system says is no turn of the user.
    #expect(line.raw(#"{"type":"response.create"}"#, from: .client).reading.events == [.responseRequest(.object([:]))])
  }

  @Test func truncationBeyondTheEndIsAnError() {
    var line = DialectLine.ready()
    line.say(DialectLine.audio(ms: 500), as: .server, of: WireRef(response: "r", item: "i"))
    line.raw(
      #"{"type":"conversation.item.truncate","event_id":"t","item_id":"i","content_index":0,"audio_end_ms":900}"#,
      from: .client)
    let error = line.owed(by: .server).first("error")?["error"]
    #expect(error?["message"] == .string("Audio content of 500ms is already shorter than 900ms"))
    #expect(error?["event_id"] == .string("t"))
    line.raw(
      #"{"type":"conversation.item.truncate","item_id":"none","content_index":0,"audio_end_ms":9}"#, from: .client)
    #expect(line.owed(by: .server).first("error")?["error"]?["code"] == .string("item_truncate_invalid_item_id"))
  }

  @Test func anErrorNamesWhatItAnswers() {
    var line = DialectLine.ready()
    line.raw(#"{"type":"session.update","event_id":"u7","session":7}"#, from: .client)
    let error = line.say(.error(ServerError(message: "no", code: "malformed")), as: .server)
    #expect(error[0].json["error"]?["event_id"] == .string("u7"))
    #expect(error[0].reading.summary == "malformed: no (answers session.update, u7)")
    // What fails here is not the client's fault.
    let own = line.say(.error(ServerError(message: "no", code: "llm_failed")), as: .server)
    #expect(own[0].json["error"]?["event_id"] == .null && own[0].json["error"]?["type"] == .string("server_error"))
  }

  @Test func toolsAreItemsOfTheResponse() {
    var line = DialectLine.ready()
    line.say(.responseText("Let me see."), as: .server)
    let call = line.say(.toolCall(ToolCall(id: "call_1", name: "weather", arguments: #"{"city":"Oslo"}"#)), as: .server)
    #expect(
      call.types == [
        "response.output_audio.done", "response.output_audio_transcript.done", "response.content_part.done",
        "response.output_item.done", "conversation.item.done", "response.output_item.added", "conversation.item.added",
        "response.function_call_arguments.delta", "response.function_call_arguments.done", "response.output_item.done",
        "conversation.item.done",
      ])
    #expect(call.first { $0.type == "response.output_item.added" }?.json["output_index"] == .number(1))
    let done = line.say(.responseComplete, as: .server)
    guard case .array(let output)? = done.first("response.done")?["response"]?["output"] else {
      return #expect(Bool(false))
    }
    #expect(output.map { $0["type"] } == [.string("message"), .string("function_call")])
    #expect(
      line.raw(
        #"{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"call_1","output":"4"}}"#,
        from: .client
      ).reading.events
        == [.toolResult(ToolResult(id: "call_1", name: "weather", output: "4"))])
  }

  // MARK: Bounds

  @Test func nothingOfAPeerGrows() {
    var line = DialectLine.ready()
    let long = String(repeating: "x", count: 400)
    #expect(line.raw(#"{"type":"response.created","response":{"id":"\#(long)"}}"#, from: .server).reading.of == nil)
    for i in 0..<300 {
      line.raw(#"{"type":"response.created","response":{"id":"r\#(i)","metadata":{"a":"\#(long)"}}}"#, from: .server)
      line.raw(
        #"{"type":"conversation.item.added","item":{"id":"i\#(i)","type":"message","content":[]}}"#, from: .server)
      line.raw(
        #"{"type":"response.function_call_arguments.done","call_id":"c\#(i)","name":"f","arguments":"{}"}"#,
        from: .server)
      line.raw(
        #"{"type":"conversation.item.create","event_id":"e\#(i)","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"\#(long)"}]}}"#,
        from: .client)
    }
    #expect(line.owed(by: .server).count <= 64)
    guard case .text(let typed)? = line.raw(#"{"type":"response.create"}"#, from: .client).reading.events.first else {
      // A response is in progress: it was refused.
      return
    }
    #expect(typed.utf8.count <= 16 * 400 + 16)
  }

  @Test func randomBytesAndBrokenMessagesNeverTrap() {
    var random = SystemRandomNumberGenerator()
    var dialect = OpenAIDialect()
    let texts = (OpenAIExampleTests.client + OpenAIExampleTests.server).map { Array($0.text.utf8) }
    for text in texts {
      for _ in 0..<40 {
        var broken = text
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          let i = Int.random(in: 0..<broken.count, using: &random)
          switch Int.random(in: 0..<3, using: &random) {
          case 0: broken[i] = UInt8.random(in: .min ... .max, using: &random)
          case 1: broken.remove(at: i)
          default: broken.insert("{}[],:\"0e9\\".utf8.randomElement(using: &random)!, at: i)
          }
          if broken.isEmpty { break }
        }
        for side in [Side.client, .server] {
          #expect(!dialect.read(.text(broken), from: side).type.isEmpty)
          _ = dialect.read(.binary(broken), from: side)
          _ = dialect.owes(as: side, at: .zero)
        }
      }
    }
    for event in [
      VoiceEvent.responseText("a"), .responseComplete, .interrupted, .userSpeechEnd, .configApplied(.object([:])),
    ] {
      _ = dialect.say(.event(event), as: .server, at: .zero)
    }
  }

  /// The short way of audio messages reads what the long way reads.
  @Test func bothWaysAgree() {
    let base64 = "AAECAwQF"
    for (text, side) in [
      (#"{"type":"input_audio_buffer.append","audio":"\#(base64)"}"#, Side.client),
      (
        #"{"type":"response.output_audio.delta","event_id":"e","response_id":"r","item_id":"i","output_index":0,"content_index":2,"delta":"\#(base64)"}"#,
        .server
      ),
    ] {
      var (short, long) = (OpenAIDialect(), OpenAIDialect())
      let read = short.read(.string(text), from: side)
      // A line feed is nothing that the short way takes.
      #expect(read == long.read(.string("\n" + text), from: side) && read.isAudio)
    }
  }
}

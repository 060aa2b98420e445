import Testing
import Timeline
import Wire

/// An example of each message of the protocol: what it means, and that none is unknown.
@Suite struct OpenAIExampleTests {
  private static let response = #""response_id":"resp_1","item_id":"item_a1","output_index":0,"content_index":0"#

  static let client: [(text: String, events: [VoiceEvent])] = [
    (
      #"{"type":"session.update","event_id":"c1","session":{"type":"realtime","instructions":"Be brief.","output_modalities":["audio"],"audio":{"input":{"format":{"type":"audio/pcm","rate":24000},"transcription":{"model":"gpt-4o-mini-transcribe"},"turn_detection":{"type":"server_vad","threshold":0.5,"prefix_padding_ms":300,"silence_duration_ms":500,"create_response":true,"interrupt_response":true}},"output":{"format":{"type":"audio/pcm","rate":24000},"voice":"marin","speed":1.0}}}}"#,
      [
        .config(
          .object([
            "instructions": .string("Be brief."), "output_modalities": .array([.string("audio")]),
            "uplink_format": .string("audio/pcm"), "downlink_format": .string("audio/pcm"),
            "transcription": .string("gpt-4o-mini-transcribe"), "turn_detection": .string("server_vad"),
            "threshold": .number(0.5), "prefix_padding_ms": .number(300), "endpointing": .number(500),
            "create_response": .bool(true), "interrupt_response": .bool(true), "voice": .string("marin"),
            "speed": .number(1),
          ]))
      ]
    ),
    (
      #"{"type":"input_audio_buffer.append","audio":"AAABAAIA"}"#,
      [.audio(AudioPayload(bytes: [0, 0, 1, 0, 2, 0], format: "pcm16", rate: 24_000))]
    ),
    (#"{"type":"input_audio_buffer.commit","event_id":"c2"}"#, [.turnEnd]),
    (#"{"type":"input_audio_buffer.clear"}"#, [.audioDiscarded]),
    (
      #"{"type":"conversation.item.create","previous_item_id":null,"item":{"type":"message","role":"user","content":[{"type":"input_text","text":"hello"}]}}"#,
      []
    ),
    // The words of the item before.
    (#"{"type":"response.create"}"#, [.text("hello")]),
    (#"{"type":"conversation.item.retrieve","item_id":"item_u1"}"#, []),
    (#"{"type":"conversation.item.delete","item_id":"item_u1"}"#, []),
    (
      #"{"type":"response.create","response":{"output_modalities":["text"],"metadata":{"tag":"probe"}}}"#,
      [
        .responseRequest(
          .object([
            "output_modalities": .array([.string("text")]), "metadata": .object(["tag": .string("probe")]),
          ]))
      ]
    ),
    (
      #"{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"call_1","output":"{\"c\":4}"}}"#,
      [.toolResult(ToolResult(id: "call_1", output: #"{"c":4}"#))]
    ),
    (#"{"type":"response.cancel"}"#, [.interrupt]),
    (#"{"type":"conversation.item.truncate","item_id":"item_a1","content_index":0,"audio_end_ms":1180}"#, []),
    (#"{"type":"output_audio_buffer.clear"}"#, []),
  ]

  static let server: [(text: String, events: [VoiceEvent])] = [
    (
      #"{"type":"session.created","event_id":"event_1","session":{"type":"realtime","id":"sess_1","expires_at":1795168800,"model":"gpt-realtime","output_modalities":["audio"]}}"#,
      [
        .ready(Ready(sessionID: "sess_1")),
        .configApplied(
          .object(["model": .string("gpt-realtime"), "output_modalities": .array([.string("audio")])])),
        .expiry(.at(1_795_168_800)),
      ]
    ),
    (
      #"{"type":"session.updated","event_id":"event_2","session":{"type":"realtime","instructions":"Be brief."}}"#,
      [.configApplied(.object(["instructions": .string("Be brief.")]))]
    ),
    (#"{"type":"input_audio_buffer.cleared","event_id":"event_3"}"#, []),
    (
      #"{"type":"input_audio_buffer.speech_started","event_id":"event_4","audio_start_ms":820,"item_id":"item_u1"}"#,
      [.userSpeechStart]
    ),
    (
      #"{"type":"input_audio_buffer.speech_stopped","event_id":"event_5","audio_end_ms":2240,"item_id":"item_u1"}"#,
      [.userSpeechEnd]
    ),
    (
      #"{"type":"input_audio_buffer.committed","event_id":"event_6","item_id":"item_u1","previous_item_id":null}"#, []
    ),
    (
      #"{"type":"input_audio_buffer.timeout_triggered","event_id":"event_7","audio_start_ms":9000,"audio_end_ms":15000,"item_id":"item_u2"}"#,
      []
    ),
    (
      #"{"type":"conversation.item.added","event_id":"event_8","previous_item_id":null,"item":{"id":"item_u1","type":"message","role":"user","status":"completed","content":[{"type":"input_audio","transcript":null}]}}"#,
      []
    ),
    (
      #"{"type":"conversation.item.done","event_id":"event_9","previous_item_id":null,"item":{"id":"item_u1","type":"message","role":"user","content":[{"type":"input_audio","transcript":null}]}}"#,
      []
    ),
    (
      #"{"type":"conversation.item.retrieved","event_id":"event_10","item":{"id":"item_u1","type":"message","role":"user","content":[{"type":"input_audio","audio":"AAAA"}]}}"#,
      []
    ),
    (#"{"type":"conversation.item.deleted","event_id":"event_11","item_id":"item_u1"}"#, []),
    (
      #"{"type":"conversation.item.input_audio_transcription.delta","event_id":"event_12","item_id":"item_u1","content_index":0,"delta":"What "}"#,
      [.transcriptInterim("What ")]
    ),
    (
      #"{"type":"conversation.item.input_audio_transcription.delta","event_id":"event_12","item_id":"item_u1","delta":"time"}"#,
      [.transcriptInterim("What time")]
    ),
    (
      #"{"type":"conversation.item.input_audio_transcription.completed","event_id":"event_13","item_id":"item_u1","content_index":0,"transcript":"What time is it?","usage":{"type":"duration","seconds":1.4}}"#,
      [.transcriptFinal("What time is it?")]
    ),
    (
      #"{"type":"conversation.item.input_audio_transcription.failed","event_id":"event_14","item_id":"item_u1","content_index":0,"error":{"type":"transcription_error","code":"audio_unintelligible","message":"no speech"}}"#,
      [.error(ServerError(message: "no speech", code: "audio_unintelligible")), .transcriptFinal("")]
    ),
    (
      #"{"type":"conversation.item.input_audio_transcription.segment","event_id":"e","id":"s","item_id":"item_u1","content_index":0,"text":"What","speaker":"A","start":0.1,"end":0.5}"#,
      []
    ),
    (
      #"{"type":"response.created","event_id":"event_15","response":{"id":"resp_1","object":"realtime.response","status":"in_progress","output":[]}}"#,
      [.responseStarted]
    ),
    (
      #"{"type":"rate_limits.updated","event_id":"event_16","rate_limits":[{"name":"tokens","limit":40000,"remaining":39120,"reset_seconds":1.3}]}"#,
      [.rateLimits([RateLimit(name: "tokens", limit: 40_000, remaining: 39_120, resetSeconds: 1.3)])]
    ),
    (
      #"{"type":"response.output_item.added","event_id":"event_17","response_id":"resp_1","output_index":0,"item":{"id":"item_a1","type":"message","role":"assistant","status":"in_progress","content":[]}}"#,
      []
    ),
    (
      #"{"type":"response.content_part.added","event_id":"event_18",\#(response),"part":{"type":"audio","transcript":""}}"#,
      []
    ),
    (
      #"{"type":"response.output_audio_transcript.delta","event_id":"event_19",\#(response),"delta":"It is "}"#,
      [.responseText("It is ")]
    ),
    (
      #"{"type":"response.output_audio.delta","event_id":"event_20",\#(response),"delta":"AAABAAIA"}"#,
      [
        .audio(
          AudioPayload(
            bytes: [0, 0, 1, 0, 2, 0], format: "pcm16", rate: 24_000))
      ]
    ),
    (
      #"{"type":"response.output_text.delta","event_id":"event_21",\#(response),"delta":"It is "}"#,
      [.responseText("It is ")]
    ),
    (#"{"type":"response.output_text.done","event_id":"event_22",\#(response),"text":"It is noon."}"#, []),
    (#"{"type":"response.output_audio.done","event_id":"event_23",\#(response)}"#, []),
    (
      #"{"type":"response.output_audio_transcript.done","event_id":"event_24",\#(response),"transcript":"It is noon."}"#,
      []
    ),
    (
      #"{"type":"response.content_part.done","event_id":"event_25",\#(response),"part":{"type":"audio","transcript":"It is noon."}}"#,
      []
    ),
    (
      #"{"type":"response.output_item.done","event_id":"event_26","response_id":"resp_1","output_index":0,"item":{"id":"item_a1","type":"message","role":"assistant","status":"completed","content":[{"type":"output_audio","transcript":"It is noon."}]}}"#,
      []
    ),
    (
      #"{"type":"response.function_call_arguments.delta","event_id":"event_27","response_id":"resp_1","item_id":"item_f1","output_index":0,"call_id":"call_1","delta":"{\"city\":"}"#,
      []
    ),
    (
      #"{"type":"response.function_call_arguments.done","event_id":"event_28","response_id":"resp_1","item_id":"item_f1","output_index":0,"call_id":"call_1","name":"weather","arguments":"{\"city\":\"Oslo\"}"}"#,
      [.toolCall(ToolCall(id: "call_1", name: "weather", arguments: #"{"city":"Oslo"}"#))]
    ),
    (
      #"{"type":"response.done","event_id":"event_29","response":{"id":"resp_1","object":"realtime.response","status":"cancelled","status_details":{"type":"cancelled","reason":"turn_detected"},"output":[],"usage":{"total_tokens":90,"input_tokens":60,"output_tokens":30}}}"#,
      [.usage(Usage(inputTokens: 60, outputTokens: 30, totalTokens: 90)), .interrupted]
    ),
    (
      #"{"type":"conversation.item.truncated","event_id":"event_30","item_id":"item_a1","content_index":0,"audio_end_ms":1180}"#,
      []
    ),
    (#"{"type":"output_audio_buffer.started","event_id":"event_32","response_id":"resp_1"}"#, []),
    (#"{"type":"output_audio_buffer.stopped","event_id":"event_33","response_id":"resp_1"}"#, []),
    (#"{"type":"output_audio_buffer.cleared","event_id":"event_34","response_id":"resp_1"}"#, []),
    (#"{"type":"input_audio_buffer.dtmf_event_received","event":"5","received_at":1795168800}"#, [.dtmf("5")]),
    (
      #"{"type":"conversation.created","event_id":"event_35","conversation":{"id":"conv_1","object":"realtime.conversation"}}"#,
      []
    ),
    (
      #"{"type":"conversation.item.created","event_id":"event_36","previous_item_id":null,"item":{"id":"item_u1","type":"message","role":"user","content":[{"type":"input_text","text":"hello"}]}}"#,
      []
    ),
    // Too late: what was to end has ended.
    (
      #"{"type":"error","event_id":"event_31","error":{"type":"invalid_request_error","code":"response_cancel_not_active","message":"no active response","param":null,"event_id":"c9"}}"#,
      []
    ),
    (
      #"{"type":"error","event_id":"event_31","error":{"type":"invalid_request_error","code":"session_expired","message":"over","param":null,"event_id":null}}"#,
      [.error(ServerError(message: "over", code: "session_expired", isFatal: true))]
    ),
    (#"{"type":"response.mcp_call.in_progress","event_id":"e","item_id":"i","output_index":0}"#, []),
    (#"{"type":"mcp_list_tools.completed","event_id":"e","item_id":"i"}"#, []),
  ]

  @Test func theClients() {
    var line = DialectLine.ready()
    for (text, events) in Self.client {
      let said = line.raw(text, from: .client)
      #expect(said.reading.events == events, "\(said.type)")
      #expect(text.contains("\"type\":\"\(said.type)\""))
    }
  }

  @Test func theServers() {
    var line = DialectLine()
    for (text, events) in Self.server {
      let said = line.raw(text, from: .server)
      #expect(said.reading.events == events, "\(said.type)")
      #expect(text.contains("\"type\":\"\(said.type)\""))
    }
  }

  /// What comes with newer versions of the protocol: fields are passed over, types are passed on.
  @Test func whatIsNewPasses() {
    for (text, events) in Self.server {
      var (line, plain) = (DialectLine(), DialectLine())
      let more = text.dropLast() + #","tomorrow":{"deep":[1,null]}}"#
      #expect(
        line.raw(String(more), from: .server).reading.events == plain.raw(text, from: .server).reading.events
          || events.isEmpty)
    }
    var line = DialectLine()
    #expect(
      line.raw(#"{"type":"response.hologram.delta","response_id":"r"}"#, from: .server).reading.events
        == [.unknown(type: "response.hologram.delta")])
    #expect(line.raw(#"{"type":"session.close"}"#, from: .client).reading.events == [.unknown(type: "session.close")])
  }

  /// Of compatible servers that still have the shape of before.
  @Test func theOlderShapeIsRead() {
    var line = DialectLine()
    line.raw(
      #"{"type":"session.created","session":{"id":"s","voice":"alloy","modalities":["text","audio"],"output_audio_format":"g711_ulaw","input_audio_format":"pcm16"}}"#,
      from: .server)
    #expect(line.client.card.downlink.preferred == WireAudioForm(.mulaw, rate: 8000, .base64))
    #expect(
      line.raw(#"{"type":"response.audio_transcript.delta","response_id":"r","delta":"a"}"#, from: .server).reading
        .events == [.responseText("a")])
    #expect(
      line.raw(#"{"type":"response.text.delta","response_id":"r","delta":"a"}"#, from: .server).reading.events == [
        .responseText("a")
      ])
    let audio = line.raw(#"{"type":"response.audio.delta","response_id":"r","delta":"AQI="}"#, from: .server).reading
    #expect(
      audio.events == [
        .audio(AudioPayload(bytes: [1, 2], format: "mulaw", rate: 8000))
      ])
  }
}

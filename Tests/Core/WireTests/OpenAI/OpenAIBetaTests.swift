import TestKit
import Testing
import Timeline
import Wire

/// OpenAI Realtime in the shape of its beta.
@Suite struct OpenAIBetaTests {
  private typealias Said = DialectLine.Said

  private static let flat =
    #"{"type":"session.created","event_id":"e","session":{"id":"sess_1","object":"realtime.session","modalities":["text","audio"],"voice":"alloy","input_audio_format":"pcm16","output_audio_format":"g711_ulaw","turn_detection":{"type":"server_vad","silence_duration_ms":200},"input_audio_transcription":null}}"#

  @Test func theSessionIsFlat() throws {
    var line = DialectLine(as: OpenAIBetaDialect.self)
    let created = try #require(line.say(.ready(Ready(sessionID: "sess_1")), as: .server)[0].json["session"])
    #expect(created["input_audio_format"] == .string("pcm16") && created["output_audio_format"] == .string("pcm16"))
    #expect(created["modalities"] == .array([.string("text"), .string("audio")]))
    #expect(created["turn_detection"]?["silence_duration_ms"] == .number(500))
    #expect(created["max_response_output_tokens"] == .string("inf"))
    for name in ["type", "audio", "output_modalities", "max_output_tokens"] { #expect(created[name] == nil, "\(name)") }

    let update = line.send(.opening(resume: nil), as: .client)
    let asked = try #require(update[0].json["session"])
    #expect(asked["input_audio_transcription"] == .object(["model": .string("whisper-1")]))
    #expect(asked["turn_detection"]?["type"] == .string("server_vad") && asked["type"] == nil && asked["audio"] == nil)
    // By the names that every dialect has.
    guard case .config(.object(let told))? = update.events.first else { return #expect(Bool(false)) }
    #expect(told["uplink_format"] == .string("audio/pcm") && told["transcription"] == .string("whisper-1"))

    let updated = line.say(.configApplied(.object(["voice": .string("echo")])), as: .server)
    #expect(updated[0].json["session"]?["voice"] == .string("echo"))
    #expect(updated[0].json["session"]?["input_audio_transcription"]?["model"] == .string("whisper-1"))
  }

  @Test func theClientEndsTheTurns() {
    var line = DialectLine.ready(client: DialectSettings(isManual: true), as: OpenAIBetaDialect.self)
    #expect(line.client.card.turns == .byClient && line.server.card.turns == .byClient)
    #expect(line.say(.userSpeechStart, as: .server).isEmpty)
  }

  @Test(arguments: [("mulaw", "g711_ulaw"), ("alaw", "g711_alaw")]) func telephoneAudio(codec: String, name: String)
    throws
  {
    let form = try #require(OpenAIBetaDialect.card.uplink.named(codec))
    var line = DialectLine(client: DialectSettings(uplink: form, downlink: form), as: OpenAIBetaDialect.self)
    line.say(.ready(Ready(sessionID: "s")), as: .server)
    let asked = line.send(.opening(resume: nil), as: .client)[0].json["session"]
    #expect(asked?["input_audio_format"] == .string(name) && asked?["output_audio_format"] == .string(name))
    line.say(.configApplied(.object([:])), as: .server)
    #expect(line.server.card.downlink.preferred == form && line.witness.card.uplink.preferred == form)
  }

  @Test func aTurnHasTheOlderNames() throws {
    var line = DialectLine.ready(as: OpenAIBetaDialect.self)
    line.say(DialectLine.audio(ms: 900), as: .client)
    line.say(.userSpeechStart, as: .server)
    #expect(
      line.say(.userSpeechEnd, as: .server).types == [
        "input_audio_buffer.speech_stopped", "input_audio_buffer.committed", "conversation.item.created",
      ])
    var answer: [Said] = []
    for event in [.responseStarted, .responseText("It is noon."), DialectLine.audio(ms: 100), .responseComplete] {
      answer += line.say(event, as: .server)
    }
    #expect(
      answer.types == [
        "response.created", "response.output_item.added", "conversation.item.created", "response.content_part.added",
        "response.audio_transcript.delta", "response.audio.delta", "response.audio.done",
        "response.audio_transcript.done", "response.content_part.done", "response.output_item.done", "response.done",
      ])
    let done = try #require(answer.last?.json["response"])
    guard case .array(let output)? = done["output"], case .array(let content)? = output.first?["content"] else {
      return #expect(Bool(false))
    }
    #expect(content == [.object(["type": .string("audio"), "transcript": .string("It is noon.")])])
    #expect(done["modalities"] == .array([.string("text"), .string("audio")]) && done["output_modalities"] == nil)
    #expect(
      answer.events.filter { $0.kind != .audio } == [.responseStarted, .responseText("It is noon."), .responseComplete])
  }

  @Test func aResponseInTextAlone() throws {
    var line = DialectLine.ready(as: OpenAIBetaDialect.self)
    let asked = line.raw(#"{"type":"response.create","response":{"modalities":["text"]}}"#, from: .client)
    #expect(
      asked.reading.events == [.responseRequest(.object(["output_modalities": .array([.string("text")])]))])
    let said = line.say(.responseText("noon"), as: .server) + line.say(.responseComplete, as: .server)
    #expect(said.types.filter { $0.hasPrefix("response.text") } == ["response.text.delta", "response.text.done"])
    #expect(said.first("response.done")?["response"]?["modalities"] == .array([.string("text")]))
    // And the way back.
    let settings = JSONValue.object(["output_modalities": .array([.string("audio")])])
    let request = line.say(.responseRequest(settings), as: .client)
    #expect(request[0].json["response"]?["modalities"] == .array([.string("text"), .string("audio")]))
    #expect(request.events == [.responseRequest(settings)])
  }

  @Test func aToolCall() {
    var line = DialectLine.ready(as: OpenAIBetaDialect.self)
    let call = ToolCall(id: "call_1", name: "weather", arguments: #"{"city":"Oslo"}"#)
    let said = line.say(.toolCall(call), as: .server)
    #expect(said.types.contains("conversation.item.created") && said.events.contains(.toolCall(call)))
    #expect(said.first("response.function_call_arguments.done")?["name"] == nil)
  }

  // MARK: Which shape

  @Test func theFirstMessageOfTheServerDecides() {
    var line = DialectLine()
    let created = line.raw(Self.flat, from: .server)
    #expect(created.reading.events.first == .ready(Ready(sessionID: "sess_1", otherDialect: "openai-beta")))
    #expect(line.client.card.downlink.preferred == WireAudioForm(.mulaw, rate: 8000, .base64))
    let asked = line.send(.opening(resume: nil), as: .client)[0].json["session"]
    #expect(asked?["input_audio_format"] == .string("pcm16") && asked?["audio"] == nil)
    #expect(line.client.name == "openai")
  }

  @Test func theOtherWayRound() {
    var line = DialectLine(as: OpenAIBetaDialect.self)
    let created = line.raw(
      #"{"type":"session.created","session":{"type":"realtime","id":"s","output_modalities":["audio"]}}"#,
      from: .server)
    #expect(created.reading.events.first == .ready(Ready(sessionID: "s", otherDialect: "openai")))
    #expect(line.send(.opening(resume: nil), as: .client)[0].json["session"]?["type"] == .string("realtime"))
  }

  @Test(arguments: ["{}", #"{"id":"s"}"#, "null", "[]", #"{"instructions":"Be brief."}"#])
  func aSessionThatDoesNotSayLeavesItAsItWasAsked(session: String) {
    for (row, shape) in [(OpenAIDialect.self as any Dialect.Type, true), (OpenAIBetaDialect.self, false)] {
      var line = DialectLine(as: row)
      let created = line.raw(#"{"type":"session.created","session":\#(session)}"#, from: .server)
      guard case .ready(let ready)? = created.reading.events.first else { return #expect(Bool(false)) }
      #expect(ready.otherDialect == nil)
      #expect((line.send(.opening(resume: nil), as: .client)[0].json["session"]?["audio"] != nil) == shape)
    }
  }

  /// Later messages do not change it, and nor does what a client says.
  @Test func onlyTheFirst() {
    var line = DialectLine.ready()
    line.raw(Self.flat, from: .server)
    line.raw(Self.flat, from: .client)
    #expect(line.say(.responseText("a"), as: .server).types.contains("response.output_audio_transcript.delta"))
    let refused = line.raw(#"{"type":"session.update","session":{"voice":"alloy"}}"#, from: .client)
    guard case .malformed(_, let reason)? = refused.reading.events.first else { return #expect(Bool(false)) }
    #expect(reason.contains("serve --dialect openai-beta"), "\(reason)")
  }

  /// What one seat says the other reads, in any order; and the server's items never have the newer names.
  @Test(arguments: 0..<40) func bothSeatsInAnyOrder(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var line = DialectLine.ready(as: OpenAIBetaDialect.self)
    let card = OpenAIBetaDialect.card
    for _ in 0..<60 {
      let side: Side = Bool.random(using: &random) ? .client : .server
      let kinds = (side == .client ? card.clientSays : card.serverSays).sorted { $0.rawValue < $1.rawValue }
      let kind = kinds.randomElement(using: &random) ?? .audio
      for event in Sample.events(kind, card.uplink.preferred) {
        // `deliver` holds three readers together.
        let said = line.say(event, as: side) + line.owed(by: side == .client ? .server : .client)
        for one in said {
          #expect(!one.type.contains("output_audio") || one.type.hasPrefix("output_audio_buffer"), "\(one.type)")
          #expect(
            !one.type.contains("output_text") && !one.type.hasSuffix("item.added") || one.type.contains("output_item"))
          #expect(one.json["session"]?["audio"] == nil && one.json["response"]?["output_modalities"] == nil)
          #expect(!one.reading.events.contains { $0.kind == .unknown }, "\(one.type)")
        }
      }
    }
  }

  /// Messages of real length with bytes changed, cut and repeated.
  @Test(arguments: 0..<20) func noBytesTrap(seed: Int) {
    var random = SeededGenerator(seed: UInt64(1000 + seed))
    var line = DialectLine(as: seed % 2 == 0 ? OpenAIBetaDialect.self : OpenAIDialect.self)
    var texts =
      OpenAIExampleTests.client.map { ($0.text, Side.client) }
      + OpenAIExampleTests.server.map { ($0.text, Side.server) }
    texts.append((Self.flat, .server))
    for _ in 0..<150 {
      guard let (text, side) = texts.randomElement(using: &random) else { return }
      var bytes = Array(text.utf8)
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0x20..<0x7F, using: &random)
      }
      if Int.random(in: 0..<10, using: &random) == 0 {
        bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
      }
      line.raw(String(decoding: bytes, as: UTF8.self), from: side)
      line.owed(by: side == .client ? .server : .client)
    }
  }
}

import FoundationEssentials
import TestKit
import Testing
import Timeline
import Wire

/// Gemini Live: what its messages mean, in every spelling in which clients and servers write them, and what is said.
@Suite struct GeminiTests {
  /// A link whose client has said its setup and whose server has agreed to it.
  private func ready(_ client: DialectSettings = DialectSettings(), resuming: String? = nil) -> DialectLine {
    var line = DialectLine(client: client, as: GeminiDialect.self)
    line.send(.opening(resume: resuming), as: .client)
    line.say(.ready(Ready(sessionID: "")), as: .server)
    return line
  }

  // MARK: Settings

  @Test func theSetupSaysTheSettings() throws {
    var line = DialectLine(
      client: DialectSettings(
        options: ["model": "gemini-x", "language": "de-DE", "voice": "Puck"],
        conversation: [
          "instructions": .string("Be brief."),
          "endpointing": .number(300), "proactivity": .object(["proactiveAudio": .bool(true)]),
          "tools": .array([
            .object([
              "type": .string("function"), "name": .string("weather"),
              "parameters": .object(["type": .string("object")]),
            ])
          ]),
        ]), as: GeminiDialect.self)
    let said = line.send(.opening(resume: "h1"), as: .client)[0]
    let setup = try #require(said.json["setup"])
    #expect(setup["model"] == .string("models/gemini-x"))
    let generation = setup["generationConfig"]
    #expect(generation?["responseModalities"] == .array([.string("AUDIO")]))
    #expect(generation?["speechConfig"]?["languageCode"] == .string("de-DE"))
    #expect(
      generation?["speechConfig"]?["voiceConfig"]?["prebuiltVoiceConfig"]?["voiceName"] == .string("Puck"))
    #expect(setup["systemInstruction"]?["parts"] == .array([.object(["text": .string("Be brief.")])]))
    #expect(setup["realtimeInputConfig"]?["automaticActivityDetection"]?["silenceDurationMs"] == .number(300))
    #expect(setup["proactivity"]?["proactiveAudio"] == .bool(true))
    #expect(setup["sessionResumption"] == .object(["handle": .string("h1")]))
    #expect(setup["inputAudioTranscription"] == .object([:]) && setup["outputAudioTranscription"] == .object([:]))
    guard case .array(let tools)? = setup["tools"], case .array(let functions)? = tools[0]["functionDeclarations"]
    else { return #expect(Bool(false)) }
    #expect(functions[0]["parametersJsonSchema"] == .object(["type": .string("object")]) && functions[0]["type"] == nil)
    // And back, by the names that every dialect has.
    guard case .config(.object(let told))? = said.reading.events.first else { return #expect(Bool(false)) }
    #expect(told["voice"] == .string("Puck") && told["language"] == .string("de-DE"))
    #expect(told["instructions"] == .string("Be brief.") && told["endpointing"] == .number(300))
    guard case .array(let back)? = told["tools"] else { return #expect(Bool(false)) }
    #expect(back[0]["name"] == .string("weather") && back[0]["parameters"] == .object(["type": .string("object")]))
    #expect(said.reading.summary == "models/gemini-x" && told["model"] == nil)
  }

  /// As the vendor's Python library writes it: names in both spellings, types in capitals.
  @Test func aSetupOfOtherClients() {
    var line = DialectLine(as: GeminiDialect.self)
    let text =
      #"{"setup":{"model":"models/m","generation_config":{"response_modalities":["TEXT"]},"system_instruction":{"parts":[{"text":"a"},{"text":"b"}]},"tools":[{"function_declarations":[{"name":"f","parameters":{"type":"OBJECT","properties":{"city":{"type":"STRING"}}}}]}],"realtime_input_config":{"automatic_activity_detection":{"disabled":true},"activity_handling":"NO_INTERRUPTION"}}}"#
    guard case .config(.object(let told))? = line.raw(text, from: .client).reading.events.first else {
      return #expect(Bool(false))
    }
    #expect(told["instructions"] == .string("a\nb") && told["turn_detection"] == .null)
    #expect(told["interrupt_response"] == .bool(false))
    guard case .array(let tools)? = told["tools"] else { return #expect(Bool(false)) }
    let schema = JSONValue.object([
      "type": .string("object"), "properties": .object(["city": .object(["type": .string("string")])]),
    ])
    #expect(tools[0]["parameters"] == schema)
    #expect(line.server.card.turns == .byClient)
    // Answers are texts, and nothing is written down that was not asked for.
    #expect(line.say(.audio(AudioPayload(bytes: [1, 2])), as: .server).isEmpty)
    #expect(line.say(.transcriptFinal("a"), as: .server).isEmpty)
    let words = line.say(.responseText("noon"), as: .server)
    #expect(words.first?.type == "modelTurn" && words.events == [.responseText("noon")])
  }

  @Test func theServerAnswersTheSetupAndNothingBefore() {
    var line = DialectLine(as: GeminiDialect.self)
    #expect(line.say(.ready(Ready(sessionID: "s_1")), as: .server).isEmpty)
    #expect(line.owed(by: .server).isEmpty)
    line.send(.opening(resume: nil), as: .client)
    let answer = line.owed(by: .server)
    #expect(answer.events == [.ready(Ready(sessionID: "s_1"))])
    #expect(answer[0].message.isText == false)
    #expect(line.owed(by: .server).isEmpty)
  }

  // MARK: A turn

  @Test func severalContentsInOneMessage() {
    var line = ready()
    let audio = Data([UInt8](repeating: 7, count: 480)).base64EncodedString()
    let said = line.raw(
      #"{"serverContent":{"modelTurn":{"role":"model","parts":[{"text":"a thought","thought":true},{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":"\#(audio)"}},{"inlineData":{"mimeType":"audio/pcm;rate=8000","data":"AQI="}}]},"inputTranscription":{"text":"hi"},"outputTranscription":{"text":"Hello."},"generationComplete":true,"turnComplete":true},"usageMetadata":{"promptTokenCount":4,"responseTokenCount":2,"totalTokenCount":6}}"#,
      from: .server)
    #expect(
      said.reading.events == [
        .transcriptInterim("hi"), .responseText("Hello."),
        .audio(AudioPayload(bytes: [UInt8](repeating: 7, count: 480), format: "pcm16", rate: 24_000)),
        .audio(AudioPayload(bytes: [1, 2], format: "pcm16", rate: 8000)),
        .transcriptFinal("hi"), .responseComplete, .usage(Usage(inputTokens: 4, outputTokens: 2, totalTokens: 6)),
      ])
    #expect(
      said.type
        == "inputTranscription+outputTranscription+modelTurn+generationComplete+turnComplete+usageMetadata"
    )
    #expect(said.reading.summary == "thinks: a thought")
  }

  /// The user's words come in pieces, before and within the answer; they are final when the answer is.
  @Test func whenTheUsersWordsAreFinal() {
    var line = ready()
    var events: [VoiceEvent] = []
    for content in [
      #""inputTranscription":{"text":"what "}"#, #""outputTranscription":{"text":"It is"}"#,
      #""inputTranscription":{"text":"time"}"#, #""generationComplete":true"#, #""turnComplete":true"#,
    ] {
      events += line.raw("{\"serverContent\":{\(content)}}", from: .server).reading.events
    }
    #expect(
      events == [
        .transcriptInterim("what "), .responseText("It is"), .transcriptInterim("what time"),
        .transcriptFinal("what time"), .responseComplete,
      ])
  }

  /// What is said over an answer that was sent whole belongs to the next turn.
  @Test func anInterruptedTurn() {
    var line = ready()
    var events: [VoiceEvent] = []
    for content in [
      #""outputTranscription":{"text":"Once"}"#, #""generationComplete":true"#,
      #""inputTranscription":{"text":"stop"}"#, #""interrupted":true"#, #""turnComplete":true"#,
      #""inputTranscription":{"text":" that"}"#, #""outputTranscription":{"text":"Yes."}"#,
      #""generationComplete":true"#, #""turnComplete":true"#,
    ] {
      events += line.raw("{\"serverContent\":{\(content)}}", from: .server).reading.events
    }
    #expect(
      events == [
        .responseText("Once"), .responseComplete, .transcriptInterim("stop"), .interrupted,
        .transcriptInterim("stop that"), .responseText("Yes."), .transcriptFinal("stop that"), .responseComplete,
      ])
  }

  @Test func aTurnThatOnlySaysThatItIsComplete() {
    var line = ready()
    line.raw(#"{"serverContent":{"inputTranscription":{"text":"hm"}}}"#, from: .server)
    let said = line.raw(
      #"{"serverContent":{"turnComplete":true,"turnCompleteReason":"NEED_MORE_INPUT"}}"#, from: .server)
    #expect(said.reading.events == [.transcriptFinal("hm"), .responseComplete])
    #expect(said.reading.summary == "NEED_MORE_INPUT")
  }

  @Test func theServersTurnsAreToldByBothMessages() {
    var line = ready()
    #expect(
      line.say(.responseComplete, as: .server).types == [
        "generationComplete", "turnComplete",
      ])
    #expect(
      line.say(.interrupted, as: .server).types == ["interrupted", "turnComplete"])
    // Not before its calls are answered.
    line.say(.toolCall(ToolCall(id: "c", name: "f", arguments: "{}")), as: .server)
    #expect(line.say(.responseComplete, as: .server).isEmpty)
    let result = line.say(.toolResult(ToolResult(id: "c", output: "snow")), as: .client)
    #expect(
      result.events == [
        .toolResult(ToolResult(id: "c", name: "f", output: "snow")), .responseRequest(.object([:])),
      ])
    #expect(result[0].json["toolResponse"]?.jsonText.contains(#""response":{"output":"snow"}"#) == true)
    #expect(line.say(.responseComplete, as: .server).count == 2)
  }

  // MARK: Who ends the turns

  @Test func theServerDoes() {
    var line = ready()
    #expect(line.say(.speechStart, as: .client).isEmpty && line.say(.turnEnd, as: .client).isEmpty)
    let end = line.say(.speechEnd, as: .client)
    #expect(end.map(\.json) == [.object(["realtimeInput": .object(["audioStreamEnd": .bool(true)])])])
    line.say(.audio(AudioPayload(bytes: [UInt8](repeating: 1, count: 32 * 1250))), as: .client)
    let start = line.say(.userSpeechStart, as: .server)
    #expect(start[0].json["voiceActivity"]?["audioOffset"] == .string("1.250s"))
  }

  @Test func theClientDoes() {
    var line = ready(DialectSettings(isManual: true))
    #expect(line.server.card.turns == .byClient && line.witness.card.turns == .byClient)
    #expect(line.client.card.clientSays.contains(.turnEnd) && !line.client.card.clientSays.contains(.speechEnd))
    #expect(line.say(.speechStart, as: .client).events == [.speechStart])
    #expect(line.say(.turnEnd, as: .client).events == [.turnEnd, .responseRequest(.object([:]))])
    #expect(
      line.say(.speechEnd, as: .client).isEmpty && line.say(.userSpeechStart, as: .server).isEmpty)
    // Over an answer it is an interruption.
    line.say(.responseText("Once upon"), as: .server)
    #expect(line.say(.speechStart, as: .client).events == [.interrupt, .speechStart])
  }

  // MARK: Other messages

  @Test func theEndIsNear() {
    var line = ready()
    for (left, seconds) in [("9.5s", 9.5), ("50s", 50), ("0s", 0)] {
      #expect(
        line.raw(#"{"goAway":{"timeLeft":"\#(left)"}}"#, from: .server).reading.events == [.expiry(.inSeconds(seconds))]
      )
    }
    for left in ["\"s\"", "\"-1s\"", "\"nans\"", "\"1e400s\"", "7", "null", "{}", "\"0x1ps\""] {
      #expect(line.raw(#"{"goAway":{"timeLeft":\#(left)}}"#, from: .server).reading == Reading("goAway", []))
    }
  }

  @Test func aSessionIsTakenUpAgain() {
    var line = ready()
    #expect(
      line.raw(#"{"sessionResumptionUpdate":{"newHandle":"h1","resumable":true}}"#, from: .server).reading.events == [
        .resumeToken("h1")
      ])
    for update in [#"{"resumable":false}"#, #"{"newHandle":"h","resumable":false}"#, #"{"newHandle":""}"#, "{}"] {
      #expect(line.raw(#"{"sessionResumptionUpdate":\#(update)}"#, from: .server).reading.events == [])
    }
    var second = DialectLine(as: GeminiDialect.self)
    second.send(.opening(resume: "h1"), as: .client)
    #expect(
      second.raw(#"{"setupComplete":{}}"#, from: .server).reading.events == [
        .ready(Ready(sessionID: "", resumed: true))
      ])
  }

  @Test func toolsAreCalledAndCalledOff() {
    var line = ready()
    let said = line.raw(
      #"{"toolCall":{"functionCalls":[{"id":"1","name":"a","args":{"n":1}},{"id":"2","name":"b"},{"name":"c"}]}}"#,
      from: .server)
    #expect(
      said.reading.events.prefix(2) == [
        .toolCall(ToolCall(id: "1", name: "a", arguments: #"{"n":1}"#)),
        .toolCall(ToolCall(id: "2", name: "b", arguments: "{}")),
      ])
    #expect(said.reading.events.last?.kind == .malformed)
    // One answer is not enough.
    #expect(
      line.say(.toolResult(ToolResult(id: "1", output: "{}")), as: .client).events.map(\.kind) == [.toolResult])
    #expect(
      line.raw(#"{"toolCallCancellation":{"ids":["2"]}}"#, from: .server).reading.events == [.toolCallsCancelled(["2"])]
    )
  }

  @Test func whatOtherClientsSay() {
    var line = ready()
    let samples: [(String, [VoiceEvent])] = [
      (
        #"{"realtime_input":{"audio":{"data":"-_8=","mime_type":"audio/pcm;rate=8000"}}}"#,
        [.audio(AudioPayload(bytes: [0xFB, 0xFF], format: "pcm16", rate: 8000))]
      ),
      (
        #"{"realtimeInput":{"mediaChunks":[{"mimeType":"audio/pcm","data":"AQI="},{"mimeType":"image/jpeg","data":"AQI="}]}}"#,
        [.audio(AudioPayload(bytes: [1, 2], format: "pcm16", rate: 16_000))]
      ),
      (#"{"client_content":{"turns":[{"role":"user","parts":[{"text":"hi"}]}],"turnComplete":false}}"#, []),
      (
        #"{"clientContent":{"turns":[{"role":"model","parts":[{"text":"no"}]},{"parts":[{"text":"there"}]}],"turn_complete":true}}"#,
        [.text("hi\nthere")]
      ),
      (#"{"clientContent":{"turnComplete":true}}"#, [.responseRequest(.object([:]))]),
      (#"{"realtimeInput":{"video":{"mimeType":"image/jpeg","data":"AQI="}}}"#, []),
      (#"{"contextUpdate":{}}"#, []),
      (#"{"hello":1}"#, [.unknown(type: "hello")]), ("{}", [.unknown(type: "{}")]),
    ]
    for (text, events) in samples {
      let said = line.raw(text, from: .client)
      #expect(said.reading.events == events, "\(text)")
      // The way in which it comes makes no difference.
      var binary = ready()
      #expect(binary.deliver([.binary(Array(text.utf8))], from: .client)[0].type == said.type)
    }
    #expect(
      line.raw(#"{"error":{"code":400,"message":"no key","status":"INVALID_ARGUMENT"}}"#, from: .server).reading.events
        == [.error(ServerError(message: "no key", code: "INVALID_ARGUMENT", isFatal: true))])
    #expect(
      line.raw(#"{"serverContent":{"groundingMetadata":{}}}"#, from: .server).reading
        == Reading("groundingMetadata", []))
    #expect(
      line.raw(#"{"voiceActivityDetectionSignal":{"vadSignalType":"VAD_SIGNAL_TYPE_EOS"}}"#, from: .server).reading
        .events == [.userSpeechEnd])
  }

  /// Texts that are taken out of a message come back where they stood, however it is written.
  @Test(arguments: ["", " ", "\n"]) func longTextsAreDecodedOnce(space: String) {
    var line = ready()
    let (one, two) = ([UInt8](repeating: 1, count: 300), [UInt8](repeating: 2, count: 400))
    func part(_ bytes: [UInt8]) -> String {
      #"{"inlineData":{"mimeType":"audio/pcm;rate=24000",\#(space)"data":\#(space.trimmingNewlines)"\#(Data(bytes).base64EncodedString())"}}"#
    }
    let quoted = #"{"text":"he said \"data\":\"\#(String(repeating: "A", count: 80))\""}"#
    let said = line.raw(
      #"{"serverContent":{"modelTurn":{"parts":[\#(part(one)),\#(quoted),\#(part(two)),{"inlineData":{"mimeType":"audio/pcm","data":"@0"}}]}}}"#,
      from: .server)
    guard case .array(let audio) = JSONValue.array(said.reading.events.map { .string($0.kind.rawValue) }) else {
      return
    }
    #expect(audio == [.string("audio"), .string("responseText"), .string("audio"), .string("audio")])
    let bytes = said.reading.events.compactMap { if case .audio(let it) = $0 { it.bytes } else { nil } }
    #expect(bytes.prefix(2) == [one, two])
  }

  @Test(arguments: ["AQ", #""data":"#, "{\"realtimeInput\":{\"audio\":{\"data\":\"AAAA", "[{}]", "\u{FEFF}{}"])
  func whatIsNoMessage(text: String) {
    var line = ready()
    _ = line.raw(text, from: .client)
    let broken = line.raw(
      #"{"realtimeInput":{"audio":{"data":"\#(String(repeating: "A!", count: 50))"}}}"#, from: .client)
    #expect(broken.reading.events.map(\.kind) == [.malformed] && broken.type == "audio")
  }

  /// Messages of real length with bytes changed, cut and repeated: nothing traps, and three readers agree.
  @Test(arguments: 0..<20) func noBytesTrap(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var line = ready()
    let audio = Data((0..<900).map { _ in UInt8.random(in: 0...255, using: &random) }).base64EncodedString()
    let texts: [(String, Side)] = [
      (
        #"{"serverContent":{"modelTurn":{"role":"model","parts":[{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":"\#(audio)"}}]}}}"#,
        .server
      ),
      (#"{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"\#(audio)"}}}"#, .client),
      (
        #"{"serverContent":{"inputTranscription":{"text":"a","finished":true},"interrupted":true,"turnComplete":true}}"#,
        .server
      ),
      (#"{"toolCall":{"functionCalls":[{"id":"1","name":"a","args":{"n":1e300}}]}}"#, .server),
      (#"{"toolResponse":{"functionResponses":[{"id":"1","response":{"output":"x"}}]}}"#, .client),
      (
        #"{"setup":{"model":"m","tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT"}}]}]}}"#,
        .client
      ),
      (#"{"goAway":{"timeLeft":"9.5s"}}"#, .server), (#"{"usageMetadata":{"totalTokenCount":1e30}}"#, .server),
    ]
    for _ in 0..<120 {
      let (text, side) = random.one(of: texts)
      var bytes = Array(text.utf8)
      for _ in 0..<random.below(4) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
      if random.below(8) == 0 { bytes.removeLast(random.below(bytes.count)) }
      line.deliver([random.below(2) == 0 ? .text(bytes) : .binary(bytes)], from: side)
      line.owed(by: .server)
    }
  }
}

extension String {
  /// Between a name and its text, spaces alone are looked past.
  fileprivate var trimmingNewlines: String { self == "\n" ? "" : self }
}

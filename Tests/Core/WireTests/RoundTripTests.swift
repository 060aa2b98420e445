import TestKit
import Testing
import Wire

@Suite struct RoundTripTests {
  static let fromClient: [VoiceEvent] = [
    .audio(AudioPayload(bytes: [0, 1, 254, 255])),
    .audio(AudioPayload(bytes: [], format: "pcm16", rate: 24_000, sequence: 7, sentAtMs: 1234.5)),
    .interrupt, .speechStart, .speechEnd, .text("wie spät ist es? \u{1F600}\u{1B}[31m\n\"\\/"),
    .config(
      .object(["language": .string("de"), "n": .number(3), "deep": .object(["a": .array([.null, .bool(true)])])])),
    .config(.object([:])),
  ]
  static let fromServer: [VoiceEvent] = [
    .ready(Ready(sessionID: "s_1")),
    .ready(
      Ready(
        sessionID: "s_1", protocolName: "voice/1", inputRate: 16_000, outputRate: 24_000, resumeToken: "t",
        resumed: true)),
    .ready(Ready(sessionID: "s_1", inputIsBinary: true, outputFormat: "wav", outputIsBinary: false)),
    .userSpeechStart, .userSpeechEnd, .transcriptInterim(""), .transcriptInterim("what ti"),
    .transcriptFinal("what time"),
    .responseText("It is "), .audio(AudioPayload(bytes: [1, 2], format: "mp3", rate: 44_100, sequence: 0)),
    .responseComplete, .interrupted, .responseHeld, .responseResumed, .metrics(ServerMetrics()),
    .metrics(ServerMetrics(turn: 3, sttMs: 5.5, llmFirstTokenMs: 80, ttsFirstByteMs: 9)),
    .metrics(ServerMetrics(turn: 4, audioLostMs: 2500)),
    .metrics(ServerMetrics(turn: 4, ttsCharacters: 240, ttsUnheard: 120)),
    .metrics(ServerMetrics(turn: 5, ttsFirstByteMs: 140, voice: "joe")),
    .metrics(ServerMetrics(turn: 6, sttMs: 210, sttQueue: 2)),
    .metrics(
      ServerMetrics(turn: 7, sttMs: 210, llmFirstTokenMs: 90, recognizer: "deepgram", model: "claude-haiku-4-5")),
    .metrics(ServerMetrics.early),
    .ready(
      Ready(sessionID: "s_3", voice: "joe", engines: SpeechEngines(recognizer: "moonshine", detector: "silero"))),
    .ready(
      Ready(
        sessionID: "s_4", voice: "slt",
        engines: SpeechEngines(
          recognizer: "pocketsphinx", detector: "sphinx", missing: "moonshine, silero, joe",
          remedy: "sidetone engines install"))),
    .ready(Ready(sessionID: "s_1", voice: "joe")),
    .pause, .resume,
    .configApplied(.object(["voice": .string("slt")])), .error(ServerError(message: "no")),
    .error(ServerError(message: "no", code: "auth", isFatal: true)),
  ]

  @Test(arguments: fromClient) func clientEvents(event: VoiceEvent) throws {
    let frame = try #require(VoiceDialect().encode(event, from: .client))
    #expect(VoiceDialect().decode(frame, from: .client) == [event])
    #expect(VoiceDialect().typeName(of: frame) != "?")
  }

  @Test(arguments: fromServer) func serverEvents(event: VoiceEvent) throws {
    let frame = try #require(VoiceDialect().encode(event, from: .server))
    #expect(VoiceDialect().decode(frame, from: .server) == [event])
    #expect(VoiceDialect().typeName(of: frame) != "?")
  }

  @Test func eachSideSaysOnlyItsOwnEvents() {
    for event in Self.fromServer {
      if case .audio = event { continue }
      #expect(VoiceDialect().encode(event, from: .client) == nil)
      guard let frame = VoiceDialect().encode(event, from: .server) else { continue }
      #expect(VoiceDialect().decode(frame, from: .client) == [.unknown(type: VoiceDialect().typeName(of: frame))])
    }
    for event in Self.fromClient {
      if case .audio = event { continue }
      #expect(VoiceDialect().encode(event, from: .server) == nil)
    }
    #expect(VoiceDialect().encode(.unknown(type: "x"), from: .client) == nil)
    #expect(VoiceDialect().encode(.malformed(what: "x", reason: "y"), from: .server) == nil)
  }

  @Test func rawAudioIsABinaryFrame() {
    #expect(VoiceDialect().decode(.binary([9, 8]), from: .server) == [.audio(AudioPayload(bytes: [9, 8]))])
    #expect(VoiceDialect().typeName(of: .binary([])) == "audio")
  }

  @Test func pcm() {
    let pcm = PCMDialect()
    #expect(pcm.encode(.audio(AudioPayload(bytes: [1, 2])), from: .client) == .binary([1, 2]))
    #expect(pcm.decode(.binary([1, 2]), from: .server) == [.audio(AudioPayload(bytes: [1, 2], format: "pcm16"))])
    #expect(pcm.decode(.string("{\"type\":\"stats\"}"), from: .server) == [.unknown(type: "stats")])
    #expect(pcm.decode(.string("[1]"), from: .server) == [.unknown(type: "metadata")])
    guard case .malformed = pcm.decode(.string("{"), from: .server)[0] else { return #expect(Bool(false)) }
    for event in Self.fromClient {
      if case .audio = event { continue }
      #expect(pcm.encode(event, from: .client) == nil)
    }
    // The one thing that it says in words.
    let error = VoiceEvent.error(ServerError(message: "no", code: "auth", isFatal: true))
    let said = pcm.encode(error, from: .server)
    #expect(said.map { pcm.decode($0, from: .server) } == [error])
    #expect(pcm.encode(error, from: .client) == nil)
    #expect(pcm.decode(.string("{\"type\":\"error\",\"message\":\"no\"}"), from: .client) == [.unknown(type: "error")])
    #expect(pcm.typeName(of: .string("{\"type\":\"stats\"}")) == "stats")
    #expect(pcm.typeName(of: .string("nonsense")) == "metadata")
  }

  @Test func pcmClears() {
    let (pcm, clear) = (PCMDialect(), WireMessage.string(#"{"type":"clear"}"#))
    #expect(pcm.encode(.interrupted, from: .server) == clear)
    // Said only to a server that has said it itself.
    var link: any Dialect = pcm
    let before = link.say(.event(.interrupt), as: .client, at: .zero)
    _ = link.read(clear, from: .server)
    let after = link.say(.event(.interrupt), as: .client, at: .zero)
    #expect(before.isEmpty && after == [clear])
    #expect(pcm.decode(clear, from: .server) == [.interrupted])
    #expect(pcm.decode(clear, from: .client) == [.interrupt])
    #expect(!pcm.card.takesBack && VoiceDialect().card.takesBack)
  }

  @Test(arguments: ["responseId", "response_id"]) func responsesHaveNames(member: String) throws {
    let voice = VoiceDialect()
    let ref = WireRef(response: "r_1")
    for type in [
      #""response_text","text":"a""#, #""response_complete""#, #""interrupted""#, #""audio","data":"AQI=""#,
      #""audio","data":"AQI=","format":"\u0070cm16""#,
    ] {
      let reading = voice.reading(.string(#"{"type":\#(type),"\#(member)":"r_1"}"#), from: .server)
      #expect(reading.of == ref, "\(reading)")
      #expect(reading.events.count == 1)
    }
    #expect(voice.reading(.string(#"{"type":"interrupted","\#(member)":7}"#), from: .server).of?.response == "7")
    #expect(
      voice.reading(.string(#"{"type":"audio","data":"AQI=","\#(member)":7}"#), from: .server).of?.response == "7"
    )
    // What is no name is none, and what is too long to be kept, too.
    for value in ["{}", "null", "\"\"", "1.5", "\"" + String(repeating: "x", count: 300) + "\""] {
      let reading = voice.reading(.string(#"{"type":"interrupted","\#(member)":\#(value)}"#), from: .server)
      #expect(reading.events == [.interrupted] && reading.of == nil, "\(value)")
    }
    let audio = VoiceEvent.audio(AudioPayload(bytes: [1, 2], reference: ref))
    let frame = try #require(voice.encode(audio, from: .server))
    #expect(voice.decode(frame, from: .server) == [audio])
    let odd = VoiceEvent.audio(AudioPayload(bytes: [1, 2], reference: WireRef(response: "\"é\"")))
    #expect(voice.decode(try #require(voice.encode(odd, from: .server)), from: .server) == [odd])
  }

  @Test func dialectsByName() {
    let table = DialectTable.builtIn
    #expect(table.names.prefix(2) == ["voice", "pcm"])
    #expect(table["pcm"]?.card.needsReady == false)
    #expect(table["pcm"]?.card.marksResponseEnd == false)
    #expect(table["voice"]?.card.marksResponseEnd == true)
    #expect(table["morse"] == nil)
  }
}

extension ServerMetrics {
  /// Of a turn that was ended and answered sooner than usual.
  fileprivate static var early: ServerMetrics {
    var metrics = ServerMetrics(turn: 7, sttMs: 300, llmFirstTokenMs: 0)
    (metrics.endpointSavedMs, metrics.llmAheadMs) = (280, 310.5)
    return metrics
  }
}

import Agent
import Audio
import AudioCodecs
import Speech
import TestKit
import Testing
import Threads
import Timeline
import WebSockets
import Wire

@testable import Runtime

/// What a client asks for on the wire is what it gets there.
@Suite struct AudioNegotiationTests {
  private func connect(
    _ rig: ServerRig, _ id: Int, path: String = "/voice", headers: [(String, String)] = [], offers: [String] = []
  ) async throws -> Ready {
    let url = try WebSocketURL.parse("ws://127.0.0.1:\(rig.server.port)\(path)")
    rig.client.connect(
      LinkID(id),
      ConnectRequest(url: url, headers: headers.map { (name: $0.0, value: $0.1) }, subprotocols: offers))
    return try #require(await rig.ready(id), "\(rig.all(id))")
  }

  private func audio(_ rig: ServerRig, _ id: Int) -> [AudioPayload] {
    rig.heard(id).compactMap { if case .audio(let payload) = $0 { payload } else { nil } }
  }
  private func errors(_ rig: ServerRig, _ id: Int) -> [ServerError] {
    rig.heard(id).compactMap { if case .error(let error) = $0 { error } else { nil } }
  }
  private func binaryCount(_ rig: ServerRig, _ id: Int) -> Int {
    rig.all(id).count { if case .message(_, isText: false) = $0 { true } else { false } }
  }

  /// "You said hello." is 15 characters of 50 ms.
  private static let sampleCount = 15 * 800

  @Test(arguments: [
    ("pcm16", false), ("wav", false), ("mp3", false), ("ogg-opus", false), ("binary", true),
    ("wav,binary", true), ("mp3,binary", true), ("ogg-opus,binary", true), ("opus", false), ("opus,binary", true),
    ("mulaw", false), ("mulaw,binary", true),
  ])
  func everyFormIsSentAsAskedAndPlayedByOurDecoder(form: String, isBinary: Bool) async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    let ready = try await connect(rig, 1, path: "/voice?audio=\(form)")
    let name = form == "binary" ? "pcm16" : form.split(separator: ",").first.map(String.init)
    #expect(ready.outputFormat == name)
    #expect(ready.outputIsBinary == isBinary && ready.inputIsBinary == isBinary)
    for turn in 1...2 {
      rig.send(.text("hello"), on: 1)
      #expect(await rig.hears(.responseComplete, on: 1, times: turn))
    }
    #expect((binaryCount(rig, 1) > 0) == isBinary)
    let decoder = IncomingAudioDecoder(outputRate: 16_000)
    var heard: [Int16] = []
    for event in rig.heard(1) {
      switch event {
      case .audio(let payload):
        #expect(payload.format == (isBinary ? nil : name))
        let output = decoder.decode(
          payload.bytes, declaredFormat: payload.format ?? ready.outputFormat, declaredRate: payload.rate,
          defaultRate: 16_000)
        #expect(output.problem == nil)
        heard += output.samples
        if name == "wav" { #expect(WAV.isWAV(payload.bytes)) }
      case .responseComplete: heard += decoder.endOfResponse()
      default: break
      }
    }
    #expect((2 * Self.sampleCount..<2 * Self.sampleCount + 8000).contains(heard.count), "\(heard.count)")
    #expect(abs(Level(of: heard).rmsDB - -18.3) < 2)
    // Numbered without a gap, whatever the encoder held back.
    let numbers = audio(rig, 1).compactMap(\.sequence)
    if !isBinary { #expect(numbers == Array(0..<numbers.count)) }
    #expect(await eventually { rig.log.all.contains { $0.hasPrefix("ready; audio goes out as \(name ?? "")") } })
  }

  @Test func aPageGetsWholeFilesAndOthersDoNot() async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    let page = try await connect(rig, 1, headers: [("Origin", "http://127.0.0.1:8000")])
    #expect(page.outputFormat == "wav")
    rig.send(.text("hello"), on: 1)
    #expect(await rig.hears(.responseComplete, on: 1))
    #expect(audio(rig, 1).count > 2)
    #expect(audio(rig, 1).allSatisfy { WAV.isWAV($0.bytes) && $0.format == "wav" })
    let other = try await connect(rig, 2)
    #expect(other.outputFormat == "pcm16")
    rig.send(.text("hello"), on: 2)
    #expect(await rig.hears(.responseComplete, on: 2))
    #expect(audio(rig, 2).allSatisfy { !WAV.isWAV($0.bytes) && $0.format == "pcm16" })
  }

  @Test func aSubprotocolThatSpeaksOfAudioIsAgreedOn() async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    let ready = try await connect(rig, 1, offers: ["chat", "audio.opus", "wav"])
    #expect(ready.outputFormat == "opus")
    guard case .opened(_, let agreed)? = rig.all(1).first else {
      Issue.record("not opened")
      return
    }
    #expect(agreed == "audio.opus")
  }

  @Test func anUnknownFormatIsAnsweredInWordsAndNotConfirmed() async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    #expect(try await connect(rig, 1, path: "/voice?audio=flac").outputFormat == "pcm16")
    #expect(await eventually { errors(rig, 1).first?.code == "bad_format" })
    rig.send(.config(.object(["format": .string("vorbis")])), on: 1)
    #expect(await eventually { errors(rig, 1).count == 2 })
    #expect(errors(rig, 1).allSatisfy { $0.message.contains("there is pcm16, wav (each message a whole file), mp3") })
    #expect(
      await eventually {
        rig.heard(1).contains {
          if case .configApplied(let it) = $0 { it["format"] == .string("pcm16") } else { false }
        }
      })
  }

  @Test func theRootServesLikeTheEndpoint() async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    #expect(try await connect(rig, 1, path: "/").sessionID.hasPrefix("s_"))
    #expect(try await connect(rig, 2, path: "/?audio=wav").outputFormat == "wav")
    #expect(try await connect(rig, 3, path: "").sessionID.hasPrefix("s_"))
  }

  @Test func whoSendsBinaryAudioIsAnsweredSo() async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    rig.script.state.withLock { $0.transcripts = ["hello"] }
    _ = try await connect(rig, 1)
    for n in 0..<80 {
      let sample: UInt8 = n < 40 ? 9 : 0
      rig.client.send(LinkID(1), [UInt8](repeating: sample, count: 640), isText: false)
    }
    #expect(await rig.hears(.responseComplete, on: 1))
    #expect(rig.heard(1).contains(.transcriptFinal("hello")))
    let pcm = audio(rig, 1)
    #expect(binaryCount(rig, 1) == pcm.count && !pcm.isEmpty)
    #expect(pcm.map(\.bytes.count).reduce(0, +) == 2 * Self.sampleCount)
    #expect(await eventually { rig.log.all.contains { $0.hasPrefix("the client sends binary audio") } })
  }

  // MARK: What cannot be heard

  private static let mp4: [UInt8] = [0, 0, 0, 28] + Array("ftypiso5".utf8) + [UInt8](repeating: 0x42, count: 600)

  @Test(arguments: ["voice", "pcm"]) func whatMediaRecorderMakesWithoutWebMIsRefusedInWords(dialect: String)
    async throws
  {
    let rig = try ServerRig { $0.dialect = dialect }
    defer { rig.stop() }
    let url = try WebSocketURL.parse("ws://127.0.0.1:\(rig.server.port)/voice")
    rig.client.connect(LinkID(1), ConnectRequest(url: url))
    #expect(await eventually { if case .opened? = rig.all(1).first { true } else { false } })
    rig.client.send(LinkID(1), Self.mp4, isText: false)
    for _ in 0..<5 { rig.client.send(LinkID(1), [UInt8](repeating: 0x99, count: 640), isText: false) }
    #expect(await eventually { errors(rig, 1).contains { $0.code == "unsupported_audio" } })
    let message = try #require(errors(rig, 1).first).message
    #expect(message.hasPrefix("mp4, as a browser's MediaRecorder makes it, cannot be heard here"))
    #expect(message.contains("AudioWorklet") && message.hasSuffix("WebM/Opus stream"))
    #expect(await eventually { rig.log.all.contains { $0.hasPrefix("error unsupported_audio: mp4") } })
    #expect(rig.script.state.withLock { $0.recognizers } == 0, "nothing of it was taken for speech")
  }

  @Test func theLogClaimsNothingThatTheDialectCannotSay() async throws {
    let rig = try ServerRig { $0.dialect = "pcm" }
    defer { rig.stop() }
    rig.script.state.withLock { $0.transcripts = ["hello"] }
    let url = try WebSocketURL.parse("ws://127.0.0.1:\(rig.server.port)/voice")
    rig.client.connect(LinkID(1), ConnectRequest(url: url))
    #expect(await eventually { if case .opened? = rig.all(1).first { true } else { false } })
    rig.client.send(LinkID(1), Array(#"{"type":"hello"}"#.utf8), isText: true)
    for n in 0..<80 {
      let sample: UInt8 = n < 40 ? 9 : 0
      rig.client.send(LinkID(1), [UInt8](repeating: sample, count: 640), isText: false)
    }
    #expect(await eventually { rig.log.all.contains { $0.hasPrefix("user said: hello") } })
    #expect(await eventually { rig.log.all.contains { $0.hasPrefix("response complete") } })
    // Behind, and caught up again: two things that this dialect cannot tell. Speech after it shows that they were taken.
    let tell = try #require(rig.script.state.withLock { $0.tellBacklog })
    tell(.milliseconds(1500))
    tell(.zero)
    rig.client.send(LinkID(1), [UInt8](repeating: 9, count: 640), isText: false)
    #expect(await eventually { rig.log.all.filter { $0.hasPrefix("user speech started") }.count == 2 })
    let log = rig.log.all.joined(separator: "\n")
    #expect(!log.contains("asked the client"))
    #expect(!log.contains("ready"))
    #expect(!log.contains("error"))
    #expect(rig.all(1).allSatisfy { if case .message(_, isText: true) = $0 { false } else { true } })
  }
}

extension AudioNegotiationTests {
  @Test func theBareDialectHasBareSamplesAndSaysSo() async throws {
    let rig = try ServerRig { $0.dialect = "pcm" }
    defer { rig.stop() }
    let url = try WebSocketURL.parse("ws://127.0.0.1:\(rig.server.port)/voice?audio=wav")
    rig.client.connect(
      LinkID(1), ConnectRequest(url: url, headers: [(name: "Origin", value: "http://localhost")]))
    #expect(
      await eventually {
        rig.heard(1) == [
          .error(
            ServerError(
              message: "audio: \"wav\" cannot be sent; there is pcm16, at 16000 samples a second, in binary messages",
              code: "bad_format"))
        ]
      })
  }
}

/// A client that sends faster than the recognizer takes.
@Suite struct FloodTests {
  /// Takes its time: it looks at what it was given only when it is told to.
  private final class SlowRecognizer: SpeechRecognizer {
    let heard = Locked<(samples: [Int16], examined: Int)>(([], 0))
    let events: @Sendable (RecognizerEvent) -> Void
    init(events: @escaping @Sendable (RecognizerEvent) -> Void) { self.events = events }

    var waitingCount: Int? { heard.withLock { $0.samples.count - $0.examined } }
    func accept(_ samples: [Int16], turn: TurnID) { heard.withLock { $0.samples += samples } }
    func look() {
      heard.withLock { $0.examined = $0.samples.count }
      events(.backlog(.zero))
    }
    func endUtterance(_ turn: TurnID) { events(.final(turn, "")) }
    func discardUtterance(_ turn: TurnID) {}
    func stop() {}
  }

  @Test func whoDoesNotHeedPauseLosesNothing() async throws {
    let made = Locked<SlowRecognizer?>(nil)
    let script = ScriptedProviders()
    var providers = script.providers
    providers.recognizer = { events in
      let recognizer = SlowRecognizer(events: events)
      made.withLock { $0 = recognizer }
      return recognizer
    }
    var options = VoiceServerOptions()
    options.port = 0
    let log = LogLines()
    let server = try VoiceServer(options, providers: providers, clock: TimelineClock(), log: log.logger)
    defer { server.stop() }
    let events = Locked<[WebSocketEvent]>([])
    let client = WebSocketClient { _, event in events.withLock { $0.append(event) } }
    defer { client.stop(deadline: .seconds(2)) }
    client.connect(
      LinkID(1), ConnectRequest(url: try WebSocketURL.parse("ws://127.0.0.1:\(server.port)/voice")))
    #expect(await eventually { events.withLock { !$0.isEmpty } })
    // Two minutes and a half at once; each message has a value of its own.
    let messageCount = 150 * 5
    var sent: [Int16] = []
    for n in 0..<messageCount {
      let samples = [Int16](repeating: Int16(n + 1), count: 3200)
      sent += samples
      client.send(LinkID(1), PCM16.bytes(of: samples), isText: false)
    }
    func heardCount() -> Int { made.withLock { $0?.heard.withLock { $0.samples.count } ?? 0 } }
    #expect(
      await eventually {
        made.withLock { $0?.look() }
        return heardCount() >= sent.count
      })
    let heard = made.withLock { $0?.heard.withLock { $0.samples } ?? [] }
    #expect(heard == sent)
    let told = events.withLock { $0 }.compactMap { event -> VoiceEvent? in
      guard case .message(let bytes, isText: true) = event else { return nil }
      return VoiceDialect().decode(.text(bytes), from: .server).first
    }
    #expect(told.filter { $0 == .pause }.count == told.filter { $0 == .resume }.count)
    #expect(told.contains(.pause))
    #expect(!told.contains { if case .error = $0 { true } else { false } })
  }

  @Test func readingStopsWhereThereIsNoRoomAndGoesOnWithIt() {
    var waiting = WaitingMessages()
    for _ in 0...WaitingMessages.messageLimit {
      #expect(!waiting.isFull)
      waiting.append(.init(event: .interrupt, isBinary: false, byteCount: 20))
    }
    #expect(waiting.isFull)
    while waiting.isFull { waiting.removeFirst() }
    var left = 0
    while !waiting.isEmpty {
      waiting.removeFirst()
      left += 1
    }
    #expect(left == WaitingMessages.messageLimit / 4)
    waiting.append(.init(event: .interrupt, isBinary: false, byteCount: WaitingMessages.byteLimit + 1))
    #expect(waiting.isFull)
  }

  @Test func twoReasonsNotToReadAreToldApart() {
    let inflow = Inflow<Int>(messageLimit: 4, byteLimit: 1000)
    var orders: [Bool] = []
    func full(_ isFull: Bool) { inflow.setFull(1, isFull) { orders.append($0) } }
    full(true)
    for _ in 0..<5 { inflow.arrived(1, byteCount: 1) { orders.append(false) } }
    #expect(orders == [false])
    full(false)
    #expect(orders == [false], "too many wait")
    for _ in 0..<4 { inflow.taken(1, byteCount: 1) { orders.append(true) } }
    #expect(orders == [false, true])
    for _ in 0..<5 { inflow.arrived(1, byteCount: 1) { orders.append(false) } }
    full(true)
    #expect(orders == [false, true, false])
    for _ in 0..<6 { inflow.taken(1, byteCount: 1) { orders.append(true) } }
    #expect(orders == [false, true, false], "it is still full")
    full(false)
    #expect(orders == [false, true, false, true])
  }
}

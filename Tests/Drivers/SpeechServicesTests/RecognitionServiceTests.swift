import Agent
import Foundation
import Speech
import TestKit
import Testing
import Threads
import Timeline
import WebSockets

@testable import SpeechServices

/// Services that hear, in front of a server on loopback.
@Suite struct RecognitionServiceTests {
  static let key = "secret-key-1234"
  private static let first = TurnID(rawValue: 1)
  private static let second = TurnID(rawValue: 2)

  private func endpoint(
    _ card: RecognitionServiceCard, _ address: String, patience: Duration = .seconds(20)
  ) throws -> RecognitionServiceEndpoint {
    var endpoint = try card.endpoint(address: address, language: "en-GB", apiKey: Self.key)
    endpoint.patience = patience
    return endpoint
  }

  private static func results(_ text: String, isFinal: Bool = true, more: String = "") -> String {
    """
    {"type":"Results","channel_index":[0,1],"start":0,"duration":1,"is_final":\(isFinal),"channel":{"alternatives":\
    [{"transcript":"\(text)","confidence":0.9,"words":[]}]},"metadata":{"request_id":"r"}\(more)}
    """
  }

  // MARK: - Deepgram

  @Test func deepgramTellsInterimWordsAndIsAskedForTheLastOnes() throws {
    let server = try LoopbackSocketServer("/v1/listen") { peer, event in
      guard case .message(let bytes, let isText) = event else { return }
      if isText {
        guard String(decoding: bytes, as: UTF8.self) == #"{"type":"Finalize"}"# else { return }
        peer.say(Self.results("what time is it", more: #","speech_final":false,"from_finalize":true"#))
        peer.say(#"{"type":"UtteranceEnd","channel":[0,1],"last_word_end":1.2}"#)
      } else if bytes.contains(where: { $0 != 0 }) {
        peer.say(#"{"type":"SpeechStarted","channel":[0,1],"timestamp":0.3}"#)
        peer.say(Self.results("what", isFinal: false))
        peer.say(#"{"type":"Metadata","transaction_key":"deprecated","channels":1}"#)
      }
    }
    let listener = ServiceListener(try endpoint(.deepgram, server.address))
    listener.pause(400)
    listener.speak(600)
    #expect(listener.log.wait { !$0.isEmpty })
    listener.pause(200)
    listener.end()
    listener.say()
    let texts = ["what time is it", "what time is it"]
    let told = listener.heard(turns: 2)
    #expect(
      told.compactMap { if case .final(_, let text) = $0 { text } else { nil } } == texts, "\(told)")
    #expect(told.first == .interim(Self.first, "what"))
    let request = try #require(server.requests.first)
    let expected = [
      "model": "nova-3", "language": "en-GB", "encoding": "linear16", "sample_rate": "16000", "channels": "1",
      "interim_results": "true", "punctuate": "true", "endpointing": "300", "utterance_end_ms": "1000",
      "vad_events": "true",
    ]
    #expect(Dictionary(uniqueKeysWithValues: request.query.map { ($0.name, $0.value) }) == expected)
    // 100 ms at first, and then the turns from 300 ms before the speech on; nothing twice.
    #expect(server.bytes.count == 32 * (100 + 300 + 800 + 800))
    #expect(server.requests.count == 1)
  }

  @Test func whatDeepgramHasEndedItselfIsNotAskedFor() throws {
    let server = try LoopbackSocketServer("/v1/listen") { peer, event in
      guard case .message(let bytes, false) = event, bytes.count > 4000 || bytes.contains(where: { $0 != 0 }) else {
        return
      }
      peer.say(Self.results("good evening", more: #","speech_final":true"#))
    }
    let listener = ServiceListener(try endpoint(.deepgram, server.address))
    listener.speak(20)
    listener.pause(200)
    #expect(listener.log.wait { !$0.isEmpty })
    listener.end()
    #expect(
      listener.heard() == [
        .interim(Self.first, "good evening"), .paused(Self.first, "good evening"), .final(Self.first, "good evening"),
      ])
    #expect(server.texts.isEmpty)
  }

  // MARK: - Flux

  private static func turn(_ event: String, _ text: String) -> String {
    """
    {"type":"TurnInfo","request_id":"r","sequence_id":1,"event":"\(event)","turn_index":0,"audio_window_start":0,\
    "audio_window_end":1,"transcript":"\(text)","words":[],"end_of_turn_confidence":0.5}
    """
  }

  @Test func fluxSaysWhenATurnIsOver() throws {
    let count = Locked(0)
    let server = try LoopbackSocketServer("/v2/listen") { peer, event in
      switch event {
      case .opened: peer.say(#"{"type":"Connected","request_id":"r","sequence_id":0}"#)
      case .message(let bytes, true):
        // The second turn is ended by us.
        if bytes == Array(#"{"type":"ForceEndTurn"}"#.utf8) { peer.say(Self.turn("EndOfTurn", "and then")) }
      case .message(let bytes, false):
        let before = count.withLock { count in
          defer { count += bytes.count }
          return count
        }
        if before == 0 {
          peer.say(Self.turn("StartOfTurn", "hi"))
          peer.say(Self.turn("EagerEndOfTurn", "hi there"))
          peer.say(Self.turn("TurnResumed", "hi there my"))
        }
        if before < 32 * 780, before + bytes.count >= 32 * 780 {
          peer.say(Self.turn("EndOfTurn", "hi there my friend"))
        }
      default: break
      }
    }
    let listener = ServiceListener(try endpoint(.deepgramFlux, server.address))
    listener.speak(600)
    listener.pause(200)
    #expect(listener.log.wait { $0.contains(.turnEnded(Self.first)) })
    listener.end()
    #expect(
      listener.heard() == [
        .interim(Self.first, "hi"), .interim(Self.first, "hi there"), .interim(Self.first, "hi there my"),
        .interim(Self.first, "hi there my friend"), .paused(Self.first, "hi there my friend"),
        .turnEnded(Self.first), .final(Self.first, "hi there my friend"),
      ])
    #expect(server.texts.isEmpty)
    listener.say()
    #expect(listener.heard(turns: 2).last == .final(Self.second, "and then"))
    let request = try #require(server.requests.first)
    #expect(request.query.map(\.name) == ["model", "encoding", "sample_rate"])
    #expect(request.value(of: "model") == "flux-general-en")
  }

  // MARK: - Servers of one's own

  @Test func voskHearsEachUtteranceOnAConnectionOfItsOwn() throws {
    let server = try LoopbackSocketServer("/") { peer, event in
      guard case .message(let bytes, let isText) = event else { return }
      if !isText { return peer.say(#"{"partial" : "one"}"#) }
      guard bytes == Array(#"{"eof" : 1}"#.utf8) else { return }
      peer.say(#"{"result":[{"conf":1.0,"start":0.3,"end":0.6,"word":"one"}],"text":"one two \#(peer.id.rawValue)"}"#)
      peer.close(1000, "")
    }
    let listener = ServiceListener(try endpoint(.vosk, server.address))
    listener.speak(600)
    #expect(listener.log.wait { !$0.isEmpty })
    listener.end()
    listener.say()
    let told = listener.heard(turns: 2)
    #expect(told.contains(.interim(Self.first, "one")))
    #expect(told.contains(.final(Self.first, "one two 1")) && told.last == .final(Self.second, "one two 2"), "\(told)")
    #expect(server.texts.first == #"{"config":{"sample_rate":16000}}"#)
  }

  @Test func voskMayEndAnUtteranceItself() throws {
    let server = try LoopbackSocketServer("/") { peer, event in
      if case .message(_, false) = event { peer.say(#"{"text" : "one two"}"#) }
    }
    let listener = ServiceListener(try endpoint(.vosk, server.address))
    listener.speak(20)
    listener.pause(20)
    #expect(listener.log.wait { $0.contains(.interim(Self.first, "one two one two")) })
    listener.end()
    #expect(listener.heard().last == .final(Self.first, "one two one two"))
    #expect(!server.texts.contains(#"{"eof" : 1}"#))
  }

  @Test func whisperLiveIsWaitedForAndHearsNumbers() throws {
    let id = Locked("")
    let hasSpoken = Locked(false)
    let server = try LoopbackSocketServer("/") { peer, event in
      guard case .message(let bytes, let isText) = event else { return }
      let name = id.withLock { id in
        if isText, let options = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] {
          id = options["uid"] as? String ?? ""
        }
        return id
      }
      if isText {
        peer.say(#"{"uid":"another","segments":[{"start":"0.000","end":"1.000","text":"no","completed":true}]}"#)
        peer.say(#"{"uid":"\#(name)","message":"SERVER_READY","backend":"faster_whisper"}"#)
      } else {
        // The silence that follows a turn.
        let isEnd = bytes.count == 24_000 * 4
        let isFirst = hasSpoken.withLock { hasSpoken in
          defer { hasSpoken = true }
          return !hasSpoken
        }
        guard isFirst || isEnd else { return }
        peer.say(
          """
          {"uid":"\(name)","segments":[{"start":"0.000","end":"1.200","text":" hello","completed":true},\
          {"start":"1.200","end":"1.900","text":" wor\(isEnd ? "ld" : "")","completed":\(isEnd)}]}
          """)
      }
    }
    let listener = ServiceListener(try endpoint(.whisperLive, server.address))
    listener.speak(600)
    #expect(listener.log.wait { !$0.isEmpty })
    listener.pause(200)
    listener.end()
    let told = listener.heard()
    #expect(told == [.interim(Self.first, "hello wor"), .final(Self.first, "hello world")], "\(told)")
    let options = try #require(try JSONSerialization.jsonObject(with: Data(server.texts[0].utf8)) as? [String: Any])
    #expect(options["language"] as? String == "en" && options["model"] as? String == "small")
    #expect(options["task"] as? String == "transcribe")
    let loud = server.bytes.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: 4).first { bytes.loadUnaligned(fromByteOffset: $0, as: Float.self) != 0 }
        .map { bytes.loadUnaligned(fromByteOffset: $0, as: Float.self) }
    }
    #expect(loud == Float(2000) / 32_768)
  }

  @Test func aFullWhisperLiveIsTold() throws {
    let server = try LoopbackSocketServer("/") { peer, event in
      if case .message(_, true) = event { peer.say(#"{"status":"WAIT","message":2.5}"#) }
    }
    let listener = ServiceListener(try endpoint(.whisperLive, server.address))
    listener.say()
    expectSubstitution(listener.heard(), "WhisperLive at 127.0.0.1", "wait 2.5 minutes")
  }

  // MARK: - OpenAI

  @Test func openAIIsSentAPieceOfSpeechAsAFile() throws {
    let request = Locked<(head: String, body: String)>(("", ""))
    let server = LoopbackHTTPServer { exchange in
      let (head, body) = (exchange.head, exchange.body)
      request.withLock { $0 = (head, body) }
      exchange.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
      exchange.write(#"{"text":" what time is it?","usage":{"type":"duration","seconds":1}}"#)
    }
    let listener = ServiceListener(try endpoint(.openAI, "http://127.0.0.1:\(server.port)"))
    listener.say()
    #expect(listener.heard().last == .final(Self.first, "what time is it?"))
    let (head, body) = request.withLock { $0 }
    #expect(head.hasPrefix("POST /v1/audio/transcriptions HTTP/1.1"))
    #expect(head.contains("Authorization: Bearer \(Self.key)") && head.contains("multipart/form-data; boundary="))
    #expect(body.contains("name=\"model\"\r\n\r\ngpt-4o-mini-transcribe\r\n"))
    #expect(body.contains("name=\"language\"\r\n\r\nen\r\n"))
    #expect(body.contains("filename=\"speech.wav\"\r\nContent-Type: audio/wav\r\n\r\nRIFF"))
  }

  @Test(arguments: [
    (
      "HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n{\"error\":{\"message\":\"Incorrect API key: secret-key-1234\"}}",
      "not authorized (HTTP 401): Incorrect API key: [key]"
    ),
    ("HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nConnection: close\r\n\r\n", "wait 7 s"),
    ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"words\":1}", "its answer cannot be read"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n{", "the connection broke off"),
  ])
  func whatOpenAIRefusesIsHeardByTheEngine(answer: String, reason: String) throws {
    let server = LoopbackHTTPServer { $0.write(answer) }
    let listener = ServiceListener(try endpoint(.openAI, "http://127.0.0.1:\(server.port)"))
    listener.say()
    expectSubstitution(listener.heard(), "OpenAI-compatible at 127.0.0.1", reason)
  }

  // MARK: - What fails

  private func expectSubstitution(
    _ told: [RecognizerEvent], _ place: String, _ reason: String, _ location: SourceLocation = #_sourceLocation
  ) {
    let substitutions = told.compactMap { event in
      if case .substituted(by: "Engine", let reason) = event { reason } else { nil }
    }
    #expect(substitutions.count == 1, "\(told)", sourceLocation: location)
    let said = substitutions.first ?? ""
    #expect(said.hasPrefix(place) && said.contains(reason), "\(said)", sourceLocation: location)
    #expect(!said.contains(Self.key), sourceLocation: location)
    #expect(told.contains(.final(Self.first, "600 ms of speech")), "\(told)", sourceLocation: location)
  }

  /// What a service does when it hears the first sound.
  enum Misdeed: Sendable, CaseIterable {
    case cut, close, malformed, binary, error, silence
    var reason: String {
      switch self {
      case .cut: "the connection broke off"
      case .close: "it ended the connection (1011): NET-0001"
      case .malformed: "it has sent what cannot be read: {\"type\":"
      case .binary: "it has sent what cannot be read: a binary message"
      case .error: "Bad model [key]"
      case .silence: "it has not told what it heard in time"
      }
    }
  }

  @Test(arguments: Misdeed.allCases)
  func aTurnInWhichTheServiceFailsIsHeardByTheEngine(_ misdeed: Misdeed) throws {
    let server = try LoopbackSocketServer("/v1/listen") { peer, event in
      guard case .message(let bytes, false) = event, bytes.contains(where: { $0 != 0 }) else { return }
      switch misdeed {
      case .cut: peer.abort()
      case .close: peer.close(1011, "NET-0001")
      case .malformed: peer.say(#"{"type":"#)
      case .binary: peer.send([1, 2, 3])
      case .error: peer.say(#"{"type":"Error","variant":"SchemaError","description":"Bad model \#(Self.key)"}"#)
      case .silence: break
      }
    }
    let patience: Duration = misdeed == .silence ? .milliseconds(300) : .seconds(20)
    let listener = ServiceListener(try endpoint(.deepgram, server.address, patience: patience))
    listener.say()
    expectSubstitution(listener.heard(), "Deepgram at 127.0.0.1:\(server.port)", misdeed.reason)
    // And so is the next one.
    listener.say(400)
    #expect(listener.heard(turns: 2).last == .final(Self.second, "400 ms of speech"))
  }

  @Test func aServiceThatRefusesIsReplacedBeforeAnybodySpeaks() throws {
    let server = LoopbackHTTPServer { exchange in
      exchange.write("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
    }
    let listener = ServiceListener(try endpoint(.deepgram, "ws://127.0.0.1:\(server.port)"))
    listener.pause(20)
    #expect(listener.log.wait { !$0.isEmpty })
    listener.say()
    expectSubstitution(listener.heard(), "Deepgram at 127.0.0.1", "not authorized (HTTP 401)")
  }

  @Test func aConnectionThatEndsInSilenceIsMadeAnewAtTheNextSpeech() throws {
    let server = try LoopbackSocketServer("/v1/listen") { peer, event in
      if case .opened = event, peer.id.rawValue == 1 { peer.close(1000, "") }
    }
    let endpoint = try endpoint(.deepgram, server.address)
    guard case .streamed(let way) = endpoint.card.way else { return #expect(Bool(false)) }
    let waker = Waker()
    var ear = StreamedEar(endpoint, way) { waker.wake() }
    func hear(_ value: Int16) -> [EarEvent] {
      ear.heard(
        [Int16](repeating: value, count: 320)[...], of: Self.first, edges: [], isSpeech: value != 0, lastVoiced: 0,
        at: Timestamp(nanoseconds: monotonicNanoseconds()))
    }
    func step(until isDone: () -> Bool) -> [EarEvent] {
      var events: [EarEvent] = []
      while !isDone(), waker.wait(timeout: .seconds(30)) {
        events += ear.step(at: Timestamp(nanoseconds: monotonicNanoseconds()))
      }
      return events
    }
    var events = hear(0) + step { ear.isConnected } + step { !ear.isConnected }
    events += hear(1) + step { ear.isConnected }
    #expect(events == [.reached, .reached])
    #expect(server.wait { $0.requests.count == 2 })
    ear.leave()
  }

  @Test func theReadmeHasARowForEach() throws {
    let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    let readme = try String(contentsOfFile: "/\(root)/README.md", encoding: .utf8)
    let section = readme.split(separator: "## Speech recognition").last?.split(separator: "\n## ").first ?? ""
    let rows = section.split(separator: "\n").map { $0.split(separator: "|").map { $0.filter { $0 != "`" } } }
    for card in RecognitionServiceCard.all {
      let row = try #require(rows.first { $0.first == " \(card.name) " }, "\(card.name) is not in the table")
      let cells = row.dropFirst(2).map { $0.trimmingCharacters(in: .whitespaces) }
      #expect(cells == [card.usualAddress, card.keyVariable ?? "none"])
    }
  }

  // MARK: - A second service

  @Test func anotherServiceHearsWhereTheFirstFails() throws {
    let first = LoopbackHTTPServer { $0.write("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n") }
    let second = try LoopbackSocketServer("/") { peer, event in
      guard case .message(let bytes, true) = event, bytes == Array(#"{"eof" : 1}"#.utf8) else { return }
      peer.say(#"{"text" : "one two"}"#)
    }
    let listener = ServiceListener(
      try endpoint(.deepgram, "ws://127.0.0.1:\(first.port)"), fallback: try endpoint(.vosk, second.address))
    listener.say()
    let told = listener.heard()
    #expect(told.last == .final(Self.first, "one two"), "\(told)")
    #expect(told.substitutes == ["Vosk's server"])
    // It was sent the turn from its beginning.
    #expect(second.bytes.count { $0 != 0 } > 16 * 600)
  }

  /// The second one takes all and says nothing: its silence is noticed without more audio.
  @Test func thisMachineHearsWhereBothFail() throws {
    let first = LoopbackHTTPServer { $0.write("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n") }
    let second = try LoopbackSocketServer("/")
    var silent = try endpoint(.vosk, second.address)
    silent.patience = .milliseconds(300)
    let listener = ServiceListener(try endpoint(.deepgram, "ws://127.0.0.1:\(first.port)"), fallback: silent)
    listener.say()
    let told = listener.heard()
    #expect(told.last == .final(Self.first, "600 ms of speech"), "\(told)")
    #expect(told.substitutes == ["Vosk's server", "Engine"])
  }

  /// A key that is refused, and an address where nobody is, are found without sending any audio.
  @Test func aCheckSendsNoAudio() throws {
    let server = try LoopbackSocketServer("/v1/listen")
    #expect(RecognitionServiceCheck.ask(try endpoint(.deepgram, server.address), timeout: .seconds(20)) == .here)
    #expect(server.wait { $0.all.contains { if case .closed = $0 { true } else { false } } })
    #expect(server.bytes.isEmpty && server.requests.count == 1)
    let refusing = LoopbackHTTPServer { $0.write("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n") }
    for (card, scheme) in [(RecognitionServiceCard.deepgram, "ws"), (.openAI, "http")] {
      let endpoint = try endpoint(card, "\(scheme)://127.0.0.1:\(refusing.port)")
      guard case .refusesKey(let why) = RecognitionServiceCheck.ask(endpoint, timeout: .seconds(20)) else {
        return #expect(Bool(false))
      }
      #expect(why.hasPrefix("not authorized (HTTP 401)"))
    }
  }

  @Test func aServiceThatIsThereAgainHearsTheNextSpeech() throws {
    let server = try LoopbackSocketServer("/v1/listen") { peer, event in
      guard case .message(let bytes, let isText) = event else { return }
      if peer.id.rawValue == 1, bytes.contains(where: { $0 != 0 }) { return peer.abort() }
      if isText, bytes == Array(#"{"type":"Finalize"}"#.utf8) {
        peer.say(Self.results("hello again", more: #","from_finalize":true"#))
      }
    }
    let listener = ServiceListener(
      try endpoint(.deepgram, server.address), relay: HearingRelay(firstWait: .milliseconds(10)))
    listener.say()
    expectSubstitution(listener.heard(), "Deepgram at 127.0.0.1", "the connection broke off")
    #expect(server.wait { $0.requests.count == 2 })
    var turns = 1
    repeat {
      listener.say(400)
      turns += 1
      // Heard by the engine as long as the service is on its way.
    } while listener.heard(turns: turns).last != .final(TurnID(rawValue: turns), "hello again") && turns < 50
    #expect(listener.log.all.last == .final(TurnID(rawValue: turns), "hello again"))
    #expect(listener.log.all.count { if case .substituted = $0 { true } else { false } } == 1)
  }

  /// Whatever a service sends is words, nothing or a fault.
  @Test(arguments: RecognitionServiceCard.all.map(\.name))
  func anyMessageCanBeRead(name: String) throws {
    guard case .streamed(let way) = try #require(RecognitionServiceCard.named(name)).way else { return }
    let samples = [
      Self.results("what", more: #","speech_final":true,"from_finalize":true"#), Self.turn("EndOfTurn", "hi"),
      #"{"result":[{"conf":1.0,"word":"one"}],"text":"one"}"#, #"{"partial":"one"}"#,
      #"{"uid":"u","segments":[{"start":"0.000","end":"1.2","text":"hi","completed":true}],"message":2.5}"#,
    ]
    var generator = SeededGenerator(seed: 7)
    var talk = way.makeTalk(HearingQuestion(model: "m", language: "en"))
    _ = talk.opening()
    _ = talk.finish()
    var faults = 0
    for round in 0..<400 {
      var bytes = Array(samples[round % samples.count].utf8)
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let i = Int.random(in: 0..<bytes.count, using: &generator)
        if Bool.random(using: &generator) {
          bytes.remove(at: i)
        } else {
          bytes[i] = .random(in: 0...255, using: &generator)
        }
      }
      do { _ = try talk.read(.text(String(decoding: bytes, as: UTF8.self))) } catch {
        faults += 1
        #expect(error.description.utf8.count < 600)
      }
    }
    #expect((1..<400).contains(faults))
    #expect(throws: TalkFault.self) { _ = try talk.read(.text("null")) }
    #expect(throws: TalkFault.self) { _ = try talk.read(.text(String(repeating: "[", count: 100_000))) }
  }

  @Test func addressesAreThoseOfTheirKind() {
    for card in RecognitionServiceCard.all {
      #expect(throws: Never.self) { try card.endpoint() }
      #expect(RecognitionServiceCard.named(card.name)?.title == card.title)
    }
    #expect(throws: ServiceAddress.Invalid.self) { try RecognitionServiceCard.deepgram.endpoint(address: "https://h") }
    #expect(throws: ServiceAddress.Invalid.self) { try RecognitionServiceCard.openAI.endpoint(address: "wss://h") }
  }
}

extension [RecognizerEvent] {
  /// Who took over, in order.
  fileprivate var substitutes: [String] {
    compactMap { if case .substituted(let name, _) = $0 { name } else { nil } }
  }
}

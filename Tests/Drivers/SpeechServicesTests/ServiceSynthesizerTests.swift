import Agent
import Audio
import Foundation
import Speech
import TestKit
import Testing
import Threads

@testable import SpeechServices

/// Services that speak, in front of a server on loopback.
@Suite struct ServiceSynthesizerTests {
  static let turn = TurnID(rawValue: 3)
  static let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
  private static let sound: [Int16] = (0..<1600).map { Int16(8000 * sin(Double($0) * 0.3)) }
  private static func bytes(_ samples: [Int16]) -> [UInt8] {
    samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
  }

  /// A voice of this machine that says one sample for each sentence.
  private final class LocalVoice: SpeechSynthesizer {
    let events: ServiceSynthesizer.Events
    init(_ events: @escaping ServiceSynthesizer.Events) { self.events = events }
    func synthesize(_ turn: TurnID, sentence: Int, text: String, voice: String, language: String) {
      let events = events
      // As a real one does: on another thread.
      Thread.detachNewThread {
        events(.audio(turn, sentence: sentence, [Int16(text.utf8.count)]))
        events(.finished(turn, sentence: sentence))
      }
    }
    func cancel(_ turn: TurnID) {}
    func stop() {}
  }
  private static let local = ServiceSynthesizer.Substitute(voice: "slt", voices: ["slt"]) { LocalVoice($1) }

  private func endpoint(
    _ card: VoiceServiceCard, _ server: LoopbackHTTPServer, voice: String? = "anna", key: String? = "secret-key"
  ) throws -> VoiceServiceEndpoint {
    try card.endpoint(address: "http://127.0.0.1:\(server.port)", voice: voice, apiKey: key)
  }

  /// Lets it say sentences, and waits until as many are over.
  private func say(
    _ sentences: [String], voice: String = "anna", by endpoint: VoiceServiceEndpoint,
    substitute: ServiceSynthesizer.Substitute? = ServiceSynthesizerTests.local
  ) -> [SynthesisEvent] {
    let log = CollectedEvents<SynthesisEvent>()
    let synthesizer = ServiceSynthesizer(endpoint, rate: 16_000, substitute: substitute) { log.append($0) }
    defer { synthesizer.stop() }
    for (i, text) in sentences.enumerated() {
      synthesizer.synthesize(Self.turn, sentence: i, text: text, voice: voice, language: "en")
    }
    #expect(log.wait { $0.count(where: \.isEnd) == sentences.count }, "\(log.all.count) events")
    // What is paid has tests of its own.
    return log.all.filter { !$0.isCharge }
  }

  private func samples(of events: [SynthesisEvent], _ sentence: Int = 0) -> [Int16] {
    events.reduce(into: []) { heard, event in
      if case .audio(_, sentence, let samples) = event { heard += samples }
    }
  }

  @Test func elevenLabsIsAskedAsItWantsAndItsSamplesComeThroughUnchanged() throws {
    let request = Locked<(head: String, body: String)>(("", ""))
    let server = LoopbackHTTPServer { exchange in
      let (head, body) = (exchange.head, exchange.body)
      request.withLock { $0 = (head, body) }
      exchange.write(Self.head)
      // Cut in the middle of samples.
      let bytes = Self.bytes(Self.sound)
      for start in stride(from: 0, to: bytes.count, by: 333) {
        exchange.write(bytes: Array(bytes[start..<min(start + 333, bytes.count)]))
      }
    }
    let events = say(["Hello there."], by: try endpoint(.elevenLabs, server))
    #expect(samples(of: events) == Self.sound && events.last == .finished(Self.turn, sentence: 0))
    let (head, body) = request.withLock { $0 }
    #expect(head.hasPrefix("POST /v1/text-to-speech/anna/stream?output_format=pcm_16000 HTTP/1.1"))
    #expect(head.lowercased().contains("xi-api-key: secret-key") && !head.contains("Bearer"))
    #expect(body.contains(#""text":"Hello there.""#) && body.contains(#""model_id":"eleven_flash_v2_5""#))
  }

  @Test func openAIHasARateOfItsOwn() throws {
    let request = Locked<(head: String, body: String)>(("", ""))
    let server = LoopbackHTTPServer { exchange in
      let (head, body) = (exchange.head, exchange.body)
      request.withLock { $0 = (head, body) }
      exchange.write(Self.head)
      exchange.write(bytes: Self.bytes((0..<24_000).map { Int16(8000 * sin(2 * .pi * 440 * Double($0) / 24_000)) }))
    }
    let heard = samples(of: say(["Hello."], by: try endpoint(.openAI, server)))
    // A second of 440 Hz at 16 000 samples a second.
    #expect(abs(heard.count - 16_000) <= 2)
    let crossings = zip(heard, heard.dropFirst()).count { $0 < 0 && $1 >= 0 }
    #expect(abs(crossings - 440) <= 1)
    let (head, body) = request.withLock { $0 }
    #expect(head.hasPrefix("POST /v1/audio/speech HTTP/1.1") && head.contains("Authorization: Bearer secret-key"))
    #expect(body.contains(#""response_format":"pcm""#) && body.contains(#""voice":"anna""#))
  }

  @Test func piperSendsAWholeWAV() throws {
    let body = Locked<String>("")
    let server = LoopbackHTTPServer { exchange in
      let asked = exchange.body
      body.withLock { $0 = asked }
      exchange.write(Self.head)
      exchange.write(bytes: WAV.header(rate: 16_000, sampleCount: Self.sound.count) + Self.bytes(Self.sound))
    }
    let card = VoiceServiceCard.piperHTTP
    let endpoint = try card.endpoint(address: "http://127.0.0.1:\(server.port)")
    #expect(endpoint.shownVoice == "piper-http")
    #expect(samples(of: say(["Hello."], voice: "piper-http", by: endpoint)) == Self.sound)
    #expect(body.withLock { $0 } == #"{"text":"Hello."}"#)
  }

  @Test func whatIsToldKeepsTheOrderOfTheSentences() throws {
    let server = LoopbackHTTPServer { exchange in
      exchange.write(Self.head)
      exchange.write(bytes: Self.bytes([Int16(exchange.body.utf8.count)]))
    }
    let sentences = (0..<9).map { String(repeating: "a", count: 10 + $0) }
    let events = say(sentences + ["…"], by: try endpoint(.openAI, server))
    let ends = events.compactMap { if case .finished(_, let number) = $0 { number } else { nil } }
    #expect(ends == Array(0..<10))
    // Nothing can be spoken of the last one, so it is not paid for.
    #expect(samples(of: events, 9).isEmpty)
  }

  @Test(arguments: [
    ("HTTP/1.1 401 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "the key was refused"),
    ("HTTP/1.1 429 No\r\nRetry-After: 9\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "wait 9 s"),
    (
      "HTTP/1.1 404 No\r\nConnection: close\r\n\r\n{\"detail\":{\"status\":\"voice_not_found\",\"message\":\"secret-key\"}}",
      "no voice anna, or no such API at /v1/text-to-speech (HTTP 404): [key]"
    ),
    (head, "it has sent no sound"),
    (
      head + "{\"error\": \"this is a text and no sound, and it is long enough to be seen\"}",
      "no sound that can be played"
    ),
  ])
  func whatFailsBeforeTheFirstSoundIsSpokenByAnotherVoice(_ answer: String, _ reason: String) throws {
    let server = LoopbackHTTPServer { $0.write(answer) }
    let events = say(["Hello.", "Well now."], by: try endpoint(.elevenLabs, server))
    #expect(samples(of: events, 0) == [6] && samples(of: events, 1) == [9])
    guard case .substituted("anna", "slt", let why) = events.first else {
      Issue.record("\(events)")
      return
    }
    #expect(why.contains(reason) && why.hasPrefix("ElevenLabs at 127.0.0.1:"), "\(why)")
    #expect(!why.contains("secret-key"))
    // Without another voice it is a failure.
    let alone = say(["Hello."], by: try endpoint(.elevenLabs, server), substitute: nil)
    guard case .failed(_, 0, let why) = alone.last else {
      Issue.record("\(alone)")
      return
    }
    #expect(why.contains(reason))
  }

  /// One service in the place of another, and this machine in the place of both.
  @Test func anotherServiceSpeaksAndWhereItFailsThisMachine() throws {
    let refusal = "HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    let first = LoopbackHTTPServer { $0.write(refusal) }
    let isDown = Locked<Bool>(false)
    let second = LoopbackHTTPServer { exchange in
      guard !isDown.withLock({ $0 }) else { return _ = exchange.write(refusal) }
      exchange.write(Self.head)
      exchange.write(bytes: Self.bytes([Int16](repeating: 500, count: 2400)))
    }
    let other = try endpoint(.openAI, second, voice: "alloy")
    let events = say(["Hello."], by: try endpoint(.elevenLabs, first), substitute: .service(other))
    guard case .substituted("anna", "alloy", let why) = events.first else {
      Issue.record("\(events)")
      return
    }
    #expect(why.contains("HTTP 503") && abs(samples(of: events).count - 1600) <= 2)
    // Named by a client, it is asked at once.
    let named = say(["Hello."], voice: "alloy", by: try endpoint(.elevenLabs, first), substitute: .service(other))
    #expect(named.allSatisfy { if case .substituted = $0 { false } else { true } } && !samples(of: named).isEmpty)
    isDown.withLock { $0 = true }
    let both = say(["Hello."], by: try endpoint(.elevenLabs, first), substitute: .service(other))
    let told = both.compactMap { if case .substituted(let voice, let by, _) = $0 { [voice, by] } else { nil } }
    #expect(told == [["anna", "alloy"], ["alloy", Voice.standard.name]] && !samples(of: both).isEmpty)
  }

  @Test func whatBreaksOffIsNotSaidAgainInAnotherVoice() throws {
    let server = LoopbackHTTPServer { exchange in
      exchange.write("HTTP/1.1 200 OK\r\nContent-Length: 90000\r\nConnection: close\r\n\r\n")
      exchange.write(bytes: Self.bytes(Self.sound))
    }
    let events = say(["Hello."], by: try endpoint(.elevenLabs, server))
    guard case .failed(_, 0, let why) = events.last else {
      Issue.record("\(events)")
      return
    }
    #expect(why.contains("broke off"), "\(why)")
    #expect(!samples(of: events).isEmpty)
  }

  @Test func aVoiceOfThisMachineIsNotAskedOfTheService() throws {
    let server = LoopbackHTTPServer { $0.write("HTTP/1.1 500 No\r\nConnection: close\r\n\r\n") }
    let events = say(["Hello."], voice: "slt", by: try endpoint(.elevenLabs, server))
    #expect(events == [.audio(Self.turn, sentence: 0, [6]), .finished(Self.turn, sentence: 0)])
  }

  @Test func cancellingClosesTheConnectionAndSilencesTheTurn() throws {
    let isGone = Locked<Bool>(false)
    let server = LoopbackHTTPServer { exchange in
      exchange.write(Self.head)
      exchange.write(bytes: Self.bytes(Self.sound))
      exchange.waitForClientToGo()
      isGone.withLock { $0 = true }
    }
    let log = CollectedEvents<SynthesisEvent>()
    let synthesizer = ServiceSynthesizer(
      try endpoint(.elevenLabs, server), rate: 16_000, substitute: nil
    ) { log.append($0) }
    defer { synthesizer.stop() }
    for i in 0..<4 {
      synthesizer.synthesize(Self.turn, sentence: i, text: "Once upon a time.", voice: "anna", language: "en")
    }
    #expect(log.wait { !$0.allSatisfy(\.isCharge) })
    synthesizer.cancel(Self.turn)
    #expect(log.wait { _ in isGone.withLock { $0 } })
    let count = log.all.count
    let next = TurnID(rawValue: 4)
    synthesizer.synthesize(next, sentence: 0, text: "Yes.", voice: "anna", language: "en")
    #expect(log.wait { !$0.dropFirst(count).allSatisfy(\.isCharge) })
    let more = log.all.dropFirst(count).filter { !$0.isCharge }
    #expect(more.allSatisfy { if case .audio(next, _, _) = $0 { true } else { false } })
  }

  @Test func theReadmeHasARowForEach() throws {
    let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    let readme = try String(contentsOfFile: "/\(root)/README.md", encoding: .utf8)
    let section = readme.split(separator: "## Voices").last ?? ""
    let rows = section.split(separator: "\n").map { $0.split(separator: "|").map { $0.filter { $0 != "`" } } }
    for card in VoiceServiceCard.all {
      let row = try #require(rows.first { $0.first == " \(card.name) " }, "\(card.name) is not in the table")
      let cells = row.dropFirst(2).map { $0.trimmingCharacters(in: .whitespaces) }
      #expect(cells == [card.usualAddress, card.keyVariable ?? "none"])
    }
  }

  @Test func aSilentServiceIsGivenUp() throws {
    let server = LoopbackHTTPServer { exchange in
      exchange.write(Self.head)
      exchange.waitForClientToGo()
    }
    var endpoint = try endpoint(.openAI, server)
    endpoint.firstSoundTimeout = .milliseconds(200)
    let events = say(["Hello."], by: endpoint)
    guard case .substituted(_, _, let why) = events.first else {
      Issue.record("\(events)")
      return
    }
    #expect(why.contains("silent for too long"))
  }

  /// A name may come from a client, and stands in the path.
  @Test(arguments: ["../../v1/user", "a/b", "..", "a?x=1", "a%2Fb"]) func aVoiceDoesNotLeadElsewhere(_ name: String)
    throws
  {
    let isAsked = Locked<Bool>(false)
    let server = LoopbackHTTPServer { _ in isAsked.withLock { $0 = true } }
    let events = say(["Hello."], voice: name, by: try endpoint(.elevenLabs, server))
    guard case .substituted(_, _, let why) = events.first else {
      Issue.record("\(events)")
      return
    }
    #expect(why.contains("no name of a voice") && !isAsked.withLock { $0 })
  }
}

/// What is told of characters that are paid for.
@Suite struct SpeechChargeTests {
  private static let turn = TurnID(rawValue: 3)

  private func charges(_ card: VoiceServiceCard, _ text: String, _ answer: String) throws -> [SpeechCharge] {
    let server = LoopbackHTTPServer { $0.write(answer) }
    let log = CollectedEvents<SynthesisEvent>()
    let endpoint = try card.endpoint(address: "http://127.0.0.1:\(server.port)", voice: "anna")
    let synthesizer = ServiceSynthesizer(endpoint, rate: 16_000, substitute: nil) { log.append($0) }
    defer { synthesizer.stop() }
    synthesizer.synthesize(Self.turn, sentence: 5, text: text, voice: "anna", language: "en")
    #expect(log.wait { $0.contains(where: \.isEnd) })
    return log.all.compactMap { if case .charged(Self.turn, 5, let charge) = $0 { charge } else { nil } }
  }

  @Test func whatIsSentIsPaidUnlessItIsRefused() throws {
    let head = ServiceSynthesizerTests.head
    let sound = String(repeating: "ab", count: 40)
    #expect(try charges(.elevenLabs, "Hello there.", head + sound) == [.sent(12)])
    let refusal = "HTTP/1.1 429 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    #expect(try charges(.elevenLabs, "Hello there.", refusal) == [.sent(12), .refused])
    #expect(try charges(.openAI, "Hello there.", head) == [.sent(12), .replaced])
    // Nothing to be spoken is not sent, and a server of one's own is not paid.
    #expect(try charges(.elevenLabs, "…", head).isEmpty)
    #expect(try charges(.piperHTTP, "Hello there.", head).isEmpty)
  }
}

extension SynthesisEvent {
  fileprivate var isCharge: Bool { if case .charged = self { true } else { false } }
  /// Nothing comes after it for its sentence.
  fileprivate var isEnd: Bool {
    switch self {
    case .finished, .failed: true
    case .audio, .spelled, .substituted, .charged: false
    }
  }
}

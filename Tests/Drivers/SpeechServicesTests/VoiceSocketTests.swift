import Agent
import Foundation
import Speech
import TestKit
import Testing
import Threads
import Timeline

@testable import SpeechServices

/// Which connection says which sentence.
@Suite struct VoiceSocketDeskTests {
  private static let patience = VoiceSocketDesk.Patience(first: .seconds(10), next: .seconds(5))
  private func question(_ text: String, voice: String = "anna") -> SpokenQuestion {
    SpokenQuestion(text: text, voice: voice, model: nil, language: "en")
  }
  private func at(_ seconds: Double) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }
  private func shared(canClear: Bool = true) -> VoiceSocketDesk {
    VoiceSocketDesk(isForOneSentence: false, canClear: canClear, patience: Self.patience)
  }

  @Test func oneConnectionSaysAllInOrder() {
    var desk = shared()
    #expect(desk.say(1, question("a"), at: at(0)) == [.open(1, question("")), .speak(1, "a")])
    #expect(desk.say(2, question("b"), at: at(0)) == [.speak(1, "b")])
    #expect(desk.heard(.sound([1]), on: 1, at: at(1)) == [.tell(sentence: 1, .sound([1]))])
    #expect(desk.heard(.finished, on: 1, at: at(2)) == [.tell(sentence: 1, .ended(nil))])
    #expect(desk.deadline == at(12), "the second one has its whole time")
    #expect(desk.heard(.sound([2]), on: 1, at: at(3)) == [.tell(sentence: 2, .sound([2]))])
    #expect(desk.deadline == at(8))
    // Another voice is another connection.
    #expect(
      desk.say(3, question("c", voice: "ben"), at: at(3)) == [.open(2, question("", voice: "ben")), .speak(2, "c")])
  }

  @Test func whatIsSilencedIsNotTakenForTheNext() {
    var desk = shared()
    _ = desk.say(1, question("a"), at: at(0))
    _ = desk.say(2, question("b"), at: at(0))
    #expect(desk.cancel(1) == [], "the second one is wanted still")
    #expect(desk.heard(.sound([1]), on: 1, at: at(1)) == [])
    #expect(desk.cancel(2) == [.clear(1)])
    #expect(desk.say(3, question("c"), at: at(1)) == [.speak(1, "c")])
    #expect(desk.heard(.sound([2]), on: 1, at: at(1)) == [] && desk.heard(.finished, on: 1, at: at(1)) == [])
    #expect(desk.heard(.cleared, on: 1, at: at(1)) == [])
    #expect(desk.heard(.sound([3]), on: 1, at: at(2)) == [.tell(sentence: 3, .sound([3]))])
  }

  @Test func aConnectionForEachSentenceIsOpenBeforehand() {
    var desk = VoiceSocketDesk(isForOneSentence: true, canClear: false, patience: Self.patience)
    #expect(
      desk.say(1, question("a"), at: at(0)) == [.open(1, question("")), .speak(1, "a"), .open(2, question(""))])
    #expect(desk.say(2, question("b"), at: at(0)) == [.speak(2, "b"), .open(3, question(""))])
    #expect(desk.heard(.finished, on: 1, at: at(1)) == [.tell(sentence: 1, .ended(nil)), .close(1)])
    #expect(desk.cancel(2) == [.drop(2)])
    // The one that waits for another voice is not needed.
    #expect(desk.say(3, question("c", voice: "ben"), at: at(2)).first == .close(3))
  }

  /// Services close a connection that waits for too long: that is no failure of the sentence that came then.
  @Test func aSentenceOnAStaleConnectionIsSaidOnANewOneOnce() {
    var desk = shared()
    _ = desk.say(1, question("a"), at: at(0))
    desk.opened(1)
    _ = desk.heard(.finished, on: 1, at: at(1))
    #expect(desk.say(2, question("b"), at: at(100)) == [.speak(1, "b")])
    #expect(desk.ended(1, "it is idle", isRefusal: false, at: at(100)) == [.open(2, question("")), .speak(2, "b")])
    let failure = SpokenFailure(reason: "gone")
    #expect(desk.ended(2, "gone", isRefusal: false, at: at(101)) == [.tell(sentence: 2, .ended(failure))])
    // A connection that waits alone is just forgotten.
    _ = desk.say(3, question("c"), at: at(102))
    #expect(
      desk.ended(3, "HTTP 401", isRefusal: true, at: at(103)) == [
        .tell(sentence: 3, .ended(SpokenFailure(reason: "HTTP 401", isPaid: false)))
      ])
    #expect(desk.deadline == nil)
  }

  @Test func silenceEndsASentenceAndTellsWhatWasSaidBefore() {
    var desk = shared()
    _ = desk.say(1, question("a"), at: at(0))
    _ = desk.heard(.warned("EXCESSIVE_FLUSH: too many"), on: 1, at: at(1))
    #expect(desk.pass(at(9.9)) == [])
    let effects = desk.pass(at(10))
    guard case .tell(1, .ended(let failure?))? = effects.first, effects.last == .drop(1) else {
      Issue.record("\(effects)")
      return
    }
    #expect(failure.reason.hasSuffix("it said: EXCESSIVE_FLUSH: too many") && failure.isPaid)
    #expect(desk.say(2, question("b"), at: at(11)) == [.open(2, question("")), .speak(2, "b")])
    #expect(
      desk.heard(.failed("no"), on: 2, at: at(11)) == [
        .tell(sentence: 2, .ended(SpokenFailure(reason: "no"))), .drop(2),
      ])
  }
}

/// Services that speak over WebSockets, in front of a server on loopback.
@Suite struct VoiceSocketTests {
  private static let turn = TurnID(rawValue: 3)
  private static let sound: [UInt8] = (0..<800).flatMap { i -> [UInt8] in
    let sample = Int16(8000 * sin(Double(i) * 0.3))
    return [UInt8(truncatingIfNeeded: sample), UInt8(truncatingIfNeeded: sample >> 8)]
  }

  private final class Rig: Sendable {
    let log = CollectedEvents<SynthesisEvent>()
    let server: LoopbackSocketServer
    let synthesizer: ServiceSynthesizer
    let voice: String

    init(
      _ card: VoiceServiceCard, path: String, voice: String = "anna", settings: [String: String] = [:],
      answer: @escaping @Sendable (LoopbackSocketServer.Peer, [String: Any]) -> Void
    ) throws {
      server = try LoopbackSocketServer(path) { peer, event in
        guard case .message(let bytes, true) = event,
          let said = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        else { return }
        answer(peer, said)
      }
      self.voice = voice
      var endpoint = try card.endpoint(address: server.address, voice: voice, apiKey: "secret-key")
      try endpoint.set(settings)
      let log = log
      synthesizer = ServiceSynthesizer(endpoint, rate: 16_000, substitute: nil) { log.append($0) }
    }

    deinit { synthesizer.stop() }

    func say(_ text: String, _ number: Int = 0, turn: TurnID = VoiceSocketTests.turn) {
      synthesizer.synthesize(turn, sentence: number, text: text, voice: voice, language: "en")
    }
    func samples(_ sentence: Int) -> Int {
      log.all.reduce(0) { if case .audio(_, sentence, let samples) = $1 { $0 + samples.count } else { $0 } }
    }
    func waitForEnd(_ sentence: Int) -> SynthesisEvent? {
      func isEnd(_ event: SynthesisEvent) -> Bool {
        switch event {
        case .finished(_, let number), .failed(_, let number, _): number == sentence
        default: false
        }
      }
      _ = log.wait { $0.contains(where: isEnd) }
      return log.all.first(where: isEnd)
    }
  }

  @Test func deepgramSaysEverythingOnOneConnection() throws {
    let rig = try Rig(.deepgram, path: "/v1/speak", settings: ["speed": "1.2"]) { peer, said in
      switch said["type"] as? String {
      case "Flush":
        // Cut in the middle of a sample.
        peer.send(Array(Self.sound.prefix(333)))
        peer.send(Array(Self.sound.dropFirst(333)))
        peer.say(#"{"type":"Flushed","sequence_id":0}"#)
      default: break
      }
    }
    rig.say("Hello there.", 0)
    rig.say("Well now.", 1)
    #expect(rig.waitForEnd(1) == .finished(Self.turn, sentence: 1))
    #expect(rig.samples(0) == 800 && rig.samples(1) == 800)
    #expect(
      rig.server.texts == [
        #"{"text":"Hello there.","type":"Speak"}"#, #"{"type":"Flush"}"#, #"{"text":"Well now.","type":"Speak"}"#,
        #"{"type":"Flush"}"#,
      ])
    let request = try #require(rig.server.requests.first)
    #expect(rig.server.requests.count == 1)
    let items = ["model", "encoding", "sample_rate", "speed"].map { request.value(of: $0) }
    #expect(items == ["anna", "linear16", "16000", "1.2"])
  }

  @Test func aCutClearsDeepgramAndTheNextAnswerIsHeard() throws {
    let rig = try Rig(.deepgram, path: "/v1/speak") { peer, said in
      switch said["type"] as? String {
      case "Flush": peer.send(Self.sound)
      case "Clear":
        peer.send(Self.sound)
        peer.say(#"{"type":"Cleared","sequence_id":1}"#)
      default: break
      }
    }
    rig.say("Once upon a time.")
    #expect(rig.log.wait { _ in rig.samples(0) == 800 })
    rig.synthesizer.cancel(Self.turn)
    let next = TurnID(rawValue: 4)
    rig.say("Yes.", 7, turn: next)
    #expect(rig.log.wait { _ in rig.samples(7) == 800 })
    #expect(rig.server.requests.count == 1 && rig.server.texts.contains(#"{"type":"Clear"}"#))
    #expect(rig.samples(0) == 800, "what came of the old answer is not heard")
  }

  @Test(arguments: ["pcm_16000", "mp3_44100_128"]) func elevenLabsSaysASentenceOnAConnection(_ format: String) throws {
    let sound =
      format.hasPrefix("pcm")
      ? Self.sound
      : Array(
        try Data(
          contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../EndToEndTests/Peers/tone.mp3")))
    let rig = try Rig(
      .elevenLabsSocket, path: "/v1/text-to-speech/anna/stream-input", settings: ["format": format, "stability": "0.4"]
    ) { peer, said in
      guard said["text"] as? String == "" else { return }
      let half = sound.count / 2
      peer.say(
        #"{"audio":"\#(Data(sound[..<half]).base64EncodedString())","alignment":{"chars":["H","i"," "]},"isFinal":null}"#
      )
      peer.say(#"{"audio":"\#(Data(sound[half...]).base64EncodedString())","normalizedAlignment":null}"#)
      peer.say(#"{"audio":null,"isFinal":true}"#)
    }
    rig.say("Hi you.", 0)
    #expect(rig.waitForEnd(0) == .finished(Self.turn, sentence: 0))
    if format.hasPrefix("pcm") { #expect(rig.samples(0) == 800) } else { #expect(rig.samples(0) > 8_000) }
    let shares = rig.log.all.compactMap { if case .spelled(_, 0, let share) = $0 { share } else { nil } }
    if format.hasPrefix("pcm") { #expect(shares == [3.0 / 7]) }
    let texts = rig.server.texts.filter { !$0.contains(#""text":" ""#) }
    #expect(texts == [#"{"text":"Hi you. "}"#, #"{"text":""}"#])
    #expect(
      rig.server.texts.contains { $0.contains(#""voice_settings":{"stability":0.4}"#) && $0.contains(#""text":" ""#) })
    let request = try #require(rig.server.requests.first)
    #expect(request.value(of: "output_format") == format)
    #expect(request.value(of: "model_id") == "eleven_flash_v2_5" && request.value(of: "auto_mode") == "true")
  }

  @Test func whatElevenLabsRefusesIsToldWithItsWords() throws {
    let rig = try Rig(.elevenLabsSocket, path: "/v1/text-to-speech/anna/stream-input") { peer, said in
      guard said["text"] as? String == "" else { return }
      peer.say(#"{"message":"Quota exceeded for secret-key","error":"quota_exceeded","code":1008}"#)
      peer.close(1008, "quota")
    }
    rig.say("Hello.")
    guard case .failed(_, 0, let why)? = rig.waitForEnd(0) else {
      Issue.record("\(rig.log.all)")
      return
    }
    #expect(
      why.hasSuffix("Quota exceeded for [key]") && why.hasPrefix("ElevenLabs over WebSocket at 127.0.0.1:"), "\(why)")
  }

  @Test(arguments: [
    (VoiceServiceCard.deepgram, "authorization: token secret-key"), (.elevenLabsSocket, "xi-api-key: secret-key"),
  ]) func aKeyThatIsRefusedIsTold(_ card: VoiceServiceCard, _ header: String) throws {
    let head = Locked("")
    let server = LoopbackHTTPServer { exchange in
      let asked = exchange.head
      head.withLock { $0 = asked.lowercased() }
      exchange.write("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }
    let log = CollectedEvents<SynthesisEvent>()
    let endpoint = try card.endpoint(address: "ws://127.0.0.1:\(server.port)", apiKey: "secret-key")
    let synthesizer = ServiceSynthesizer(endpoint, rate: 16_000, substitute: nil) { log.append($0) }
    defer { synthesizer.stop() }
    synthesizer.synthesize(Self.turn, sentence: 0, text: "Hello.", voice: endpoint.shownVoice, language: "en")
    #expect(log.wait { $0.count == 3 })
    #expect(
      log.all.prefix(2) == [
        .charged(Self.turn, sentence: 0, .sent(6)), .charged(Self.turn, sentence: 0, .refused),
      ])
    guard case .failed(_, 0, let why)? = log.all.last else { return #expect(Bool(false)) }
    #expect(why.contains("the key was refused"), "\(why)")
    #expect(head.withLock { $0 }.contains(header))
  }

  @Test func aSettingIsOneOfTheServices() throws {
    var endpoint = try VoiceServiceCard.elevenLabs.endpoint(voice: "anna", apiKey: "k")
    try endpoint.set(["stability": "0.5", "use_speaker_boost": "true", "format": "mp3_22050_32"])
    for (wanted, words) in [
      (["stability": "2"], "stability: \"2\" is not one of: 0…1"), (["pitch": "1"], "has no setting pitch"),
      (["format": "opus_48000_32"], "pcm_16000"),
    ] {
      let fault = #expect(throws: VoiceRequestFault.self) { try endpoint.set(wanted) }
      #expect(fault?.description.contains(words) == true, "\(fault?.description ?? "")")
    }
  }
}

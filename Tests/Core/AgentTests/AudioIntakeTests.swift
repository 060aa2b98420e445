import Testing
import Timeline
import Wire

@testable import Agent

/// A client that sends faster than it speaks, and a recognizer that takes its time.
@Suite struct AudioIntakeTests {
  private static func pieces(seconds: Int) -> [[Int16]] {
    (0..<seconds * 50).map { [Int16](repeating: Int16($0 + 1), count: 320) }
  }

  /// Gives pieces as fast as the agent takes them; the recognizer looks at 50 ms between two of them when `reads`.
  private struct Flood {
    var rig: ConversationRig
    /// Samples that the recognizer got and has not looked at.
    var depth = 0
    var heard: [Int16] = []
    var deepest = 0

    init(_ configuration: AgentConfiguration = AgentConfiguration()) {
      rig = ConversationRig(configuration)
    }

    mutating func collect() {
      for case .recognize(let samples, _) in rig.orders {
        depth += samples.count
        heard += samples
      }
      rig.orders.removeAll { if case .recognize = $0 { true } else { false } }
      deepest = max(deepest, depth)
    }

    mutating func send(_ piece: [Int16]) {
      rig.give(.recognizerBacklogChanged(.samples(depth, rate: 16_000)))
      collect()
      rig.give(.audioReceived(piece))
      collect()
    }

    mutating func look(at count: Int) {
      depth -= min(depth, count)
      rig.give(.recognizerBacklogChanged(.samples(depth, rate: 16_000)))
      collect()
    }
  }

  @Test func everySampleOfAFloodReachesTheRecognizerInOrderAndNeverManyAtOnce() {
    var flood = Flood()
    let pieces = Self.pieces(seconds: 20)
    var waiting = pieces[...]
    while let piece = waiting.first {
      if flood.rig.agent.accepts(.audio(AudioPayload(bytes: []))) {
        waiting = waiting.dropFirst()
        flood.send(piece)
      } else {
        flood.look(at: 800)
      }
    }
    while flood.depth > 0 { flood.look(at: 800) }
    #expect(flood.heard == pieces.flatMap(\.self))
    #expect(flood.deepest <= 16 * 1000)
    #expect(flood.rig.count(.pause) == 1)
    #expect(flood.rig.count(.resume) == 1)
    #expect(flood.rig.story == [.pause, .resume])
  }

  @Test func theEndOfAnUtteranceIsToldSoonAfterItHoweverFastItsAudioCame() throws {
    var flood = Flood()
    // 1 s of speech, 700 ms of silence, and the next utterance.
    let pieces = Self.pieces(seconds: 4)
    for piece in pieces { flood.send(piece) }
    var examined = 0
    var isSpeech = false
    while flood.depth > 0 {
      let before = flood.heard.count - flood.depth
      flood.look(at: 320)
      examined = before + 320
      let speaks = examined <= 16_000 || examined > 27_200
      if speaks != isSpeech, examined > 960 {
        isSpeech = speaks
        flood.rig.give(.voiceDetected(isSpeech: speaks, atSample: speaks ? examined - 960 : 16_000))
      }
      if flood.rig.orders.contains(.endUtterance(TurnID(rawValue: 1))) { break }
    }
    // What the recognizer was given before it is told of the end belongs to this turn.
    #expect(flood.heard.count <= 27_200, "the first turn has eaten into the second")
    #expect(flood.rig.count(.userSpeechEnd) == 1)
  }

  @Test func aMessageOfAMinuteIsTakenInPieces() {
    var flood = Flood()
    let minute = [Int16](repeating: 5, count: 60 * 16_000)
    flood.send(minute)
    #expect(flood.deepest <= 600 * 16)
    #expect(!flood.rig.agent.accepts(.audio(AudioPayload(bytes: []))))
    #expect(!flood.rig.agent.accepts(.text("later")))
    #expect(flood.rig.agent.accepts(.interrupt))
    while flood.depth > 0 { flood.look(at: 1600) }
    #expect(flood.heard.count == minute.count)
    #expect(flood.rig.agent.accepts(.text("now")))
  }

  @Test func aClientThatWaitsForUsIsNotSilent() {
    var flood = Flood()
    flood.rig.give(.voiceDetected(isSpeech: true, atSample: 0))
    for piece in Self.pieces(seconds: 1) { flood.send(piece) }
    flood.rig.wait(.seconds(3))
    #expect(flood.rig.count(.userSpeechEnd) == 0)
  }

  @Test func aRecognizerThatGetsOnIsGivenAllTheTimeItNeeds() {
    var flood = Flood()
    flood.send([Int16](repeating: 5, count: 120 * 16_000))
    for _ in 0..<100 {
      flood.rig.wait(.seconds(1))
      flood.look(at: 8000)
    }
    #expect(!flood.rig.events.contains { if case .error = $0 { true } else { false } })
  }

  @Test func oneThatStandsStillIsReportedAndWhatWaitedForItIsCounted() {
    var flood = Flood()
    flood.send([Int16](repeating: 5, count: 10 * 16_000))
    flood.rig.wait(.seconds(31))
    let errors = flood.rig.events.compactMap { if case .error(let error) = $0 { error } else { nil } }
    #expect(errors.map(\.code) == ["stt_failed", "audio_lost"])
    #expect(errors.last?.message.hasPrefix("9400 ms of the client's audio were lost (9400 ms since it came)") == true)
    #expect(flood.rig.agent.accepts(.text("go on")))
  }

  @Test func whatIsLostIsToldLoggedAndCountedInTheMetrics() throws {
    var rig = ConversationRig()
    rig.give(.audioLost(16_000))
    for _ in 0..<100 { rig.give(.audioLost(160)) }
    let errors = rig.events.compactMap { if case .error(let error) = $0 { error } else { nil } }
    #expect(errors.first?.message.hasPrefix("1000 ms of the client's audio were lost") == true)
    #expect(errors.count == 8, "a flood is not answered by a flood")
    rig.now += .seconds(1)
    rig.give(.audioLost(160))
    let last = rig.events.compactMap { if case .error(let error) = $0 { error } else { nil } }.last
    #expect(last?.code == "audio_lost")
    #expect(last?.message.hasPrefix("940 ms of the client's audio were lost (2010 ms since it came)") == true)
    #expect(rig.orders.contains { if case .log(let line) = $0 { line.hasPrefix("940 ms") } else { false } })
    rig.replies = ["Yes."]
    rig.give(.eventReceived(.text("hello")))
    let metrics = rig.events.compactMap { if case .metrics(let metrics) = $0 { metrics } else { nil } }
    #expect(metrics.first?.audioLostMs == 2010)
  }
}

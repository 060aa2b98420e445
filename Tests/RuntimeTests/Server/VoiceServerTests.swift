import Glibc
import Logging
import Testing
import Threads
import Timeline
import Wire

@testable import Runtime

@Suite struct VoiceServerTests {
  /// Speech and then silence, in pieces of 20 ms, faster than real time.
  private func speak(_ rig: ServerRig, on id: Int, speech: Int = 40, silence: Int = 40) {
    for n in 0..<speech + silence {
      let sample: UInt8 = n < speech ? 9 : 0
      rig.send(.audio(AudioPayload(bytes: [UInt8](repeating: sample, count: 640))), on: id)
    }
  }

  @Test func aSpokenTurnIsHeardUnderstoodAndAnswered() async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    rig.script.state.withLock { $0.transcripts = ["turn on the light"] }
    try rig.connect(1)
    _ = try #require(await rig.ready(1))
    speak(rig, on: 1)
    #expect(await rig.hears(.responseComplete, on: 1))
    let story = rig.heard(1).filter {
      switch $0 {
      case .audio, .metrics, .ready: false
      default: true
      }
    }
    #expect(
      story == [
        .userSpeechStart, .userSpeechEnd, .transcriptFinal("turn on the light"),
        .responseText("You said turn on the light."), .responseComplete,
      ])
    #expect(await eventually { rig.log.all.contains { $0.hasPrefix("user said: turn on the light") } })
  }

  @Test func whoOnlyTypesNeedsNoRecognizer() async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    try rig.connect(1)
    _ = try #require(await rig.ready(1))
    #expect(rig.script.state.withLock { $0.synthesizers } == 0)
    rig.send(.text("hello"), on: 1)
    #expect(await rig.hears(.responseComplete, on: 1))
    #expect(rig.script.state.withLock { $0.synthesizers } == 1)
    #expect(rig.script.state.withLock { $0.recognizers } == 0)
    speak(rig, on: 1)
    #expect(await eventually { rig.script.state.withLock { $0.recognizers } == 1 })
  }

  @Test func oneClientTooManyIsToldSo() async throws {
    let rig = try ServerRig { $0.maximumClients = 2 }
    defer { rig.stop() }
    for id in 1...2 {
      try rig.connect(id)
      _ = try #require(await rig.ready(id))
    }
    try rig.connect(3)
    #expect(await eventually { rig.isOver(3) })
    #expect(rig.ending(3)?.reason.contains("503") == true)
    // Who says to come back, and does not, gets in no better.
    try rig.connect(4, resume: ("s_unknown", "token"))
    #expect(await eventually { rig.isOver(4) })
    // Closed with 1013, which libwebsockets gives to our client as 1002.
    #expect(rig.ending(4)?.reason.contains("too many clients") == true)
    // A place that is given up can be had.
    rig.client.close(LinkID(1), code: 1000, reason: "")
    #expect(await eventually { rig.log.all.contains { $0.hasPrefix("client left") } })
    try rig.connect(5)
    #expect(await rig.ready(5) != nil)
  }

  @Test func aRecognizerThatFallsBehindPausesTheClient() async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    try rig.connect(1)
    _ = try #require(await rig.ready(1))
    rig.send(.audio(AudioPayload(bytes: [UInt8](repeating: 0, count: 640))), on: 1)
    #expect(await eventually { rig.script.state.withLock { $0.tellBacklog } != nil })
    let tell = try #require(rig.script.state.withLock { $0.tellBacklog })
    tell(.milliseconds(3500))
    #expect(await rig.hears(.pause, on: 1))
    tell(.milliseconds(100))
    #expect(await rig.hears(.resume, on: 1))
  }

  @Test func aFloodIsReadAtThePaceAtWhichItIsTakenAndNothingIsLost() async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    try rig.connect(1)
    _ = try #require(await rig.ready(1))
    let count = 4 * Inflow<Int>().messageLimit
    for _ in 0..<count { rig.send(.audio(AudioPayload(bytes: [UInt8](repeating: 0, count: 640))), on: 1) }
    #expect(await eventually { rig.script.state.withLock { $0.samplesHeard } == count * 320 })
  }

  @Test func stoppingSaysGoodbyeAndEndsWhatWorks() async throws {
    let rig = try ServerRig()
    for id in 1...2 {
      try rig.connect(id)
      _ = try #require(await rig.ready(id))
      rig.send(.text("hello"), on: id)
      #expect(await rig.hears(.responseComplete, on: id))
    }
    rig.client.abort(LinkID(2))
    #expect(await eventually { rig.log.all.contains { $0.hasPrefix("client left") } })
    rig.server.stop()
    #expect(await eventually { rig.isOver(1) })
    #expect(rig.ending(1)?.code == 1001)
    // Two language models, of which one had no client any more, and two synthesizers.
    #expect(rig.script.state.withLock { $0.stopped } == 4)
    rig.stop()
  }

  @Test func aClientThatAnswersNothingDoesNotHoldUpTheEnd() async throws {
    let rig = try ServerRig()
    try rig.connect(1)
    _ = try #require(await rig.ready(1))
    rig.client.setStalled(LinkID(1), true)
    let start = monotonicNanoseconds()
    rig.server.stop()
    #expect(monotonicNanoseconds() - start < 10_000_000_000)
    rig.stop()
  }

  @Test func secretsAreNotInTheLog() async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    try rig.connect(1)
    let ticket = try #require(await rig.ready(1)).ticket
    rig.send(.config(.object(["api_key": .string("hunter2hunter2")])), on: 1)
    try rig.connect(2, resume: ticket)
    _ = try #require(await rig.ready(2))
    #expect(await eventually { rig.log.all.contains { $0.hasPrefix("config applied") } })
    let log = rig.log.all.joined(separator: "\n")
    #expect(!log.contains("hunter2"))
    #expect(!log.contains(ticket.token))
  }
}

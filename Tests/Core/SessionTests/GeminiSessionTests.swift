import Session
import TestKit
import Testing
import Timeline
import Wire

/// A session in a dialect whose server counts audio, and takes a conversation up again by its first message.
@Suite struct GeminiSessionTests {
  private func live(_ settings: DialectSettings = DialectSettings(), _ mode: Gate.Mode = .gate) -> Rig {
    var rig = Rig(GeminiDialect(settings)) { $0.gateMode = mode }
    rig.input(.started)
    rig.input(.connectionOpened(first, stages: []))
    hear(#"{"setupComplete":{}}"#, &rig)
    return rig
  }

  @discardableResult
  private func hear(_ text: String, _ rig: inout Rig, on id: LinkID = first) -> [SessionEffect] {
    rig.input(.messageReceived(id, .binary(Array(text.utf8))))
  }

  /// What was sent, runs of audio as one with their lengths in milliseconds.
  private func said(_ effects: [SessionEffect]) -> [(type: String, ms: Int)] {
    var said: [(type: String, ms: Int)] = []
    for message in effects.sent {
      var link = GeminiDialect()
      let reading = link.read(message, from: .client)
      guard case .audio(let payload)? = reading.events.first else {
        said.append((reading.type, 0))
        continue
      }
      if said.last?.type != reading.type { said.append((reading.type, 0)) }
      said[said.count - 1].ms += payload.bytes.count / 32
    }
    return said
  }

  @Test func silenceIsSentAfterSpeechAndThenThatItEnds() {
    var rig = live()
    #expect(said(rig.all).map(\.type) == ["setup"])
    rig.speak(.milliseconds(600))
    let before = rig.all.count
    rig.stayQuiet(.seconds(3))
    let after = said(Array(rig.all[before...]))
    #expect(after.map(\.type) == ["audio", "audioStreamEnd"])
    #expect(after[0].ms > 900)
    // The next utterance begins as the first did.
    rig.speak(.milliseconds(600))
    #expect(said(rig.all).map(\.type).suffix(2) == ["audioStreamEnd", "audio"])
  }

  /// Muted within a word, the server must see the end of it all the same.
  @Test func whatIsCutIsClosedWithAsMuchSilence() {
    var rig = live()
    rig.speak(.milliseconds(600))
    let before = rig.all.count
    rig.command(.setMuted(true))
    rig.stayQuiet(.seconds(1))
    let after = said(Array(rig.all[before...]))
    #expect(after.first?.type == "audio" && (after.first?.ms ?? 0) >= 1000, "\(after)")
  }

  @Test func theKeySaysWhereATurnBeginsAndEnds() {
    var rig = live(DialectSettings(isManual: true), .ptt)
    rig.command(.setTalking(true))
    rig.speak(.milliseconds(600))
    rig.command(.setTalking(false))
    rig.stayQuiet(.seconds(1))
    #expect(
      said(rig.all).map(\.type) == [
        "setup", "activityStart", "audio", "activityEnd",
      ])
  }

  @Test func theLastHandleBringsTheSessionBack() throws {
    var rig = live()
    for handle in ["handle-0123456789-1", "handle-0123456789-2"] {
      hear(#"{"sessionResumptionUpdate":{"newHandle":"\#(handle)","resumable":true}}"#, &rig)
    }
    rig.input(.connectionClosed(first, code: 1006, reason: "", by: .network))
    rig.untilConnect()
    let opened = rig.input(.connectionOpened(second, stages: []))
    let setup = try #require(opened.sent.first)
    #expect(
      try JSONValue(parsing: setup.payload)["setup"]?["sessionResumption"]?["handle"] == .string("handle-0123456789-2"))
    let ready = hear(#"{"setupComplete":{}}"#, &rig, on: second)
    #expect(ready.connections.map(\.resumed) == [true] && ready.notices.isEmpty)
    // A handle is a secret.
    #expect(rig.all.messages.allSatisfy { !String(decoding: $0.payload, as: UTF8.self).contains("handle-0123456789") })
    // And it holds until there is another.
    rig.input(.connectionClosed(second, code: 1006, reason: "", by: .network))
    rig.untilConnect()
    let third = rig.input(.connectionOpened(LinkID(3), stages: []))
    #expect(String(decoding: try #require(third.sent.first).payload, as: UTF8.self).contains("handle-0123456789-2"))
  }

  @Test func theEndIsToldInTime() {
    var rig = live()
    let told = hear(#"{"goAway":{"timeLeft":"30s"}}"#, &rig)
    #expect(told.notices.map(\.id) == [.expiryNear])
  }
}

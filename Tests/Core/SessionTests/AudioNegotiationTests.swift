import Session
import Testing
import Timeline
import Wire

/// What the client asks for, and what it does with what the server's `ready` says.
@Suite struct AudioNegotiationTests {
  private func rig(_ ready: Ready, asks: String? = nil, _ dialect: any Dialect = VoiceDialect()) -> Rig {
    var rig = Rig(dialect) {
      $0.gateMode = .open
      $0.asksForAudio = asks
    }
    rig.input(.started)
    rig.input(.connectionOpened(first, stages: []))
    rig.hear(.ready(ready))
    return rig
  }

  @Test func binaryAudioIsSentOnceItWasAgreedOn() {
    var agreed = rig(Ready(sessionID: "s", inputIsBinary: true, outputFormat: "pcm16", outputIsBinary: true))
    agreed.speak(.milliseconds(20))
    #expect(agreed.all.sent == [.binary(agreed.all.sentAudio[0].bytes)])
    for refused in [Ready(sessionID: "s"), Ready(sessionID: "s", inputIsBinary: false)] {
      var json = rig(refused)
      json.speak(.milliseconds(20))
      #expect(json.all.sent.allSatisfy { $0.isText })
      #expect(json.all.sentAudio.count == 1)
    }
  }

  @Test func theNextConnectionAsksAnew() {
    var rig = rig(Ready(sessionID: "s", inputIsBinary: true))
    rig.input(.connectionClosed(first, code: 1006, reason: "", by: .network))
    rig.untilConnect()
    rig.input(.connectionOpened(second, stages: []))
    rig.hear(.ready(Ready(sessionID: "s")), on: second)
    let before = rig.all.sent.count
    rig.speak(.milliseconds(20))
    #expect(rig.all.sent.dropFirst(before).allSatisfy { $0.isText })
  }

  @Test func readyNamesTheFormatOfUndeclaredAudio() {
    var rig = rig(Ready(sessionID: "s", outputRate: 16_000, outputFormat: "mp3"))
    let bare = rig.input(.messageReceived(first, .binary([1, 2])))
    #expect(
      bare.contains(.play(AudioPayload(bytes: [1, 2], format: "mp3", rate: 16_000), response: ResponseID(1))))
    let declared = AudioPayload(bytes: [1, 2], format: "wav", rate: 16_000)
    #expect(rig.hear(.audio(declared)).contains(.play(declared, response: ResponseID(1))))
  }

  @Test func aWishThatIsNotAnsweredIsTold() {
    #expect(rig(Ready(sessionID: "s", outputFormat: "mp3"), asks: "mp3").all.notices.isEmpty)
    #expect(rig(Ready(sessionID: "s")).all.notices.isEmpty)
    let notices = rig(Ready(sessionID: "s"), asks: "mp3\u{1b}[2J").all.notices
    #expect(notices.map(\.severity) == [.warning])
    #expect(notices.first?.text.hasPrefix("the server does not say that it sends audio as mp3") == true)
  }
}

import Findings
import TestKit
import Testing
import Timeline
import Wire

@Suite struct MicrophoneRuleTests {
  @Test func clipping() {
    var script = Script()
    for i in 0..<4 { script.mic(Double(i) * 20, clipped: 10) }
    #expect(script.count("mic-clipping") == 0)
    script.mic(80, clipped: 10)
    #expect(script.count("mic-clipping") == 1)
    #expect(script.evidence("mic-clipping") == [0, 4])
    #expect(script.detail("mic-clipping").hasPrefix("50 samples"))
    // One loud syllable each second is none.
    var rare = Script()
    for i in 0..<20 { rare.mic(Double(i) * 600, clipped: 10) }
    #expect(rare.count("mic-clipping") == 0)
  }

  @Test func anOffset() {
    func quiet(low: Int16, high: Int16) -> Script {
      var script = Script()
      for i in 0..<100 { script.mic(Double(i) * 20, peaks: Array(repeating: Peak(low: low, high: high), count: 4)) }
      return script
    }
    #expect(quiet(low: -90, high: 110).count("mic-dc-offset") == 0)
    #expect(quiet(low: 500, high: 800).count("mic-dc-offset") == 1)
    #expect(quiet(low: -800, high: -500).detail("mic-dc-offset").contains("-2.0 %"))
  }

  @Test func aDeadMicrophone() {
    func silent(_ input: String, rmsDB: Double, seconds: Int, fate: MicFrame.Fate = .gated) -> Int {
      var script = Script()
      script.started("ws://127.0.0.1/", input: input)
      for i in 0...seconds * 50 { script.mic(Double(i) * 20, rmsDB: rmsDB, fate: fate) }
      return script.count("mic-dead")
    }
    #expect(silent("mic:hw:0", rmsDB: -120, seconds: 20) == 1)
    #expect(silent("mic", rmsDB: -120, seconds: 4) == 0)
    #expect(silent("mic", rmsDB: -75, seconds: 20) == 0)
    #expect(silent("silence", rmsDB: -120, seconds: 20) == 0)
    #expect(silent("mic", rmsDB: -120, seconds: 20, fate: .muted) == 0)
  }

  /// Gated headsets and noise filters give digital silence in each pause.
  @Test func aGatedMicrophoneIsNotDead() {
    func found(speechFrames: Int, rmsDB: Double, isSpeech: Bool, then states: [DeviceChange.State] = []) -> Int {
      var script = Script()
      script.started("ws://127.0.0.1/", input: "mic")
      var now = 0.0
      func frames(_ count: Int, _ rmsDB: Double, _ isSpeech: Bool) {
        for _ in 0..<count {
          script.mic(now, rmsDB: rmsDB, isSpeech: isSpeech)
          now += 20
        }
      }
      frames(100, -120, false)
      frames(speechFrames, rmsDB, isSpeech)
      for state in states {
        script.at(now, .device(DeviceChange(role: .mic, state: state, name: "default", text: "")))
      }
      frames(1_000, -120, false)
      return script.count("mic-dead")
    }
    #expect(found(speechFrames: 25, rmsDB: -30, isSpeech: true) == 0)
    #expect(found(speechFrames: 25, rmsDB: -30, isSpeech: true, then: [.xrun, .open]) == 0)
    // A click, noise, and a voice that is hardly there are no speech.
    #expect(found(speechFrames: 2, rmsDB: -10, isSpeech: true) == 1)
    #expect(found(speechFrames: 25, rmsDB: -30, isSpeech: false) == 1)
    #expect(found(speechFrames: 25, rmsDB: -80, isSpeech: true) == 1)
    // The device that came back is not the one that gave speech.
    #expect(found(speechFrames: 25, rmsDB: -30, isSpeech: true, then: [.lost, .recovered]) == 1)
  }

  /// Without a device, silence stands in for it; that is told by other means.
  @Test func aMicrophoneThatIsNotThereIsNotDead() {
    func found(_ states: [DeviceChange.State]) -> Int {
      var script = Script()
      script.started("ws://127.0.0.1/", input: "mic")
      for (n, state) in states.enumerated() {
        let begin = Double(n) * 10_000
        script.at(begin, .device(DeviceChange(role: .mic, state: state, name: "default", text: "")))
        for i in 0..<500 { script.mic(begin + Double(i) * 20, rmsDB: -120) }
      }
      return script.count("mic-dead")
    }
    #expect(found([.failed]) == 0 && found([.lost]) == 0)
    #expect(found([.open]) == 1 && found([.failed, .recovered]) == 1 && found([.open, .xrun]) == 1)
  }

  @Test func silenceThatStandsForTheMicrophoneIsNotItsOwn() {
    var script = Script()
    script.started("ws://127.0.0.1/")
    script.at(0, .echo(EchoState(phase: .ready, isHolding: true)))
    for i in 0...500 { script.mic(Double(i) * 20, rmsDB: -120) }
    #expect(script.count("mic-dead") == 0)
  }

  @Test func aHotMicrophone() {
    func speech(_ rmsDB: Double) -> Int {
      var script = Script()
      for i in 0..<50 { script.mic(Double(i) * 20, rmsDB: rmsDB, isSpeech: true) }
      return script.count("mic-hot")
    }
    #expect(speech(-6) == 1)
    #expect(speech(-20) == 0)
  }

  @Test(arguments: [true, false]) func theAgentInTheMicrophone(_ isEcho: Bool) {
    var script = Script()
    var random = SeededGenerator(seed: 11)
    var levels: [Double] = []
    for i in 0..<100 {
      let now = 1000 + Double(i) * 20
      levels.append(Double(random.below(256)) / 256 * 40 - 50)
      script.at(now)
      script.playout(response: 1, rmsDB: levels[i], deviceDelayMs: 40)
      script.mic(
        now, rmsDB: isEcho ? (i >= 8 ? levels[i - 8] - 20 : -70) : Double(random.below(256)) / 256 * 40 - 50,
        isSpeech: true)
    }
    #expect(script.count("agent-echo") == (isEcho ? 1 : 0))
  }
}

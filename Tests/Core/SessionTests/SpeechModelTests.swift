import TestKit
import Testing
import Timeline

@testable import Session

/// The gate of a microphone whose frames carry what a speech model says.
@Suite struct SpeechModelTests {
  /// Frames of 20 ms of a square wave, with the probabilities of the blocks that end in them.
  private func hear(_ rig: inout Rig, _ duration: Duration, isLoud: Bool, probability: Float) -> [SessionEffect] {
    let frame = (0..<320).map { isLoud ? Int16($0 / 20 % 2 == 0 ? 8000 : -8000) : 0 }
    var effects: [SessionEffect] = []
    for _ in 0..<Int(duration.milliseconds / 20) {
      effects += rig.advance(.milliseconds(20))
      let count = Int(rig.now.milliseconds) * 16 / 512 - (Int(rig.now.milliseconds) - 20) * 16 / 512
      effects += rig.input(
        .micFrameCaptured(frame, isSynthetic: false, probabilities: Array(repeating: probability, count: count)))
    }
    return effects
  }

  @Test func whatIsNoSpeechDoesNotGoOut() {
    var rig = Rig.live()
    let effects =
      hear(&rig, .seconds(1), isLoud: false, probability: 0)
      + hear(&rig, .seconds(2), isLoud: true, probability: 0.2)
    #expect(effects.sentAudio.isEmpty && effects.edges.isEmpty)
    #expect(Set(effects.micFrames.map(\.fate)) == [.gated])
  }

  /// The pre-roll is as long as without a model, however late the model is sure.
  @Test func speechGoesOutWithPreRollAndHangover() {
    var rig = Rig.live()
    var effects = hear(&rig, .seconds(1), isLoud: false, probability: 0)
    // A soft beginning of 80 ms that the model does not notice.
    effects += hear(&rig, .milliseconds(80), isLoud: true, probability: 0.3)
    effects += hear(&rig, .milliseconds(320), isLoud: true, probability: 0.9)
    effects += hear(&rig, .seconds(2), isLoud: false, probability: 0)
    #expect(effects.conversation == ["speech_start", "audio", "speech_end"])
    let edges = effects.edges
    #expect(edges.map(\.isStart) == [true, false])
    let audio = effects.sentAudio.flatMap(\.bytes)
    let loud = audio.firstIndex { $0 != 0 }! / 2
    #expect(loud >= 4_000, "pre-roll of \(loud) samples")
    // At least 800 ms after the last sound, and not much more.
    let tail = audio.count / 2 - loud - 6_400
    #expect(tail >= 12_600, "\(tail) samples after the last sound")
    #expect(tail <= 13_600, "\(tail) samples after the last sound")
  }
}

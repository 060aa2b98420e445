import TestKit
import Testing

extension EndToEnd {
  /// PulseAudio as desktops have it, behind ALSA's `default`.
  @Suite(.enabled(if: Unpacked.has("pulseaudio"), Comment(rawValue: Unpacked.comment("pulseaudio"))))
  struct OnPulseAudio {
    @Test func keysInterruptAndTheNextAnswerIsHeard() throws { try SoundServerRig(.pulseAudio).interruptByKey() }
    @Test func speechInterruptsAndIsAnsweredWhole() throws { try SoundServerRig(.pulseAudio).interruptByVoice() }
    @Test func aSuspendedSinkIsToldOnceAndHeardAgain() throws { try SoundServerRig(.pulseAudio).suspendAndResume() }
    @Test func anotherSinkIsFollowedAndItsEchoLearnt() throws {
      try SoundServerRig.onASteadyMachine { try SoundServerRig(.pulseAudio).changeTheSink() }
    }
    @Test func itsEndIsToldOnceAndItIsFoundAgain() throws { try SoundServerRig(.pulseAudio).endAndStartAgain() }
    @Test func doctorNamesIt() throws { try SoundServerRig(.pulseAudio).nameIt() }
  }

  /// PipeWire as desktops have it, behind ALSA's `default`.
  @Suite(.enabled(if: Unpacked.has("pipewire"), Comment(rawValue: Unpacked.comment("pipewire"))))
  struct OnPipeWire {
    @Test func keysInterruptAndTheNextAnswerIsHeard() throws { try SoundServerRig(.pipeWire).interruptByKey() }
    @Test func speechInterruptsAndIsAnsweredWhole() throws { try SoundServerRig(.pipeWire).interruptByVoice() }
    @Test func aSuspendedSinkIsHeardAgain() throws { try SoundServerRig(.pipeWire).suspendAndResume() }
    @Test func anotherSinkIsFollowedAndItsEchoLearnt() throws {
      try SoundServerRig.onASteadyMachine { try SoundServerRig(.pipeWire).changeTheSink() }
    }
    @Test func itsEndIsToldOnceAndItIsFoundAgain() throws { try SoundServerRig(.pipeWire).endAndStartAgain() }
    @Test func doctorNamesIt() throws { try SoundServerRig(.pipeWire).nameIt() }
  }
}

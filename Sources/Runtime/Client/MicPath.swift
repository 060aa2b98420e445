import Audio
import AudioDevices
import Timeline

/// Wires `MicrophonePath` to its devices: what the input has delivered goes in, with what the speaker has played.
///
/// Owned by the session's thread.
struct MicPath {
  /// What the input hears besides who speaks into it.
  enum Surroundings {
    case silent, noisy
    /// The agent's voice, from this output.
    case speaker(any AudioOutput)
  }

  private let reader: InputReader
  private let rate: Int
  private let clock: TimelineClock
  private var path: MicrophonePath
  private var speaker: (output: any AudioOutput, played: InputReader)?

  init(reader: InputReader, rate: Int, surroundings: Surroundings, clock: TimelineClock) {
    self.reader = reader
    self.rate = rate
    self.clock = clock
    switch surroundings {
    case .silent: path = MicrophonePath(rate: rate, surroundings: .silent)
    case .noisy: path = MicrophonePath(rate: rate, surroundings: .noisy)
    case .speaker(let output):
      // There is no echo of an output that tells nothing of what it played.
      speaker = InputReader(referenceOf: output, rate: rate).map { (output, $0) }
      path = MicrophonePath(rate: rate, surroundings: speaker == nil ? .noisy : .speaker)
    }
  }

  /// Whether a file or typed speech is still being spoken.
  var isSpeaking: Bool { path.isSpeaking }

  /// What the echo path is doing; nil where there is none.
  var echo: EchoState? { path.echo }

  /// Speaks this as soon as what was said before is over.
  /// - Parameter afterRest: when it was asked for, if the input has rested: what has passed since it was heard last is
  ///   still to come, at once, and speech must not begin in that.
  mutating func speak(_ speech: InjectedSpeech, afterRest now: Timestamp? = nil) {
    let last = reader.lastCaptured.map(clock.timestamp)
    let passed = last.flatMap { last in now.map { max(.zero, $0 - last) } }
    path.speak(speech, after: passed ?? .zero)
  }

  /// Drops what is being spoken and what waits.
  /// - Returns: what was dropped.
  mutating func stopSpeaking() -> [Injection] { path.stopSpeaking() }

  /// Measures every frame from now on with this model.
  mutating func measure(with model: any SpeechModel) { path.measure(with: model) }

  /// Something happened to the microphone or the speaker.
  mutating func deviceChanged(_ change: DeviceChange) { path.deviceChanged(change) }

  /// What has come of the input since the last call.
  mutating func take(at now: Timestamp) -> MicrophonePath.Outcome {
    let samples = reader.read()
    let captured = reader.lastCaptured.map(clock.timestamp)
    guard let speaker else {
      return path.handle(MicrophonePath.Heard(samples, capturedAt: captured), at: now)
    }
    // Before it is asked whether the stream stood still: that is counted before it is told what was played afterwards.
    let played = speaker.played.read()
    let status = speaker.output.status
    let report = SpeakerReport(
      standstills: status.standstills, behind: status.latencyBehindBuffer * rate / max(1, speaker.output.rate))
    return path.handle(
      MicrophonePath.Heard(samples, capturedAt: captured, played: played, speaker: report), at: now)
  }
}

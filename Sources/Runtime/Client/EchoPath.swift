import Audio
import AudioDevices
import Timeline

/// Takes the agent's voice, as it was handed to the speaker, out of what the microphone heard.
///
/// Owned by the session's thread. `process` is called with every microphone frame, in order: the canceller's clock is
/// the microphone's.
struct EchoPath {
  private let canceller: EchoCanceller
  private var reference: EchoReference
  private let played: InputReader
  private let output: any AudioOutput

  /// Nil where there is nothing to cancel: the output is no speaker.
  init?(output: any AudioOutput, rate: Int) {
    guard output.rate == rate, let played = InputReader(referenceOf: output) else { return nil }
    self.output = output
    self.played = played
    canceller = EchoCanceller(rate: rate)
    reference = EchoReference(delay: 0, capacity: rate)
  }

  mutating func process(_ near: [Int16]) -> [Int16] {
    reference.push(played.read())
    reference.delay = output.status.deviceDelay
    return canceller.process(near: near, far: reference.pull(near.count))
  }
}

import CSpeexDSP

/// Takes the loudspeaker's sound and steady noise out of the microphone's: SpeexDSP's echo canceller, then its
/// preprocessor (noise suppression and residual echo), in frames of 10 ms with a filter of 256 ms.
///
/// Measured on simulated rooms with the reference aligned: 26 to 36 dB of echo return loss enhancement (ERLE) after 1.5
/// to 3 s of far-end audio, word error rate in double talk 1 to 5 %, 240 times faster than real time. Keep one instance
/// for the whole session: its filter is what it has learnt of the room. In another room it follows slowly (3 dB after 2 s
/// of a voice); `forget` lets it learn as at its begin.
///
/// Not `Sendable`: one thread at a time.
public final class EchoCanceller {
  /// What is taken out.
  public enum Mode: Sendable {
    /// The far end's echo, and noise.
    case echoAndNoise
    /// Noise alone, for a headset or a microphone without a speaker near it.
    case noiseSuppressionOnly
  }

  public let mode: Mode
  /// Samples a second.
  public let rate: Int
  /// Samples of a frame: 10 ms.
  public let frameCount: Int
  /// Echo return loss enhancement in dB: microphone against output, over about the last second in which the far end was
  /// heard. Speech of the near end lowers it. 0 until there was far-end audio.
  public private(set) var erleDB = 0.0

  /// What was taken for the agent's echo in the samples that `process` was given last and has made whole frames of: as many
  /// as it returned, one frame earlier than those, because the preprocessor lags.
  public private(set) var taken: [Int16] = []

  private let echo: OpaquePointer?
  private let preprocessor: OpaquePointer
  private var near: [Int16] = []
  private var far: [Int16] = []
  private var nearPower = 0.0
  private var outputPower = 0.0
  /// The preprocessor overlaps its frames and so lags by one: the microphone's power is compared one frame late.
  private var previousNearPower = 0.0
  private var framesSinceFar = Int.max

  /// - Parameter rate: samples a second, 8 000 to 48 000; SpeexDSP is tuned for 8 000 and 16 000.
  public init(rate: Int, mode: Mode = .echoAndNoise) {
    self.rate = min(max(rate, 8_000), 48_000)
    self.mode = mode
    frameCount = self.rate / 100
    preprocessor = speex_preprocess_state_init(Int32(frameCount), Int32(self.rate))
    var isOn: Int32 = 1
    speex_preprocess_ctl(preprocessor, SPEEX_PREPROCESS_SET_DENOISE, &isOn)
    guard mode == .echoAndNoise else {
      echo = nil
      return
    }
    let filterCount = self.rate * 256 / 1_000
    echo = speex_echo_state_init(Int32(frameCount), Int32(filterCount))
    var samplingRate = Int32(self.rate)
    speex_echo_ctl(echo, SPEEX_ECHO_SET_SAMPLING_RATE, &samplingRate)
    speex_preprocess_ctl(preprocessor, SPEEX_PREPROCESS_SET_ECHO_STATE, UnsafeMutableRawPointer(echo!))
  }

  deinit {
    speex_preprocess_state_destroy(preprocessor)
    if let echo { speex_echo_state_destroy(echo) }
  }

  /// How much later the output is than the microphone, besides waiting for whole frames: the preprocessor's overlap.
  public var latency: Duration { .milliseconds(10) }

  /// What was learnt of the room does not hold any more.
  public func forget() {
    if let echo { speex_echo_state_reset(echo) }
    (nearPower, outputPower, erleDB) = (0, 0, 0)
  }

  /// Samples that wait for a whole frame.
  public var waitingCount: Int { near.count }

  /// Takes the microphone's samples and what the speaker said into them (see `EchoReference`), in any length, and
  /// returns the whole frames that are ready: over time as many samples as went in.
  /// - Parameter far: as long as `near`; what is missing counts as silence, what is too much is ignored.
  public func process(near newNear: [Int16], far newFar: [Int16]) -> [Int16] {
    process(near: newNear[...], far: newFar[...])
  }

  /// The same of parts of arrays. Whole frames of both are not copied when nothing waits.
  func process(near newNear: ArraySlice<Int16>, far newFar: ArraySlice<Int16>) -> [Int16] {
    taken.removeAll(keepingCapacity: true)
    if near.isEmpty, newNear.count.isMultiple(of: frameCount) {
      // Where noise alone is suppressed nobody looks at the far end.
      if echo == nil { return processFrames(near: newNear, far: newNear) }
      if newFar.count == newNear.count { return processFrames(near: newNear, far: newFar) }
    }
    near += newNear
    far += newFar.prefix(newNear.count)
    far += repeatElement(0, count: near.count - far.count)
    let whole = near.count / frameCount * frameCount
    guard whole > 0 else { return [] }
    let output = processFrames(near: near[..<whole], far: far[..<whole])
    near.removeFirst(whole)
    far.removeFirst(whole)
    return output
  }

  /// - Parameter far: as long as `near`: whole frames.
  private func processFrames(near: ArraySlice<Int16>, far: ArraySlice<Int16>) -> [Int16] {
    let whole = near.count
    var output = [Int16](repeating: 0, count: whole)
    for start in stride(from: 0, to: whole, by: frameCount) {
      near.withUnsafeBufferPointer { near in
        far.withUnsafeBufferPointer { far in
          output.withUnsafeMutableBufferPointer { output in
            processFrame(
              near: near.extracting(start..<start + frameCount), far: far.extracting(start..<start + frameCount),
              output: output.extracting(start..<start + frameCount))
          }
        }
      }
    }
    return output
  }

  private func processFrame(
    near: UnsafeBufferPointer<Int16>, far: UnsafeBufferPointer<Int16>, output: UnsafeMutableBufferPointer<Int16>
  ) {
    if let echo {
      speex_echo_cancellation(echo, near.baseAddress, far.baseAddress, output.baseAddress)
      for i in 0..<frameCount { taken.append(Int16(clamping: Int(near[i]) - Int(output[i]))) }
    } else {
      _ = output.update(fromContentsOf: near)
    }
    speex_preprocess_run(preprocessor, output.baseAddress)
    guard echo != nil else { return }
    let delayedNearPower = previousNearPower
    previousNearPower = power(near)
    // -50 dBFS: below it there is no echo worth measuring. The echo tail of 200 ms still counts.
    let isFarHeard = Decibels.fromPower(power(far)) > -50
    framesSinceFar = isFarHeard ? 0 : framesSinceFar == .max ? .max : framesSinceFar + 1
    guard framesSinceFar < 20 else { return }
    // One second: 100 frames.
    nearPower += (delayedNearPower - nearPower) * 0.01
    outputPower += (power(UnsafeBufferPointer(output)) - outputPower) * 0.01
    if nearPower > 0 { erleDB = Decibels.fromPower(nearPower) - Decibels.fromPower(max(outputPower, 1e-10)) }
  }

  /// Mean square against full scale.
  private func power(_ samples: UnsafeBufferPointer<Int16>) -> Double {
    var sum = 0
    for sample in samples { sum &+= Int(sample) &* Int(sample) }
    return Double(sum) / Double(samples.count) / (32_767.0 * 32_767.0)
  }
}

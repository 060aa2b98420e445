import Audio
import Threads

/// The consumer's side of an input: what waits in its ring, at the rate that was asked for.
///
/// Resampling is done here because it allocates, which the audio thread must not. One thread, the ring's consumer.
public final class InputReader {
  private let ring: SampleRing
  private let rate: Int
  private let ringRate: () -> Int
  private let origin: () -> Int64
  private var resampler: Resampler?
  private var resampledRate: Int

  /// - Parameter input: whose ring this reader consumes from now on.
  public convenience init(_ input: any AudioInput) {
    self.init(input.ring, rate: input.rate, origin: { input.status.ringOrigin }) { input.ringRate }
  }

  /// What an output has played, as the reference for echo cancelling; nil where there can be no echo.
  /// - Parameter rate: the microphone's, which need not be the output's.
  public convenience init?(referenceOf output: any AudioOutput, rate: Int) {
    guard let reference = output.reference else { return nil }
    self.init(reference, rate: rate) { output.ringRate }
  }

  init(_ ring: SampleRing, rate: Int, origin: @escaping () -> Int64 = { 0 }, ringRate: @escaping () -> Int) {
    self.ring = ring
    self.rate = rate
    self.ringRate = ringRate
    self.origin = origin
    resampledRate = rate
  }

  /// When the last sample that `read` has returned was captured: nanoseconds on CLOCK_MONOTONIC; nil while that is not
  /// known.
  public var lastCaptured: Int64? {
    let origin = origin()
    guard origin != 0 else { return nil }
    return origin + PacedClock.nanoseconds(of: ring.readPosition, rate: resampledRate)
      - (resampler?.latency.nanoseconds ?? 0)
  }

  /// Everything that waits, at the requested rate; empty when nothing does. When a device came back with another rate,
  /// the few milliseconds around the change are at the wrong one.
  public func read() -> [Int16] {
    let current = ringRate()
    if current != resampledRate {
      resampledRate = current
      resampler = current == rate ? nil : Resampler(from: current, to: rate)
    }
    let waiting = ring.count
    guard waiting > 0 else { return [] }
    let samples = [Int16](unsafeUninitializedCapacity: waiting) { buffer, count in count = ring.read(into: buffer) }
    return resampler?.process(samples) ?? samples
  }
}

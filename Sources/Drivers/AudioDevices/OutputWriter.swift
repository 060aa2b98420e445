import Audio
import Threads
import Timeline

/// The producer's side of an output: takes samples at the requested rate and brings them into its ring at the
/// device's.
///
/// Resampling is done here because it allocates, which the audio thread must not. One thread, the ring's producer.
public final class OutputWriter {
  private let output: any AudioOutput
  private var resampler: Resampler?
  private var resampledRate: Int

  /// - Parameter output: whose ring this writer fills from now on.
  public init(_ output: any AudioOutput) {
    self.output = output
    resampledRate = output.rate
  }

  /// Appends samples. What finds no room in the ring (a second) is lost and counted there: keep it shallow, by
  /// `queued`.
  public func write(_ samples: [Int16]) {
    let current = output.ringRate
    if current != resampledRate {
      resampledRate = current
      resampler = current == output.rate ? nil : Resampler(from: output.rate, to: current)
    }
    let converted = resampler?.process(samples) ?? samples
    converted.withUnsafeBufferPointer { _ = output.ring.write($0) }
    output.rouse()
  }

  /// Throws away what was written and not yet heard: in the ring, in the device, and in the resampler.
  public func flush() {
    resampler?.reset()
    output.flush()
  }

  /// How much later than its place in the ring says a sample is written: what the resampler holds.
  public var latency: Duration { resampler?.latency ?? .zero }

  /// How much audio waits in the ring. The device's own buffer is not in it.
  public var queued: Duration { .samples(output.ring.count, rate: output.ringRate) }
}

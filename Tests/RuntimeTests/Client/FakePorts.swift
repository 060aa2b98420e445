import AudioDevices
import Threads
import Timeline

/// A microphone that delivers what the test puts into its ring.
final class FakeInput: AudioInput {
  let rate: Int
  let ring: SampleRing
  var ringRate: Int { rate }
  var status: InputStatus {
    var status = InputStatus()
    status.ringOrigin = ringOrigin
    return status
  }
  /// When the first sample was captured.
  let ringOrigin: Int64

  init(rate: Int = 16_000, ringOrigin: Int64 = 0) {
    self.ringOrigin = ringOrigin
    self.rate = rate
    ring = SampleRing(capacity: 48_000)
  }
  func start() {}
  func stop() {}

  func hear(_ samples: [Int16]) { samples.withUnsafeBufferPointer { _ = ring.write($0) } }
}

/// A speaker that takes samples when the test says so: a buffer of its own behind the ring, and a reference.
final class FakeOutput: AudioOutput, @unchecked Sendable {
  // Sendable: a test uses it on one thread.
  let rate: Int
  let ring: SampleRing
  let reference: SampleRing?
  var ringRate: Int { rate }
  var status = OutputStatus()
  private(set) var flushes = 0

  init(rate: Int = 16_000, hasReference: Bool = false) {
    self.rate = rate
    ring = SampleRing(capacity: 48_000)
    reference = hasReference ? SampleRing(capacity: 48_000) : nil
  }
  func start() {}
  func stop(drain: Duration) {}
  func flush() {
    flushes += 1
    ring.flush()
  }

  /// The device takes `count` samples; what there was of them.
  func take(_ count: Int) -> [Int16] {
    [Int16](unsafeUninitializedCapacity: count) { buffer, taken in taken = ring.read(into: buffer) }
  }

  /// The device has played these.
  func played(_ samples: [Int16]) { samples.withUnsafeBufferPointer { _ = reference?.write($0) } }
}

/// Samples as raw PCM.
func pcm(_ samples: [Int16]) -> [UInt8] {
  samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
}

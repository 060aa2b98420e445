import Audio
import AudioDeviceTestKit
import Synchronization
import Testing
import Threads

@testable import AudioDevices

/// The stand-ins while nobody speaks and nothing is heard.
@Suite struct RestTests {
  private let rate = 16_000
  /// Frames of 20 ms.
  private let portion = Int(AudioRest.portion / .milliseconds(20))

  @Test func aRestPassesWholeFramesAndLosesNone() {
    let waker = Waker()
    let start = monotonicNanoseconds()
    // 50 ms have passed: two frames of 20 ms.
    var clock = PacedClock(rate: 1_000, frameLength: 20, start: start - 50_000_000)
    waker.wake()
    let first = clock.rest(until: waker)
    #expect(first.frames >= 2)
    #expect(clock.due == start - 50_000_000 + Int64(first.frames + 1) * 20_000_000)
    #expect(clock.due > first.now || first.frames == portion, "only what has passed, and at most a portion")
    let second = clock.rest(until: waker)
    #expect(second.frames == portion || second.frames == 1, "not woken: a portion, unless the machine slept")
    #expect(second.now >= first.now)
  }

  /// A rest of 500 ms that ends late is still counted whole; only a machine that slept has no past to make up for.
  @Test func aRestThatEndsLateLosesNothing() {
    let waker = Waker()
    waker.wake()
    let start = monotonicNanoseconds() - 700_000_000
    var late = PacedClock(rate: 1_000, frameLength: 20, start: start)
    #expect(late.rest(until: waker).frames == portion)
    #expect(late.due == start + Int64(portion + 1) * 20_000_000)
    waker.wake()
    var slept = PacedClock(rate: 1_000, frameLength: 20, start: start - 60_000_000_000)
    #expect(slept.rest(until: waker).frames == 1)
    #expect(slept.due > start + 700_000_000)
  }

  @Test func aRestingInputComesInPortions() {
    let wakes = Counter()
    let input = PacedInput.silence(rate: rate) { wakes.add() }
    input.setResting(true)
    let start = monotonicNanoseconds()
    input.start()
    let reader = InputReader(input)
    var count = 0
    #expect(
      eventually {
        count += reader.read().count
        return count >= 4 * portion * 320
      })
    let elapsed = monotonicNanoseconds() - start
    let (portions, samples) = (wakes.count, count)
    input.setResting(false)
    // Each wake-up after the rest brings 20 ms again.
    #expect(
      eventually {
        count += reader.read().count
        return wakes.count >= portions + 10
      })
    input.stop()
    count += reader.read().count
    #expect((3...6).contains(portions), "\(portions) wake-ups for \(samples) samples")
    #expect(Int64(samples) * 1_000_000_000 / 16_000 <= elapsed, "never ahead of time")
    #expect(count == input.status.silenceInserted)
    #expect(count % 320 == 0)
  }

  @Test func aRestingOutputTakesWhatComesInFull() {
    let output = NullOutput(rate: rate) {}
    output.start()
    #expect(eventually { output.status.silencePadded >= rate }, "half a second, and it rests")
    let silence = output.status.silencePadded
    OutputWriter(output).write(ramp(1_000))
    output.stop(drain: .seconds(30))
    #expect(output.status.samplesHandedOver == 1_000)
    #expect(output.status.silencePadded >= silence)
    #expect(output.ring.count == 0)
  }

  @Test func theFileOfARestingOutputHasItsSilence() {
    let tap = SampleRing(capacity: 1 << 17)
    let output = NullOutput(rate: rate, tap: tap) {}
    output.start()
    #expect(eventually { output.status.silencePadded >= rate })
    OutputWriter(output).write(ramp(640))
    output.stop(drain: .seconds(30))
    let status = output.status
    var samples = [Int16](repeating: -1, count: tap.count)
    #expect(samples.withUnsafeMutableBufferPointer { tap.read(into: $0) } == samples.count)
    #expect(samples.count == status.samplesHandedOver + status.silencePadded)
    #expect(sounds(samples, ramp(640)) == "as expected")
  }
}

private final class Counter: Sendable {
  private let value = Atomic<Int>(0)
  var count: Int { value.load(ordering: .acquiring) }
  func add() { value.add(1, ordering: .acquiringAndReleasing) }
}

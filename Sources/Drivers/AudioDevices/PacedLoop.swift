import Audio
import Synchronization
import Threads
import Timeline

/// How the stand-ins for devices rest: a wake-up costs more than what it finds when there is nothing to hear.
package enum AudioRest {
  /// What passes at a time meanwhile. Whoever has something to say ends the rest at once.
  package static let portion = Duration.milliseconds(500)
  /// An output rests after this long without a sample.
  package static let patience = Duration.milliseconds(500)
}

/// A thread that does something once a frame, in real time, until it is stopped.
final class PacedLoop: Sendable {
  /// Samples a frame.
  let frameLength: Int
  private let name: String
  private let rate: Int
  private let tick: @Sendable (_ frames: Int, _ now: Int64) -> Void
  private let isStopping = Atomic<Bool>(false)
  private let isResting = Atomic<Bool>(false)
  private let waker = Waker()
  private let thread = Locked<NamedThread?>(nil)

  /// - Parameters:
  ///   - name: the thread's.
  ///   - rate: samples a second.
  ///   - frame: how long a frame lasts.
  ///   - tick: called on the thread when a frame is due, or several after a rest, with the moment at which the last was
  ///     due, in nanoseconds on CLOCK_MONOTONIC.
  init(name: String, rate: Int, frame: Duration, tick: @escaping @Sendable (_ frames: Int, _ now: Int64) -> Void) {
    self.name = name
    self.rate = rate
    self.tick = tick
    frameLength = max(1, PacedClock.samples(in: frame.nanoseconds, rate: rate))
  }

  func start() {
    thread.withLock { thread in
      guard thread == nil else { return }
      thread = NamedThread(name) { [self] in run() }
    }
  }

  func stop() {
    isStopping.store(true, ordering: .releasing)
    waker.wake()
    thread.withLock { $0 }?.join()
  }

  /// Any thread: while it rests, frames come in portions.
  func setResting(_ rests: Bool) {
    isResting.store(rests, ordering: .releasing)
    if !rests { waker.wake() }
  }

  private func run() {
    requestRealtimePriority()
    var clock = PacedClock(rate: rate, frameLength: frameLength)
    while !isStopping.load(ordering: .acquiring) {
      if isResting.load(ordering: .acquiring) {
        let frames = clock.rest(until: waker).frames
        if frames > 0 { tick(frames, clock.lastDue) }
      } else {
        // Its moment, however late the thread is.
        _ = clock.wait()
        tick(1, clock.lastDue)
      }
    }
  }
}

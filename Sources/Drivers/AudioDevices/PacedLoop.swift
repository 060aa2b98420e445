import Synchronization
import Threads
import Timeline

/// A thread that does something once a frame, in real time, until it is stopped.
final class PacedLoop: Sendable {
  /// Samples a frame.
  let frameLength: Int
  private let name: String
  private let rate: Int
  private let tick: @Sendable (_ now: Int64) -> Void
  private let isStopping = Atomic<Bool>(false)
  private let thread = Locked<NamedThread?>(nil)

  /// - Parameters:
  ///   - name: the thread's.
  ///   - rate: samples a second.
  ///   - frame: how long a frame lasts.
  ///   - tick: called on the thread when a frame is due, with the time in nanoseconds on CLOCK_MONOTONIC.
  init(name: String, rate: Int, frame: Duration, tick: @escaping @Sendable (_ now: Int64) -> Void) {
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
    thread.withLock { $0 }?.join()
  }

  private func run() {
    requestRealtimePriority()
    var clock = PacedClock(rate: rate, frameLength: frameLength)
    while !isStopping.load(ordering: .acquiring) {
      tick(clock.wait())
    }
  }
}

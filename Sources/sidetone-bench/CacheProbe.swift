import Glibc

/// What the machine's caches keep while a thread sleeps.
///
/// A program that wakes for a moment every ten milliseconds pays for each cache line that it touches as the first time.
/// On a machine that others use, virtual ones above all, that is most of what it takes of a core; the same work in one
/// go costs a fraction of it.
enum CacheProbe {
  private static let lineBytes = 64
  /// 64 kB: what a small program touches each time it wakes.
  private static let lineCount = 1_024

  /// Nanoseconds of the thread's processor time for each line of a walk over 64 kB, in no order that could be guessed.
  /// - Parameter sleep: microseconds before each walk; 0 for walks without a pause.
  static func nanosecondsPerLine(afterSleeping sleep: UInt32, rounds: Int = 100) -> Double {
    let step = lineBytes / MemoryLayout<Int>.stride
    let memory = UnsafeMutableBufferPointer<Int>.allocate(capacity: lineCount * step)
    defer { memory.deallocate() }
    memory.initialize(repeating: 0)
    let order = (0..<lineCount).shuffled()
    for (i, line) in order.enumerated() { memory[line * step] = order[(i + 1) % lineCount] * step }
    var (spentMs, place) = (0.0, 0)
    for _ in 0..<rounds {
      if sleep > 0 { usleep(sleep) }
      spentMs += ProcessFigures.processorMilliseconds { for _ in 0..<lineCount { place = memory[place] } }
    }
    precondition(place >= 0)
    return spentMs * 1e6 / Double(rounds * lineCount)
  }
}

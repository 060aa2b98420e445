import Synchronization

/// When the samples of a ring are heard: the newest stretch that went through it without a gap, and the one before it.
///
/// One thread notes, any thread reads, nobody waits. Each note goes into a slot of its own; a reader that was overtaken by
/// notes while it read begins again.
package final class StretchLog: Sendable {
  /// Two stretches, each with its first sample and the moment of the ring's first sample ever.
  private struct Slot: ~Copyable, Sendable {
    let origin = Atomic<Int64>(0)
    let start = Atomic<Int>(0)
    let earlierOrigin = Atomic<Int64>(0)
    let earlierStart = Atomic<Int>(0)
  }

  private let even = Slot()
  private let odd = Slot()
  /// How many notes there are; the newest is in `odd` when that is an odd number.
  private let count = Atomic<Int>(0)

  package init() {}

  /// The audio thread.
  /// - Parameters:
  ///   - origin: when the ring's first sample ever would have been heard: nanoseconds on CLOCK_MONOTONIC.
  ///   - start: the first sample of a new stretch; nil: the newest goes on.
  package func note(origin: Int64, startsAt start: Int?) {
    let notes = count.load(ordering: .relaxed)
    if notes.isMultiple(of: 2) {
      carry(from: even, to: odd, origin: origin, start: start)
    } else {
      carry(from: odd, to: even, origin: origin, start: start)
    }
    count.store(notes + 1, ordering: .sequentiallyConsistent)
  }

  private func carry(from last: borrowing Slot, to next: borrowing Slot, origin: Int64, start: Int?) {
    let lastStart = last.start.load(ordering: .relaxed)
    let begins = start != nil && start != lastStart
    next.earlierOrigin.store(
      begins ? last.origin.load(ordering: .relaxed) : last.earlierOrigin.load(ordering: .relaxed),
      ordering: .sequentiallyConsistent)
    next.earlierStart.store(
      begins ? lastStart : last.earlierStart.load(ordering: .relaxed), ordering: .sequentiallyConsistent)
    next.start.store(start ?? lastStart, ordering: .sequentiallyConsistent)
    next.origin.store(origin, ordering: .sequentiallyConsistent)
  }

  /// Any thread: what is known by now.
  package func tell(_ status: inout OutputStatus) {
    while true {
      let notes = count.load(ordering: .sequentiallyConsistent)
      if notes.isMultiple(of: 2) { read(even, &status) } else { read(odd, &status) }
      // The slot is written to again by the note after the next.
      if count.load(ordering: .sequentiallyConsistent) == notes { return }
    }
  }

  private func read(_ slot: borrowing Slot, _ status: inout OutputStatus) {
    status.ringOrigin = slot.origin.load(ordering: .sequentiallyConsistent)
    status.stretchStart = slot.start.load(ordering: .sequentiallyConsistent)
    status.earlierOrigin = slot.earlierOrigin.load(ordering: .sequentiallyConsistent)
    status.earlierStart = slot.earlierStart.load(ordering: .sequentiallyConsistent)
  }
}

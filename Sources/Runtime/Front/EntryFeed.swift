import Console
import Synchronization
import Threads
import Timeline

/// The way of entries from the session's thread to the main thread.
public struct EntryFeed: Sendable {
  let mailbox: Mailbox<Entry>
  /// Wakes the main thread; the screen's signals use it, too.
  public let waker: Waker
  private let dozing = Dozing()
  /// About what a small message costs beyond its payload: the entry, the array, and what it means.
  private static let entryOverhead = 512

  /// Whether the console is silent, so that the first sound is news.
  private final class Dozing: Sendable {
    let value = Atomic<Bool>(false)
  }

  public init() {
    let waker = Waker()
    self.waker = waker
    // `read` knows better when to wake.
    mailbox = Mailbox(
      capacity: 65_536, weightLimit: Entry.waitingByteLimit,
      // A message is held as it was sent and as it was read.
      weigh: { Self.entryOverhead + 2 * $0.payloadByteCount }, wake: nil)
  }

  /// A timeline reader; any thread. False when there is no room.
  @discardableResult
  public func read(_ entry: Entry) -> Bool {
    let isTaken = mailbox.post(entry)
    if WakePolicy.wakes(entry.event, isDozing: dozing.value.load(ordering: .relaxed)) { waker.wake() }
    return isTaken
  }

  /// The console: from now on sounds wake it, or, as they come anyway, do not.
  func setDozing(_ dozes: Bool) { dozing.value.store(dozes, ordering: .relaxed) }

  /// Payload bytes of one slice of entries: a few large messages take as long as many small ones.
  static let sliceBytes = 1 << 20

  /// Takes the oldest entries out, in order, in the place of what is in `batch`.
  /// - Returns: how many are left.
  func take(_ limit: Int, into batch: inout [Entry]) -> Int {
    mailbox.drain(into: &batch, limit: limit, weightLimit: Self.sliceBytes)
  }

  /// Wakes the main thread though nothing was read.
  public func wake() { waker.wake() }
}

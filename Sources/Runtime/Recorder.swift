import Threads
import Timeline
import Wire

/// Puts events on the timeline: numbers and stamps them, takes secrets out of their words, and hands them to every reader.
///
/// Any thread may write. Entries have no gaps in their indexes and times that never run backwards, and every reader gets
/// them in that order: a reader is called under the recorder's lock, takes an entry or refuses it, returns at once, and does
/// not write to the recorder itself.
public final class TimelineRecorder: Sendable {
  /// Takes an entry; false when it finds no room for it.
  public typealias Reader = @Sendable (Entry) -> Bool

  private let state: Locked<State>
  private let readers: [Reader]
  private let secrets: [String]

  private struct State {
    var next = 0
    var last = Timestamp.zero
    var dropped = 0
  }

  /// - Parameters:
  ///   - readers: bounded queues, as a rule.
  ///   - secrets: what the user gave and must not appear.
  public init(readers: [Reader], secrets: [String] = []) {
    state = Locked(State())
    self.readers = readers
    self.secrets = secrets
  }

  /// Entries so far, and how often a reader had no room for one.
  public var status: (entries: Int, dropped: Int) { state.withLock { ($0.next, $0.dropped) } }

  /// Writes an entry.
  /// - Parameters:
  ///   - source: nil for what the kind of event says.
  ///   - now: of the timeline's clock; what is earlier than the entry before gets that one's time.
  /// - Returns: the entry's index.
  @discardableResult
  public func record(_ event: Entry.Event, of source: SourceID? = nil, at now: Timestamp) -> Int {
    // Outside the lock: a message may be large.
    let event = event.hidingSecrets(secrets)
    return state.withLock { state in
      state.last = max(state.last, now)
      let entry = Entry(index: state.next, at: state.last, source: source, event: event)
      state.next += 1
      for reader in readers where !reader(entry) { state.dropped += 1 }
      return entry.index
    }
  }
}

import Capture
import Threads
import Timeline

/// Writes a capture to a file, on a thread of its own.
///
/// Whoever has something to keep puts it into a queue that is bounded in bytes and goes on. The thread makes the file,
/// takes what waits in batches, and commits each. A batch that cannot be written is kept and tried again; what finds no
/// room meanwhile is counted. `kill -9` loses what was not committed, which is less than the last second.
public final class CaptureFileWriter: CaptureSink {
  /// What can be chosen.
  public struct Options: Sendable {
    public var schedule = CommitSchedule.Limits()
    /// What may wait, in bytes.
    public var queueByteLimit = Entry.waitingByteLimit
    /// What must not appear beside what `Redaction` finds by itself. Secrets.
    public var secrets: [String] = []
    public init() {}
  }

  /// Where the file is.
  public let path: String
  private let options: Options
  private let state: Locked<State>
  private let waker = Waker()
  private let thread = Locked<NamedThread?>(nil)

  /// More tracks than this are not begun, and samples for them are lost.
  private static let mostTracks = 1024

  enum Item: Sendable {
    case entry(Entry)
    case audio([Int16], position: Int64, track: TrackID)

    var kind: CaptureQueue<Item>.Kind {
      switch self {
      case .entry: .entry
      case .audio(let samples, _, _): .audio(samples: samples.count)
      }
    }
  }

  private struct State: Sendable {
    var queue: CaptureQueue<Item>
    /// Those that the thread has not seen yet.
    var newTracks: [(id: TrackID, track: AudioTrack)] = []
    var trackCount = 0
    var state = CaptureStatus.State.opening
    var kept = CaptureCounts()
    /// What was taken from the queue and is not in the file.
    var lost = CaptureCounts()
    var isClosing = false
    /// After the last commit.
    var fileByteCount = 0
    /// The thread knows that a batch is full.
    var hasToldFull = false

    /// Puts an item at the end.
    /// - Returns: whether there was room, and whether the thread has to be woken.
    mutating func offer(
      _ item: Item, byteCount: Int, _ limits: CommitSchedule.Limits
    ) -> (isTaken: Bool, wakes: Bool) {
      guard !isClosing else {
        queue.refuse(item.kind)
        return (false, false)
      }
      guard queue.offer(item, item.kind, byteCount: byteCount) else { return (false, false) }
      let isFull = queue.count >= limits.items || queue.byteCount >= limits.byteCount
      let wakes = queue.count == 1 || isFull && !hasToldFull
      if isFull { hasToldFull = true }
      return (true, wakes)
    }
  }

  /// Begins at once; `status` tells when the file is there, or why it is not.
  /// - Parameters:
  ///   - path: an earlier capture there is replaced; any other file is not.
  ///   - header: its settings may hold secrets, which are hidden.
  public init(path: String, header: CaptureHeader, options: Options = Options()) {
    self.path = path
    self.options = options
    state = Locked(State(queue: CaptureQueue(byteLimit: options.queueByteLimit)))
    let started = NamedThread("capture file") { [self] in
      var work = CaptureWork(path: path, header: header, options: options)
      run(&work)
    }
    thread.withLock { $0 = started }
  }

  /// Makes the file, empty, so that what is wrong with its place can be told before anything begins; the writer takes it
  /// over.
  /// - Parameter path: an earlier capture there is replaced; any other file is not.
  public static func claim(_ path: String) throws(CaptureFault) { try CapturePlace.make(path) }

  /// What an entry takes beside its payload, and a piece of sound beside its samples, in bytes.
  private static let itemOverhead = 512

  @discardableResult
  public func write(_ entry: Entry) -> Bool {
    let weight = entry.payloadByteCount.adding(Self.itemOverhead)
    let (isTaken, wakes) = state.withLock { $0.offer(.entry(entry), byteCount: weight, options.schedule) }
    if wakes { waker.wake() }
    return isTaken
  }

  public func addTrack(_ track: AudioTrack) -> TrackID {
    state.withLock { state in
      state.trackCount = state.trackCount.adding(1)
      let id = TrackID(state.trackCount)
      if state.trackCount <= Self.mostTracks { state.newTracks.append((id, track)) }
      return id
    }
  }

  @discardableResult
  public func write(_ samples: [Int16], at position: Int64, on track: TrackID) -> Bool {
    guard !samples.isEmpty else { return true }
    let (isTaken, wakes) = state.withLock {
      $0.offer(
        .audio(samples, position: position, track: track), byteCount: 2 * samples.count + Self.itemOverhead,
        options.schedule)
    }
    if wakes { waker.wake() }
    return isTaken
  }

  public var status: CaptureStatus {
    state.withLock {
      CaptureStatus(
        $0.state, kept: $0.kept, lost: $0.lost + $0.queue.refused, waiting: $0.queue.counts,
        waitingByteCount: $0.queue.byteCount)
    }
  }

  /// What the file weighs since the last commit, in bytes, with what SQLite keeps beside it.
  public var fileByteCount: Int { state.withLock { $0.fileByteCount } }

  public func close() {
    state.withLock { $0.isClosing = true }
    waker.wake()
    let ending = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    ending?.join()
  }

  // MARK: The thread

  private func run(_ work: inout CaptureWork) {
    var schedule = CommitSchedule(options.schedule)
    var recovery = CaptureRecovery()
    while true {
      let now = Timestamp(nanoseconds: monotonicNanoseconds())
      let (items, byteCount, isClosing) = state.withLock { ($0.queue.count, $0.queue.byteCount, $0.isClosing) }
      schedule.observe(items: items, byteCount: byteCount, at: now)
      let isWanted = !work.isIdle || schedule.isDue(at: now)
      guard isClosing || isWanted && recovery.isDue(at: now) else {
        let deadline = isWanted ? recovery.deadline : schedule.deadline
        waker.wait(timeout: deadline.map { $0 - now })
        continue
      }
      do {
        try work.open()
        if work.isIdle, items > 0, isClosing || schedule.isDue(at: now) {
          take(&work)
          schedule.taken()
        }
        try commit(&work)
        recovery.succeeded()
        if isClosing, items == 0 {
          try work.finish(lost: lost)
          state.withLock { $0.state = .closed(nil) }
          return
        }
      } catch {
        if isClosing {
          giveUp(&work, error)
          return
        }
        recovery.failed(at: Timestamp(nanoseconds: monotonicNanoseconds()))
        state.withLock { $0.state = .failing(error) }
      }
    }
  }

  private var lost: CaptureCounts { state.withLock { $0.lost + $0.queue.refused } }

  private func take(_ work: inout CaptureWork) {
    let limits = options.schedule
    let (items, tracks) = state.withLock { state in
      let tracks = state.newTracks
      state.newTracks = []
      state.hasToldFull = false
      return (state.queue.take(limits.items, byteLimit: limits.byteCount), tracks)
    }
    let refused = work.prepare(items, tracks)
    if refused > 0 { state.withLock { $0.lost += CaptureCounts(samples: refused) } }
  }

  private func commit(_ work: inout CaptureWork) throws(CaptureFault) {
    let (kept, leftOut) = try work.commit(lost: lost)
    let byteCount = CapturePlace.byteCount(path)
    state.withLock {
      $0.state = .recording
      $0.fileByteCount = byteCount
      $0.kept += kept
      $0.lost += CaptureCounts(entries: leftOut)
    }
  }

  /// What waits will never be written.
  private func giveUp(_ work: inout CaptureWork, _ fault: CaptureFault) {
    let counts = work.abandon()
    state.withLock { state in
      state.lost += counts
      for item in state.queue.take(.max, byteLimit: .max) { state.queue.refuse(item.kind) }
      state.state = .closed(fault)
    }
  }
}

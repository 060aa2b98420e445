import DequeModule
import Timeline

/// What waits to be played: a first-in, first-out queue of samples with an adaptive target depth.
///
///     push ──► ▓▓▓▓▓▓▓▓▓▓ response 8 │ ▓▓▓▓ response 7 ──► pull, at the pace of the speaker
///
/// A response starts when `targetMs` of it wait, when it is complete, or when nothing more has come for `patience`. If it
/// runs dry before its end, silence is played, the target is raised within its range, and it goes on when that much
/// waits again. While audio arrives regularly the target sinks slowly: 1 ms for each second of audio, to no less than
/// three times the jitter. WebSocket is in order: audio is late, never lost, so nothing is skipped to catch up.
///
/// Responses are played one after the other. The first sample of one that follows ends the one before it, unless more of
/// that is expected (`expectMore`): then it is played to its end first, or until nothing more has come for `patience`.
public struct PlayoutBuffer: Sendable {
  /// What the speaker gets.
  public struct Pulled: Sendable, Equatable {
    /// Exactly as many as asked for. Audio first, then silence.
    public var samples: [Int16]
    /// Whose audio it is. Never more than one response's; nil when all is silence.
    public var response: ResponseID?
    /// How many of the samples are audio.
    public var realSampleCount: Int
    /// What came to pass with these samples, in order.
    public var changes: [PlayoutChange]
  }

  /// An underrun raises the target by this much.
  static let raiseMs = 20.0
  /// After this long without an arrival, what waits is played though it is short of the target: some protocols never
  /// say that a response is complete.
  public static let patience: Duration = .milliseconds(300)

  /// Samples a second.
  public let rate: Int
  public let targetRangeMs: ClosedRange<Double>
  /// The most that may wait, in milliseconds.
  public let capacityMs: Double

  /// What must wait before playing starts or goes on.
  public private(set) var targetMs: Double
  /// Times that a response ran dry before its end.
  public private(set) var underruns = 0
  /// Audio for which there was no room, in milliseconds.
  public var droppedMs: Double { ms(droppedCount) }
  /// How irregularly audio arrives: inter-arrival jitter as in RFC 3550, without a steady pace ahead of real time.
  public var jitterMs: Double { jitter.ms }

  /// Audio is being handed out: not waiting, not silent.
  public private(set) var isPlaying = false

  private var queue: Deque<QueuedResponse> = []
  private var waitingCount = 0
  private var droppedCount = 0
  private var jitter = ArrivalJitter()
  private var lastArrival: Timestamp?

  /// - Parameters:
  ///   - rate: samples a second.
  ///   - targetRangeMs: within which the target adapts.
  ///   - capacity: beyond it, the newest audio is refused and counted.
  public init(
    rate: Int, targetRangeMs: ClosedRange<Double> = 50...100, initialTargetMs: Double = 80,
    capacity: Duration = .seconds(120)
  ) {
    self.rate = max(rate, 1)
    self.targetRangeMs = targetRangeMs
    targetMs = min(max(initialTargetMs, targetRangeMs.lowerBound), targetRangeMs.upperBound)
    // A queue that cannot hold its own target would never start.
    capacityMs = max(capacity.milliseconds, targetRangeMs.upperBound)
  }

  /// Audio that waits, of all responses, in milliseconds.
  public var depthMs: Double { ms(waitingCount) }
  /// There is nothing to play and nothing to come: no response is queued.
  public var isEmpty: Bool { queue.isEmpty }
  /// A response is queued, but waits: for its first audio, or after an underrun.
  public var isBuffering: Bool { !queue.isEmpty && !isPlaying }

  /// Audio of a response arrived.
  /// - Returns: how many samples there was no room for.
  @discardableResult
  public mutating func push(_ samples: [Int16], response: ResponseID, at now: Timestamp) -> Int {
    guard !samples.isEmpty else { return 0 }
    let i = place(of: response)
    queue[i].lastArrival = now
    let durationMs = ms(samples.count)
    jitter.arrived(durationMs, at: now)
    lastArrival = now
    sink(after: durationMs)
    let room = max(Int(capacityMs * Double(rate) / 1_000) - waitingCount, 0)
    let taken = min(room, samples.count)
    queue[i].append(taken == samples.count ? samples : Array(samples.prefix(taken)))
    waitingCount += taken
    droppedCount += samples.count - taken
    return samples.count - taken
  }

  /// Where audio of a response is to be put, which begins now unless it is here.
  private mutating func place(of response: ResponseID) -> Int {
    if let i = queue.lastIndex(where: { $0.id == response }) {
      return i
    }
    if let last = queue.indices.last, !queue[last].expectsMore { queue[last].isComplete = true }
    queue.append(QueuedResponse(id: response))
    jitter.pause()
    return queue.count - 1
  }

  /// Another response begins, and more of this one will come all the same: that is played to its end first. To be said
  /// before the other's audio is pushed.
  public mutating func expectMore(of response: ResponseID) {
    for i in queue.indices where queue[i].id == response { queue[i].expectsMore = true }
  }

  /// No more audio will come for this response. A response without any audio leaves no trace.
  public mutating func endOfResponse(_ response: ResponseID) {
    for i in queue.indices where queue[i].id == response { queue[i].isComplete = true }
    jitter.pause()
  }

  /// The speaker takes the next samples. Changes that depend on time alone, such as the end of an already played
  /// response, also come out here: call it at a steady pace, also when there is nothing to play.
  public mutating func pull(_ count: Int, at now: Timestamp) -> Pulled {
    var pulled = Pulled(samples: [], response: nil, realSampleCount: 0, changes: [])
    pulled.samples.reserveCapacity(max(count, 0))
    // The end of a response ends the block too: the next begins with the next block.
    while pulled.samples.count < count, pulled.response == nil, let response = queue.first {
      if response.waitingCount == 0, response.isComplete || isForsaken(response, at: now) {
        finish(&pulled)
      } else if isPlaying || canStart(response, at: now) {
        play(count, into: &pulled)
      } else {
        break
      }
    }
    pulled.samples += repeatElement(0, count: max(count - pulled.samples.count, 0))
    return pulled
  }

  /// Empties the queue at once. Returns one change for each response that was queued, with what was played of it and
  /// what was not.
  public mutating func flush(at now: Timestamp) -> [PlayoutChange] {
    let changes = queue.map {
      PlayoutChange($0.id, .flushed(playedMs: ms($0.playedCount), discardedMs: ms($0.waitingCount)))
    }
    queue.removeAll()
    waitingCount = 0
    isPlaying = false
    jitter.pause()
    return changes
  }

  /// Nothing is pulled for a while: whose audio is being played, if any is. It goes on as one that waits does, and the
  /// pause counts neither as an underrun nor as irregular arrival.
  public mutating func hold() -> ResponseID? {
    jitter.pause()
    guard isPlaying else { return nil }
    isPlaying = false
    return queue.first?.id
  }

  /// Samples that were pulled and are not heard wait again, in front of the others of their response.
  public mutating func putBack(_ samples: [Int16], of response: ResponseID) {
    guard !samples.isEmpty, queue.first?.id == response else { return }
    waitingCount += queue[0].putBack(samples)
  }

  /// The response that is played now, or next.
  public var first: ResponseID? { queue.first?.id }
  /// What was played of the response that is played now, in milliseconds.
  public var playedMs: Double { ms(queue.first?.playedCount ?? 0) }

  /// Another response waits behind it, and nothing more has come of it.
  private func isForsaken(_ response: QueuedResponse, at now: Timestamp) -> Bool {
    queue.count > 1 && now - response.lastArrival >= PlayoutBuffer.patience
  }

  private func canStart(_ response: QueuedResponse, at now: Timestamp) -> Bool {
    guard response.waitingCount > 0 else { return false }
    if response.isComplete || ms(response.waitingCount) >= targetMs { return true }
    return lastArrival.map { now - $0 >= PlayoutBuffer.patience } ?? true
  }

  /// Plays from the first response, which has audio or was playing until now.
  private mutating func play(_ count: Int, into pulled: inout Pulled) {
    let id = queue[0].id
    guard queue[0].waitingCount > 0 else {
      starve(&pulled)
      return
    }
    isPlaying = true
    if queue[0].playedCount == 0 {
      pulled.changes.append(PlayoutChange(id, .started))
    } else if queue[0].isStarved {
      pulled.changes.append(PlayoutChange(id, .recovered(playedMs: ms(queue[0].playedCount))))
    }
    queue[0].isStarved = false
    let taken = queue[0].take(count - pulled.samples.count, into: &pulled.samples)
    waitingCount -= taken
    pulled.response = id
    pulled.realSampleCount = taken
    guard queue[0].waitingCount == 0 else { return }
    if queue[0].isComplete {
      finish(&pulled)
    } else if pulled.samples.count < count {
      starve(&pulled)
    }
  }

  private mutating func starve(_ pulled: inout Pulled) {
    isPlaying = false
    queue[0].isStarved = true
    underruns += 1
    targetMs = min(targetMs + PlayoutBuffer.raiseMs, targetRangeMs.upperBound)
    pulled.changes.append(
      PlayoutChange(queue[0].id, .underrun(playedMs: ms(queue[0].playedCount))))
  }

  private mutating func finish(_ pulled: inout Pulled) {
    let response = queue.removeFirst()
    isPlaying = false
    pulled.changes.append(
      PlayoutChange(response.id, .finished(playedMs: ms(response.playedCount))))
  }

  private mutating func sink(after durationMs: Double) {
    let least = min(max(targetRangeMs.lowerBound, 3 * jitter.ms), targetRangeMs.upperBound)
    if targetMs > least { targetMs = max(targetMs - durationMs / 1_000, least) }
  }

  private func ms(_ count: Int) -> Double { Double(count) * 1_000 / Double(rate) }
}

/// A response's audio that waits, in the pieces in which it came.
private struct QueuedResponse: Sendable {
  let id: ResponseID
  var isComplete = false
  /// Ran dry, and has not gone on yet.
  var isStarved = false
  /// More of it comes although another response has begun.
  var expectsMore = false
  var lastArrival = Timestamp.zero
  private(set) var waitingCount = 0
  private(set) var playedCount = 0

  private var pieces: Deque<[Int16]> = []
  private var takenOfFirst = 0

  init(id: ResponseID) { self.id = id }

  mutating func append(_ samples: [Int16]) {
    guard !samples.isEmpty else { return }
    pieces.append(samples)
    waitingCount += samples.count
  }

  /// Puts samples that were taken in front again, at most as many as were taken; returns how many.
  mutating func putBack(_ samples: [Int16]) -> Int {
    let count = min(samples.count, playedCount)
    if takenOfFirst > 0 {
      pieces[0].removeFirst(takenOfFirst)
      takenOfFirst = 0
    }
    pieces.prepend(Array(samples.suffix(count)))
    waitingCount += count
    playedCount -= count
    return count
  }

  /// Moves up to `count` samples to the end of `output` and returns how many there were.
  mutating func take(_ count: Int, into output: inout [Int16]) -> Int {
    var missing = min(count, waitingCount)
    let taken = missing
    while missing > 0, let piece = pieces.first {
      let part = piece[takenOfFirst..<min(takenOfFirst + missing, piece.count)]
      output += part
      missing -= part.count
      takenOfFirst += part.count
      if takenOfFirst == piece.count {
        pieces.removeFirst()
        takenOfFirst = 0
      }
    }
    waitingCount -= taken
    playedCount += taken
    return taken
  }
}

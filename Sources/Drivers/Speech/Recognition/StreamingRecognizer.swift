import Agent
import Engines
import Synchronization
import Threads

/// Speech to text on a thread of its own: English, 16 kHz.
///
/// While the models load, audio waits (30 s at most; the newest is refused beyond that, which is told and counted) and
/// is caught up with afterwards. Where one engine cannot be had, the next one serves, and that is told. Voice edges are
/// counted from the first sample that was accepted.
public final class StreamingRecognizer: SpeechRecognizer {
  private enum Command: Sendable {
    case audio([Int16], TurnID)
    case end(TurnID)
    case discard(TurnID)
  }

  private static let queueLimit = 30 * UtteranceDecoding.rate
  /// 20 ms: decoding one takes less than 7 ms.
  private static let blockSize = UtteranceDecoding.rate / 50
  private static let backlogStep = UtteranceDecoding.rate / 20

  private let sources: [any RecognitionSource]
  private let emit: @Sendable (RecognizerEvent) -> Void
  private let waker: Waker
  private let commands: Mailbox<Command>
  private let queuedSamples = Atomic<Int>(0)
  private let refusedSamples = Atomic<Int>(0)
  private let isStopped = Atomic<Bool>(false)
  private let thread = Locked<NamedThread?>(nil)

  /// Starts its thread, and the loading of the models if nobody did.
  ///
  /// - Parameters:
  ///   - hearing: the engines.
  ///   - events: called on the recognizer's thread, `.refused` on the one that called `accept`.
  public convenience init(_ hearing: Hearing, events: @escaping @Sendable (RecognizerEvent) -> Void) {
    self.init(sources: hearing.sources, events: events)
  }

  /// - Parameter sources: the first that can be had serves; not empty.
  package init(sources: [any RecognitionSource], events: @escaping @Sendable (RecognizerEvent) -> Void) {
    self.sources = sources
    emit = events
    let waker = Waker()
    self.waker = waker
    commands = Mailbox { waker.wake() }
    let started = NamedThread("recognizer") { [self] in run() }
    thread.withLock { $0 = started }
  }

  // MARK: - Any thread

  public func accept(_ samples: [Int16], turn: TurnID) {
    let depth = queuedSamples.load(ordering: .relaxed)
    // Half of the mailbox stays free for orders: an `endUtterance` must never be lost.
    guard depth + samples.count <= Self.queueLimit, commands.status.depth < commands.capacity / 2 else {
      refusedSamples.add(samples.count, ordering: .relaxed)
      if !hasStopped { emit(.refused(samples.count)) }
      return
    }
    queuedSamples.add(samples.count, ordering: .relaxed)
    commands.post(.audio(samples, turn))
  }

  public func endUtterance(_ turn: TurnID) { commands.post(.end(turn)) }
  public func discardUtterance(_ turn: TurnID) { commands.post(.discard(turn)) }

  public func stop() {
    isStopped.store(true, ordering: .releasing)
    waker.wake()
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    running?.join()
  }

  /// Audio that waits, in samples, and audio that found no room since the start.
  public var queue: (depth: Int, dropped: Int) {
    (queuedSamples.load(ordering: .relaxed), refusedSamples.load(ordering: .relaxed))
  }
  public var waitingCount: Int? { queue.depth }

  // MARK: - The recognizer's thread

  private func run() {
    var backlog = Backlog()
    for source in sources {
      source.prepare { [waker] in waker.wake() }
      while source.state == .loading, !hasStopped {
        report(&backlog)
        waker.wait(timeout: .milliseconds(100))
      }
      guard !hasStopped else { return }
      do throws(EngineFault) {
        if case .failed(let reason, let remedy) = source.state { throw EngineFault(reason: reason, remedy: remedy) }
        var recognition = try source.makeRecognition(emit: emit) { [waker] in waker.wake() }
        recognize(with: &recognition, &backlog)
        return recognition.finish()
      } catch {
        emit(.failed("\(error.reason): \(error.remedy)"))
      }
    }
    answerEmpty(&backlog)
  }

  private func recognize(with recognition: inout any Recognition, _ backlog: inout Backlog) {
    while let batch = nextCommands(before: recognition.deadline) {
      if hasStopped { return }
      recognition.step()
      for command in batch {
        switch command {
        case .audio(let samples, let turn):
          var start = 0
          while start < samples.count, !hasStopped {
            let end = min(samples.count, start + Self.blockSize)
            recognition.accept(samples[start..<end], of: turn)
            queuedSamples.subtract(end - start, ordering: .relaxed)
            backlog.hasShrunk = true
            start = end
            report(&backlog)
          }
        case .end(let turn): recognition.end(turn)
        case .discard(let turn): recognition.discard(turn)
        }
        if hasStopped { return }
      }
    }
  }

  /// Without models: nobody must wait for a transcript for ever.
  private func answerEmpty(_ backlog: inout Backlog) {
    while let batch = nextCommands() {
      for command in batch where !hasStopped {
        switch command {
        case .audio(let samples, _):
          queuedSamples.subtract(samples.count, ordering: .relaxed)
          backlog.hasShrunk = true
          report(&backlog)
        case .end(let turn): emit(.final(turn, ""))
        case .discard: break
        }
      }
    }
  }

  /// Waits until the thread is woken or the deadline has passed; none when that was for something else, nil when it is time to end. Looks before it
  /// waits: a wake-up during loading has been used up.
  private func nextCommands(before deadline: Int64? = nil) -> [Command]? {
    guard !hasStopped else { return nil }
    var batch: [Command] = []
    commands.drain(into: &batch)
    guard batch.isEmpty else { return batch }
    waker.wait(timeout: deadline.map { .nanoseconds(max(0, $0 - monotonicNanoseconds())) })
    commands.drain(into: &batch)
    return batch
  }

  private var hasStopped: Bool { isStopped.load(ordering: .acquiring) }

  /// The backlog as it was last told.
  private struct Backlog {
    var told = 0
    /// Audio was looked at since.
    var hasShrunk = false
  }

  private func report(_ backlog: inout Backlog) {
    let depth = queuedSamples.load(ordering: .relaxed)
    // That nothing is left is told whenever it becomes so: whoever saw a little of it before gives no more until then.
    let isEmptied = depth == 0 && (backlog.told > 0 || backlog.hasShrunk)
    guard abs(depth - backlog.told) > Self.backlogStep || isEmptied else { return }
    backlog = Backlog(told: depth)
    emit(.backlog(.seconds(Double(depth) / Double(UtteranceDecoding.rate))))
  }
}

import Agent
import Synchronization
import Threads

/// Speech to text by PocketSphinx, on a thread of its own: English, 16 kHz.
///
/// While the models load, audio waits (30 s at most; the newest is refused beyond that, which is told and counted) and
/// is caught up with afterwards. Voice edges are counted from the first sample that was accepted.
public final class PocketSphinxRecognizer: SpeechRecognizer {
  private enum Command: Sendable {
    case audio([Int16], TurnID)
    case end(TurnID)
    case discard(TurnID)
  }

  private static let queueLimit = 30 * UtteranceDecoding.rate
  /// 20 ms: decoding one takes less than 7 ms.
  private static let blockSize = UtteranceDecoding.rate / 50
  private static let backlogStep = UtteranceDecoding.rate / 20

  private let models: SpeechModels
  private let emit: @Sendable (RecognizerEvent) -> Void
  private let waker: Waker
  private let commands: Mailbox<Command>
  private let queuedSamples = Atomic<Int>(0)
  private let refusedSamples = Atomic<Int>(0)
  private let isStopped = Atomic<Bool>(false)
  private let thread = Locked<NamedThread?>(nil)

  /// Starts its thread, and the loading of the models if nobody did.
  ///
  /// - Parameter events: called on the recognizer's thread, `.refused` on the one that called `accept`.
  public convenience init(events: @escaping @Sendable (RecognizerEvent) -> Void) {
    self.init(models: .shared, events: events)
  }

  init(models: SpeechModels, events: @escaping @Sendable (RecognizerEvent) -> Void) {
    self.models = models
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
    models.prepare { [waker] in waker.wake() }
    var backlog = Backlog()
    while models.state == .loading, !hasStopped {
      report(&backlog)
      waker.wait(timeout: .milliseconds(100))
    }
    guard !hasStopped else { return }
    do throws(PocketSphinxDecoder.LoadFailure) {
      if case .failed(let reason, let remedy) = models.state {
        throw PocketSphinxDecoder.LoadFailure(reason: reason, remedy: remedy)
      }
      let decoder = try models.takeDecoder()
      recognize(with: decoder, &backlog)
      models.giveBack(decoder)
    } catch {
      emit(.failed("\(error.reason): \(error.remedy)"))
      answerEmpty(&backlog)
    }
  }

  private func recognize(with decoder: PocketSphinxDecoder, _ backlog: inout Backlog) {
    var decoding = UtteranceDecoding(decoder: decoder, emit: emit)
    while let batch = nextCommands() {
      for command in batch {
        switch command {
        case .audio(let samples, let turn):
          var start = 0
          while start < samples.count, !hasStopped {
            let end = min(samples.count, start + Self.blockSize)
            decoding.accept(samples[start..<end], of: turn)
            queuedSamples.subtract(end - start, ordering: .relaxed)
            start = end
            report(&backlog)
          }
        case .end(let turn): decoding.end(turn)
        case .discard(let turn): decoding.discard(turn)
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
          report(&backlog)
        case .end(let turn): emit(.final(turn, ""))
        case .discard: break
        }
      }
    }
  }

  /// Waits for commands; nil when it is time to end. Looks before it waits: a wake-up during loading has been used up.
  private func nextCommands() -> [Command]? {
    var batch: [Command] = []
    while !hasStopped {
      commands.drain(into: &batch)
      if !batch.isEmpty { return batch }
      waker.wait(timeout: nil)
    }
    return nil
  }

  private var hasStopped: Bool { isStopped.load(ordering: .acquiring) }

  /// The backlog as it was last told.
  private struct Backlog {
    var told = 0
  }

  private func report(_ backlog: inout Backlog) {
    let depth = queuedSamples.load(ordering: .relaxed)
    guard abs(depth - backlog.told) > Self.backlogStep || (depth == 0 && backlog.told > 0) else { return }
    backlog.told = depth
    emit(.backlog(.seconds(Double(depth) / Double(UtteranceDecoding.rate))))
  }
}

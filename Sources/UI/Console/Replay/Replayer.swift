import Capture
import Timeline

// A recording that is played, and gone to and fro in.
//
//   orders (keys) ──► Replayer ──► Console: entries that are due, or what was known at another moment
//                        ▲  │
//   ReplayIndex ─────────┘  └─► CaptureWalk ─► pages of the recording
//   checkpoints, overview
//
// To go to a moment: the nearest checkpoint before it, then every entry from there, observed as when it is played. What is
// shown in the end is the same, because the same code has seen the same entries.

/// Plays a recording into a console. Holds no clock and no thread; it reads from the recording when it is called.
public struct Replayer: Sendable {
  /// A way that takes longer is told of, and given up for another.
  static let patience = Duration.milliseconds(150)
  /// Between two looks at the entries that are due.
  static let look = Duration.milliseconds(33)
  /// Bytes of payloads of one slice: a few large messages take as long as many small ones.
  private static let sliceBytes = 1 << 20

  private var player: Player
  private var walk: CaptureWalk
  /// The last entry that the console has observed, and the latest moment.
  private var last: CaptureExtent.Moment?
  private var progress: ReplayIndex.Progress
  private let isGrowing: Bool
  private var journey: Journey?
  /// Which tracks are heard; nil for a recording without sound. And what was ordered of it last.
  private var sound: SoundChoice?
  private var heard: (isAudible: Bool, moveCount: Int, choice: SoundChoice?) = (false, 0, .both)
  /// Where to go once the journey is over.
  private var wish: (goal: Goal, isPlaying: Bool)?
  /// The overview that the console has.
  private var told: (state: ReplayState?, overview: ReplayOverview) = (nil, ReplayOverview())
  private let seenBytes: Int
  /// The console shows what it has observed of the recording; nothing of it before the first journey is over, where the
  /// console showed something else.
  private var isShown: Bool
  /// Why nothing more can be read; told once.
  private var failure: (text: String, isTold: Bool)?
  /// When it was last seen what has come due.
  private var looked: Timestamp

  /// Where a journey ends.
  enum Goal: Sendable {
    case place(ReplayPlace)
    /// At the first message that the log shows and that it did not show at the beginning; its row's id.
    case message(after: Int?)
  }

  private struct Journey {
    let goal: Goal
    var readings: ConsoleReadings
    var walk: CaptureWalk
    var last: CaptureExtent.Moment?
    let started: Timestamp
    /// It goes on playing after it.
    var isPlaying: Bool
    let begin: Timestamp

    /// Goes on from a checkpoint, when it has not come so far.
    mutating func skip(to checkpoint: Checkpoints<ConsoleReadings>.Checkpoint) {
      guard let place = checkpoint.last, last.map({ $0.index < place.index && $0.at <= place.at }) ?? true else {
        return
      }
      (readings, walk, last) = (checkpoint.state, walk.moved(to: checkpoint.next), place)
    }
  }

  /// - Parameters:
  ///   - progress: of an index of the same recording that has read nothing yet.
  ///   - extent: how far it goes.
  ///   - hasSound: whether there is something to be heard.
  ///   - isShown: the console has observed nothing. Otherwise it stands still until it is told where to go.
  public init(
    _ source: any CaptureSource, _ options: ConsoleOptions, _ extent: CaptureExtent, _ progress: ReplayIndex.Progress,
    hasSound: Bool = false, isShown: Bool = true, at now: Timestamp
  ) {
    let first = extent.first?.at ?? .zero
    player = Player(first...max(first, extent.last?.at ?? first), at: now)
    walk = CaptureWalk(source, from: extent.first?.index ?? 0)
    isGrowing = !extent.isFinished
    sound = hasSound ? .both : nil
    self.progress = progress
    seenBytes = options.limits.payloadBytes
    looked = now
    self.isShown = isShown
    if !isShown { player.pause(at: now) }
  }

  /// The present on the recording's clock.
  public func time(at now: Timestamp) -> Timestamp { player.position(at: now) }

  /// When there is something to do next; nil when nothing comes by itself.
  public mutating func wake(at now: Timestamp) -> Timestamp? {
    if journey != nil { return now }
    guard player.isPlaying, failure == nil, let next = try? walk.peek() else { return nil }
    // More often than it is drawn, nobody needs to look.
    return player.arrival(of: moment(of: next), at: now).map { max($0, looked + Self.look) }
  }

  /// What is to be done about its sound by now; nil when nothing changed.
  public mutating func takeSoundOrder(at now: Timestamp) -> ReplaySoundOrder? {
    guard let sound else { return nil }
    if sound != heard.choice {
      heard.choice = sound
      return .choose(sound)
    }
    let isAudible = player.isPlaying && player.speed == 1 && journey == nil && !player.isAtEnd(at: now)
    guard isAudible != heard.isAudible || isAudible && player.moveCount != heard.moveCount else { return nil }
    (heard.isAudible, heard.moveCount) = (isAudible, player.moveCount)
    return isAudible ? .play(from: player.position(at: now)) : .pause
  }

  private func moment(of entry: Entry) -> Timestamp { last.after(entry).at }

  /// The index has read on.
  public mutating func take(_ progress: ReplayIndex.Progress, at now: Timestamp) {
    self.progress = progress
    if let last = progress.last, last.at > player.extent.upperBound {
      player.extend(to: last.at, at: now)
      walk.lookAgain()
    }
  }

  // MARK: - Orders

  public mutating func perform(_ order: ReplayOrder, on console: inout Console, at now: Timestamp) {
    switch order {
    case .play:
      if isAtEnd(at: now) {
        return go(to: .place(.moment(player.extent.lowerBound)), thenPlays: true, console, at: now)
      }
      if journey == nil { player.play(at: now) }
      journey?.isPlaying = true
      wish?.isPlaying = true
    case .pause:
      if journey == nil { stop(at: now) }
      journey?.isPlaying = false
      wish?.isPlaying = false
    case .setSpeed(let speed): player.setSpeed(speed, at: now)
    case .changeSpeed(let step): player.changeSpeed(step, at: now)
    case .go(let place): go(to: .place(place), thenPlays: isToPlay, console, at: now)
    case .goBy(let duration):
      let place = ReplayPlace.moment(held(origin(at: now) + duration))
      go(to: .place(place), thenPlays: isToPlay, console, at: now)
    case .step(let step): self.step(step, &console, at: now)
    case .goToNextMessage:
      go(to: .message(after: console.log.store.newestShownMessage), thenPlays: isToPlay, console, at: now)
    case .hear(let choice): if sound != nil { sound = choice }
    }
    tell(&console, at: now)
  }

  /// Stands still, and not before what has been shown already.
  private mutating func stop(at now: Timestamp) {
    player.pause(at: now)
    if let last, let next = try? walk.peek(), moment(of: next) <= player.position(at: now) {
      player.move(to: last.at, at: now)
    }
  }

  private func isAtEnd(at now: Timestamp) -> Bool { journey == nil && player.isAtEnd(at: now) && !isGrowing }
  private var isToPlay: Bool { wish?.isPlaying ?? journey?.isPlaying ?? player.isPlaying }

  /// Where it is, or is on its way to.
  private func origin(at now: Timestamp) -> Timestamp {
    if case .place(.moment(let moment))? = wish?.goal ?? journey?.goal { return moment }
    return player.position(at: now)
  }

  private func held(_ moment: Timestamp) -> Timestamp {
    min(max(moment, player.extent.lowerBound), player.extent.upperBound)
  }

  private mutating func step(_ step: Int, _ console: inout Console, at now: Timestamp) {
    guard journey == nil else { return }
    stop(at: now)
    if step < 0 {
      guard let last else { return }
      return go(to: .place(.entry(last.index.subtracting(1))), thenPlays: false, console, at: now)
    }
    guard let entry = next() else { return }
    show([entry], &console)
    player.move(to: last?.at ?? entry.at, at: now)
  }

  /// Takes the next entry out; nil at the end.
  private mutating func next() -> Entry? {
    guard let entry = peek() else { return nil }
    walk.advance()
    last = last.after(entry)
    return entry
  }

  private mutating func peek() -> Entry? {
    guard failure == nil else { return nil }
    do {
      return try walk.peek()
    } catch {
      failure = ("the recording cannot be read on: \(error)", false)
      return nil
    }
  }

  private func show(_ entries: [Entry], _ console: inout Console) {
    if !entries.isEmpty { _ = console.update(.replay(.entries(entries))) }
  }

  // MARK: - Work

  /// Shows what has come due, or goes on on the way to another place.
  /// - Parameter limit: how many entries to look at, at most.
  /// - Returns: whether there is more to do at once.
  public mutating func work(on console: inout Console, limit: Int, at now: Timestamp) -> Bool {
    defer { tell(&console, at: now) }
    if journey != nil { return travel(&console, limit: limit, at: now) }
    looked = now
    guard player.isPlaying else { return false }
    let position = player.position(at: now)
    var due: [Entry] = []
    var bytes = 0
    while due.count < limit, bytes < Self.sliceBytes, let entry = peek(), moment(of: entry) <= position {
      walk.advance()
      last = last.after(entry)
      due.append(entry)
      bytes += entry.payloadByteCount
    }
    show(due, &console)
    return due.count == limit || bytes >= Self.sliceBytes
  }

  private mutating func tell(_ console: inout Console, at now: Timestamp) {
    let state = state(at: now)
    if state != told.state {
      told.state = state
      _ = console.update(.replay(.state(state)))
    }
    if progress.overview != told.overview {
      told.overview = progress.overview
      _ = console.update(.replay(.overview(progress.overview)))
    }
    if let failure, !failure.isTold {
      self.failure?.isTold = true
      _ = console.update(.failed(failure.text))
    }
  }

  private func state(at now: Timestamp) -> ReplayState {
    ReplayState(
      isPlaying: isToPlay && !isAtEnd(at: now), speed: player.speed, extent: player.extent,
      readShare: progress.isComplete
        ? nil : player.extent.share(of: progress.last?.at ?? player.extent.lowerBound),
      wayShare: wayShare(at: now), isGrowing: isGrowing, sound: sound)
  }

  // MARK: - Going to another place

  private mutating func go(to goal: Goal, thenPlays: Bool, _ console: Console, at now: Timestamp) {
    // What is nearly there is finished: who drags a pointer should see something on the way.
    if let journey, now - journey.started < Self.patience {
      wish = (goal, thenPlays)
      return
    }
    wish = nil
    // It waits there meanwhile.
    if journey == nil { stop(at: now) }
    journey = begin(goal, thenPlays, console, at: now)
  }

  private func begin(_ goal: Goal, _ isPlaying: Bool, _ console: Console, at now: Timestamp) -> Journey {
    let here = Journey(
      goal: goal, readings: console.readings, walk: walk, last: last, started: now, isPlaying: isPlaying,
      begin: last?.at ?? player.extent.lowerBound)
    guard case .place(let place) = goal, !isShown || last.map(place.isPassed) ?? false else { return here }
    let start = progress.checkpoints.start(to: place, seeing: seenBytes)
    return Journey(
      goal: goal, readings: start.state, walk: walk.moved(to: start.next), last: start.last, started: now,
      isPlaying: isPlaying, begin: start.last?.at ?? player.extent.lowerBound)
  }

  private mutating func travel(_ console: inout Console, limit: Int, at now: Timestamp) -> Bool {
    guard var journey else { return false }
    // Taken out, so that what is known is not copied.
    self.journey = nil
    if case .place(let place) = journey.goal {
      journey.skip(to: progress.checkpoints.start(to: place, seeing: seenBytes))
    }
    var hasArrived = false
    var bytes = 0
    for _ in 0..<max(1, limit) where bytes < Self.sliceBytes {
      do {
        guard let entry = try journey.walk.peek() else {
          hasArrived = true
          break
        }
        let moment = journey.last.after(entry)
        if case .place(let place) = journey.goal, place.precedes(entry, at: moment.at) {
          hasArrived = true
          break
        }
        journey.walk.advance()
        _ = journey.readings.observe(entry)
        journey.last = moment
        bytes += entry.payloadByteCount
        if case .message(let before) = journey.goal, let shown = journey.readings.log.store.newestShownMessage,
          shown != before
        {
          hasArrived = true
          break
        }
      } catch {
        failure = ("the recording cannot be read on: \(error)", false)
        hasArrived = true
        break
      }
    }
    guard hasArrived else {
      self.journey = journey
      return true
    }
    arrive(journey, &console, at: now)
    return self.journey != nil
  }

  private mutating func arrive(_ journey: Journey, _ console: inout Console, at now: Timestamp) {
    (walk, last, isShown) = (journey.walk, journey.last, true)
    var moment = last?.at ?? player.extent.lowerBound
    if case .place(.moment(let place)) = journey.goal { moment = held(place) }
    player.move(to: moment, at: now)
    if journey.isPlaying { player.play(at: now) }
    _ = console.update(.replay(.arrived(journey.readings, at: player.position(at: now))))
    guard let wish else { return }
    self.wish = nil
    go(to: wish.goal, thenPlays: wish.isPlaying, console, at: now)
  }

  private func wayShare(at now: Timestamp) -> Double? {
    guard let journey, now - journey.started >= Self.patience else { return nil }
    guard case .place(.moment(let place)) = journey.goal, place > journey.begin else { return 0 }
    return (journey.begin...place).share(of: journey.last?.at ?? journey.begin)
  }
}

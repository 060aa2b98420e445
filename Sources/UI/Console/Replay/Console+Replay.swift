import Capture
import Screen
import Timeline

/// What the console knows of the recording that it shows.
struct ReplayPanel: Sendable {
  var state: ReplayState
  var overview = ReplayOverview()
}

// Playing a recording, and going to another place in it.
extension Console {
  /// How far one step of an arrow goes, and one with Shift.
  static let scrubStep = "5s"
  static let fineScrubStep = "1s"
  /// Pressed so soon behind a place while it plays, the key goes to the one before.
  private static let grace = Duration.milliseconds(700)

  mutating func observe(_ news: ReplayNews) {
    switch news {
    case .entries(let entries):
      for entry in entries { observe(entry) }
    case .state(let state):
      if let before = replay?.state, before.isPlaying == state.isPlaying, before.speed == state.speed {
        redraw.isFigureDue = true
      } else {
        redraw.isUrgent = true
      }
      if replay == nil { replay = ReplayPanel(state: state) } else { replay?.state = state }
    case .overview(let overview):
      replay?.overview = overview
      redraw.isFigureDue = true
    case .arrived(let other, let moment):
      if isInPast, present == nil { present = Present(readings: readings, now: now) }
      take(other, at: moment)
    case .left: returnToPresent()
    }
  }

  /// Shows what is known at another moment, which is the present then.
  mutating func take(_ other: ConsoleReadings, at moment: Timestamp) {
    readings.takeReadings(of: other)
    if let entry = problem?.entry, entry <= dismissed { problem = nil }
    now = moment
    redraw.isUrgent = true
  }

  /// A recording is shown, and its time does not go on.
  var standsStill: Bool {
    if isInPast, present == nil { return false }
    return replay.map { !$0.state.isPlaying || $0.state.wayShare != nil || now >= $0.state.extent.upperBound } ?? false
  }

  /// When a word to the operator goes away, on the operator's clock; nil when there is none.
  public var wordEnd: Timestamp? { flash?.until }

  /// The recording; or why there is none to be played.
  private func recording() throws(CommandFault) -> ReplayPanel {
    guard let replay else { throw CommandFault(reason: "the recording is still being opened") }
    return replay
  }

  func playOrPause() throws(CommandFault) -> [ConsoleEffect] {
    [.replay(try recording().state.isPlaying ? .pause : .play)]
  }

  /// - Parameter text: the name of a choice; empty: nothing, or both sides where nothing is heard.
  func hear(_ text: String) throws(CommandFault) -> [ConsoleEffect] {
    guard let sound = try recording().state.sound else {
      throw CommandFault(
        reason: isInPast
          ? "the session itself is heard; the sound of its past is heard when it is replayed"
          : "there is no sound in this recording")
    }
    return [.replay(.hear(SoundChoice(rawValue: text) ?? (sound == .off ? .both : .off)))]
  }

  mutating func seek(_ text: String) throws(CommandFault) -> [ConsoleEffect] {
    let replay = try recording()
    guard let request = SeekRequest(text) else {
      throw CommandFault(reason: "\"\(text)\" is no place; a place is \(SeekRequest.expectation)")
    }
    let extent = replay.state.extent
    switch request {
    case .moment(let moment): return [.replay(.go(.moment(moment)))]
    case .by(let duration): return [.replay(.goBy(duration))]
    case .share(let share): return [.replay(.go(.moment(extent.moment(at: share))))]
    case .entry(let index): return [.replay(.go(.entry(index)))]
    case .start: return [.replay(.go(.moment(extent.lowerBound)))]
    case .end: return [.replay(.go(.moment(extent.upperBound)))]
    case .turn(let number):
      guard let moment = replay.overview.turn(number) else {
        throw CommandFault(reason: "there is no turn \(number)\(unread(replay))")
      }
      return [.replay(.go(.moment(moment)))]
    case .step(.message, let step): return try goToMessage(step)
    case .step(let thing, let step):
      let isPlaying = replay.state.isPlaying
      let origin = step > 0 ? now : now - (isPlaying ? Self.grace : .zero)
      let moment =
        switch thing {
        case .turn: replay.overview.turn(step, from: origin)
        case .finding: replay.overview.place(.finding, step, from: origin)
        case .mark: replay.overview.place(.mark, step, from: origin)
        case .message: Timestamp?.none
        }
      guard let moment else {
        throw CommandFault(
          reason: step > 0
            ? "there is no \(thing.rawValue) after this\(unread(replay))" : "there is no \(thing.rawValue) before this")
      }
      return [.replay(.go(.moment(moment)))]
    }
  }

  /// What may still come to light.
  private func unread(_ replay: ReplayPanel) -> String {
    replay.state.readShare.map { ", as far as it was read: \(Int($0 * 100)) %" } ?? ""
  }

  /// To the next message that the log shows, or the one before.
  private func goToMessage(_ step: Int) throws(CommandFault) -> [ConsoleEffect] {
    if step > 0 { return [.replay(.goToNextMessage)] }
    let store = log.store
    var position = store.shownPosition(of: store.nextID) - 1
    var rows: [LogRow] = []
    while rows.count < 2, let row = store.shownID(position).flatMap({ store.row($0) }) {
      // Rows of the same moment are gone to together.
      if row.kind != .event, row.at < rows.last?.at ?? now + .nanoseconds(1) { rows.append(row) }
      position -= 1
    }
    // The one that was gone to before is the last one shown.
    guard let row = rows.first(where: { $0.at < now }) else {
      throw CommandFault(reason: "there is no message before this")
    }
    return [.replay(.go(.moment(row.at)))]
  }
}

extension Player {
  /// A speed as it is typed, as in `2`, `0.25` or `2x`; nil for none of those that there are.
  static func speed(_ text: String) -> Double? {
    let digits = text.last == "x" || text.last == "×" ? text.dropLast() : text[...]
    guard digits.allSatisfy({ ("0"..."9").contains($0) || $0 == "." }), let speed = Double(digits) else { return nil }
    return speed >= speeds[0] && speed <= speeds[speeds.count - 1] ? speed : nil
  }
}

extension ClosedRange<Timestamp> {
  /// The moment at a share of it, 0…1.
  func moment(at share: Double) -> Timestamp {
    lowerBound
      + .nanoseconds(Int64(saturating: Double((upperBound - lowerBound).nanoseconds) * share.clamped(to: 0...1)))
  }

  /// The share of it at which a moment is, 0…1.
  func share(of moment: Timestamp) -> Double {
    let whole = Double((upperBound - lowerBound).nanoseconds)
    return whole > 0 ? (Double((moment - lowerBound).nanoseconds) / whole).clamped(to: 0...1) : 1
  }
}

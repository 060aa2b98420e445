import Capture
import Insight
import Screen
import Timeline

// Going back in a session that goes on.
//
//   live entries ──► present.readings          while the panes show the past
//   its capture  ──► Replayer ──► readings     what the panes show
//
// Back in the present, what the entries have made of it meanwhile is shown, and what the operator has chosen stays.

/// What is known of a running session while the panes show its past.
struct Present: Sendable {
  var readings: ConsoleReadings
  /// The latest moment heard of.
  var now: Timestamp

  mutating func observe(_ entry: Entry) {
    now = max(now, entry.at)
    _ = readings.observe(entry)
  }
}

extension Console {
  /// How far back one goes without a word.
  private static let firstStep = Duration.seconds(10)

  /// A session runs here, which may be recorded.
  var canGoBack: Bool { options.port == .session }

  /// The panes show the past of a running session, or are on their way there.
  var isInPast: Bool { replay != nil && canGoBack }

  /// Whether the panes show the past of a running session, and its entries are observed beside.
  public var isBack: Bool { present != nil }

  /// How far what is shown is behind the running session; nil while it is the session as it is.
  var behindLive: Duration? { present == nil ? nil : max(.zero, operatorTime - now) }

  /// As in `-12.3 s`, `-00:01:23`.
  var behindText: String? {
    behindLive.map { behind in
      behind < .seconds(60) ? "-\(Figures.fixed(behind.milliseconds / 1000, 1)) s" : "-\(Figures.elapsed(behind))"
    }
  }

  /// How long the figure may stand.
  static func behindInterval(_ behind: Duration) -> Duration { behind < .seconds(60) ? figureInterval : silentInterval }

  /// Goes back in the running session: a little, to a place, or, where it is back already, to the beginning.
  /// - Parameter text: a place as `seek` takes it; empty for a little.
  mutating func lookBack(_ text: String) throws(CommandFault) -> [ConsoleEffect] {
    guard canGoBack else {
      guard text.isEmpty else { return try seek(text) }
      scroll(by: .min)
      return []
    }
    if isInPast { return try seek(text.isEmpty ? "start" : text) }
    guard drivenInsight.capture != nil else {
      throw CommandFault(
        reason: "this session is not recorded, so there is nothing to go back to; start it without --no-capture")
    }
    guard !text.isEmpty else { return [.lookBack(to: .moment(now - Self.firstStep))] }
    switch SeekRequest(text) {
    case .moment(let moment): return [.lookBack(to: .moment(moment))]
    case .by(let duration): return [.lookBack(to: .moment(now + duration))]
    case .share(let share): return [.lookBack(to: .moment((.zero...max(.zero, now)).moment(at: share)))]
    case .entry(let index): return [.lookBack(to: .entry(index))]
    case .start: return [.lookBack(to: .moment(.zero))]
    case .turn(let number):
      guard let begin = insight.turns.last(where: { $0.number == number })?.begin else {
        throw CommandFault(reason: "there is no turn \(number) to go back to")
      }
      return [.lookBack(to: .moment(begin))]
    case .step, .end, nil:
      throw CommandFault(reason: "\"\(text)\" is no place to go back to from here; as in -30s, 1:23, turn 4 or start")
    }
  }

  mutating func goLive() -> [ConsoleEffect] {
    returnToPresent()
    return [.goLive]
  }

  /// Shows a running session as it is again.
  mutating func returnToPresent() {
    replay = nil
    if let present {
      self.present = nil
      take(present.readings, at: max(present.now, operatorTime))
    }
    operatorNow = nil
    mouse.holdsBar = false
    redraw.isUrgent = true
  }
}

import Findings
import Insight
import Timeline

/// What happened where in a recording, for the bar and for going from one to the next. It grows while the recording is
/// read; a copy is what was known by then.
public struct ReplayOverview: Sendable, Equatable {
  /// What is to be seen on the bar beside the turns.
  enum Kind: Sendable, CaseIterable {
    /// Put there by the operator.
    case mark
    case finding
    /// The connection was lost.
    case loss
    /// Something was broken on purpose.
    case fault
    /// An answer was cut off.
    case cut
  }
  struct Turn: Sendable, Equatable {
    let number: Int
    let start: Timestamp
    /// Nil while it goes on.
    var end: Timestamp?
  }
  struct Place: Sendable, Equatable {
    let kind: Kind
    let at: Timestamp
    /// An error of the linter's.
    var isError = false
  }

  /// Turns and places that are kept; later ones are left out.
  static let limit = 20_000
  /// How many turns back one may still end.
  private static let openTurns = 8

  /// In order.
  private(set) var turns: [Turn] = []
  private(set) var places: [Place] = []
  private var found: [Notice.Severity: Int] = [:]

  /// Takes an entry that the readings have observed.
  mutating func observe(_ entry: Entry, _ readings: ConsoleReadings) {
    let now = entry.at
    switch entry.event {
    case .micFrame, .playout, .queue: return
    case .connection(let change) where [.closed, .failed].contains(change.state) && change.by != .client:
      add(.loss, at: now)
    case .fault(let fault) where fault.active: add(.fault, at: now)
    case .operatorAct(let act):
      switch act.command {
      case .disconnect: add(.fault, at: now)
      case .interrupt: add(.cut, at: now)
      case _ where act.command.rawValue == "moment": add(.mark, at: now)
      default: break
      }
    default: break
    }
    observeTurns(readings.shown.insight, at: now)
    observeFindings(readings.shown.states[FindingsPane.self].linter.counts, at: now)
  }

  private mutating func observeTurns(_ insight: Insight, at now: Timestamp) {
    for turn in insight.turns.suffix(Self.openTurns) {
      guard let begin = turn.begin else { continue }
      guard let i = turns.suffix(Self.openTurns).lastIndex(where: { $0.number == turn.number }) else {
        if turns.count < Self.limit, turn.number > turns.last?.number ?? 0 {
          turns.append(Turn(number: turn.number, start: begin, end: turn.over))
        }
        continue
      }
      guard turns[i].end == nil, let over = turn.over else { continue }
      turns[i].end = over
      if turn.ending == .bargedIn { add(.cut, at: over) }
    }
  }

  private mutating func observeFindings(_ counts: [Notice.Severity: Int], at now: Timestamp) {
    guard counts != found else { return }
    if counts[.error] != found[.error] { add(.finding, at: now, isError: true) }
    if counts[.warning] != found[.warning] || counts[.info] != found[.info] { add(.finding, at: now) }
    found = counts
  }

  private mutating func add(_ kind: Kind, at moment: Timestamp, isError: Bool = false) {
    if places.count < Self.limit { places.append(Place(kind: kind, at: moment, isError: isError)) }
  }

  // MARK: - Looking up

  /// Where the turn of a number begins; nil when there is none.
  func turn(_ number: Int) -> Timestamp? { turns.last { $0.number == number }?.start }

  /// The next turn after a moment (+1), or the one before (-1).
  func turn(_ step: Int, from moment: Timestamp) -> Timestamp? {
    step > 0 ? turns.first { $0.start > moment }?.start : turns.last { $0.start < moment }?.start
  }

  func place(_ kind: Kind, _ step: Int, from moment: Timestamp) -> Timestamp? {
    step > 0
      ? places.first { $0.kind == kind && $0.at > moment }?.at : places.last { $0.kind == kind && $0.at < moment }?.at
  }
}

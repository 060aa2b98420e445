import Insight
import Timeline

/// Decides when a scripted session has nothing more to show: everything was said, answered and heard.
///
/// A reader of the timeline like any other; time is an argument.
public struct IdleWatch: Sendable {
  /// Nothing may happen for this long.
  private static let quiet = Duration.seconds(2)
  /// How long an answer is waited for.
  private static let patience = Duration.seconds(20)

  private var insight = Insight()
  private let waitsForInput: Bool
  private var inputEnded: Timestamp?
  private var isReady = false
  /// The server asked us to hold what was said: it has not heard it yet.
  private var isHeldBack = false
  private var lastActivity = Timestamp.zero
  private var isOver = false

  /// - Parameter waitsForInput: there is a file, a text or a pipe to be spoken first.
  public init(waitsForInput: Bool) { self.waitsForInput = waitsForInput }

  /// Takes the next entry.
  public mutating func observe(_ entry: Entry) {
    insight.observe(entry)
    switch entry.event {
    case .device(let change) where change.role == .mic && change.state == .ended: inputEnded = entry.at
    case .connection(let change):
      switch change.state {
      case .ready, .open: isReady = true
      // While the line is down there is hope: it ends with a new line or with giving up.
      case .closed, .waiting: isReady = false
      case .gaveUp: isOver = true
      case .connecting, .closing, .failed: break
      }
      lastActivity = entry.at
    case .gate(let gate):
      if gate.pausedByServer != isHeldBack { lastActivity = entry.at }
      isHeldBack = gate.pausedByServer
    case .sessionEnded: isOver = true
    case .message(let message) where message.direction == .received: lastActivity = entry.at
    case .playout(let block) where block.response != nil: lastActivity = entry.at
    // Typed words are being spoken.
    case .micFrame(let frame) where frame.isSynthetic: lastActivity = entry.at
    case .voiceEdge, .playoutChange, .operatorAct: lastActivity = entry.at
    default: break
    }
  }

  /// Whether the session may end.
  public func isIdle(at now: Timestamp) -> Bool {
    if isOver { return true }
    guard isReady, !waitsForInput || inputEnded != nil else { return false }
    let since = max(lastActivity, inputEnded ?? .zero)
    let isAnswering = isHeldBack || insight.playout.isPlaying || (insight.turns.last.map { !$0.isOver } ?? false)
    // Speech was just said and the server has not made up its mind about it.
    let isPondering = waitsForInput && insight.turns.isEmpty && now - since < .seconds(5)
    return now - since > (isAnswering ? Self.patience : Self.quiet) && !isPondering
  }
}

/// The table of panes, in the order of their digits. A value: the console is given one with its commands
/// (`CommandTable.panes`), so that tests can add rows.
public struct PaneTable: Sendable {
  public let rows: [PaneSpec]
  private let byPane: [Pane: PaneSpec]

  /// - Parameter rows: each pane once; of two rows of one pane the first counts.
  init(_ rows: [PaneSpec]) {
    self.rows = rows
    byPane = Dictionary(rows.map { ($0.pane, $0) }) { first, _ in first }
  }

  /// The program's own.
  public static let standard = PaneTable([
    .mic, .agent, .latency, .transcript, .log, .buffers, .findings,
  ])

  public var panes: [Pane] { rows.map(\.pane) }

  /// The pane's row; nil for one that the table does not have.
  subscript(pane: Pane) -> PaneSpec? { byPane[pane] }

  /// The pane of a title or a short name; nil for any other word.
  public func pane(named name: String) -> Pane? { panes.first { $0.title == name || $0.shortName == name } }
  func pane(ofDigit digit: Int) -> Pane? { panes.first { $0.digit == digit } }
}

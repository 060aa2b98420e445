/// The table of commands. Keys, hints, the list of keys, the palette, completion and docs/keys.md are all made from it.
/// A value: the console is given one with its keys (`KeyMap.table`), so that tests can add rows.
public struct CommandTable: Sendable {
  /// In the order of the help; hints keep this order too.
  public let rows: [CommandSpec]
  /// The panes that the commands are about.
  public let panes: PaneTable
  private let byCommand: [Command: CommandSpec]

  /// - Parameter rows: each command once; of two rows of one command the first counts.
  public init(_ rows: [CommandSpec], panes: PaneTable = .standard) {
    self.rows = rows
    self.panes = panes
    byCommand = Dictionary(rows.map { ($0.command, $0) }) { first, _ in first }
  }

  /// The program's own.
  public static let standard = CommandTable(of: .standard)

  /// The program's own commands, for some panes.
  public init(of panes: PaneTable) {
    self.init(
      Self.sessionRows + Self.disconnectingRows + Self.rows(of: panes) + Self.readingRows + Self.replayRows
        + Self.programRows
        + Self.lineRows + Self.editorRows, panes: panes)
  }

  /// The command's row; nil for one that the table does not have.
  public subscript(command: Command) -> CommandSpec? { byCommand[command] }

  /// The row of a command that stands in the standard table.
  func spec(_ command: Command) -> CommandSpec {
    guard let spec = self[command] ?? Self.standard[command] else {
      preconditionFailure("the table has no row of \(command.rawValue)")
    }
    return spec
  }

  /// The commands that can be typed.
  var typeable: [CommandSpec] { rows.filter(\.isTypeable) }
}

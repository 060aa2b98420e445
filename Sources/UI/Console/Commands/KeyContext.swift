/// Where a key means something: a mode, or one pane while it has the focus, which comes before the panes' common keys.
public struct KeyContext: Sendable, Hashable {
  /// As in the configuration: `panes`, `message`, `protocol`, …
  public let name: String
  let mode: Mode
  let pane: Pane?

  init(_ mode: Mode) { (name, self.mode, pane) = (mode.rawValue, mode, nil) }
  init(_ pane: Pane) { (name, mode, self.pane) = (pane.title, .panes, pane) }

  /// All of them: the modes, then the panes.
  static func all(_ table: PaneTable) -> [KeyContext] {
    Mode.allCases.map { KeyContext($0) } + table.panes.map { KeyContext($0) }
  }
  static func named(_ name: String, _ table: PaneTable) -> KeyContext? { all(table).first { $0.name == name } }

  /// What is said of it in the list of keys.
  var title: String {
    switch mode {
    case .panes: pane.map { "the \($0.title) pane" } ?? "the panes"
    case .message: "an opened message"
    case .disconnect: "the ways to disconnect"
    case .themes: "the choice of themes"
    case .help: "this list"
    case .line: "the input line"
    case .editor: "the message editor"
    case .palette: "the palette"
    case .form: "the config form"
    case .figures: "the list of figures"
    }
  }
}

import Session

/// Everything the operator can do, by the name that the `:` line takes. See `CommandTable` for keys and help.
public enum Command: String, Sendable, Hashable, CaseIterable {
  // The session
  case interrupt, say, play, hush, text, config, send, edit, mute, talk, gate
  case sendBinary = "send-binary"
  case toolResult = "tool-result"
  case disconnect, close, abort, stall, refuse, reconnect
  // Panes
  case pane, zoom, preset
  case nextPane = "next-pane"
  case previousPane = "previous-pane"
  case taller, shorter, wider, narrower, even
  // Reading
  case filter, search, mark, follow, open, turn, copy, write, find, source
  case hex, fold, listen
  case foldAll = "fold-all"
  case unfoldAll = "unfold-all"
  case searchNext = "search-next"
  case searchPrevious = "search-previous"
  case lineUp = "up"
  case lineDown = "down"
  case pageUp = "page-up"
  case pageDown = "page-down"
  case top, bottom, previous, next
  // The program
  case help, palette, command, theme, dismiss, back, redraw, suspend, quit
  case nextContext = "next-context"
  // The input line
  case accept, cancel, complete, older, newer
  case previousChoice = "previous-choice"
  case cursorLeft = "cursor-left"
  case cursorRight = "cursor-right"
  case wordLeft = "word-left"
  case wordRight = "word-right"
  case lineStart = "line-start"
  case lineEnd = "line-end"
  case eraseBack = "erase-back"
  case eraseForward = "erase-forward"
  case eraseWord = "erase-word"
  case eraseToStart = "erase-to-start"
  case eraseToEnd = "erase-to-end"
  // The message editor
  case transmit, template, form, reformat
}

/// What the keyboard is talking to.
public enum Mode: String, Sendable, Hashable, CaseIterable {
  /// The panes.
  case panes
  /// An opened message.
  case message
  /// The choice of ways to disconnect.
  case disconnect
  /// The choice of themes.
  case themes
  /// The list of keys.
  case help
  /// The input line.
  case line
  /// The message editor.
  case editor
  /// The palette of commands.
  case palette
  /// The form of the server's settings.
  case form

  /// Characters are typed there, so they are no keys.
  public var isTyping: Bool { [.line, .editor, .palette, .form].contains(self) }
}

/// One row of the key table.
public struct CommandSpec: Sendable {
  /// A key that means the command in some modes, with the argument it gives.
  public struct Binding: Sendable {
    public let key: KeyPress
    public let modes: Set<Mode>
    public let argument: String
  }
  /// A chapter of the help.
  public enum Section: String, Sendable, CaseIterable {
    case session = "Session"
    case disconnecting = "Disconnecting"
    case panes = "Panes"
    case reading = "Reading"
    case program = "Program"
    case line = "Input line"
    case editor = "Message editor"
  }

  public let command: Command
  public let section: Section
  /// The keys, the first being the one that is shown.
  public let bindings: [Binding]
  public let arguments: [Argument]
  /// One or two words for the hints.
  public let label: String
  /// A sentence for the help.
  public let help: String
  /// The modes in whose hints it appears.
  public let hintedIn: Set<Mode>
  /// What the port must be able to do; none for what is about the screen.
  public let needs: Powers

  /// Whether the `:` line takes it.
  public var isTypeable: Bool { section != .line && section != .editor && command != .command && command != .palette }
}

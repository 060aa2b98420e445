/// The name of something that the operator can do, as the `:` line takes it. Each is declared beside its row in `Rows/`.
public struct Command: Sendable, Hashable, RawRepresentable, CustomStringConvertible {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  init(_ name: String) { rawValue = name }
  public var description: String { rawValue }
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
  /// The list of figures.
  case figures

  /// Characters are typed there, so they are no keys.
  public var isTyping: Bool { [.line, .editor, .palette, .form].contains(self) }
}

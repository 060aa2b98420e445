/// What the operator did at the terminal, as the terminal driver delivers it and the console takes it.
public enum InputEvent: Sendable, Hashable {
  case key(Key)
  /// Bracketed paste: the whole text at once.
  case paste(String)
  case mouse(Mouse)
  case resized(Size)
  /// The terminal's window got or lost the focus.
  case focused(Bool)
}

/// A key press with its modifiers.
public struct Key: Sendable, Hashable {
  /// Which key.
  public enum Code: Sendable, Hashable {
    case character(Character)
    case enter, tab, backTab, backspace, escape, delete, insert
    case up, down, left, right, home, end, pageUp, pageDown
    case function(Int)
  }
  /// Shift is reported for named keys only: a shifted letter is another character.
  public struct Modifiers: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static let control = Modifiers(rawValue: 1)
    public static let alt = Modifiers(rawValue: 2)
    public static let shift = Modifiers(rawValue: 4)
  }
  public var code: Code
  public var modifiers: Modifiers
  public init(_ code: Code, _ modifiers: Modifiers = []) {
    self.code = code
    self.modifiers = modifiers
  }
  /// A plain character key.
  public static func char(_ character: Character) -> Key { Key(.character(character)) }
  /// A character with control held; `character` in lower case.
  public static func control(_ character: Character) -> Key { Key(.character(character), .control) }
}

/// A mouse action at a cell.
public struct Mouse: Sendable, Hashable {
  /// What the mouse did.
  public enum Action: Sendable, Hashable {
    case press, release, drag, wheelUp, wheelDown
  }
  public var action: Action
  public var x: Int
  public var y: Int
  public init(_ action: Action, x: Int, y: Int) {
    self.action = action
    self.x = x
    self.y = y
  }
}

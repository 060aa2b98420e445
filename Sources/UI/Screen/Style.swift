/// What a cell means. Themes map roles to colours; a view names roles only.
public enum Role: UInt8, Sendable, Hashable, CaseIterable {
  /// Plain text, and text that matters less.
  case text, dim
  /// Frames, frame titles, the hotkey in a title.
  case border, title, hotkey
  /// The frame of the focused pane.
  case focus
  /// The row under the cursor.
  case selection
  /// The actors, the same everywhere.
  case user, agent, server, `operator`, fault
  /// States.
  case good, warning, error
  /// A freeze, filter, mute or gate that is in force.
  case modifier
  /// Voice activity.
  case vad
  /// A meter's cells; `Style.level` picks the place on the theme's gradient.
  case meter
  /// JSON keys and values, and other literals.
  case key, literal
}

/// How a cell looks, in terms that a theme and a terminal resolve.
public struct Style: Sendable, Hashable {
  /// Emphasis, on top of what the role's theme says.
  public struct Emphasis: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static let bold = Emphasis(rawValue: 1)
    public static let dim = Emphasis(rawValue: 2)
    public static let italic = Emphasis(rawValue: 4)
    public static let underline = Emphasis(rawValue: 8)
    public static let reverse = Emphasis(rawValue: 16)
    /// Struck through; terminals that cannot show it get dim.
    public static let strike = Emphasis(rawValue: 32)
    /// In the row under the cursor: keeps its role's colour on the selection's background.
    public static let selected = Emphasis(rawValue: 64)
  }
  public var role: Role
  public var emphasis: Emphasis
  /// For `.meter`: 0…255 along the theme's gradient.
  public var level: UInt8

  public init(_ role: Role, _ emphasis: Emphasis = [], level: UInt8 = 0) {
    self.role = role
    self.emphasis = emphasis
    self.level = level
  }
  public static let plain = Style(.text)
}

/// What the terminal can draw.
public enum GlyphSet: String, Sendable, CaseIterable {
  /// Braille dots for waveforms, box drawing with round corners.
  case braille
  /// Block elements and box drawing.
  case blocks
  /// ASCII only.
  case ascii
}

/// What each role looks like.
///
/// A theme is a flat list of keys: `background`, `meter`, and one per role. Its values are words, as in
///
///     user:      "#56c8f5 or bright-cyan"            a colour; `or` gives the one for terminals with 16 colours
///     selection: "#ffffff on #26344a bold"           `on` gives a background
///     meter:     "#7fd88f, #f2cc60, #ff6b6b"         low, middle, high
public struct Theme: Sendable, Hashable {
  /// A colour, and the one to use where only 16 can be shown.
  public struct Ink: Sendable, Hashable {
    public var color: Color
    /// Palette entry 0…15; nil to take the nearest.
    public var ansi: UInt8?
    public init(_ color: Color, ansi: UInt8? = nil) {
      self.color = color
      self.ansi = ansi
    }
    public static let standard = Ink(.standard)
  }

  /// How a role is drawn.
  public struct Look: Sendable, Hashable {
    public var foreground: Ink
    /// nil for the theme's background.
    public var background: Ink?
    public var emphasis: Style.Emphasis
    public init(_ foreground: Ink, on background: Ink? = nil, _ emphasis: Style.Emphasis = []) {
      self.foreground = foreground
      self.background = background
      self.emphasis = emphasis
    }
  }

  /// As it is chosen on the command line.
  public var name: String
  /// Behind everything; `.standard` leaves the terminal's own.
  public var background: Ink
  /// One per role but `.meter`.
  public var looks: [Role: Look]
  /// The gradient of `.meter`: low, middle, high. Three.
  public var meter: [Ink]

  public init(name: String, background: Ink, looks: [Role: Look], meter: [Ink]) {
    precondition(meter.count == 3, "a gradient has three stops")
    self.name = name
    self.background = background
    self.looks = looks
    self.meter = meter
  }

  /// The names of the keys a theme may hold.
  public static let keys = ["inherits", "background", "meter"] + Role.allCases.filter { $0 != .meter }.map(\.name)
}

extension Role {
  /// As themes name it.
  public var name: String { "\(self)" }
}

import Screen

/// A key of the table, and its name on the screen.
public struct KeyPress: Sendable, Hashable {
  public let key: Key
  public init(_ key: Key) { self.key = key }

  /// As in `i`, `Space`, `Ctrl-L`, `PgUp`, `←`; words instead of arrows where only ASCII can be drawn.
  public func name(_ glyphs: GlyphSet) -> String {
    var text = ""
    if key.modifiers.contains(.control) { text += "Ctrl-" }
    if key.modifiers.contains(.alt) { text += "Alt-" }
    if key.modifiers.contains(.shift) { text += "Shift-" }
    return text + codeName(isASCII: glyphs == .ascii)
  }

  private func codeName(isASCII: Bool) -> String {
    switch key.code {
    case .character(" "): "Space"
    case .character(let character): key.modifiers.contains(.control) ? character.uppercased() : String(character)
    case .enter: "Enter"
    case .tab: "Tab"
    case .backTab: "Shift-Tab"
    case .backspace: "Backspace"
    case .escape: "Esc"
    case .delete: "Del"
    case .insert: "Ins"
    case .up: isASCII ? "Up" : "↑"
    case .down: isASCII ? "Down" : "↓"
    case .left: isASCII ? "Left" : "←"
    case .right: isASCII ? "Right" : "→"
    case .home: "Home"
    case .end: "End"
    case .pageUp: "PgUp"
    case .pageDown: "PgDn"
    case .function(let number): "F\(number)"
    }
  }
}

import Screen

extension KeyPress {
  /// Reads a key by its name, as in `i`, `F5`, `Ctrl-P`, `Alt-Enter`, `PgUp`; nil when there is no such key. Letters of
  /// names may be of either case; a single character is itself.
  public init?(_ name: String) {
    var rest = Substring(name)
    var modifiers: Key.Modifiers = []
    while let dash = rest.firstIndex(where: { $0 == "-" || $0 == "+" }), dash > rest.startIndex,
      rest.index(after: dash) < rest.endIndex
    {
      switch rest[..<dash].lowercased() {
      case "ctrl", "control", "c": modifiers.insert(.control)
      case "alt", "meta", "m": modifiers.insert(.alt)
      case "shift", "s": modifiers.insert(.shift)
      default: return nil
      }
      rest = rest[rest.index(after: dash)...]
    }
    guard let code = Self.code(String(rest), modifiers) else { return nil }
    if code == .tab, modifiers.contains(.shift) {
      self.init(Key(.backTab, modifiers.subtracting(.shift)))
    } else if case .character(let character) = code, modifiers.contains(.shift) {
      // A shifted letter is another character: that is how terminals tell it.
      guard character.isLetter else { return nil }
      self.init(Key(.character(Character(character.uppercased())), modifiers.subtracting(.shift)))
    } else {
      self.init(Key(code, modifiers))
    }
  }

  private static func code(_ name: String, _ modifiers: Key.Modifiers) -> Key.Code? {
    if name.count == 1, let character = name.first {
      return names[name] ?? .character(modifiers.contains(.control) ? Character(character.lowercased()) : character)
    }
    let lower = name.lowercased()
    if lower.hasPrefix("f"), let number = Int(lower.dropFirst()), (1...63).contains(number) {
      return .function(number)
    }
    return names[lower]
  }

  private static let names: [String: Key.Code] = [
    "space": .character(" "), "enter": .enter, "return": .enter, "tab": .tab, "backspace": .backspace,
    "esc": .escape, "escape": .escape, "del": .delete, "delete": .delete, "ins": .insert, "insert": .insert,
    "up": .up, "down": .down, "left": .left, "right": .right, "↑": .up, "↓": .down, "←": .left, "→": .right,
    "home": .home, "end": .end, "pgup": .pageUp, "pageup": .pageUp, "pgdn": .pageDown, "pagedown": .pageDown,
    "minus": .character("-"), "plus": .character("+"), "colon": .character(":"),
  ]
}

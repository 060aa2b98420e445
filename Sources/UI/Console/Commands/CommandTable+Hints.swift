import Screen

// Hints as styled text, straight from the table.
extension CommandTable {
  /// A command's first key in a mode, as in `i`; the numbers of the panes as `1-6`.
  static func keyName(_ spec: CommandSpec, in mode: Mode, glyphs: GlyphSet) -> String? {
    let keys = spec.bindings.filter { $0.modes.contains(mode) }
    guard let first = keys.first else { return nil }
    if spec.command == .pane, let last = keys.last { return "\(first.key.name(glyphs))-\(last.key.name(glyphs))" }
    return first.key.name(glyphs)
  }

  /// `i interrupt`, the key in the hotkey's style.
  static func hint(_ spec: CommandSpec, in mode: Mode, glyphs: GlyphSet) -> StyledText? {
    guard let key = keyName(spec, in: mode, glyphs: glyphs) else { return nil }
    return StyledText(key, .hotkey, .bold) + StyledText(" \(spec.label)", .text)
  }

  /// The hints of a mode in the order of the table.
  static func legend(for mode: Mode, glyphs: GlyphSet) -> [StyledText] {
    all.filter { $0.hintedIn.contains(mode) }.compactMap { hint($0, in: mode, glyphs: glyphs) }
  }
}

import CNcurses
import Screen

/// Turns cells into what ncurses draws, and keeps the colour pairs. Main thread.
struct CellEncoder {
  let theme: Theme
  let abilities: TerminalAbilities
  let glyphs: GlyphSet

  private struct Ink {
    var attributes: attr_t
    var pair: Int32
  }
  private var inks: [Style: Ink] = [:]

  init(theme: Theme, abilities: TerminalAbilities, glyphs: GlyphSet) {
    self.theme = theme
    self.abilities = abilities
    self.glyphs = glyphs
  }

  /// Appends a cell as ncurses takes it. `isWide`: the cell to the right is its second half.
  mutating func encode(_ cell: Cell, isWide: Bool, into cells: inout [cchar_t]) {
    let ink = ink(for: cell.style)
    var result = cchar_t()
    let isPlain = cell.scalar >= 0x20 && cell.scalar < 0x7F
    let scalar = isPlain ? Int32(cell.scalar) : drawable(cell.scalar, columns: isWide ? 2 : 1)
    // A line under nothing, or under the dots of a waveform, underlines no word.
    let isBare = cell.scalar == 0x20 || (0x2800..<0x2900).contains(cell.scalar)
    cnc_fill(&result, scalar, isBare ? ink.attributes & ~CNC_UNDERLINE : ink.attributes, ink.pair)
    if cell.mark1 != 0, abilities.utf8 {
      let marks = [cell.mark1, cell.mark2].filter { $0 != 0 && wcwidth(Int32(bitPattern: $0)) == 0 }
      var marked = cchar_t()
      // A sequence that ncurses refuses is drawn without its marks.
      if cnc_setcchar(&marked, [scalar] + marks.map { Int32(bitPattern: $0) } + [0], ink.attributes, ink.pair) == OK {
        result = marked
      }
    }
    cells.append(result)
    // A narrow stand-in for a wide character needs its second column filled.
    if isWide, scalar < 0x7F {
      cnc_fill(&result, 0x20, ink.attributes, ink.pair)
      cells.append(result)
    }
  }

  /// The character, or what stands for it where the glyph set or the character set lacks it. Never a control
  /// character, and always of the width that the layout counted: ncurses places what follows by `wcwidth`.
  private func drawable(_ value: UInt32, columns: Int) -> Int32 {
    var value = value
    if let scalar = Unicode.Scalar(value), let other = glyphs.replacement(for: scalar) { value = other.value }
    guard value >= 0x20, value < 0x7F || (value >= 0xA0 && abilities.utf8) else { return 0x3F }
    // Box drawing, blocks and braille are most of a screen and known to be narrow.
    if value < 0x7F || (0x2500..<0x25FD).contains(value) || (0x2800..<0x2900).contains(value) { return Int32(value) }
    guard Int(wcwidth(Int32(bitPattern: value))) == columns else { return columns == 2 ? 0x3000 : 0xFFFD }
    return Int32(bitPattern: value)
  }

  /// A palette entry by its value, where a terminal with all colours was asked to show few.
  private func number(_ color: Int32) -> Int32 {
    guard abilities.namesColorsByValue, abilities.depth < .direct, color >= 8 else { return color }
    return Int32(Palette.rgb(UInt8(color)).value)
  }

  private mutating func ink(for style: Style) -> Ink {
    if let known = inks[style] { return known }
    let resolved = theme.resolve(style, depth: abilities.depth)
    var attributes: attr_t = CNC_NORMAL
    for (emphasis, attribute) in [
      (Style.Emphasis.bold, CNC_BOLD), (.dim, CNC_DIM), (.italic, CNC_ITALIC), (.underline, CNC_UNDERLINE),
      (.reverse, CNC_REVERSE), (.strike, CNC_DIM),
    ] where resolved.emphasis.contains(emphasis) { attributes |= attribute }
    var pair: Int32 = 0
    if abilities.depth > .mono {
      // A full table makes alloc_pair give ERR: then the terminal's own colours, rather than someone else's.
      pair = max(0, alloc_pair(number(resolved.foreground), number(resolved.background)))
    }
    let ink = Ink(attributes: attributes, pair: pair)
    inks[style] = ink
    return ink
  }
}

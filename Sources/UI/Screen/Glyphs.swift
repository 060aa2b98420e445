/// The characters that frames are made of.
public struct FrameGlyphs: Sendable, Hashable {
  public let horizontal, vertical, topLeft, topRight, bottomLeft, bottomRight: Unicode.Scalar
}

extension GlyphSet {
  /// Round corners with braille; square ones for fonts of blocks only (the Linux console has no round ones).
  public var frame: FrameGlyphs {
    switch self {
    case .braille:
      FrameGlyphs(
        horizontal: "─", vertical: "│", topLeft: "╭", topRight: "╮", bottomLeft: "╰", bottomRight: "╯")
    case .blocks:
      FrameGlyphs(
        horizontal: "─", vertical: "│", topLeft: "┌", topRight: "┐", bottomLeft: "└", bottomRight: "┘")
    case .ascii:
      FrameGlyphs(
        horizontal: "-", vertical: "|", topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+")
    }
  }

  /// A pane's hotkey as it stands in its border: a superscript digit with braille, else a plain one.
  public func hotkey(_ digit: Int) -> String {
    let digits: [Unicode.Scalar] =
      self == .braille
      ? ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"] : ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
    return digits.indices.contains(digit) ? String(Character(digits[digit])) : ""
  }

  /// What is drawn in place of a symbol that this set lacks; nil when it can be drawn as it is, or is a letter.
  ///
  /// One column for one column, so a layout stays as it was.
  public func replacement(for scalar: Unicode.Scalar) -> Unicode.Scalar? {
    switch self {
    case .braille: nil
    case .blocks: Self.withoutBraille(scalar)
    case .ascii: Self.withoutSymbols(scalar)
    }
  }

  /// Characters that console fonts (512 glyphs, code page 437) lack.
  private static func withoutBraille(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
    switch scalar {
    case "╭": "┌"
    case "╮": "┐"
    case "╰": "└"
    case "╯": "┘"
    case "━", "╸", "╺": "─"
    case "╌": "·"
    case "✂", "✗", "⊘", "╳": "x"
    case "⁰", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹": withoutSymbols(scalar)
    case "\u{2801}"..."\u{28FF}": "▒"
    case "\u{2800}": " "
    default: nil
    }
  }

  private static func withoutSymbols(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
    switch scalar {
    case "─", "━", "╸", "╺", "╾", "╼", "═", "–", "—", "‐", "‑", "−", "╌": "-"
    case "│", "┃", "║": "|"
    case "╭", "╮", "╰", "╯", "┌", "┐", "└", "┘", "├", "┤", "┬", "┴", "┼": "+"
    case "¹": "1"
    case "²": "2"
    case "³": "3"
    case "⁰": "0"
    case "⁴"..."⁹": Unicode.Scalar(scalar.value - 0x2074 + 0x34)
    case "…": "~"
    case "→", "▸", "►", "▶", "›", "»": ">"
    case "←", "◂", "◄", "◀", "‹", "«": "<"
    case "↑", "▲", "▴": "^"
    case "↓", "▼", "▾": "v"
    case "●", "•", "★": "*"
    case "○", "◌": "o"
    case "·": "."
    case "×", "✂", "✗", "✘", "⊘", "╳": "x"
    case "✓", "✔": "y"
    case "⚠": "!"
    case "“", "”", "„": "\""
    case "‘", "’", "‚": "'"
    case "▁", "▂": "_"
    case "▃", "▄", "▅": "="
    case "▆", "▇", "█", "▉", "▊", "▋", "▌", "▓": "#"
    case "▍", "▎", "▏", "▐", "░": ":"
    case "▒": "%"
    case "\u{2800}": " "
    case "\u{2801}"..."\u{28FF}": "*"
    case "\u{2400}"..."\u{2426}": "?"
    case "\u{FFFD}": "?"
    default: nil
    }
  }
}

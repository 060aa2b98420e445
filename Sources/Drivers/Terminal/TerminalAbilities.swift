import CNcurses
import Glibc
import Screen

/// What the terminal can do, as found at start.
public struct TerminalAbilities: Sendable, Hashable {
  public var term: String
  public var depth: ColorDepth
  public var canItalic: Bool
  public var canDim: Bool
  /// Always false: ncurses 6.4 has no attribute for struck-through text. It is drawn dim.
  public var canStrike: Bool { false }
  /// Whether text goes out as UTF-8.
  public var utf8: Bool
  /// Whether mouse, focus and bracketed paste are reported.
  public var reportsMouse: Bool
  /// The glyphs this terminal most likely has.
  public var glyphs: GlyphSet

  /// Asks the terminal that `newterm` has just opened. Starts colour unless there is none or it is not wanted.
  static func detect(_ environment: TerminalEnvironment) -> TerminalAbilities {
    let utf8 = chooseLocale(environment)
    let wantsColor = !environment.noColor && has_colors()
    if wantsColor {
      start_color()
      use_default_colors()
    }
    return TerminalAbilities(
      term: environment.term,
      depth: wantsColor ? depth(colors: Int(cnc_colors()), pairs: Int(cnc_color_pairs())) : .mono,
      canItalic: cnc_terminfo_string("sitm") != nil, canDim: cnc_terminfo_string("dim") != nil, utf8: utf8,
      reportsMouse: cnc_terminfo_string("kmous") != nil && !isConsole(environment.term),
      glyphs: glyphs(environment.term, utf8: utf8))
  }

  /// Sets the process's character set; true when it is UTF-8. Only LC_CTYPE: numbers stay as C programs expect them.
  static func chooseLocale(_ environment: TerminalEnvironment) -> Bool {
    if environment.wantsUTF8 {
      // The named locale may not be installed (minimal images); C.UTF-8 always is.
      if !environment.locale.isEmpty, setlocale(LC_CTYPE, environment.locale) != nil, isUTF8 { return true }
      return setlocale(LC_CTYPE, "C.UTF-8") != nil && isUTF8
    }
    if setlocale(LC_CTYPE, environment.locale.isEmpty ? "C" : environment.locale) == nil { setlocale(LC_CTYPE, "C") }
    return isUTF8
  }
  private static var isUTF8: Bool { String(cString: cnc_codeset()) == "UTF-8" }

  /// 16 777 216 colours are those of the `-direct` entries, where a colour's number is its 0xRRGGBB.
  static func depth(colors: Int, pairs: Int) -> ColorDepth {
    switch colors {
    case _ where pairs < 8: .mono
    case (1 << 24)...: .direct
    case 256...: .indexed
    case 16...: .sixteen
    case 8...: .eight
    default: .mono
    }
  }

  static func glyphs(_ term: String, utf8: Bool) -> GlyphSet {
    guard utf8 else { return .ascii }
    return isConsole(term) ? .blocks : .braille
  }

  /// The Linux console: 512 glyphs, and a mouse in terminfo that it does not report.
  private static func isConsole(_ term: String) -> Bool { term == "linux" || term.hasPrefix("linux-") }
}

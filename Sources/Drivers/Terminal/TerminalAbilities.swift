import CNcurses
import Glibc
import Screen

/// What the terminal can do, as found at start.
public struct TerminalAbilities: Sendable, Hashable {
  public var term: String
  /// What is drawn with.
  public var depth: ColorDepth
  /// What the terminfo database knows of; COLORTERM or the operator may know more.
  public var described: ColorDepth
  /// Colours are given by their value (0xRRGGBB, except the first eight), whatever `depth` is.
  var namesColorsByValue: Bool
  public var canItalic: Bool
  public var canDim: Bool
  /// Whether text goes out as UTF-8.
  public var utf8: Bool
  /// Whether mouse, focus and bracketed paste are reported.
  public var reportsMouse: Bool
  /// The glyphs this terminal most likely has.
  public var glyphs: GlyphSet

  /// - Parameter described: what the terminfo database knows of; the same as `depth` where nobody knows better.
  public init(
    term: String, depth: ColorDepth, described: ColorDepth? = nil, canItalic: Bool, canDim: Bool, utf8: Bool,
    reportsMouse: Bool, glyphs: GlyphSet
  ) {
    self.term = term
    self.depth = depth
    self.described = described ?? depth
    namesColorsByValue = depth == .direct
    self.canItalic = canItalic
    self.canDim = canDim
    self.utf8 = utf8
    self.reportsMouse = reportsMouse
    self.glyphs = glyphs
  }

  /// Asks the terminal that was just opened. Starts colour unless there is none or it is not wanted.
  ///
  /// - Parameter wanted: what the operator asks for; nil for all that there is, or none with NO_COLOR.
  static func detect(
    _ environment: TerminalEnvironment, described: ColorDepth, depth wanted: ColorDepth?
  ) -> TerminalAbilities {
    let utf8 = chooseLocale(environment)
    let wantsColor = (wanted ?? (environment.noColor ? .mono : .direct)) > .mono && has_colors()
    if wantsColor {
      start_color()
      use_default_colors()
    }
    let opened = depth(colors: Int(cnc_colors()))
    var abilities = TerminalAbilities(
      term: environment.term, depth: wantsColor ? min(wanted ?? .direct, opened) : .mono, described: described,
      canItalic: cnc_terminfo_string("sitm") != nil, canDim: cnc_terminfo_string("dim") != nil, utf8: utf8,
      reportsMouse: cnc_terminfo_string("kmous") != nil && !isConsole(environment.term),
      glyphs: glyphs(environment.term, utf8: utf8))
    abilities.namesColorsByValue = wantsColor && opened == .direct
    return abilities
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
  static func depth(colors: Int) -> ColorDepth {
    switch colors {
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

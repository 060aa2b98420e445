import Glibc

/// The environment variables that say what a terminal can do.
public struct TerminalEnvironment: Sendable, Hashable {
  /// `TERM`.
  public var term: String
  /// `NO_COLOR` is set to something (no-color.org).
  public var noColor: Bool
  /// The first of `LC_ALL`, `LC_CTYPE`, `LANG` that is set to something; empty when none is.
  public var locale: String
  /// `COLORTERM`, by which terminals say that they show 24 bits: `truecolor` or `24bit`.
  public var colorTerm: String
  /// Inside tmux (`TMUX`), whatever TERM says.
  public var isTmux: Bool
  /// At the other end of ssh (`SSH_CONNECTION`), which carries TERM and little else.
  public var isRemote: Bool

  public init(
    term: String, noColor: Bool = false, locale: String = "", colorTerm: String = "", isTmux: Bool = false,
    isRemote: Bool = false
  ) {
    self.term = term
    self.noColor = noColor
    self.locale = locale
    self.colorTerm = colorTerm
    self.isTmux = isTmux
    self.isRemote = isRemote
  }

  /// That of the process.
  public static func current() -> TerminalEnvironment {
    func value(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].map(value).first { !$0.isEmpty } ?? ""
    return TerminalEnvironment(
      term: value("TERM"), noColor: !value("NO_COLOR").isEmpty, locale: locale, colorTerm: value("COLORTERM"),
      isTmux: !value("TMUX").isEmpty, isRemote: !value("SSH_CONNECTION").isEmpty)
  }

  /// Whether the terminal says that it shows 24 bits of colour.
  ///
  /// GNU screen hands the variable on from the terminal around it and does not understand such colours; tmux, which may
  /// have the same TERM, does, and makes the nearest of them.
  public var promisesTrueColor: Bool {
    ["truecolor", "24bit"].contains(colorTerm) && (isTmux || !term.hasPrefix("screen"))
  }

  /// Whether text goes out as UTF-8.
  ///
  /// Containers and fresh machines have no locale at all, in terminals that do speak UTF-8: without a word to the
  /// contrary it is assumed, except for terminals of its time before. `LANG=C` or another character set is such a word.
  public var wantsUTF8: Bool {
    guard locale.isEmpty else {
      let charset = locale.split(separator: "@")[0].split(separator: ".").dropFirst().first ?? ""
      return ["utf-8", "utf8"].contains(charset.lowercased())
    }
    return !term.hasPrefix("vt") && term != "ansi"
  }
}

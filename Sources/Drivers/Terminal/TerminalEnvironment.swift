import Glibc

/// The environment variables that say what a terminal can do.
public struct TerminalEnvironment: Sendable, Hashable {
  /// `TERM`.
  public var term: String
  /// `NO_COLOR` is set to something (no-color.org).
  public var noColor: Bool
  /// The first of `LC_ALL`, `LC_CTYPE`, `LANG` that is set to something; empty when none is.
  public var locale: String

  public init(term: String, noColor: Bool = false, locale: String = "") {
    self.term = term
    self.noColor = noColor
    self.locale = locale
  }

  /// That of the process.
  public static func current() -> TerminalEnvironment {
    func value(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].map(value).first { !$0.isEmpty } ?? ""
    return TerminalEnvironment(term: value("TERM"), noColor: !value("NO_COLOR").isEmpty, locale: locale)
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

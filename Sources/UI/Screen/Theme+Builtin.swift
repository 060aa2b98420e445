extension Theme {
  /// The default theme: the same as themes/sidetone.yaml, for when no theme file is found.
  public static let builtin = builtinTheme("sidetone", sidetoneEntries)

  /// Attributes only: the same as themes/mono.yaml.
  public static let mono = builtinTheme("mono", monoEntries)

  private static func builtinTheme(_ name: String, _ entries: [(String, String)]) -> Theme {
    do {
      return try parse(name: name, entries: entries.map { ThemeEntry($0.0, $0.1) })
    } catch {
      fatalError("the built-in theme \(name) does not parse: \(error)")
    }
  }

  private static let sidetoneEntries: [(String, String)] = [
    ("background", "#11151c or black"),
    ("text", "#d5dbe5 or white"),
    ("dim", "#97a1b0 or bright-black"),
    ("border", "#5b6779 or bright-black"),
    ("title", "#eef2f7 or bright-white bold"),
    ("hotkey", "#4fd6be or cyan bold"),
    ("focus", "#4fd6be or cyan"),
    ("selection", "#ffffff or black on #26344a or white"),
    ("user", "#56c8f5 or bright-cyan"),
    ("agent", "#c9a3ff or bright-magenta"),
    ("server", "#8aa9ff or bright-blue"),
    ("operator", "#4fd6be or cyan"),
    ("fault", "#ff9248 or yellow"),
    ("good", "#6fcf6f or green"),
    ("warning", "#f2cc60 or bright-yellow"),
    ("error", "#ff6b6b or bright-red bold"),
    ("modifier", "#ff7ac8 or magenta"),
    ("vad", "#b4d455 or bright-green"),
    ("key", "#9fb4d0 or white"),
    ("literal", "#e8d9b0 or white"),
    ("meter", "#6fcf6f or green, #f2cc60 or yellow, #ff6b6b or red"),
  ]

  private static let monoEntries: [(String, String)] = [
    ("background", "default"),
    ("text", "default"),
    ("dim", "default dim"),
    ("border", "default dim"),
    ("title", "default bold"),
    ("hotkey", "default bold underline"),
    ("focus", "default bold"),
    ("selection", "default reverse"),
    ("user", "default bold"),
    ("agent", "default"),
    ("server", "default italic"),
    ("operator", "default bold italic"),
    ("fault", "default underline reverse"),
    ("good", "default"),
    ("warning", "default bold underline"),
    ("error", "default bold reverse"),
    ("modifier", "default reverse"),
    ("vad", "default bold"),
    ("key", "default bold"),
    ("literal", "default"),
    ("meter", "default, default, default"),
  ]
}

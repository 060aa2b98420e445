import Files
import Glibc
import Screen
import Spelling

/// Finds themes: the user's own, then the program's, then the two in the program itself.
public struct ThemeStore: Sendable {
  /// One theme that can be chosen.
  public struct Listing: Sendable, Hashable {
    public var name: String
    /// nil for one that is built in.
    public var path: String?
  }

  private let places: SettingsPlaces

  public init(_ places: SettingsPlaces = .standard()) { self.places = places }

  /// Loads a theme by its name, or by its path when there is a `/` in it or `.yaml` at its end.
  public func load(_ name: String) throws(SettingsError) -> Theme {
    if name.contains("/") || name.hasSuffix(".yaml") {
      let file = String(name[(name.lastIndex(of: "/").map(name.index(after:)) ?? name.startIndex)...])
      return try read(name, name: file.hasSuffix(".yaml") ? String(file.dropLast(5)) : file, read: [])
    }
    guard let theme = try find(name, read: []) else { throw notFound(name, path: nil, line: nil) }
    return theme
  }

  /// Every theme, by name; a user's theme hides the program's of the same name.
  public func list() -> [Listing] {
    var found: [String: Listing] = [:]
    for theme in [Theme.builtin, .mono] { found[theme.name] = Listing(name: theme.name, path: nil) }
    for folder in folders.reversed() {
      for file in FileTree.names(in: folder) where file.hasSuffix(".yaml") {
        let name = String(file.dropLast(5))
        found[name] = Listing(name: name, path: "\(folder)/\(file)")
      }
    }
    return found.values.sorted { $0.name < $1.name }
  }

  private var folders: [String] { [places.userThemes, places.programThemes].compactMap(\.self) }

  /// The first theme of that name whose file is not being read already: so a user's `sidetone` can inherit the
  /// program's.
  private func find(_ name: String, read visited: [String]) throws(SettingsError) -> Theme? {
    for folder in folders {
      let path = "\(folder)/\(name).yaml"
      if !visited.contains(path), access(path, F_OK) == 0 { return try read(path, name: name, read: visited) }
    }
    return [Theme.builtin, .mono].first { $0.name == name }
  }

  private func read(_ path: String, name: String, read visited: [String]) throws(SettingsError) -> Theme {
    let settings = try SettingsFile.read(path)
    var base: Theme?
    if let inherits = settings.first(where: { $0.key == "inherits" }) {
      let wanted = try inherits.text(allowed: "the name of a theme")
      base = try find(wanted, read: visited + [path])
      if base == nil { throw notFound(wanted, path: path, line: inherits.line) }
    }
    var entries: [ThemeEntry] = []
    for entry in settings { entries.append(ThemeEntry(entry.key, try entry.themeValue(), line: entry.line)) }
    do {
      return try Theme.parse(name: name, entries: entries, base: base)
    } catch {
      throw SettingsError(path: path, line: error.line, key: error.key, reason: error.reason, allowed: error.allowed)
    }
  }

  private func notFound(_ name: String, path: String?, line: Int?) -> SettingsError {
    let names = list().map(\.name)
    let hint = Spelling.question(name, among: names)
    return SettingsError(
      path: path, line: line, key: path == nil ? nil : "inherits", reason: "there is no theme \"\(name)\"\(hint)",
      allowed: names.joined(separator: ", ") + (path == nil ? ", or a path with a /" : ""))
  }
}

extension SettingsEntry {
  /// A theme's value: words, or a list of them for the gradient. An empty one is reported by the theme's own parser,
  /// which knows what belongs there.
  fileprivate func themeValue() throws(SettingsError) -> String {
    if let scalar = node.scalar { return scalar.string }
    let parts = node.sequence?.map { $0.scalar?.string ?? "" } ?? []
    guard !parts.isEmpty else {
      throw error("has a section for a value", allowed: "words, such as \"#56c8f5 bold\"")
    }
    return parts.joined(separator: ", ")
  }
}

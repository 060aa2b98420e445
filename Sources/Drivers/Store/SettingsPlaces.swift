import Glibc

/// Where settings lie, by the XDG Base Directory Specification.
public struct SettingsPlaces: Sendable, Hashable {
  /// `$XDG_CONFIG_HOME/sidetone`, usually `~/.config/sidetone`; nil when there is no home.
  public var folder: String?
  /// The themes that came with the program; nil when none are found.
  public var programThemes: String?

  /// `$XDG_STATE_HOME/sidetone`, usually `~/.local/state/sidetone`; nil when there is no home.
  public var state: String?

  public init(folder: String?, programThemes: String? = nil, state: String? = nil) {
    self.folder = folder
    self.programThemes = programThemes
    self.state = state
  }

  public var configuration: String? { folder.map { $0 + "/config.yaml" } }
  /// How the console was, see `ConsoleStateFile`.
  public var consoleState: String? { state.map { $0 + "/state.json" } }
  /// Where sessions are captured.
  public var captures: String? { state.map { $0 + "/captures" } }
  public var userThemes: String? { folder.map { $0 + "/themes" } }

  /// Those of this user and this program.
  public static func standard() -> SettingsPlaces {
    func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    return SettingsPlaces(
      folder: folder(configHome: value("XDG_CONFIG_HOME"), home: value("HOME")),
      programThemes: executable().flatMap(programThemes),
      state: state(stateHome: value("XDG_STATE_HOME"), home: value("HOME")))
  }

  /// A relative `XDG_CONFIG_HOME` is to be ignored (specification, "Environment variables").
  static func folder(configHome: String?, home: String?) -> String? {
    if let configHome, configHome.hasPrefix("/") { return configHome + "/sidetone" }
    if let home, !home.isEmpty { return home + "/.config/sidetone" }
    return nil
  }

  static func state(stateHome: String?, home: String?) -> String? {
    if let stateHome, stateHome.hasPrefix("/") { return stateHome + "/sidetone" }
    if let home, !home.isEmpty { return home + "/.local/state/sidetone" }
    return nil
  }

  /// The running program's file, links resolved.
  private static func executable() -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    guard count > 0 else { return nil }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// `../share/sidetone/themes` for an installed program; for one that was built in a checkout, the first `themes`
  /// with the default theme in it, upwards.
  static func programThemes(executable: String) -> String? {
    func parent(_ path: String) -> String { String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) }
    func holdsThemes(_ folder: String) -> Bool { access(folder + "/sidetone.yaml", R_OK) == 0 }
    var folder = parent(executable)
    let installed = parent(folder) + "/share/sidetone/themes"
    if holdsThemes(installed) { return installed }
    while !folder.isEmpty {
      if holdsThemes(folder + "/themes") { return folder + "/themes" }
      folder = parent(folder)
    }
    return nil
  }
}

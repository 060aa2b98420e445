import Console
import Store

/// The console's keys with those of the configuration, and what is wrong with these, where it stands in the file.
public struct KeyBindings: Sendable {
  /// Without the ones that are wrong.
  public let map: KeyMap
  public let faults: [SettingsError]
  /// What the operator should know, as in a command that has lost its key.
  public let remarks: [String]

  /// - Parameters:
  ///   - themes: the names that the command `theme` takes.
  ///   - presets: the names of the configuration's own sets of panes.
  public init(_ bindings: [Configuration.KeyBinding], themes: [String], presets: [String]) {
    let settings = bindings.map { KeySetting(context: $0.place ?? "panes", key: $0.key, command: $0.command) }
    let result = KeyMap.standard.applying(settings, themes: themes, presets: presets)
    map = result.map
    remarks = result.remarks
    faults = result.faults.map { bindings[$0.setting].error($0.reason, allowed: $0.allowed) }
  }
}

/// A key of the configuration: what stands in its `keys:` section.
public struct KeySetting: Sendable, Equatable {
  /// `panes`, another mode, or a pane's name.
  public var context: String
  public var key: String
  /// A command line, or `unbind`.
  public var command: String
  public init(context: String = "panes", key: String, command: String) {
    self.context = context
    self.key = key
    self.command = command
  }
}

/// What is wrong with a key of the configuration.
public struct KeyFault: Error, Sendable, Equatable {
  /// Which of the settings.
  public var setting: Int
  public var reason: String
  /// What would be allowed there.
  public var allowed: String
}

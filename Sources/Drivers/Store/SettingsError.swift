import Screen

/// What is wrong with a file of settings: where, what, and what is allowed there.
public struct SettingsError: Error, Hashable, CustomStringConvertible {
  /// The file; nil when it is about a name that was given, not about a file.
  public var path: String?
  /// From 1; nil when it is about the whole file.
  public var line: Int?
  /// As in the file, sections with dots: `llm.provider`.
  public var key: String?
  public var reason: String
  public var allowed: String?

  public init(path: String?, line: Int? = nil, key: String? = nil, reason: String, allowed: String? = nil) {
    self.path = path
    self.line = line
    self.key = key
    self.reason = reason
    self.allowed = allowed
  }

  /// `PATH:LINE: key "KEY": REASON; allowed: ALLOWED`.
  public var description: String {
    var text = path.map { path in line.map { "\(path):\($0): " } ?? "\(path): " } ?? ""
    if let key { text += "key \"\(key)\": " }
    text += reason
    if let allowed { text += "; allowed: \(allowed)" }
    return CharacterWidth.printable(text)
  }
}

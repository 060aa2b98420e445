/// What is here and what is not, each with its remedy: the answer of `sidetone doctor`.
public struct DoctorReport: Sendable, Equatable, Codable {
  /// How it stands with one part.
  public enum Mark: String, Sendable, Codable {
    /// It is here and works.
    case here
    /// It is not here, and a session can do without.
    case absent
    /// It is not here, and a session with these settings needs it.
    case missing
  }

  /// One part.
  public struct Row: Sendable, Equatable, Codable {
    public var mark: Mark
    public var name: String
    /// What was found, or what is wrong.
    public var text: String
    /// What to do about it.
    public var remedy: String?

    public init(_ mark: Mark, _ name: String, _ text: String, remedy: String? = nil) {
      self.mark = mark
      self.name = name
      self.text = text
      self.remedy = remedy
    }
  }

  /// Parts that belong together.
  public struct Group: Sendable, Equatable, Codable {
    public var title: String
    public var rows: [Row]

    public init(_ title: String, _ rows: [Row]) {
      self.title = title
      self.rows = rows
    }
  }

  public var groups: [Group]

  public init(_ groups: [Group]) { self.groups = groups }

  /// True when nothing that a session needs is missing.
  public var canRun: Bool { !groups.contains { $0.rows.contains { $0.mark == .missing } } }
}

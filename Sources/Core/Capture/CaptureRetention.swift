import Timeline

/// Which captures are deleted so that their folder does not grow for ever.
public struct CaptureRetention: Sendable, Equatable {
  /// A capture in the folder.
  public struct File: Sendable, Equatable {
    public var name: String
    /// With what SQLite keeps beside it.
    public var byteCount: Int
    /// When it was last written to, in milliseconds since 1970-01-01 UTC.
    public var modifiedMilliseconds: Int64
    /// It has a log (`-wal`): it is being written, or its program was killed.
    public var hasLog: Bool

    public init(_ name: String, byteCount: Int, modifiedMilliseconds: Int64, hasLog: Bool = false) {
      self.name = name
      self.byteCount = byteCount
      self.modifiedMilliseconds = modifiedMilliseconds
      self.hasLog = hasLog
    }
  }

  /// What all captures of the folder may weigh together. The default is 4 GiB: about ten hours of a conversation with
  /// sound both ways.
  public var byteLimit: Int
  /// How long a capture is kept after it was last written to.
  public var ageLimit: Duration
  /// A capture with a log that was written to so recently is being written, by this program or another.
  public static let liveness: Duration = .seconds(24 * 3600)

  public init(byteLimit: Int = 4 << 30, ageLimit: Duration = .seconds(30 * 24 * 3600)) {
    self.byteLimit = byteLimit
    self.ageLimit = ageLimit
  }

  /// The names of what is to be deleted: what is too old, then the oldest until the rest is within the limit. What is being
  /// written stays, and counts.
  /// - Parameters:
  ///   - files: all captures of the folder.
  ///   - writing: the name of the one that this program writes.
  ///   - now: the time of day, in milliseconds since 1970-01-01 UTC.
  public func toDelete(_ files: [File], writing: String? = nil, now: Int64) -> [String] {
    func age(_ file: File) -> Int64 { now.subtracting(file.modifiedMilliseconds) }
    func isLive(_ file: File) -> Bool {
      file.name == writing || file.hasLog && age(file) < Self.liveness.nanoseconds / 1_000_000
    }
    var total = files.reduce(0) { $0.adding(max(0, $1.byteCount)) }
    var deleted: [String] = []
    for file in files.sorted(by: { ($0.modifiedMilliseconds, $0.name) < ($1.modifiedMilliseconds, $1.name) })
    where !isLive(file) {
      guard age(file) > ageLimit.nanoseconds / 1_000_000 || total > byteLimit else { continue }
      deleted.append(file.name)
      total -= max(0, file.byteCount)
    }
    return deleted
  }
}

import Timeline

/// Keeps a client from filling the log: of each kind of line a few are written at once and then one a second, for each
/// client; for each address 200 at once and then ten a second, whatever they say. What was left out is counted and
/// told, with the next line of its kind or after ten seconds.
public struct LogLimiter: Sendable {
  /// Lines that were not written.
  public struct LeftOut: Sendable, Equatable {
    public var kind: String
    /// The number of the client; nil for those who did not come in.
    public var client: Int?
    public var address: String
    public var count: Int
  }

  private struct Key: Hashable {
    var client: Int?
    var address: String
    var kind: String
  }
  private struct Line {
    var limiter = RateLimiter(burst: 10, perSecond: 1)
    /// When the first was left out that nobody was told of.
    var since: Timestamp?
    var usedAt: Timestamp
  }
  private var lines: [Key: Line] = [:]
  private var addresses: [String: (limiter: RateLimiter, usedAt: Timestamp)] = [:]
  private static let patience = Duration.seconds(10)
  /// Kinds of clients, and addresses, that are told apart; the rest counts as one.
  static let capacity = 4096
  private static let memory = Duration.seconds(60)
  /// All are looked through for quiet ones no more often than this: where none is quiet, it would be done for each line.
  private static let tidyInterval = Duration.seconds(1)
  private var tidiedAt: Timestamp?

  public init() {}

  /// Whether a line may be written.
  /// - Parameters:
  ///   - kind: one of a few words; not what a peer says.
  ///   - client: the number of the client, if it has one.
  /// - Returns: nil when it is left out; otherwise how many of its kind were left out before it.
  public mutating func admit(_ kind: String, of client: Int? = nil, at address: String, now: Timestamp) -> Int? {
    if lines.count >= Self.capacity || addresses.count >= Self.capacity { forgetTheQuiet(at: now) }
    var owner = FairShare.owner(address)
    if addresses[owner] == nil, addresses.count >= Self.capacity { owner = "others" }
    var key = Key(client: client, address: owner, kind: kind)
    if lines[key] == nil, lines.count >= Self.capacity { key = Key(client: nil, address: "others", kind: kind) }
    var line = lines[key] ?? Line(usedAt: now)
    defer { lines[key] = line }
    line.usedAt = now
    // The narrow gate first: what it keeps back does not count against the other kinds.
    let ofKind = line.limiter.admit(at: now)
    guard ofKind.isAdmitted else {
      line.since = line.since ?? now
      return nil
    }
    var all = addresses[owner]?.limiter ?? RateLimiter(burst: 200, perSecond: 10)
    let isAdmitted = all.admit(at: now).isAdmitted
    addresses[owner] = (all, now)
    guard isAdmitted else {
      line.limiter.holdBack(ofKind.heldBack + 1)
      line.since = line.since ?? now
      return nil
    }
    line.since = nil
    return ofKind.heldBack
  }

  /// When `due` has something to tell.
  public var deadline: Timestamp? { lines.values.lazy.compactMap(\.since).min().map { $0 + Self.patience } }

  /// What was left out, and is told now because no line of its kind came to tell it.
  public mutating func due(at now: Timestamp) -> [LeftOut] {
    take { _, line in line.since.map { now >= $0 + Self.patience } ?? false }
  }

  /// The client has gone: what was left out of its lines.
  public mutating func forget(_ client: Int) -> [LeftOut] {
    let left = take { key, _ in key.client == client }
    lines = lines.filter { $0.key.client != client }
    return left
  }

  private mutating func take(where isWanted: (Key, Line) -> Bool) -> [LeftOut] {
    var left: [LeftOut] = []
    for (key, line) in lines where line.limiter.heldBack > 0 && isWanted(key, line) {
      left.append(LeftOut(kind: key.kind, client: key.client, address: key.address, count: line.limiter.heldBack))
      _ = lines[key]?.limiter.takeHeldBack()
      lines[key]?.since = nil
    }
    return left.sorted { ($0.client ?? 0, $0.kind, $0.address) < ($1.client ?? 0, $1.kind, $1.address) }
  }

  private mutating func forgetTheQuiet(at now: Timestamp) {
    if let tidiedAt, now - tidiedAt < Self.tidyInterval { return }
    tidiedAt = now
    lines = lines.filter { $0.value.limiter.heldBack > 0 || now - $0.value.usedAt < Self.memory }
    addresses = addresses.filter { now - $0.value.usedAt < Self.memory }
  }
}

import Timeline

/// Connections that have not asked for anything yet, or wait for their answer: how many there may be, and for how long.
///
/// A peer that opens many and says nothing on them loses those that it opened first; others come through.
public struct Doorway: Sendable {
  /// A connection, by whatever number its owner gives it.
  public typealias Key = UInt

  private struct Newcomer: Sendable {
    var key: Key
    var owner: String
    var until: Timestamp
  }

  /// Most connections that wait at a time.
  public let limit: Int
  /// How long each may take for its request.
  public let patience: Duration
  private var waiting: [Newcomer] = []

  public init(limit: Int = 128, patience: Duration = .seconds(10)) {
    self.limit = limit
    self.patience = patience
  }

  public var count: Int { waiting.count }

  /// A connection was taken in.
  /// - Returns: the one to drop, because there are too many.
  public mutating func arrived(_ key: Key, from address: String, at now: Timestamp) -> Key? {
    left(key)
    waiting.append(Newcomer(key: key, owner: FairShare.owner(address), until: now + patience))
    guard waiting.count > limit, let victim = FairShare.victim(waiting, owner: \.owner) else { return nil }
    return waiting.remove(at: victim).key
  }

  /// It has become a WebSocket, was answered, or has gone.
  public mutating func left(_ key: Key) {
    if let index = waiting.firstIndex(where: { $0.key == key }) { waiting.remove(at: index) }
  }

  /// When the first of them has taken too long.
  public var deadline: Timestamp? { waiting.first?.until }

  /// Those that have taken too long; they are forgotten.
  public mutating func overdue(at now: Timestamp) -> [Key] {
    let late = waiting.prefix { $0.until <= now }.map(\.key)
    waiting.removeFirst(late.count)
    return late
  }
}

import Timeline

/// Keeps a peer that repeats itself from flooding the timeline: of one kind of notice the 1st, 10th, 100th, … come
/// through, and one a minute, with their count.
struct NoticeLimiter: Sendable {
  /// Kinds that are told apart. Peers choose some of the names, so there is a bound; the rest count as one kind.
  static let kindLimit = 32

  private struct Count {
    var total = 0
    var lastTold: Timestamp?
    var nextPower = 1
  }
  private var counts: [String: Count] = [:]

  /// Counts one of this kind. Returns how many there were so far if it should be told, nil if not.
  mutating func count(_ kind: String, at now: Timestamp) -> Int? {
    let key = counts[kind] != nil || counts.count < Self.kindLimit ? kind : ""
    var count = counts[key] ?? Count()
    count.total += 1
    defer { counts[key] = count }
    guard count.total >= count.nextPower || now - (count.lastTold ?? now) >= .seconds(60) else { return nil }
    while count.nextPower <= count.total, count.nextPower < 1_000_000_000 { count.nextPower *= 10 }
    count.lastTold = now
    return count.total
  }
}

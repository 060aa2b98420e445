import Timeline

/// Lets a few of one kind through at once and then some a second, so that a flood is not answered by a flood.
public struct RateLimiter: Sendable {
  private let burst: Double
  private let perSecond: Double
  private var tokens: Double
  private var updatedAt: Timestamp?
  /// Those held back since the last that was let through.
  public private(set) var heldBack = 0

  /// - Parameters:
  ///   - burst: how many are let through at once.
  ///   - perSecond: how many are let through in the long run.
  public init(burst: Int = 8, perSecond: Double = 1) {
    self.burst = Double(burst)
    self.perSecond = perSecond
    tokens = Double(burst)
  }

  /// Whether the next may pass, and how many before it did not.
  public mutating func admit(at now: Timestamp) -> (isAdmitted: Bool, heldBack: Int) {
    if let updatedAt { tokens = min(burst, tokens + max(0, (now - updatedAt).milliseconds) * perSecond / 1000) }
    updatedAt = now
    guard tokens >= 1 else {
      heldBack += 1
      return (false, heldBack)
    }
    tokens -= 1
    return (true, takeHeldBack())
  }

  /// How many were held back, which are told now.
  public mutating func takeHeldBack() -> Int {
    defer { heldBack = 0 }
    return heldBack
  }

  /// Counts some that were held back for another reason.
  public mutating func holdBack(_ count: Int) { heldBack += count }
}

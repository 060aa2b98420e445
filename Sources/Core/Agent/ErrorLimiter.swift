import Timeline

/// Lets a few errors through at once and then one a second, so that a flood of bad messages is not answered by a flood.
struct ErrorLimiter: Sendable {
  private let burst = 8.0
  private var tokens = 8.0
  private var updatedAt: Timestamp?
  /// Errors held back since the last that was let through.
  private(set) var heldBack = 0

  /// Whether the next error may be sent, and how many before it were not.
  mutating func admit(at now: Timestamp) -> (isAdmitted: Bool, heldBack: Int) {
    if let updatedAt { tokens = min(burst, tokens + max(0, (now - updatedAt).milliseconds) / 1000) }
    updatedAt = now
    guard tokens >= 1 else {
      heldBack += 1
      return (false, heldBack)
    }
    tokens -= 1
    defer { heldBack = 0 }
    return (true, heldBack)
  }
}

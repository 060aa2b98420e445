import Timeline

/// Slows those who guess: the answer to a wrong token comes later from one to the next, and only a few of an address
/// wait at a time. Nobody else waits.
///
/// | wrong tokens of an address within a minute | 1 | 2 | 3 | 4 | 5 and more |
/// |---|---|---|---|---|---|
/// | the answer comes after | 250 ms | 500 ms | 1 s | 2 s | 4 s |
///
/// With 8 that wait at a time that is two guesses a second at most. Who shows the right token is let in at once, unless 8
/// wrong ones of the same address are waiting: those who guess must not learn from the speed of the answer.
public struct GuessGuard: Sendable {
  /// Answers of one address that wait at a time.
  public static let slots = 8
  /// What the first wrong token waits.
  private let shortest: Duration
  private static let doublings = 4
  private static let memory = Duration.seconds(60)
  /// Addresses that are remembered; the one that was quiet for longest is forgotten.
  static let capacity = 1024

  private struct Guesser: Sendable {
    var count = 0
    /// When the answers that wait are given. A peer that goes before then frees no place by that.
    var waiting: [Timestamp] = []
    var lastAt: Timestamp
  }
  private var guessers: [String: Guesser] = [:]

  public init(shortest: Duration = .milliseconds(250)) { self.shortest = shortest }

  /// A wrong token came.
  /// - Returns: how long its answer has to wait.
  public mutating func wrong(from address: String, at now: Timestamp) -> Duration {
    let owner = FairShare.owner(address)
    var guesser = guessers[owner] ?? Guesser(lastAt: now)
    if now - guesser.lastAt > Self.memory { guesser.count = 0 }
    let delay = shortest * (1 << min(guesser.count, Self.doublings))
    guesser.count = min(guesser.count + 1, Self.doublings)
    guesser.waiting = guesser.waiting.filter { $0 > now } + [now + delay]
    guesser.lastAt = now
    guessers[owner] = guesser
    if guessers.count > Self.capacity, let oldest = guessers.min(by: { $0.value.lastAt < $1.value.lastAt })?.key {
      guessers[oldest] = nil
    }
    return delay
  }

  /// Whether as many of this address wait as may: what it shows is not looked at.
  public func isBusy(_ address: String, at now: Timestamp) -> Bool {
    (guessers[FairShare.owner(address)]?.waiting ?? []).count { $0 > now } >= Self.slots
  }
}

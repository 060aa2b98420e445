import Timeline

/// The clock of a recording that is played: where it is, whether it goes on, and how fast.
///
/// Holds no clock: every moment of the replaying clock is an argument. Moments of the recording are on its own clock.
public struct Player: Sendable, Equatable {
  /// The speeds that `faster` and `slower` go through; any from the first to the last can be set.
  public static let speeds = [0.25, 0.5, 1, 2, 4, 8, 16]

  /// It goes on, as far as there is anything to play.
  public private(set) var isPlaying = true
  /// How much faster than it was recorded: 1 is as it was.
  public private(set) var speed = 1.0
  /// From the first entry to the last.
  public private(set) var extent: ClosedRange<Timestamp>
  /// How often it has gone to another moment: what is heard does not go on then.
  public private(set) var moveCount = 0
  /// Where it was, and when on the replaying clock.
  private var anchor: (recorded: Timestamp, at: Timestamp)

  /// Plays from the beginning.
  public init(_ extent: ClosedRange<Timestamp>, at now: Timestamp) {
    self.extent = extent
    anchor = (extent.lowerBound, now)
  }

  /// The present on the recording's clock.
  public func position(at now: Timestamp) -> Timestamp {
    guard isPlaying else { return anchor.recorded }
    let passed = Double(max(.zero, now - anchor.at).nanoseconds) * speed
    return min(anchor.recorded + .nanoseconds(Int64(saturating: passed)), extent.upperBound)
  }

  /// When a moment of the recording comes, on the replaying clock; nil while it stands still, and for what lies behind
  /// its end.
  public func arrival(of moment: Timestamp, at now: Timestamp) -> Timestamp? {
    guard isPlaying, moment <= extent.upperBound else { return nil }
    let wait = Double(max(.zero, moment - anchor.recorded).nanoseconds) / speed
    return max(now, anchor.at + .nanoseconds(Int64(saturating: wait.rounded(.up))))
  }

  /// Nothing of it is left to be played.
  public func isAtEnd(at now: Timestamp) -> Bool { position(at: now) >= extent.upperBound }

  public mutating func play(at now: Timestamp) {
    hold(at: now)
    isPlaying = true
  }

  public mutating func pause(at now: Timestamp) {
    hold(at: now)
    isPlaying = false
  }

  /// - Parameter speed: values outside the range of `speeds` become its nearest end; NaN changes nothing.
  public mutating func setSpeed(_ speed: Double, at now: Timestamp) {
    guard !speed.isNaN else { return }
    hold(at: now)
    self.speed = min(max(speed, Self.speeds[0]), Self.speeds[Self.speeds.count - 1])
  }

  /// To the next speed (+1) or the one before (-1).
  public mutating func changeSpeed(_ step: Int, at now: Timestamp) {
    let next = step > 0 ? Self.speeds.first { $0 > speed } : Self.speeds.last { $0 < speed }
    if let next { setSpeed(next, at: now) }
  }

  /// Goes on from another moment, held to the extent.
  public mutating func move(to moment: Timestamp, at now: Timestamp) {
    anchor = (min(max(moment, extent.lowerBound), extent.upperBound), now)
    moveCount += 1
  }

  /// More was recorded meanwhile.
  public mutating func extend(to last: Timestamp, at now: Timestamp) {
    guard last > extent.upperBound else { return }
    // What it has waited for at the end does not count.
    hold(at: now)
    extent = extent.lowerBound...last
  }

  private mutating func hold(at now: Timestamp) { anchor = (position(at: now), now) }

  public static func == (a: Player, b: Player) -> Bool {
    a.isPlaying == b.isPlaying && a.speed == b.speed && a.extent == b.extent && a.anchor == b.anchor
  }
}

import Timeline

/// Real time in frames of samples, without drift: each deadline is computed from the start, not from the last one.
///
/// Times are nanoseconds on a clock that never runs backwards. A trivial value, for an audio thread.
public struct PacedClock: Sendable {
  /// Further behind than this, the clock is set anew instead of running after the time: after Ctrl-Z and `fg`, or on a
  /// machine that slept, the past is not made up for. A device would not have it either.
  static let patience: Int64 = 500_000_000

  /// Samples a second.
  public let rate: Int
  /// Samples a frame.
  public let frameLength: Int
  private var origin: Int64
  private var position = 0

  /// - Parameters:
  ///   - rate: samples a second.
  ///   - frameLength: samples a frame.
  ///   - start: the first frame is due one frame later.
  public init(rate: Int, frameLength: Int, start: Int64) {
    self.rate = max(1, rate)
    self.frameLength = max(1, frameLength)
    origin = start
  }

  /// When the next frame is due.
  public var due: Int64 { origin + PacedClock.nanoseconds(of: position + frameLength, rate: rate) }

  /// When the frame before the next one was due.
  public var lastDue: Int64 { origin + PacedClock.nanoseconds(of: position, rate: rate) }

  /// Goes on to the frame after.
  public mutating func advance(at now: Int64) {
    if now - due > PacedClock.patience {
      origin = now
      position = 0
    } else {
      position += frameLength
    }
  }

  /// When a rest that begins now is over.
  /// - Parameter portion: the most that passes in a rest, in whole frames.
  public func restEnd(_ portion: Duration) -> Int64 {
    origin + PacedClock.nanoseconds(of: position + frames(portion) * frameLength, rate: rate)
  }

  /// A rest is over, after its portion or before.
  /// - Returns: how many frames have become due in it; the clock is past them.
  public mutating func endRest(_ portion: Duration, at now: Int64) -> Int {
    if now - restEnd(portion) > PacedClock.patience {
      advance(at: now)
      return 1
    }
    let most = frames(portion)
    var passed = 0
    while passed < most, due <= now {
      position += frameLength
      passed += 1
    }
    return passed
  }

  private func frames(_ portion: Duration) -> Int {
    max(1, PacedClock.samples(in: portion.nanoseconds, rate: rate) / frameLength)
  }

  /// Makes the next frame due at `now`, if it is later: the one before it is cut short. Returns by how many samples.
  public mutating func hasten(to now: Int64) -> Int {
    let left = PacedClock.samples(in: max(0, due - now), rate: rate)
    position -= left
    return left
  }

  /// How long `count` samples last. In two parts: the whole product would overflow after two days.
  public static func nanoseconds(of count: Int, rate: Int) -> Int64 {
    Int64(count / rate) * 1_000_000_000 + Int64(count % rate) * 1_000_000_000 / Int64(rate)
  }

  /// How many samples fit into `nanoseconds`.
  public static func samples(in nanoseconds: Int64, rate: Int) -> Int {
    Int(nanoseconds / 1_000_000_000) * rate + Int(nanoseconds % 1_000_000_000) * rate / 1_000_000_000
  }
}

import Timeline

/// The server's clock against ours, from the timestamps in its messages.
///
/// What is late says nothing about a clock, so of each window only the quickest message counts; the drift is the slope
/// from the first window's to the last whole one's.
public struct ClockDrift: Sendable, Equatable {
  /// Long enough that one message in it was not held up.
  static let window = Duration.seconds(10)

  private var first: (at: Timestamp, offsetMs: Double)?
  private var current: (began: Timestamp, at: Timestamp, offsetMs: Double)?
  /// In parts per million: positive when the server's clock is slower than ours. Nil before two windows have passed.
  public private(set) var ppm: Double?

  public init() {}

  /// A message came.
  /// - Parameter sentAtMs: the sender's timestamp, from any origin.
  mutating func observe(sentAtMs: Double, at now: Timestamp) {
    let offset = now.milliseconds - sentAtMs
    if let window = current, now - window.began < Self.window {
      if offset < window.offsetMs { current = (window.began, now, offset) }
      return
    }
    if let window = current {
      if let first {
        let passed = (window.at - first.at).milliseconds
        if passed > 0 { ppm = (window.offsetMs - first.offsetMs) / passed * 1e6 }
      } else {
        first = (window.at, window.offsetMs)
      }
    }
    current = (now, now, offset)
  }

  /// Another connection's timestamps may begin anywhere.
  mutating func restart() { self = ClockDrift() }

  public static func == (a: ClockDrift, b: ClockDrift) -> Bool {
    a.ppm == b.ppm && a.first?.at == b.first?.at && a.current?.at == b.current?.at
  }
}

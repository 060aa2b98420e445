import Timeline

/// How irregularly audio arrives: the mean deviation of RFC 3550 (section 6.4.1, gain 1/16) with the pace taken out.
///
/// RFC 3550 compares the time between two packets with the time that lies between their samples. A sender that is
/// steadily ahead of real time, as speech synthesis is, would read as jitter there; here the steady part of the
/// difference is followed and subtracted first. At a steady real-time pace both agree.
public struct ArrivalJitter: Sendable {
  /// In milliseconds.
  public private(set) var ms = 0.0

  private var lastArrival: Timestamp?
  private var lastDurationMs = 0.0
  private var paceMs: Double?

  public init() {}

  /// Audio of this duration arrived.
  /// - Returns: how much later than the sender's pace it came, in milliseconds; nil where there is nothing to compare.
  @discardableResult
  public mutating func arrived(_ durationMs: Double, at now: Timestamp) -> Double? {
    var deviation: Double?
    if let lastArrival {
      let difference = (now - lastArrival).milliseconds - lastDurationMs
      let pace = paceMs ?? difference
      deviation = difference - pace
      ms += (abs(difference - pace) - ms) / 16
      paceMs = pace + (difference - pace) / 16
    }
    lastArrival = now
    lastDurationMs = durationMs
    return deviation
  }

  /// The pause between two responses is no jitter.
  public mutating func pause() {
    lastArrival = nil
    paceMs = nil
  }
}

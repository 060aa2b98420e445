import Timeline

/// How an audio output stands at a moment: what the playout has to know to decide.
public struct OutputReport: Sendable, Equatable {
  /// What waits in the output's ring.
  public var queued: Duration
  /// Samples written to the ring since its begin, at `ringRate` samples a second.
  public var written: Int
  public var ringRate: Int
  /// When the ring's first sample ever would have been heard, by when the next one will be: sample `n` is heard `n /
  /// ringRate` seconds later, unless the ring runs dry before it. Nil while that is not known.
  public var origin: Timestamp?
  /// From this sample of the ring on `origin` is true: silence was put in before it.
  public var stretchStart: Int
  /// What `origin` was for the samples from `earlierStart` up to `stretchStart`; nil while that is not known.
  public var earlierOrigin: Timestamp?
  public var earlierStart: Int
  /// What stands in for a device rests, and begins at once when there is something to take.
  public var isResting: Bool
  /// How much later than its place in the ring says a sample is heard, because it was resampled.
  public var resamplerDelay: Duration
  /// When the last audio that was handed to the device will have been heard; counts where `origin` is known.
  public var playedOutAt: Timestamp
  /// From handing over to hearing, as the device said last; counts where `origin` is not known.
  public var deviceDelay: Duration
  /// How long ago something was handed over last.
  public var sinceHandover: Duration
  /// What of the device's delay is heard though the output is flushed.
  public var keptByFlush: Duration
  /// The most that the device has asked for at once in the last seconds.
  public var largestTake: Duration

  public init(
    queued: Duration, written: Int, ringRate: Int, origin: Timestamp? = nil, stretchStart: Int = 0,
    earlierOrigin: Timestamp? = nil, earlierStart: Int = 0, isResting: Bool = false,
    resamplerDelay: Duration = .zero, playedOutAt: Timestamp = .zero, deviceDelay: Duration = .zero,
    sinceHandover: Duration = .zero, keptByFlush: Duration = .zero, largestTake: Duration = .zero
  ) {
    self.queued = queued
    self.written = written
    self.ringRate = ringRate
    self.origin = origin
    self.stretchStart = stretchStart
    self.earlierOrigin = earlierOrigin
    self.earlierStart = earlierStart
    self.isResting = isResting
    self.resamplerDelay = resamplerDelay
    self.playedOutAt = playedOutAt
    self.deviceDelay = deviceDelay
    self.sinceHandover = sinceHandover
    self.keptByFlush = keptByFlush
    self.largestTake = largestTake
  }

  /// When a sample of the ring is heard; nil while that is not known, or no longer.
  /// - Parameters:
  ///   - position: how many were written before it.
  ///   - now: when the output stood so.
  public func moment(ofSample position: Int, at now: Timestamp) -> Timestamp? {
    let isOld = position < stretchStart
    guard position >= (isOld ? earlierStart : stretchStart), let origin = isOld ? earlierOrigin : origin else {
      return nil
    }
    let moment = origin + .nanoseconds(PacedClock.nanoseconds(of: position, rate: max(1, ringRate)))
    return (isResting ? max(moment, now) : moment) + resamplerDelay
  }

  /// From `now` until a sample of the ring is heard.
  /// - Parameter ahead: what waited in the ring before it, which counts where nothing else is known.
  func delay(ofSample position: Int, behind ahead: Duration, at now: Timestamp) -> Duration {
    guard let moment = moment(ofSample: position, at: now) else { return ahead + deviceDelay }
    return max(.zero, moment - now)
  }

  /// How long what was written is still heard, if nothing is taken back: in the ring, in the device, and behind it.
  /// - Parameter isPlaying: audio was written last, not silence.
  func leftToHear(isPlaying: Bool, at now: Timestamp) -> Duration {
    guard let origin else {
      guard isPlaying || queued > .zero else { return .zero }
      // The device has played on since it was asked.
      return queued + max(.zero, deviceDelay - sinceHandover)
    }
    let end =
      queued > .zero
      ? origin + .nanoseconds(PacedClock.nanoseconds(of: written, rate: max(1, ringRate))) : playedOutAt
    return max(.zero, end - now)
  }
}

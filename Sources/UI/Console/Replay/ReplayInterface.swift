import Capture
import Timeline

/// What the operator wants of a recording that is played.
public enum ReplayOrder: Sendable, Equatable {
  /// Go on; from the beginning when it is at the end.
  case play
  case pause
  case setSpeed(Double)
  /// To the next of the usual speeds (+1), or the one before (-1).
  case changeSpeed(Int)
  case go(ReplayPlace)
  /// From where it is, or is on its way to.
  case goBy(Duration)
  /// Stand still, and go one entry on (+1) or back (-1).
  case step(Int)
  /// To the next message that the log shows.
  case goToNextMessage
  /// Let these tracks be heard.
  case hear(SoundChoice)
}

/// What whoever lets a recording be heard has to do.
public enum ReplaySoundOrder: Sendable, Equatable {
  /// It is played at its own pace, from this moment of it on.
  case play(from: Timestamp)
  /// Nothing is heard: it stands, is on its way to another place, or is played at another pace.
  case pause
  case choose(SoundChoice)
}

/// How a recording is being played, for the bar.
public struct ReplayState: Sendable, Equatable {
  public var isPlaying: Bool
  public var speed: Double
  public var extent: ClosedRange<Timestamp>
  /// How much of it was gone through for the bar and for short ways, 0…1; nil when all was.
  public var readShare: Double?
  /// How far it is on a way that takes long, 0…1; nil when it is where it should be.
  public var wayShare: Double?
  /// More is being recorded.
  public var isGrowing: Bool
  /// Which tracks are heard; nil for a recording without sound.
  public var sound: SoundChoice?

  public init(
    isPlaying: Bool, speed: Double, extent: ClosedRange<Timestamp>, readShare: Double?, wayShare: Double? = nil,
    isGrowing: Bool = false, sound: SoundChoice? = nil
  ) {
    self.isPlaying = isPlaying
    self.speed = speed
    self.extent = extent
    self.readShare = readShare
    self.wayShare = wayShare
    self.isGrowing = isGrowing
    self.sound = sound
  }
}

/// What the console is told about the recording that it shows.
public enum ReplayNews: Sendable {
  /// The next entries of it, in order.
  case entries([Entry])
  /// How it is played changed.
  case state(ReplayState)
  /// More is known of what happened where.
  case overview(ReplayOverview)
  /// What was known at another moment, which is the present now.
  case arrived(ConsoleReadings, at: Timestamp)
  /// The past of a running session is not played any longer.
  case left
}

extension ConsoleOptions {
  /// For what shows a recording: what a message holds can be read again, and what is kept of it has to be gone through on
  /// every way.
  public var forRecording: ConsoleOptions {
    var options = self
    options.limits.payloadBytes = min(options.limits.payloadBytes, 2 << 20)
    return options
  }
}

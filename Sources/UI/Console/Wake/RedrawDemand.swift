import Timeline

/// What waits to be drawn, and how soon: all that a console tells whoever wakes and draws it. It holds no moment of the
/// past: `WakePolicy` knows when it was drawn.
public struct RedrawDemand: Sendable, Equatable {
  /// Something changed that is to be seen at once.
  public var isUrgent = false
  /// Meters or waveforms changed, and are shown.
  public var isMeterDue = false
  /// A figure changed: a depth, a count, the words being heard.
  public var isFigureDue = false
  /// Meters that are shown go on moving by themselves: a level falls.
  public var movesMeters = false
  /// Figures go on changing by themselves: the bar of a turn grows.
  public var movesFigures = false
  /// How long meters and figures may stand after they were drawn.
  public var meterInterval = Duration.seconds(1)
  public var figureInterval = Duration.seconds(1)
  /// When something else changes by itself: the clock, a word in place of the hints. Nil when nothing does.
  public var nextChange: Timestamp?
  /// Rows of a long log are still to be filtered or searched: each tick does a slice.
  public var isWorking = false
  /// Something is heard.
  public var isAudible = false

  /// Nothing waits.
  public init() {}
}

/// How much of a frame is drawn anew.
public enum FrameExtent: Sendable, Equatable {
  case meters, whole
}

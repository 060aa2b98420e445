import Timeline

/// What waits to be drawn.
struct RedrawState: Sendable {
  /// Something changed that is to be seen at once.
  var isUrgent = true
  /// Meters, waveforms or depths changed.
  var isMeterDue = false
  var lastFrame: Timestamp?
}

// When to draw. Nothing is drawn for its own sake: meters follow the ear, a silent screen is drawn once a second, with
// its clock.
extension Console {
  /// Meters and waveforms: a column of a waveform is 50 ms long, so more often shows nothing new.
  static let audibleInterval = Duration.milliseconds(50)
  static let silentInterval = Duration.seconds(1)
  /// While the operator looks at another window: still true at a glance, no animation in the corner of the eye.
  static let awayInterval = Duration.milliseconds(500)
  /// The clock, the countdown and running turns.
  private static let clockInterval = Duration.seconds(1)

  /// Whether a frame would differ from the last one. The runtime draws no more than 30 a second.
  public var needsRedraw: Bool {
    redraw.isUrgent || (redraw.isMeterDue && meterTime.map { now >= $0 } ?? true)
  }

  /// When it wants to be told the time next, to draw what changes by itself; nil when nothing does.
  public var nextTick: Timestamp? {
    // At once, until all of it is done.
    if log.hasWork { return now }
    var moments: [Timestamp] = []
    if redraw.isMeterDue, let meterTime { moments.append(meterTime) }
    if let flash { moments.append(flash.until) }
    if ended == nil, insight.link.state != nil { moments.append(nextSecond) }
    if isTurnRunning { moments.append((redraw.lastFrame ?? now) + turnInterval) }
    return moments.min()
  }

  /// Rows of a long log are still to be filtered or searched: each tick does a slice.
  public var isWorking: Bool { log.hasWork }

  /// How long entries that only move meters may wait to be looked at.
  public var meterInterval: Duration {
    isAudible ? (isAway ? Self.awayInterval : Self.audibleInterval) : Self.silentInterval
  }

  /// To be called when a frame was drawn.
  public mutating func markDrawn() {
    redraw = RedrawState(isUrgent: false, isMeterDue: false, lastFrame: now)
  }

  mutating func pass(to moment: Timestamp) {
    let second = nextSecond
    now = max(now, moment)
    workOnLog()
    if now >= second, ended == nil { redraw.isUrgent = true }
    if let until = flash?.until, now >= until {
      flash = nil
      redraw.isUrgent = true
    }
    // The waveforms run on the clock, not on the entries.
    if isAudible || isTurnRunning { redraw.isMeterDue = true }
  }

  /// Something is heard, so that meters and waveforms move.
  public var isAudible: Bool { mic.isAudible(at: now) || agent.isAudible(at: now) }
  /// The user has finished and nothing is heard yet: the current bar grows.
  private var isTurnRunning: Bool {
    guard let turn = insight.turns.last else { return false }
    return turn.speechEnd != nil && turn.firstSound == nil && !turn.isOver
  }
  private var meterTime: Timestamp? {
    let audible = isAway ? Self.awayInterval : Self.audibleInterval
    let interval = isAudible ? audible : isTurnRunning ? turnInterval : Self.silentInterval
    return redraw.lastFrame.map { $0 + interval }
  }
  /// How often the bar of a turn that goes on grows.
  private var turnInterval: Duration { isAway ? Self.awayInterval : .milliseconds(100) }
  private var nextSecond: Timestamp {
    let second: Int64 = 1_000_000_000
    return Timestamp(nanoseconds: (now.nanoseconds / second + 1) * second)
  }
}

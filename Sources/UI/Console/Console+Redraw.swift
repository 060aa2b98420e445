import Screen
import Timeline

/// What waits to be drawn.
struct RedrawState: Sendable {
  /// Something changed that is to be seen at once.
  var isUrgent = true
  /// Meters or waveforms changed.
  var isMeterDue = false
  /// A figure changed: a depth, a count, the words being heard.
  var isFigureDue = false
  /// The last frame, and the last one of which all was drawn.
  var lastFrame: Timestamp?
  var lastWhole: Timestamp?
  /// The last frame, as far as it is drawn upon.
  var canvas: Canvas?

  mutating func noteSound() { (isMeterDue, isFigureDue) = (true, true) }
}

/// A frame that the next one can be drawn over.
struct Canvas: Sendable {
  /// All of it, or, when something lies over the panes, what lies under.
  var surface: Surface
  let isCovered: Bool
  /// The panes that move with the sound, as far as they are shown.
  let meters: [(pane: Pane, rect: Rect)]
}

// When to draw, and how much. Nothing is drawn for its own sake: meters follow the ear, figures the reader's eye, a
// silent screen is drawn once a second, with its clock.
//
//   a key, a message, a notice …   ─► all, at once
//   mic frames, blocks, audio      ─► meters 30 times a second, and all with them every fifth of a second
extension Console {
  static let silentInterval = Duration.seconds(1)
  /// While the operator looks at another window: still true at a glance, no animation in the corner of the eye.
  static let awayInterval = Duration.milliseconds(500)
  /// Nobody reads a figure that changes more often.
  static let figureInterval = Duration.milliseconds(200)
  /// How often the bar of a turn that goes on grows.
  private static let turnInterval = Duration.milliseconds(100)

  /// Meters and waveforms.
  var audibleInterval: Duration { .nanoseconds(1_000_000_000 / Int64(max(1, options.metersPerSecond))) }

  /// Whether a frame would differ from the last one. The runtime draws no more than 30 a second, or 60.
  public var needsRedraw: Bool { redraw.isUrgent || isDue(meterTime) || isDue(figureTime) }

  /// When it wants to be told the time next, to draw what changes by itself; nil when nothing does.
  public var nextTick: Timestamp? {
    // At once, until all of it is done.
    if log.hasWork { return now }
    var next = meterTime
    func consider(_ moment: Timestamp?) {
      if let moment { next = next.map { min($0, moment) } ?? moment }
    }
    consider(figureTime)
    consider(flash?.until)
    if ended == nil, insight.link.state != nil { consider(nextSecond) }
    if isTurnRunning { consider((redraw.lastWhole ?? now) + figureInterval) }
    if isFalling, redraw.canvas?.meters.isEmpty != true { consider((redraw.lastFrame ?? now) + meterInterval) }
    return next
  }

  /// Rows of a long log are still to be filtered or searched: each tick does a slice.
  public var isWorking: Bool { log.hasWork }

  /// How long entries that only move meters may wait to be looked at.
  public var meterInterval: Duration {
    isAudible || isFalling ? (isAway ? Self.awayInterval : audibleInterval) : Self.silentInterval
  }

  /// Draws what has changed since the last frame, over the last frame, and takes it for drawn. What is drawn is what
  /// `view` draws, but for figures, which may be a fifth of a second old.
  public mutating func frame(_ size: Size) -> Surface {
    let isWhole = redraw.isUrgent || isDue(figureTime) || redraw.canvas?.surface.size != size
    let canvas = isWhole ? canvas(size) : movedCanvas()
    redraw.canvas = canvas
    markDrawn(isWhole: isWhole)
    return canvas.isCovered ? covered(canvas.surface, layout(size)) : canvas.surface
  }

  /// To be called when all was drawn by `view`.
  public mutating func markDrawn() { markDrawn(isWhole: true) }

  private mutating func markDrawn(isWhole: Bool) {
    redraw.lastFrame = now
    redraw.isMeterDue = false
    guard isWhole else { return }
    (redraw.isUrgent, redraw.isFigureDue, redraw.lastWhole) = (false, false, now)
  }

  /// Takes the last canvas out and draws the meters anew on it.
  private mutating func movedCanvas() -> Canvas {
    guard var canvas = redraw.canvas else { return self.canvas(size) }
    redraw.canvas = nil
    for (pane, rect) in canvas.meters {
      let inside = rect.inset(1, 1)
      canvas.surface.fill(inside)
      drawInside(pane, on: &canvas.surface, in: inside)
    }
    return canvas
  }

  mutating func advance(to moment: Timestamp) {
    let second = nextSecond
    // The last step of a fall has to be drawn, too.
    if isFalling { redraw.isMeterDue = true }
    now = max(now, moment)
    workOnLog()
    if now >= second, ended == nil { redraw.isUrgent = true }
    if let until = flash?.until, now >= until {
      flash = nil
      redraw.isUrgent = true
    }
    // Waveforms and charts run on the clock, not on the entries; so does the bar of a turn that goes on.
    if isAudible { redraw.noteSound() }
    if isTurnRunning { redraw.isFigureDue = true }
  }

  /// Something is heard, so that meters and waveforms move.
  public var isAudible: Bool { mic.isAudible(at: now) || agent.isAudible(at: now) }
  /// Nothing is heard any more, and the agent's level has not fallen to silence yet.
  private var isFalling: Bool { agent.isFalling(at: now) }
  /// The user has finished and nothing is heard yet: the current bar grows.
  private var isTurnRunning: Bool {
    guard let turn = insight.turns.last else { return false }
    return turn.speechEnd != nil && turn.firstSound == nil && !turn.isOver
  }

  private func isDue(_ moment: Timestamp?) -> Bool { moment.map { now >= $0 } ?? false }

  /// When the meters are to be drawn; nil while they stand still or none is shown.
  private var meterTime: Timestamp? {
    guard redraw.isMeterDue, redraw.canvas?.meters.isEmpty != true else { return nil }
    return redraw.lastFrame.map { $0 + meterInterval } ?? now
  }
  /// When the figures are to be drawn; nil while they stand still.
  private var figureTime: Timestamp? {
    guard redraw.isFigureDue else { return nil }
    return redraw.lastWhole.map { $0 + figureInterval } ?? now
  }
  private var figureInterval: Duration {
    guard isAudible || isTurnRunning else { return Self.silentInterval }
    return isAway ? Self.awayInterval : isTurnRunning ? Self.turnInterval : Self.figureInterval
  }
  private var nextSecond: Timestamp {
    let second: Int64 = 1_000_000_000
    return Timestamp(nanoseconds: now.nanoseconds / second * second) + .nanoseconds(second)
  }
}

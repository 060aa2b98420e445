import Screen
import Timeline

/// What has changed since it was drawn.
struct RedrawState: Sendable {
  /// Something changed that is to be seen at once.
  var isUrgent = true
  /// Meters or waveforms changed.
  var isMeterDue = false
  /// A figure changed: a depth, a count, the words being heard.
  var isFigureDue = false
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

// What is to be drawn, and how. When, `WakePolicy` decides.
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

  /// What waits to be drawn, and how soon.
  public var demand: RedrawDemand {
    var demand = RedrawDemand()
    let moves = !standsStill
    (demand.isAudible, demand.isWorking) = (moves && isAudible, log.hasWork)
    let (isFalling, isTurnRunning) = (moves && isFalling, moves && isTurnRunning)
    let showsMeters = redraw.canvas?.meters.isEmpty != true
    demand.isUrgent = redraw.isUrgent
    demand.isMeterDue = redraw.isMeterDue && showsMeters
    demand.movesMeters = isFalling && showsMeters
    demand.isFigureDue = redraw.isFigureDue
    demand.movesFigures = isTurnRunning
    if demand.isAudible || isFalling { demand.meterInterval = isAway ? Self.awayInterval : audibleInterval }
    if demand.isAudible || isTurnRunning {
      demand.figureInterval = isAway ? Self.awayInterval : isTurnRunning ? Self.turnInterval : Self.figureInterval
    }
    if let behind = behindLive {
      demand.movesFigures = true
      demand.figureInterval = min(demand.figureInterval, Self.behindInterval(behind))
    }
    let ticks = ended == nil && insight.link.state != nil
    demand.nextChange = [ticks && moves ? nextSecond : nil, operatorNow == nil ? flash?.until : nil].compactMap(\.self)
      .min()
    return demand
  }

  /// Draws over the last frame, and takes it for drawn. What is drawn is what `view` draws, but for figures, which may be
  /// a fifth of a second old where only the meters are drawn anew.
  public mutating func frame(_ size: Size, _ extent: FrameExtent = .whole) -> Surface {
    let isWhole = extent == .whole || redraw.canvas?.surface.size != size
    let canvas = isWhole ? canvas(size) : movedCanvas()
    redraw.canvas = canvas
    markDrawn(isWhole: isWhole)
    return canvas.isCovered ? covered(canvas.surface, layout(size)) : canvas.surface
  }

  /// To be called when all was drawn by `view`.
  public mutating func markDrawn() { markDrawn(isWhole: true) }

  private mutating func markDrawn(isWhole: Bool) {
    redraw.isMeterDue = false
    if isWhole { (redraw.isUrgent, redraw.isFigureDue) = (false, false) }
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
    let moves = !standsStill
    // The last step of a fall has to be drawn, too.
    if moves, isFalling { redraw.isMeterDue = true }
    now = max(now, moment)
    workOnLog()
    if now >= second, ended == nil { redraw.isUrgent = true }
    if let until = flash?.until, operatorTime >= until {
      flash = nil
      redraw.isUrgent = true
    }
    // Waveforms and charts run on the clock, not on the entries; so does the bar of a turn that goes on.
    if moves, isAudible { redraw.noteSound() }
    if moves, isTurnRunning { redraw.isFigureDue = true }
    if present != nil { redraw.isFigureDue = true }
  }

  /// Whether it was told that the panes are behind.
  public var isBehind: Bool { delay != nil }

  /// The panes are so far behind what happens, or no longer so.
  mutating func fellBehind(_ delay: Duration?) {
    if (delay == nil) != (self.delay == nil) { redraw.isUrgent = true }
    if delay != self.delay { redraw.isFigureDue = true }
    self.delay = delay
  }

  /// Something is heard, so that meters and waveforms move.
  private var isAudible: Bool { mic.isAudible(at: now) || agent.isAudible(at: now) }
  /// Nothing is heard any more, and the agent's level has not fallen to silence yet.
  private var isFalling: Bool { agent.isFalling(at: now) }
  /// The user has finished and nothing is heard yet: the current bar grows.
  private var isTurnRunning: Bool {
    guard let turn = insight.turns.last else { return false }
    return turn.speechEnd != nil && turn.firstSound == nil && !turn.isOver
  }

  private var nextSecond: Timestamp {
    let second: Int64 = 1_000_000_000
    return Timestamp(nanoseconds: now.nanoseconds / second * second) + .nanoseconds(second)
  }
}

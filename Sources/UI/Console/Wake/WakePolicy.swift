import Timeline

// When the main thread wakes, what it looks at, and what it draws.
//
//   the entries' waker, a key, a slice done, a frame drawn ──► handle ──┐
//                                                                      ▼
//   what the console wants drawn (RedrawDemand) ──► sleep   until when, and whether entries wake it
//                                               ──► entryLimit   how many entries to look at now
//                                               ──► tick, frame  whether the console is told the time, what is drawn
//
// Keys are looked at first, whenever it is awake. Entries come in slices of a few milliseconds with a look at the keys
// between them, so that no flood holds up an answer. Nothing is drawn for its own sake: meters follow the ear, figures
// the reader's eye, and a silent screen is drawn once a second, with its clock.

/// Decides when the thread that owns the screen wakes and what it does then. A value without a clock: every moment is
/// given to it, on one clock that never runs backwards.
public struct WakePolicy: Sendable {
  /// What has happened.
  public enum Event: Sendable, Equatable {
    /// The entries' waker was set: something is there that is worth a look.
    case entriesSignalled
    /// A key, a click or a paste was handled.
    case keysHandled
    /// A slice of entries was looked at; so many were left waiting.
    /// - `took`: for how long.
    /// - `behind`: the age of the last one of them.
    case entriesTaken(Int, left: Int, took: Duration, behind: Duration)
    /// The terminal shows something else than it should.
    case screenLost
    /// A frame was begun.
    case drawn(FrameExtent)
  }

  /// What to wait for.
  public struct Sleep: Sendable, Equatable {
    /// When to wake at the latest; not later than now when there is work.
    public var until: Timestamp
    /// Whether the entries' waker is listened to. Keys always are.
    public var watchesEntries: Bool
  }

  /// After a key: it is seen within half a frame of the usual terminal, whenever the last frame was.
  static let hurriedFrame = Duration.nanoseconds(8_333_333)
  /// How long a slice of entries may take: half of what a hurried frame leaves.
  static let sliceTime = Duration.milliseconds(4)
  /// Entries of the first slice, of the smallest and of the largest one.
  static let firstSlice = 256
  static let sliceRange = 16...4096
  /// What the panes show may be so old before it is said.
  static let bearableDelay = Duration.milliseconds(500)
  /// While they are further behind than that: nobody follows what flies by, and each frame puts off what is waiting.
  static let lateFrame = Duration.milliseconds(100)

  /// The shortest time between two frames that nobody waits for, and so between two looks at entries.
  private let frame: Duration
  /// The longest sleep.
  private let longestSleep: Duration

  private var lastFrame = Timestamp(nanoseconds: -1_000_000_000)
  private var lastWhole = Timestamp(nanoseconds: -1_000_000_000)
  /// When entries were last looked at, and when they last asked for it.
  private var lastLook = Timestamp(nanoseconds: -1_000_000_000)
  private var lastSignal = Timestamp(nanoseconds: -1_000_000_000)
  private var isLookDue = true
  /// Entries that the last look has left.
  private var left = 0
  private var slice = firstSlice
  private var behind = Duration.zero
  private var isHurried = false
  private var isScreenLost: Bool

  /// - Parameters:
  ///   - frame: the shortest time between two frames that nobody waits for; nil where none are drawn.
  ///   - longestSleep: after which it wakes for what nobody tells it of.
  public init(frame: Duration?, longestSleep: Duration = .seconds(1)) {
    self.frame = frame ?? .zero
    isScreenLost = frame != nil
    self.longestSleep = longestSleep
  }

  /// Takes what has happened.
  public mutating func handle(_ event: Event, at now: Timestamp) {
    switch event {
    case .entriesSignalled: (lastSignal, isLookDue) = (now, true)
    case .keysHandled: isHurried = true
    case .entriesTaken(let count, let left, let took, let behind):
      (lastLook, isLookDue, self.left) = (now, false, left)
      self.behind = left > 0 ? behind : .zero
      adapt(to: count, took)
    case .screenLost: isScreenLost = true
    case .drawn(let extent):
      (lastFrame, isHurried, isScreenLost) = (now, false, false)
      if extent == .whole { lastWhole = now }
    }
  }

  /// Sizes the next slice by what the last one cost. It grows slowly: entries differ in what they cost.
  private mutating func adapt(to count: Int, _ took: Duration) {
    guard count > 0 else { return }
    let each = max(1, took.nanoseconds / Int64(count))
    let fitting = Int(clamping: Self.sliceTime.nanoseconds / each)
    // A slice that was not full says little of a full one.
    slice = min(fitting, count < slice / 2 ? slice : slice * 2).clamped(to: Self.sliceRange)
  }

  // MARK: - Sleep

  /// How long to sleep. Keys wake at once; entries and signals, which use one waker, wait for the next frame.
  /// - Parameter isScreenBusy: the terminal has not taken the last frame yet.
  public func sleep(_ demand: RedrawDemand, isScreenBusy: Bool, at now: Timestamp) -> Sleep {
    // Entries that arrive before that could not be drawn sooner, and drawing a frame takes them.
    let watchDue = max(lastSignal, lastFrame) + frame
    let watchesEntries = now >= watchDue
    if left > 0 || demand.isWorking { return Sleep(until: now, watchesEntries: watchesEntries) }
    var until = min(lastLook + demand.meterInterval, now + longestSleep)
    if wantsFrame(demand, at: now) {
      // A tick before that, or beside it, would be one of the past, and no sleep.
      if !isScreenBusy { until = min(until, max(nextFrame, now)) }
    } else if let change = nextChange(demand) {
      until = min(until, max(nextFrame, change))
    }
    // Once for both, if there is a reason to be awake soon after.
    if !watchesEntries, until > watchDue + Self.hurriedFrame { until = watchDue }
    return Sleep(until: until, watchesEntries: watchesEntries)
  }

  // MARK: - Entries

  /// How many entries to look at now; 0 for none.
  public func entryLimit(at now: Timestamp) -> Int {
    isLookDue || left > 0 || now >= lastLook + frame ? slice : 0
  }

  /// The same just before a frame is drawn, which should show what is there: the meters are due with it, in one wake-up.
  /// While more waits than fits, the slice of this time was looked at already.
  public var entryLimitBeforeFrame: Int { left > 0 ? 0 : slice }

  /// Whether the last look has left entries.
  public var hasMore: Bool { left > 0 }

  /// How far behind the panes are; nil as long as nobody would notice.
  public var noticeableDelay: Duration? { behind > Self.bearableDelay ? behind : nil }

  // MARK: - Drawing

  /// Whether the console is to be told the time, because something changes by itself now, or because it has work.
  public func isTickDue(_ demand: RedrawDemand, at now: Timestamp) -> Bool {
    demand.isWorking || nextChange(demand).map { $0 <= now } ?? false
  }

  /// What to draw now; nil for nothing.
  /// - Parameter isScreenBusy: a frame that waits behind another one would show the past.
  public func frame(_ demand: RedrawDemand, isScreenBusy: Bool, at now: Timestamp) -> FrameExtent? {
    guard wantsFrame(demand, at: now), now >= nextFrame, !isScreenBusy else { return nil }
    return extent(demand, at: now)
  }

  /// How much of the frame that is drawn now is drawn anew.
  public func extent(_ demand: RedrawDemand, at now: Timestamp) -> FrameExtent {
    demand.isUrgent || figureTime(demand).map { now >= $0 } ?? false ? .whole : .meters
  }

  /// Whether a frame would differ from the last one.
  func wantsFrame(_ demand: RedrawDemand, at now: Timestamp) -> Bool {
    let moments = [meterTime(demand), figureTime(demand)].compactMap(\.self)
    return isScreenLost || demand.isUrgent || moments.contains { $0 <= now }
  }

  /// When something changes by itself; nil when nothing does.
  func nextChange(_ demand: RedrawDemand) -> Timestamp? {
    let moments: [Timestamp?] = [
      meterTime(demand), figureTime(demand), demand.nextChange,
      demand.movesFigures ? lastWhole + demand.figureInterval : nil,
      demand.movesMeters ? lastFrame + demand.meterInterval : nil,
    ]
    return moments.compactMap(\.self).min()
  }

  private func meterTime(_ demand: RedrawDemand) -> Timestamp? {
    demand.isMeterDue ? lastFrame + demand.meterInterval : nil
  }
  private func figureTime(_ demand: RedrawDemand) -> Timestamp? {
    demand.isFigureDue ? lastWhole + demand.figureInterval : nil
  }

  private var nextFrame: Timestamp {
    if isHurried { return lastFrame + Self.hurriedFrame }
    return lastFrame + (noticeableDelay == nil ? frame : max(frame, Self.lateFrame))
  }

  // MARK: - Worth waking

  /// Whether an entry wakes the thread, or is found when it looks for another reason. A wake-up costs more than what most
  /// entries tell.
  ///
  /// Frames, blocks, depths and audio come fifty times a second each, and move meters. A message of such a size is audio
  /// nearly always, and a long text can wait a tenth of a second; what is larger still should not pile up.
  /// - Parameter isDozing: the console is silent, so that the first sound is news.
  public static func wakes(_ event: Entry.Event, isDozing: Bool) -> Bool {
    switch event {
    case .micFrame(let frame): isDozing && (frame.isSpeech || frame.rmsDB > -50)
    case .playout(let block): isDozing && block.response != nil
    case .queue: false
    case .message(let message): !(513...16_384).contains(message.payload.count)
    default: true
    }
  }
}

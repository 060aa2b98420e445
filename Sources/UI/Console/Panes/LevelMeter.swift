import Audio
import Screen
import Timeline

/// A level in dBFS as a meter shows it: it rises at once and falls slowly, and its peak is held.
struct LevelMeter: Sendable {
  /// Root mean square, with the fall of the meter.
  private(set) var levelDB = Level.silenceDB
  /// The highest sample of the last `holdTime`.
  private(set) var holdDB = Level.silenceDB
  private var holdAt = Timestamp.zero
  private var lastAt = Timestamp.zero

  /// What the bars show. Rooms are at -60, speech at -30 to -10.
  static let range = -70.0...0.0
  /// In dB a second: slow enough for the eye, and a syllable's end is still seen.
  private static let fallDB = 40.0
  private static let holdTime = Duration.seconds(2)
  /// Without news for so long there is nothing to measure any more, and the meter falls by itself. Frames and blocks are
  /// 20 ms long; a device takes them in bursts of up to 200.
  private static let patience = Duration.milliseconds(250)
  /// Digital silence has no level worth a figure.
  static let inaudibleDB = -100.0

  mutating func observe(rmsDB: Double, peakDB: Double, at now: Timestamp) {
    let passed = max(0, (now - lastAt).milliseconds / 1000)
    levelDB = max(rmsDB, levelDB - Self.fallDB * passed)
    if peakDB >= holdDB || now - holdAt > Self.holdTime { (holdDB, holdAt) = (peakDB, now) }
    lastAt = now
  }

  /// The meter as it is to be seen now: what is no longer fed falls to silence.
  func settled(at now: Timestamp) -> LevelMeter {
    let silentSince = lastAt + Self.patience
    guard now > silentSince else { return self }
    var meter = self
    meter.levelDB = max(Level.silenceDB, levelDB - Self.fallDB * (now - silentSince).milliseconds / 1000)
    if now - holdAt > Self.holdTime { meter.holdDB = meter.levelDB }
    // What the bars do not show is silence: no figure goes on falling beside an empty bar.
    if meter.levelDB <= Self.range.lowerBound { meter.levelDB = Level.silenceDB }
    if meter.holdDB <= Self.range.lowerBound { meter.holdDB = Level.silenceDB }
    return meter
  }

  /// It falls without being fed: what is to be seen changes with the time.
  func isFalling(at now: Timestamp) -> Bool {
    guard now - lastAt > Self.patience else { return false }
    let settled = settled(at: now)
    return settled.levelDB > Level.silenceDB || settled.holdDB > Level.silenceDB
  }

  /// The place of a level on the bars, 0…1.
  static func share(_ level: Double) -> Double {
    (level - range.lowerBound) / (range.upperBound - range.lowerBound)
  }

  // MARK: - View

  /// A row of a meter: its name, its bar, its figure. All meters of a pane have their bars in the same columns.
  struct Row: Sendable {
    static let nameColumns = 4
    let name: Rect
    private(set) var bar: Rect
    let figure: Rect

    init(_ rect: Rect, figureColumns: Int) {
      let cells = Layout.columns(
        rect, [.fixed(Self.nameColumns), .flexible(), .fixed(min(rect.width / 2, figureColumns + 1))])
      (name, bar) = (cells[0], cells[1])
      figure = Rect(x: cells[2].x + 1, y: rect.y, width: cells[2].width - 1, height: rect.height)
    }

    /// Takes columns from the bar's beginning, for a figure of its own.
    mutating func cutBar(_ columns: Int) {
      bar = Rect(x: bar.x + columns, y: bar.y, width: max(0, bar.width - columns), height: bar.height)
    }
  }

  /// `lvl ███████▌   │    pk -14`, the peak's place marked on the bar.
  func draw(on surface: inout Surface, in row: Row, _ glyphs: GlyphSet) {
    surface.put(StyledText("lvl", .dim), in: row.name)
    let mark = holdDB > Self.range.lowerBound ? Self.share(holdDB) : nil
    Meter.draw(
      Self.share(levelDB), on: &surface, in: row.bar, mark: mark, glyphs: glyphs, markStyle: Style(.text, .bold))
    guard holdDB > Self.inaudibleDB else { return }
    var figure = StyledText("pk \(Figures.decibels(holdDB))", .dim)
    if row.figure.width >= 14 { figure = StyledText("\(Figures.decibels(levelDB))  ", .text) + figure }
    surface.put(figure, in: row.figure, .right)
  }

  /// `-60    -40    -20     0 dBFS` under the bars.
  static func drawScale(on surface: inout Surface, in row: Row) {
    var free = row.bar.x
    for level in [-60, -40, -20, 0] {
      let label = "\(level)"
      let centre = row.bar.x + Int(share(Double(level)) * Double(row.bar.width))
      let x = min(centre - label.utf8.count / 2, row.bar.right - label.utf8.count)
      guard x >= free else { continue }
      surface.put(label, x: x, y: row.bar.y, Style(.dim))
      free = x + label.utf8.count + 1
    }
    surface.put(StyledText("dBFS", .dim), in: row.figure)
  }
}

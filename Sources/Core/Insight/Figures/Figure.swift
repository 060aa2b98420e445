import Timeline

// Figures: what a session comes to, in numbers, a row each.
//
//   Figure (id, unit, title, meaning, how it is measured, how it is read) ─► FigureTable ─┬─► panes
//                                                                                         ├─► the list of :status
//   Insight ─► Figure.value ─► FigureText, the one formatter                              ├─► --summary, --summary=json
//                                                                                         └─► docs/figures.md

/// A figure that the program tells of a session: a row of `FigureTable`.
public struct Figure: Sendable {
  /// What the value is a number of. The raw value is the unit's name in JSON.
  public enum Unit: String, Sendable, CaseIterable {
    case count
    /// Milliseconds: waits, delays, gaps.
    case ms
    /// Seconds: lengths of audio.
    case s
    case bytes
    /// Bytes for each second of audio.
    case bytesPerSecond = "bytes/s"
    /// Hundredths.
    case percent = "%"
    /// Parts per million, of a clock.
    case ppm
    /// How many times as fast as the audio is heard.
    case ratio
  }

  /// A chapter of the list and of the page, in this order.
  public enum Group: String, Sendable, CaseIterable {
    case responses
    case bargeIns = "barge-ins"
    case playout, uplink, connection
  }

  /// Stable, in lower case with dashes, as in `response-time-p50`.
  public let id: String
  public let group: Group
  public let unit: Unit
  /// A few words, as they stand in a list.
  public let title: String
  /// What it means, in sentences.
  public let meaning: String
  /// The convention: of a time from which edge to which, of a count what counts.
  public let measured: String
  private let read: @Sendable (Insight) -> Double?

  /// - Parameter read: the figure as it is now; nil where there is none. Counts begin with 0 and are never nil.
  public init(
    id: String, _ group: Group, _ unit: Unit, title: String, meaning: String, measured: String,
    read: @escaping @Sendable (Insight) -> Double?
  ) {
    (self.id, self.group, self.unit) = (id, group, unit)
    (self.title, self.meaning, self.measured) = (title, meaning, measured)
    self.read = read
  }

  /// A row whose value is a whole number that is there from the start.
  init(
    id: String, _ group: Group, _ unit: Unit = .count, title: String, meaning: String, measured: String,
    count: @escaping @Sendable (Insight) -> Int
  ) {
    self.init(id: id, group, unit, title: title, meaning: meaning, measured: measured) { Double(count($0)) }
  }

  /// The figure now, in its unit; nil where there is none, or where what was recorded is no number.
  public func value(in insight: Insight) -> Double? { read(insight).flatMap { $0.isFinite ? $0 : nil } }

  /// The figure now, as it is shown.
  public func text(in insight: Insight) -> FigureText { FigureText(value(in: insight), unit) }
}

import Insight
import Screen
import Timeline

/// The panes, by the digit that opens and closes them.
enum Pane: Int, Sendable, Hashable, CaseIterable {
  case mic = 1
  case agent, latency, transcript, log, buffers

  var title: String {
    switch self {
    case .log: "protocol"
    default: "\(self)"
    }
  }
  /// The panes in which there is something to scroll.
  var scrolls: Bool { self == .transcript || self == .log }
}

/// Sets of panes for what one is doing.
enum PanePreset: String, Sendable, CaseIterable {
  case all, talk, wire
  /// What is in it.
  var meaning: String {
    self == .all ? "every pane" : Pane.allCases.filter(panes.contains).map(\.title).joined(separator: ", ")
  }
  var panes: Set<Pane> {
    switch self {
    case .all: Set(Pane.allCases)
    case .talk: [.mic, .agent, .transcript]
    case .wire: [.latency, .log, .buffers]
    }
  }
}

/// What a pane may know beside its own state when it draws itself.
struct PaneContext: Sendable {
  let insight: Insight
  let now: Timestamp
  let glyphs: GlyphSet
  /// What stacked bars are drawn with: letters where neither colour nor shade tells their parts apart.
  let barGlyphs: GlyphSet
  let isFocused: Bool
  let isReplay: Bool
  let clock: Clock
  let keys: KeyMap

  /// How an operator calls a command: its key, else its name.
  func call(_ command: Command) -> String { keys.call(command, glyphs: glyphs) }

  /// The pane's frame, with room for labels.
  func frame(_ pane: Pane, _ trailing: [BorderLabel] = []) -> Box {
    Box(pane.title, hotkey: pane.rawValue, isFocused: isFocused, trailing: trailing)
  }
}

/// Moments as times of day, or as time since the start while the wall clock is not known.
struct Clock: Sendable, Equatable {
  var wallClockMs: Int64?
  var utcOffsetSeconds: Int

  /// `12:04:09.112`, always 12 columns within a day.
  func time(_ moment: Timestamp) -> String {
    Figures.clock(
      moment, wallClockMs: wallClockMs ?? 0, utcOffsetSeconds: wallClockMs == nil ? 0 : utcOffsetSeconds)
  }
  /// `12:04:09`.
  func seconds(_ moment: Timestamp) -> String { String(time(moment).prefix(8)) }
}

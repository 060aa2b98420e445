import Insight
import Screen
import Session
import Timeline

/// The name of a pane. Each is declared beside its row, in its own folder.
public struct Pane: Sendable, Hashable {
  /// As it stands in its border, and in settings.
  public let title: String
  /// Another word for it in settings and commands.
  public let shortName: String
  /// Opens and closes it, 1 to 9.
  public let digit: Int

  init(_ title: String, shortName: String? = nil, digit: Int) {
    self.title = title
    self.shortName = shortName ?? title
    self.digit = digit
  }
}

extension Pane: CaseIterable {
  /// The program's own.
  public static var allCases: [Pane] { PaneTable.standard.panes }
  /// The pane of a title, or of its short name `log`; nil for any other word.
  public init?(title: String) {
    guard let pane = PaneTable.standard.pane(named: title) else { return nil }
    self = pane
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
  /// What can be done to what is shown.
  let powers: Powers
  let clock: WallTime
  let keys: KeyMap
  /// How far the panes are behind a running session, as in `-12.3 s`; nil while they show it as it is.
  var behind: String?

  /// How an operator calls a command: its key, else its name.
  func call(_ command: Command) -> String { keys.call(command, glyphs: glyphs) }

  /// The last word of a device that is not there.
  func missing(_ role: DeviceChange.Role) -> DeviceChange? {
    insight.devices[role].flatMap { $0.state.isMissing ? $0 : nil }
  }

  /// The pane's frame, with room for labels.
  func frame(_ pane: Pane, _ trailing: [BorderLabel] = []) -> Box {
    var box = Box(pane.title, hotkey: pane.digit, isFocused: isFocused, trailing: trailing)
    if let behind { box.leading.append(BorderLabel(StyledText(behind, .operator, .bold), priority: 100)) }
    return box
  }
}

/// Moments as times of day, or as time since the start while the wall clock is not known.
struct WallTime: Sendable, Equatable {
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

import Screen

/// One row of the table of panes: all that the console knows of a pane, and all that it asks of it. What a pane keeps is
/// its state (`PaneState`), one of each source.
public struct PaneSpec: Sendable {
  public let pane: Pane
  /// With which others it stands.
  let group: PaneGroup
  /// Where it stands in a layout of some shape, and how large.
  let place: @Sendable (LayoutShape, LayoutRoom) -> PanePlace
  /// Makes what it keeps of one source; nil when it keeps nothing of its own.
  let makeState: (@Sendable (PaneSetup) -> PaneBox)?
  let draw: @Sendable (Console, inout Surface, Rect, PaneContext) -> Void
  /// Draws what moves with the sound anew within the frame, more often than a figure can be read; nil for a pane that is
  /// drawn with the figures.
  let drawInside: (@Sendable (Console, inout Surface, Rect, PaneContext) -> Void)?
  /// Moves its cursor or its text, down when positive; `.min` and `.max` go to the ends. Nil when nothing scrolls.
  let scroll: (@Sendable (inout Console, _ rows: Int) -> Void)?
  /// A click on a row of its inside; nil where there is nothing to click on.
  let click: (@Sendable (inout Console, _ row: Int, _ isSecond: Bool) -> [ConsoleEffect]?)?
  /// What commands mean while it has the focus; any other means what its own row says.
  let deeds: [Command: CommandDeed]
  /// Whether it has something for a command to do, where the command's row does not know that.
  let offers: [Command: @Sendable (Console) -> Bool]
  /// What a hint says in place of its command's label.
  let labels: [Command: String]

  init(
    _ pane: Pane, in group: PaneGroup, place: @escaping @Sendable (LayoutShape, LayoutRoom) -> PanePlace,
    state: (@Sendable (PaneSetup) -> PaneBox)? = nil,
    draw: @escaping @Sendable (Console, inout Surface, Rect, PaneContext) -> Void,
    drawInside: (@Sendable (Console, inout Surface, Rect, PaneContext) -> Void)? = nil,
    scroll: (@Sendable (inout Console, Int) -> Void)? = nil,
    click: (@Sendable (inout Console, Int, Bool) -> [ConsoleEffect]?)? = nil,
    deeds: [Command: CommandDeed] = [:], offers: [Command: @Sendable (Console) -> Bool] = [:],
    labels: [Command: String] = [:]
  ) {
    self.pane = pane
    self.group = group
    self.place = place
    makeState = state
    self.draw = draw
    self.drawInside = drawInside
    self.scroll = scroll
    self.click = click
    self.deeds = deeds
    self.offers = offers
    self.labels = labels
  }
}

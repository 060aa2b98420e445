import Screen

/// Panes that stand together where there is room for it: side by side, or one above the other.
enum PaneGroup: String, Sendable, CaseIterable {
  /// Waveforms and bars.
  case meters
  /// Texts.
  case reading
  /// Lists at the foot of the screen.
  case foot
}

/// Where a pane stands in a layout of some shape.
struct PanePlace: Sendable {
  /// The group that it is placed in there; nil when it has a row of its own.
  var group: PaneGroup?
  /// Among the panes of the group, or among the rows.
  var length: Length
  /// No divider goes below.
  var minimum: Int
  /// Its length where it is the only open pane of its group and takes the group's place; nil where the group stays.
  var alone: (length: Length, minimum: Int)?

  init(_ group: PaneGroup? = nil, _ length: Length, minimum: Int, alone: (length: Length, minimum: Int)? = nil) {
    self.group = group
    self.length = length
    self.minimum = minimum
    self.alone = alone
  }
}

/// What there is to share among the panes.
struct LayoutRoom: Sendable {
  let body: Size
  /// How many panes of each group are open.
  let open: [PaneGroup: Int]

  init(_ body: Size, open rows: [PaneSpec]) {
    self.body = body
    open = rows.reduce(into: [:]) { $0[$1.group, default: 0] += 1 }
  }

  var openCount: Int { open.values.reduce(0, +) }
  func has(_ group: PaneGroup) -> Bool { open[group] != nil }
}

import Screen
import Timeline
import Wire

extension Pane {
  public static let findings = Pane("findings", digit: 7)
}

extension PaneSpec {
  static let findings = PaneSpec(
    .findings, in: .foot, place: PanePlace.list, state: PaneBox.of(FindingsPane.self),
    draw: { console, surface, rect, context in console.findings.draw(on: &surface, in: rect, context) },
    scroll: { console, rows in console.findings.move(by: rows) },
    click: { console, row, isSecond in
      guard let index = console.findings.index(atRow: row, height: console.inside(.findings).height) else { return nil }
      if isSecond { return console.run(.open) }
      console.findings.choose(index, of: console.findings.list)
      return []
    },
    deeds: [
      .open: { console, _ throws(CommandFault) in
        try console.goToEvidence()
        return []
      },
      .searchNext: { console, _ throws(CommandFault) in
        try console.stepFinding(1)
        return []
      },
      .searchPrevious: { console, _ throws(CommandFault) in
        try console.stepFinding(-1)
        return []
      },
    ],
    offers: [.open: { !$0.findings.counts.isEmpty }], labels: [.open: "evidence"])
}

extension FindingsPane: PaneState {
  init(_ setup: PaneSetup) {
    let options = setup.options
    self.init(silenced: options.silenced, options.dialect, among: options.dialects, of: setup.source)
  }
}

extension PanePlace {
  /// A list at the foot of the screen.
  static func list(in shape: LayoutShape, _ room: LayoutRoom) -> PanePlace {
    let height = room.body.height
    switch shape {
    case .stack:
      // The strip has its counts, and its number gives it the whole screen where it has no room.
      let length: Length =
        room.openCount <= 3
        ? .flexible(weight: 3, minimum: 3)
        : room.isTall ? .fixed((height / 9).clamped(to: 6...12)) : .fixed(height >= 30 ? 5 : 0)
      return PanePlace(nil, length, minimum: 3)
    case .bands:
      return PanePlace(
        .foot, .flexible(weight: 2), minimum: 30,
        alone: (room.isFootAlone ? .flexible() : .fixed((height / 4).clamped(to: 6...14)), 3))
    case .columns: return PanePlace(.meters, .flexible(weight: 5, minimum: 3, maximum: 10), minimum: 3)
    }
  }
}

import Screen

extension Pane {
  public static let latency = Pane("latency", digit: 3)
}

extension PaneSpec {
  static let latency = PaneSpec(
    .latency, in: .meters, place: PanePlace.latency, state: PaneBox.of(LatencyPane.self),
    draw: { console, surface, rect, context in console.latency.draw(on: &surface, in: rect, context) },
    scroll: { console, rows in
      console.latency.move(by: rows, in: console.insight, inside: console.inside(.latency))
    },
    click: { console, row, isSecond in
      let inside = console.inside(.latency)
      guard let turn = console.latency.turn(atRow: row, in: console.insight, inside: inside) else { return nil }
      if isSecond { return console.run(.open) }
      console.latency.choose(turn.number, in: console.insight, inside: inside)
      return []
    },
    deeds: [
      .open: { console, _ throws(CommandFault) in
        try console.openTurn(console.latency.turn(in: console.insight))
        return []
      }
    ],
    offers: [.open: { $0.latency.newest(in: $0.insight) != nil }], labels: [.open: "messages"])
}

extension LatencyPane: PaneState {
  init(_ setup: PaneSetup) { self.init() }
  /// The turns are not here, only which of them is chosen.
  mutating func takeReadings(of other: LatencyPane) {}
}

extension PanePlace {
  fileprivate static func latency(in shape: LayoutShape, _ room: LayoutRoom) -> PanePlace {
    switch shape {
    case .stack:
      let height = room.body.height
      let length: Length =
        room.isShort && room.openCount > 3
        ? .fixed(0)
        : !room.has(.reading)
          ? .flexible(minimum: 3) : .fixed(room.isTall ? (height / 9).clamped(to: 6...12) : height >= 26 ? 4 : 3)
      return PanePlace(nil, length, minimum: 3)
    // The bars need more room than the waveforms.
    case .bands: return PanePlace(.meters, .flexible(weight: 6), minimum: 24)
    case .columns: return PanePlace(.meters, .flexible(weight: 6, minimum: 3), minimum: 3)
    }
  }
}

import Screen

extension Pane {
  public static let log = Pane("protocol", shortName: "log", digit: 5)
}

extension PaneSpec {
  /// What it keeps is the console's own: there is one log of all sources.
  static let log = PaneSpec(
    .log, in: .reading, place: PanePlace.log,
    draw: { console, surface, rect, context in console.log.draw(on: &surface, in: rect, context) },
    scroll: { console, rows in console.scrollLog(by: rows) },
    click: { console, row, _ in console.clickLog(line: row) },
    deeds: [
      .open: { console, _ throws(CommandFault) in
        try console.openMessage()
        return []
      }
    ],
    offers: [.open: { $0.log.cursor != nil }])
}

extension PanePlace {
  fileprivate static func log(in shape: LayoutShape, _ room: LayoutRoom) -> PanePlace {
    shape == .stack
      ? PanePlace(nil, .flexible(weight: 5, minimum: 4), minimum: 3)
      : PanePlace(.reading, .flexible(weight: 5), minimum: 30)
  }
}

import Screen

extension Pane {
  public static let transcript = Pane("transcript", digit: 4)
}

extension PaneSpec {
  static let transcript = PaneSpec(
    .transcript, in: .reading, place: PanePlace.transcript, state: PaneBox.of(TranscriptPane.self),
    draw: { console, surface, rect, context in console.transcript.draw(on: &surface, in: rect, context) },
    scroll: { console, rows in console.transcript.scroll(by: rows, console.transcriptRows) },
    click: { console, row, _ in
      // A click on the head of a turn; elsewhere a double click zooms.
      console.transcript.turn(atRow: row, console.transcriptRows).map { console.run(.turn, "\($0)") }
    },
    deeds: [
      .filter: { console, input throws(CommandFault) in
        try console.searchTranscript(input, asks: true)
        return []
      },
      .search: { console, input throws(CommandFault) in
        try console.searchTranscript(input, asks: false)
        return []
      },
      .searchNext: { console, _ throws(CommandFault) in
        try console.searchTranscriptOn(1)
        return []
      },
      .searchPrevious: { console, _ throws(CommandFault) in
        try console.searchTranscriptOn(-1)
        return []
      },
      .follow: { console, _ in
        if console.isInPast { return console.goLive() }
        if console.transcript.isHeld { console.transcript.follow() } else { console.toggleFollow() }
        return []
      },
      .open: { console, _ throws(CommandFault) in
        try console.openTurn(console.turnInTranscript)
        return []
      },
      .turn: { console, input throws(CommandFault) in
        try console.goToTurn(input.number(0), else: console.turnInTranscript)
        return []
      },
      .copy: { console, _ throws(CommandFault) in try console.copyTranscript() },
      .write: { console, input throws(CommandFault) in try console.writeTranscript(input) },
    ],
    offers: [.open: { !$0.insight.turns.isEmpty }], labels: [.open: "messages"])
}

extension TranscriptPane: PaneState {
  init(_ setup: PaneSetup) { self.init() }
  /// What was said is not here; what it was searched for stays.
  mutating func takeReadings(of other: TranscriptPane) { follow() }
}

extension PanePlace {
  fileprivate static func transcript(in shape: LayoutShape, _ room: LayoutRoom) -> PanePlace {
    shape == .stack
      ? PanePlace(nil, .flexible(weight: 4, minimum: 4), minimum: 3)
      : PanePlace(.reading, .flexible(weight: 3), minimum: 24)
  }
}

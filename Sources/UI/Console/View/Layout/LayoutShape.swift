import Screen

/// How the panes stand to each other on a screen of some size.
enum LayoutShape: String, Sendable, CaseIterable {
  /// Narrow or low: one thing under the other, microphone and agent side by side.
  case stack
  /// Three bands: meters, reading, buffers.
  case bands
  /// Very wide for its height: a column of meters, and the texts beside it over the whole height.
  case columns

  init(_ size: Size) {
    // A cell is about twice as high as wide.
    if size.width >= 200, size.width >= size.height * 5 {
      self = .columns
    } else {
      self = size.width < 100 || size.height < 30 ? .stack : .bands
    }
  }

  /// The open panes as slots; nil when none is open.
  func root(_ open: Set<Pane>, in body: Size) -> PaneSlot? {
    let root: PaneSlot.Content =
      switch self {
      case .stack: .rows(Self.stack(open, body))
      case .bands: .rows(Self.bands(open, body))
      case .columns: .columns(Self.columns(open, body))
      }
    return PaneSlot("body", .flexible(), minimum: 0, root).showing(open)
  }

  private static func stack(_ open: Set<Pane>, _ body: Size) -> [PaneSlot] {
    let grows = open.contains(.transcript) || open.contains(.log)
    // What goes first when rows are short: latency, then the meters' third line.
    let isShort = body.height < 20 && grows
    let isTall = body.height >= 44
    let meterHeight: Length =
      !grows
      ? .flexible(weight: 2, minimum: 4) : .fixed(isShort ? 4 : isTall ? (body.height / 9).clamped(to: 7...12) : 5)
    let latencyHeight: Length =
      isShort && open.count > 3
      ? .fixed(0)
      : !grows
        ? .flexible(minimum: 3) : .fixed(isTall ? (body.height / 9).clamped(to: 6...12) : body.height >= 26 ? 4 : 3)
    let buffersHeight: Length =
      isTall && grows ? .fixed(8) : open.count <= 3 ? .flexible(minimum: 3, maximum: isTall ? 8 : 6) : .fixed(1)
    // The strip has its counts, and its number gives it the whole screen where it has no room.
    let findingsHeight: Length =
      open.count <= 3
      ? .flexible(weight: 3, minimum: 3)
      : isTall ? .fixed((body.height / 9).clamped(to: 6...12)) : .fixed(body.height >= 30 ? 5 : 0)
    return [
      PaneSlot(
        "meters", meterHeight, minimum: 3,
        .columns([PaneSlot(.mic, .flexible(), minimum: 24), PaneSlot(.agent, .flexible(), minimum: 24)])),
      PaneSlot(.latency, latencyHeight, minimum: 3),
      PaneSlot(.transcript, .flexible(weight: 4, minimum: 4), minimum: 3),
      PaneSlot(.log, .flexible(weight: 5, minimum: 4), minimum: 3),
      PaneSlot(.buffers, buffersHeight, minimum: 1),
      PaneSlot(.findings, findingsHeight, minimum: 3),
    ]
  }

  private static func bands(_ open: Set<Pane>, _ body: Size) -> [PaneSlot] {
    let hasMeters = !open.isDisjoint(with: [.mic, .agent, .latency])
    let hasReading = !open.isDisjoint(with: [.transcript, .log])
    return [
      PaneSlot(
        "meters",
        !hasReading
          ? .flexible(weight: 3, minimum: 7)
          : .fixed((body.height / 5).clamped(to: 7...12) + (body.height >= 34 ? 1 : 0)),
        minimum: 4,
        // The bars need more room than the waveforms.
        .columns([
          PaneSlot(.mic, .flexible(weight: 5), minimum: 24), PaneSlot(.agent, .flexible(weight: 5), minimum: 24),
          PaneSlot(.latency, .flexible(weight: 6), minimum: 24),
        ])),
      PaneSlot("reading", .flexible(minimum: 5), minimum: 4, reading),
    ] + foot(open, isAlone: !hasMeters && !hasReading, body)
  }

  /// Buffers and findings, side by side where both are open.
  private static func foot(_ open: Set<Pane>, isAlone: Bool, _ body: Size) -> [PaneSlot] {
    guard open.contains(.findings) else {
      return [PaneSlot(.buffers, isAlone ? .flexible() : .fixed(5), minimum: 3)]
    }
    guard open.contains(.buffers) else {
      return [
        PaneSlot(.findings, isAlone ? .flexible() : .fixed((body.height / 4).clamped(to: 6...14)), minimum: 3)
      ]
    }
    return [
      PaneSlot(
        "foot", isAlone ? .flexible() : .fixed(body.height >= 34 ? 6 : 5), minimum: 3,
        .columns([
          PaneSlot(.buffers, .flexible(weight: 3), minimum: 30), PaneSlot(.findings, .flexible(weight: 2), minimum: 30),
        ]))
    ]
  }

  private static func columns(_ open: Set<Pane>, _ body: Size) -> [PaneSlot] {
    let hasReading = !open.isDisjoint(with: [.transcript, .log])
    return [
      PaneSlot(
        "meters", hasReading ? .fixed((body.width / 4).clamped(to: 60...90)) : .flexible(), minimum: 40,
        .rows([
          PaneSlot(.mic, .flexible(weight: 6, minimum: 3), minimum: 3),
          PaneSlot(.agent, .flexible(weight: 6, minimum: 3), minimum: 3),
          PaneSlot(.latency, .flexible(weight: 6, minimum: 3), minimum: 3),
          PaneSlot(.buffers, .flexible(weight: 7, minimum: 3, maximum: 8), minimum: 1),
          PaneSlot(.findings, .flexible(weight: 5, minimum: 3, maximum: 10), minimum: 3),
        ])),
      PaneSlot("reading", .flexible(), minimum: 40, reading),
    ]
  }

  private static var reading: PaneSlot.Content {
    .columns([
      PaneSlot(.transcript, .flexible(weight: 3), minimum: 24), PaneSlot(.log, .flexible(weight: 5), minimum: 30),
    ])
  }
}

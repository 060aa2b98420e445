import Screen
import Timeline
import Wire

extension Pane {
  public static let buffers = Pane("buffers", digit: 6)
}

extension PaneSpec {
  static let buffers = PaneSpec(
    .buffers, in: .foot, place: PanePlace.buffers, state: PaneBox.of(BuffersPane.self),
    draw: { console, surface, rect, context in
      console.buffers.draw(on: &surface, in: rect, playout: console.agent.depth, context)
    })
}

extension BuffersPane: PaneState {
  init(_ setup: PaneSetup) { self.init() }
  mutating func observe(_ entry: Entry, _ reading: Reading?) -> Bool {
    if case .queue(let depth) = entry.event { observe(depth, at: entry.at) }
    return false
  }
}

extension PanePlace {
  fileprivate static func buffers(in shape: LayoutShape, _ room: LayoutRoom) -> PanePlace {
    switch shape {
    case .stack:
      let length: Length =
        room.isTall && room.has(.reading)
        ? .fixed(8) : room.openCount <= 3 ? .flexible(minimum: 3, maximum: room.isTall ? 8 : 6) : .fixed(1)
      return PanePlace(nil, length, minimum: 1)
    case .bands:
      return PanePlace(
        .foot, .flexible(weight: 3), minimum: 30, alone: (room.isFootAlone ? .flexible() : .fixed(5), 3))
    case .columns: return PanePlace(.meters, .flexible(weight: 7, minimum: 3, maximum: 8), minimum: 1)
    }
  }
}

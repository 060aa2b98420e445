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
  /// - Parameter rows: those of the open panes, in order.
  func root(_ rows: [PaneSpec], in body: Size) -> PaneSlot? {
    guard !rows.isEmpty else { return nil }
    let room = LayoutRoom(body, open: rows)
    let places = rows.map { (pane: $0.pane, place: $0.place(self, room)) }
    let groups = PaneGroup.allCases.compactMap { group -> PaneSlot? in
      let members = places.filter { $0.place.group == group }
      guard let first = members.first else { return nil }
      if members.count == 1, let alone = first.place.alone {
        return PaneSlot(first.pane, alone.length, minimum: alone.minimum)
      }
      let (length, minimum) = self.length(of: group, room)
      let inner = members.map { PaneSlot($0.pane, $0.place.length, minimum: $0.place.minimum) }
      return PaneSlot(group.rawValue, length, minimum: minimum, isUpright(group) ? .rows(inner) : .columns(inner))
    }
    let others = places.filter { $0.place.group == nil }.map {
      PaneSlot($0.pane, $0.place.length, minimum: $0.place.minimum)
    }
    let slots = groups + others
    return PaneSlot("body", .flexible(), minimum: 0, self == .columns ? .columns(slots) : .rows(slots))
  }

  /// The panes of a group stand one above the other.
  private func isUpright(_ group: PaneGroup) -> Bool { self == .columns && group == .meters }

  private func length(of group: PaneGroup, _ room: LayoutRoom) -> (Length, minimum: Int) {
    let height = room.body.height
    switch (self, group) {
    case (.stack, .meters): return (room.stackMeters, 3)
    case (.bands, .meters):
      return (
        room.has(.reading)
          ? .fixed((height / 5).clamped(to: 7...12) + (height >= 34 ? 1 : 0)) : .flexible(weight: 3, minimum: 7), 4
      )
    case (.bands, .foot): return (room.isFootAlone ? .flexible() : .fixed(height >= 34 ? 6 : 5), 3)
    case (.columns, .meters):
      return (room.has(.reading) ? .fixed((room.body.width / 4).clamped(to: 60...90)) : .flexible(), 40)
    case (.columns, _): return (.flexible(), 40)
    case (.stack, _), (.bands, _): return (.flexible(minimum: 5), 4)
    }
  }
}

extension LayoutRoom {
  /// Nothing but what stands at the foot is open.
  var isFootAlone: Bool { !has(.meters) && !has(.reading) }

  // A stack of panes: what goes first when rows are short is latency, then the meters' third line.
  var isShort: Bool { body.height < 20 && has(.reading) }
  var isTall: Bool { body.height >= 44 }

  fileprivate var stackMeters: Length {
    guard has(.reading) else { return .flexible(weight: 2, minimum: 4) }
    return .fixed(isShort ? 4 : isTall ? (body.height / 9).clamped(to: 7...12) : 5)
  }
}

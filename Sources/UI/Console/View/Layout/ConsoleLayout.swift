import Screen

/// Where everything is on a screen of some size: strip, banner, panes, hints.
struct ConsoleLayout: Sendable, Equatable {
  /// Below this nothing can be read.
  static let minimum = Size(width: 60, height: 16)

  let size: Size
  let shape: LayoutShape
  private(set) var strip = Rect(x: 0, y: 0, width: 0, height: 0)
  private(set) var banner: Rect?
  /// All the panes together.
  private(set) var body = Rect(x: 0, y: 0, width: 0, height: 0)
  /// Of a recording.
  private(set) var bar: Rect?
  private(set) var hints = Rect(x: 0, y: 0, width: 0, height: 0)
  private var panes: [Pane: Rect] = [:]
  /// The lines between them, the outer ones first.
  private(set) var dividers: [Divider] = []

  var isTooSmall: Bool { size.width < Self.minimum.width || size.height < Self.minimum.height }
  /// The panes that found room, in order.
  private(set) var visible: [Pane] = []

  init(_ size: Size, open specs: [PaneSpec], zoomed: Pane?, hasBanner: Bool, barHeight: Int = 0, sizes: PaneSizes) {
    self.size = size
    shape = LayoutShape(size)
    let whole = Rect(x: 0, y: 0, width: size.width, height: size.height)
    let rows = Layout.rows(whole, [.fixed(1), .fixed(hasBanner ? 1 : 0), .flexible(), .fixed(barHeight), .fixed(1)])
    (strip, banner, body, hints) = (rows[0], hasBanner ? rows[1] : nil, rows[2], rows[4])
    bar = barHeight > 0 ? rows[3] : nil
    if let zoomed {
      panes[zoomed] = body
    } else if let root = shape.root(specs, in: Size(width: body.width, height: body.height)) {
      place(root, in: body, sizes)
    }
    panes = panes.filter { !$0.value.isEmpty }
    visible = panes.keys.sorted { $0.digit < $1.digit }
  }

  func rect(of pane: Pane) -> Rect { panes[pane] ?? Rect(x: 0, y: 0, width: 0, height: 0) }

  func pane(atX x: Int, y: Int) -> (Pane, Rect)? {
    panes.first { $0.value.contains(x: x, y: y) }.map { ($0.key, $0.value) }
  }

  func divider(atX x: Int, y: Int) -> Divider? { dividers.first { $0.contains(x: x, y: y) } }

  // MARK: - Placing

  private mutating func place(_ slot: PaneSlot, in rect: Rect, _ sizes: PaneSizes) {
    switch slot.content {
    case .pane(let pane): panes[pane] = rect
    case .rows(let slots): place(slots, in: rect, isUpright: false, sizes)
    case .columns(let slots): place(slots, in: rect, isUpright: true, sizes)
    }
  }

  /// - Parameter isUpright: the dividers between the slots are.
  private mutating func place(_ slots: [PaneSlot], in rect: Rect, isUpright: Bool, _ sizes: PaneSizes) {
    let total = isUpright ? rect.width : rect.height
    let filler = Self.filler(slots)
    let lengths = Self.lengths(slots, total, filler: filler, sizes, shape)
    let rects = isUpright ? Layout.columns(rect, lengths) : Layout.rows(rect, lengths)
    let shown = slots.indices.filter { !rects[$0].isEmpty }
    for (first, second) in zip(shown, shown.dropFirst()) {
      let (a, b) = (rects[first], rects[second])
      let bystanders = shown.filter { ![first, second, filler].contains($0) && slots[$0].isFlexible }
      dividers.append(
        Divider(
          isUpright: isUpright, position: isUpright ? b.x : b.y,
          extent: isUpright ? rect.y..<rect.bottom : rect.x..<rect.right, before: slots[first], after: slots[second],
          range: isUpright ? a.x..<b.right : a.y..<b.bottom, whole: total, fillsBefore: first == filler,
          fillsAfter: second == filler,
          bystanders: Dictionary(
            uniqueKeysWithValues: bystanders.map { (slots[$0].name, isUpright ? rects[$0].width : rects[$0].height) })))
    }
    for i in shown { place(slots[i], in: rects[i], sizes) }
  }

  /// The slot that takes what the others leave: the last that is flexible by itself.
  private static func filler(_ slots: [PaneSlot]) -> Int {
    slots.lastIndex { $0.isFlexible && !$0.isBounded } ?? slots.count - 1
  }

  private static func lengths(
    _ slots: [PaneSlot], _ total: Int, filler: Int, _ sizes: PaneSizes, _ shape: LayoutShape
  ) -> [Length] {
    slots.indices.map { i in
      guard i != filler, let share = sizes.share(of: slots[i].name, in: shape) else {
        // With one slot alone there is nothing to share.
        return slots.count == 1 ? .flexible() : slots[i].length
      }
      let others = slots.indices.reduce(0) { $0 + ($1 == i || slots[$1].isLeftOut ? 0 : slots[$1].minimum) }
      let wanted = Int((share * Double(total)).rounded())
      return .fixed(wanted.clamped(to: slots[i].minimum...max(slots[i].minimum, total - others)))
    }
  }
}

extension Console {
  func layout(_ size: Size) -> ConsoleLayout {
    ConsoleLayout(
      size, open: panes.rows.filter { openPanes.contains($0.pane) }, zoomed: isZoomed ? focus : nil,
      hasBanner: banner != nil, barHeight: barHeight(size), sizes: paneSizes)
  }

  /// The inside of an opened message.
  func messageArea(_ size: Size) -> Size {
    let body = layout(size).body
    return Size(width: body.width - 4, height: body.height - 2)
  }
}

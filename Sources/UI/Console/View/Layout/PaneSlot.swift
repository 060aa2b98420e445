import Screen

/// A pane, or panes side by side, in a row or column of such: what a layout is made of.
struct PaneSlot: Sendable, Equatable {
  enum Content: Sendable, Equatable {
    case pane(Pane)
    /// One above the other.
    case rows([PaneSlot])
    /// One beside the other.
    case columns([PaneSlot])
  }
  /// By which its size is remembered: a pane's title, or what the panes in it have in common.
  let name: String
  /// How long it is while the operator has not dragged it.
  let length: Length
  /// No divider goes below.
  let minimum: Int
  let content: Content

  init(_ pane: Pane, _ length: Length, minimum: Int) {
    (name, self.length, self.minimum, content) = (pane.title, length, minimum, .pane(pane))
  }
  init(_ name: String, _ length: Length, minimum: Int, _ content: Content) {
    (self.name, self.length, self.minimum, self.content) = (name, length, minimum, content)
  }

  /// It shares what others leave, and up to how much.
  var isFlexible: Bool { if case .flexible = length { true } else { false } }
  var isBounded: Bool { if case .flexible(_, _, let maximum) = length { maximum < .max } else { true } }

  /// It finds no room in this layout.
  var isLeftOut: Bool { length == .fixed(0) }

  func contains(_ pane: Pane) -> Bool {
    switch content {
    case .pane(let own): own == pane
    case .rows(let slots), .columns(let slots): slots.contains { $0.contains(pane) }
    }
  }
}

/// How much of their row or column slots were given by the operator, in shares of the whole (0…1).
///
/// Kept apart for each shape of layout, as the same pane is narrow in one and low in another. A preset's sizes hold in
/// every shape that has no size of its own.
public struct PaneSizes: Sendable, Equatable {
  /// By `SHAPE.SLOT`, or by `SLOT` for every shape.
  public var shares: [String: Double]

  public init(_ shares: [String: Double] = [:]) { self.shares = shares }

  func share(of slot: String, in shape: LayoutShape) -> Double? {
    let share = shares["\(shape.rawValue).\(slot)"] ?? shares[slot]
    return share.flatMap { $0 > 0 && $0 < 1 ? $0 : nil }
  }
  mutating func set(_ share: Double, of slot: String, in shape: LayoutShape) {
    shares["\(shape.rawValue).\(slot)"] = share
  }
}

/// A line between two slots that can be dragged.
struct Divider: Sendable, Equatable {
  /// It goes from top to bottom, so it moves to the left and right.
  let isUpright: Bool
  /// The first line of the second slot; the frame line before it belongs to the divider, too.
  let position: Int
  /// The other axis' lines that it covers.
  let extent: Range<Int>
  let before: PaneSlot
  let after: PaneSlot
  /// The lines of both slots, and of the whole row or column of slots.
  let range: Range<Int>
  let whole: Int
  /// Which of the two takes what the others leave, so that it has no size of its own.
  let fillsBefore: Bool
  let fillsAfter: Bool
  /// The lengths of the other slots that share what is left: they stay as they are when this divider moves.
  let bystanders: [String: Int]

  func contains(x: Int, y: Int) -> Bool {
    let (along, across) = isUpright ? (x, y) : (y, x)
    return (along == position || along == position - 1) && extent.contains(across)
  }

  /// Writes the sizes down that bring it to `target`, as near as the slots' minimums allow.
  func move(to target: Int, _ sizes: inout PaneSizes, in shape: LayoutShape) {
    let low = range.lowerBound + before.minimum
    let high = range.upperBound - after.minimum
    guard low <= high, whole > 0 else { return }
    let place = target.clamped(to: low...high)
    for (name, length) in bystanders { sizes.set(Double(length) / Double(whole), of: name, in: shape) }
    if !fillsBefore { sizes.set(Double(place - range.lowerBound) / Double(whole), of: before.name, in: shape) }
    if !fillsAfter { sizes.set(Double(range.upperBound - place) / Double(whole), of: after.name, in: shape) }
  }
}

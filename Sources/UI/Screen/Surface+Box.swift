/// One piece of text in a frame's border.
public struct BorderLabel: Sendable, Hashable {
  public var text: StyledText
  /// When a border is too short, the labels of the lowest priority are left out first; the later of equals before.
  public var priority: Int
  public init(_ text: StyledText, priority: Int = 0) {
    self.text = text
    self.priority = priority
  }
}

extension BorderLabel: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self.init(StyledText(value)) }
}

/// A frame with labels in its borders.
///
///     ╭¹ mic ─ muted ─────────── -23 dBFS ╮     hotkey, leading … trailing
///     │                                   │
///     ╰─ you  agent ──────────────────────╯     legend … trailing legend
public struct Box: Sendable, Hashable {
  /// The digit that toggles the pane, 0…9.
  public var hotkey: Int?
  /// Labels of the top border from the left. The first is the title: it is shortened, never left out.
  public var leading: [BorderLabel]
  /// Labels of the top border up to its right end.
  public var trailing: [BorderLabel]
  /// Labels of the bottom border, from the left and up to the right end.
  public var legend: [BorderLabel]
  public var trailingLegend: [BorderLabel]
  public var border: Style
  public var hotkeyStyle: Style

  public init(
    hotkey: Int? = nil, leading: [BorderLabel] = [], trailing: [BorderLabel] = [], legend: [BorderLabel] = [],
    trailingLegend: [BorderLabel] = [], border: Style = Style(.border), hotkeyStyle: Style = Style(.hotkey)
  ) {
    self.hotkey = hotkey
    self.leading = leading
    self.trailing = trailing
    self.legend = legend
    self.trailingLegend = trailingLegend
    self.border = border
    self.hotkeyStyle = hotkeyStyle
  }

  /// A pane's frame: its title in `.title`, the border in `.focus` when the pane has the focus.
  public init(_ title: String, hotkey: Int? = nil, isFocused: Bool = false, trailing: [BorderLabel] = []) {
    self.init(
      hotkey: hotkey, leading: [BorderLabel(StyledText(title, .title), priority: .max)], trailing: trailing,
      border: Style(isFocused ? .focus : .border))
  }
}

extension Surface {
  /// Draws a frame along the inside of `rect` and returns the rectangle within.
  ///
  /// Height 1 draws the top border alone. The inside is not cleared.
  @discardableResult
  public mutating func box(_ rect: Rect, _ box: Box, glyphs: GlyphSet = .braille) -> Rect {
    guard !rect.isEmpty else { return rect }
    let line = glyphs.frame
    fill(rect.row(0), line.horizontal, box.border)
    if rect.height > 1 {
      fill(rect.row(rect.height - 1), line.horizontal, box.border)
      let side = Rect(x: rect.x, y: rect.y + 1, width: 1, height: rect.height - 2)
      fill(side, line.vertical, box.border)
      fill(Rect(x: rect.right - 1, y: side.y, width: 1, height: side.height), line.vertical, box.border)
    }
    func corner(_ x: Int, _ y: Int, _ scalar: Unicode.Scalar, _ surface: inout Surface) {
      surface[x, y] = Cell(scalar: scalar.value, style: box.border)
    }
    corner(rect.right - 1, rect.y, line.topRight, &self)
    corner(rect.x, rect.y, line.topLeft, &self)
    if rect.height > 1 {
      corner(rect.right - 1, rect.bottom - 1, line.bottomRight, &self)
      corner(rect.x, rect.bottom - 1, line.bottomLeft, &self)
    }

    var top = Rect(x: rect.x + 1, y: rect.y, width: rect.width - 2, height: 1)
    if let digit = box.hotkey, top.width > 0 {
      let used = put(glyphs.hotkey(digit), x: top.x, y: top.y, width: top.width, box.hotkeyStyle)
      top = Rect(x: top.x + used, y: top.y, width: top.width - used, height: 1)
    }
    border(top, box.leading, box.trailing, box.border, line.horizontal, keepsFirst: true)
    if rect.height > 1 {
      let bottom = Rect(x: rect.x + 1, y: rect.bottom - 1, width: rect.width - 2, height: 1)
      border(bottom, box.legend, box.trailingLegend, box.border, line.horizontal, keepsFirst: false)
    }
    return rect.inset(1, 1)
  }

  /// Writes ` a ─ b ──── c ─ d ` into a border that is already drawn.
  private mutating func border(
    _ rect: Rect, _ leading: [BorderLabel], _ trailing: [BorderLabel], _ style: Style, _ line: Unicode.Scalar,
    keepsFirst: Bool
  ) {
    var chosen = BorderChoice(leading: leading, trailing: trailing, keepsFirst: keepsFirst)
    chosen.fit(rect.width)
    var x = rect.x
    for label in chosen.leading {
      if x > rect.x { x += put(String(Character(line)), x: x, y: rect.y, width: rect.right - x, style) }
      x += put(" ", x: x, y: rect.y, width: rect.right - x, style)
      let text = label.text.truncated(to: max(0, rect.right - x - 1))
      x += put(text, x: x, y: rect.y)
      x += put(" ", x: x, y: rect.y, width: rect.right - x, style)
    }
    x = rect.right - BorderChoice.columns(chosen.trailing)
    for (i, label) in chosen.trailing.enumerated() {
      if i > 0 { x += put(String(Character(line)), x: x, y: rect.y, style) }
      x += put(" ", x: x, y: rect.y, style)
      x += put(label.text, x: x, y: rect.y)
      x += put(" ", x: x, y: rect.y, style)
    }
  }
}

/// Which labels a border has room for.
private struct BorderChoice {
  var leading: [BorderLabel]
  var trailing: [BorderLabel]
  let keepsFirst: Bool

  static func columns(_ labels: [BorderLabel]) -> Int {
    labels.reduce(0) { $0 + $1.text.columns + 2 } + max(0, labels.count - 1)
  }

  mutating func fit(_ width: Int) {
    leading.removeAll { $0.text.isEmpty }
    trailing.removeAll { $0.text.isEmpty }
    // One column of line between the two sides tells them apart.
    while Self.columns(leading) + Self.columns(trailing) + (leading.isEmpty || trailing.isEmpty ? 0 : 1) > width {
      let first = keepsFirst ? 1 : 0
      let candidates =
        leading.indices.dropFirst(first).map { (leading[$0].priority, $0) }
        + trailing.indices.map { (trailing[$0].priority, leading.count + $0) }
      guard let worst = candidates.min(by: { ($0.0, -$0.1) < ($1.0, -$1.1) }) else { return }
      if worst.1 < leading.count {
        leading.remove(at: worst.1)
      } else {
        trailing.remove(at: worst.1 - leading.count)
      }
    }
  }
}

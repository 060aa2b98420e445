import Screen
import Timeline

/// What the mouse has hold of.
struct MouseState: Sendable, Equatable {
  /// A divider that is being dragged, and how far from it it was caught.
  var divider: Divider?
  var grip = 0
  /// The bar of a recording is being dragged on.
  var holdsBar = false
  /// The last press, for double clicks.
  var pressedAt: Timestamp?
  var pressed: Mouse?

  /// Two presses at one place within this time are a double click: the usual time of desktops.
  static let doubleClick = Duration.milliseconds(400)
}

// What the operator's mouse means.
extension Console {
  mutating func handle(_ mouse: Mouse) -> [ConsoleEffect] {
    if mouse.action == .press, let spec = hint(at: mouse) { return run(clicked: spec) }
    if mode == .panes || self.mouse.holdsBar, let effects = handleOnBar(mouse) { return effects }
    if case .themes(let menu) = overlay { return handle(mouse, on: menu) }
    if let rows = wheel(mouse) {
      turn(rows, at: mouse)
      return []
    }
    switch mouse.action {
    case .press: return press(mouse)
    case .drag: drag(to: mouse)
    case .release: self.mouse.divider = nil
    case .wheelUp, .wheelDown: break
    }
    return []
  }

  /// Rows of one notch of the wheel, down when positive; nil for any other act.
  func wheel(_ mouse: Mouse) -> Int? {
    switch mouse.action {
    case .wheelUp: -3
    case .wheelDown: 3
    case .press, .drag, .release: nil
    }
  }

  /// The wheel moves what lies over the panes, else what is under the pointer, whatever has the focus.
  private mutating func turn(_ rows: Int, at mouse: Mouse) {
    switch overlay {
    case .message, .help, .palette, .form, .editor, .figures: scroll(by: rows)
    case nil, .disconnect, .themes:
      guard mode == .panes, let (pane, _) = layout(size).pane(atX: mouse.x, y: mouse.y) else { return }
      scroll(pane, by: rows)
    }
  }

  // MARK: - Press

  private mutating func press(_ mouse: Mouse) -> [ConsoleEffect] {
    let layout = layout(size)
    guard mode == .panes, let (pane, rect) = layout.pane(atX: mouse.x, y: mouse.y) else { return [] }
    let isSecond = isDoubleClick(mouse)
    if mouse.y == rect.y, mouse.x == rect.x + 1 { return run(.pane, "\(pane.digit)") }
    let isBorder =
      mouse.y == rect.y || mouse.x == rect.x || mouse.x == rect.right - 1
      || (rect.height > 1 && mouse.y == rect.bottom - 1)
    focus = pane
    if !isBorder, let effects = panes[pane]?.click?(&self, mouse.y - rect.y - 1, isSecond) { return effects }
    if isSecond { return run(.zoom) }
    if let divider = layout.divider(atX: mouse.x, y: mouse.y) {
      self.mouse.divider = divider
      self.mouse.grip = (divider.isUpright ? mouse.x : mouse.y) - divider.position
    }
    return []
  }

  private mutating func isDoubleClick(_ press: Mouse) -> Bool {
    let isSecond =
      mouse.pressed == press && mouse.pressedAt.map { operatorTime - $0 <= MouseState.doubleClick } ?? false
    // A third press begins anew.
    (mouse.pressed, mouse.pressedAt) = isSecond ? (nil, nil) : (press, operatorTime)
    return isSecond
  }

  /// The command whose hint is under the pointer, in the last line or in the banner.
  private func hint(at mouse: Mouse) -> CommandSpec? {
    let layout = layout(size)
    guard !layout.isTooSmall else { return nil }
    var spots = flash == nil || prompt != nil ? hintSpots(in: layout.hints) : []
    if mode == .panes, let banner, let rect = layout.banner { spots += bannerSpots(banner, in: rect) }
    return spots.first { $0.rect.contains(x: mouse.x, y: mouse.y) }?.spec
  }

  private mutating func run(clicked spec: CommandSpec) -> [ConsoleEffect] {
    // Which pane, the hint of all of them does not say.
    guard spec.command != .pane else {
      prompt = Prompt(.command, text: "pane ")
      return []
    }
    return run(spec.command)
  }

  /// Selects the row; a click on the selected row opens it.
  mutating func clickLog(line: Int) -> [ConsoleEffect] {
    let height = inside(.log).height
    let window = log.window(height)
    guard line >= 0, line < height, window.lowerBound + line < window.upperBound else { return [] }
    let position = window.lowerBound + line
    if log.isFrozen, log.cursor == position { return run(.open) }
    log.select(position, height: height)
    return []
  }

  // MARK: - Drag

  private mutating func drag(to mouse: Mouse) {
    guard mode == .panes, let divider = self.mouse.divider else { return }
    let target = (divider.isUpright ? mouse.x : mouse.y) - self.mouse.grip
    let shape = layout(size).shape
    divider.move(to: target, &paneSizes, in: shape)
  }
}

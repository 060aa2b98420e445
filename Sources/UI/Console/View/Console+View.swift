import Screen

// The whole picture: strip, banner, panes, what lies over them, hints.
extension Console {
  /// Draws the console on a screen of any size, from 1×1 up. Depends on nothing but the model and the size.
  public func view(_ size: Size) -> Surface {
    let canvas = canvas(size)
    return canvas.isCovered ? covered(canvas.surface, layout(size)) : canvas.surface
  }

  /// Strip, banner and panes, and with nothing over them the rest of the screen.
  func canvas(_ size: Size) -> Canvas {
    var surface = Surface(size)
    let layout = layout(size)
    guard !layout.isTooSmall else {
      drawTooSmall(on: &surface)
      return Canvas(surface: drawable(surface), isCovered: false, meters: [])
    }
    drawStrip(on: &surface, in: layout.strip)
    if let banner, let rect = layout.banner { drawBanner(banner, on: &surface, in: rect) }
    for pane in layout.visible { draw(pane, on: &surface, in: layout.rect(of: pane)) }
    if let bar = layout.bar { drawBar(on: &surface, in: bar) }
    // Symbols that a terminal lacks are replaced at the very end, so nothing can be drawn over such a frame.
    let isCovered = hasCover || options.glyphs != .braille
    if !isCovered { drawHints(on: &surface, in: layout.hints) }
    return Canvas(
      surface: surface, isCovered: isCovered,
      meters: isHidden ? [] : layout.visible.filter { panes[$0]?.drawInside != nil }.map { ($0, layout.rect(of: $0)) })
  }

  /// Something lies over the panes.
  private var hasCover: Bool {
    !overlays.isEmpty || prompt != nil || mouse.divider != nil
  }
  /// All panes lie under something.
  private var isHidden: Bool {
    switch overlay {
    case .message, .editor: true
    default: false
    }
  }

  /// What lies over the panes, and the hints, on top of what lies under.
  func covered(_ canvas: Surface, _ layout: ConsoleLayout) -> Surface {
    var surface = canvas
    if let divider = mouse.divider { mark(divider, of: layout, on: &surface) }
    drawOverlay(on: &surface, layout)
    if let prompt { drawPrompt(prompt, on: &surface, over: layout.body) }
    drawHints(on: &surface, in: layout.hints)
    return drawable(surface)
  }

  private func context(of pane: Pane) -> PaneContext {
    PaneContext(
      insight: insight, now: now, glyphs: options.glyphs,
      barGlyphs: options.hasColor ? options.glyphs : .ascii, isFocused: focus == pane && mode != .help,
      powers: port.powers, clock: clock, keys: keys, behind: behindText)
  }

  /// Draws a meter anew within its frame.
  func drawInside(_ pane: Pane, on surface: inout Surface, in rect: Rect) {
    panes[pane]?.drawInside?(self, &surface, rect, context(of: pane))
  }

  private func draw(_ pane: Pane, on surface: inout Surface, in rect: Rect) {
    panes[pane]?.draw(self, &surface, rect, context(of: pane))
  }

  /// The frames on both sides of a divider that is being dragged stand out.
  private func mark(_ dragged: Divider, of layout: ConsoleLayout, on surface: inout Surface) {
    let same = layout.dividers.first { $0.before.name == dragged.before.name && $0.after.name == dragged.after.name }
    guard let divider = same else { return }
    let (start, length) = (divider.extent.lowerBound, divider.extent.count)
    let rect =
      divider.isUpright
      ? Rect(x: divider.position - 1, y: start, width: 2, height: length)
      : Rect(x: start, y: divider.position - 1, width: length, height: 2)
    surface.restyle(rect) { if $0.role == .border || $0.role == .focus { $0 = Style(.operator, .bold) } }
  }

  private func drawOverlay(on surface: inout Surface, _ layout: ConsoleLayout) {
    switch overlay {
    case nil: break
    case .message(let message):
      message.draw(on: &surface, in: layout.body, clock: clock, glyphs: options.glyphs)
    case .disconnect(let selected): drawDisconnect(selected, on: &surface, over: layout.body)
    case .editor(let editor): editor.draw(on: &surface, in: layout.body, glyphs: options.glyphs)
    case .themes(let menu): drawThemes(menu, on: &surface, in: themeRect(layout.size))
    case .help(let help): drawKeyList(help, on: &surface, in: keyListRect(layout.size))
    case .palette(let palette): drawPalette(palette, on: &surface, over: layout.body)
    case .form(let form): drawForm(form, on: &surface, over: layout.body)
    case .figures(let list): drawFigureList(list, on: &surface, over: layout)
    }
  }

  /// The smallest screen that the console draws on.
  public static var minimumSize: Size { ConsoleLayout.minimum }

  private func drawTooSmall(on surface: inout Surface) {
    let size = surface.size
    let minimum = ConsoleLayout.minimum
    let text =
      "\(options.title) needs \(minimum.width) × \(minimum.height) cells; here are \(size.width) × \(size.height)."
    let lines = TextWrap.lines(StyledText(text, .warning), width: max(1, size.width))
    let top = max(0, (size.height - lines.count) / 2)
    let area = Rect(x: 0, y: top, width: size.width, height: size.height - top)
    surface.putWrapped(StyledText(text, .warning), in: area, .centre)
  }

  /// The same cells with symbols that the terminal's font has.
  private func drawable(_ surface: Surface) -> Surface {
    guard options.glyphs != .braille else { return surface }
    var result = surface
    for y in 0..<surface.size.height {
      for x in 0..<surface.size.width {
        var cell = surface[x, y]
        guard cell.scalar > 0x7F, let scalar = Unicode.Scalar(cell.scalar),
          let replacement = options.glyphs.replacement(for: scalar)
        else { continue }
        cell.scalar = replacement.value
        result[x, y] = cell
      }
    }
    return result
  }
}

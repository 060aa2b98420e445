import Screen

/// The choice of themes: the one under the cursor is on the screen already.
struct ThemeMenu: Sendable, Equatable {
  /// The row under the cursor.
  var selected: Int
  /// What Esc brings back.
  let former: String
  /// Why the one under the cursor cannot be shown: file, line, key, and what is allowed there.
  var fault: String?
}

// Choosing a theme: each is tried on as the cursor comes to it.
extension Console {
  mutating func chooseTheme() -> [ConsoleEffect] {
    lay(.themes(ThemeMenu(selected: themes.firstIndex(of: theme) ?? 0, former: theme)))
    return [.findThemes]
  }

  /// - Parameter rows: down when positive; `.min` and `.max` go to the ends.
  mutating func moveOverThemes(by rows: Int) -> [ConsoleEffect] {
    guard case .themes(let menu) = overlay else { return [] }
    return tryTheme(rows == .min ? 0 : rows == .max ? themes.count - 1 : menu.selected + rows, menu)
  }

  var themePage: Int { max(1, themeRect(size).height - Self.themeFurniture) }

  /// After the last one comes the first.
  mutating func tryNextTheme() -> [ConsoleEffect] {
    guard case .themes(let menu) = overlay else { return [] }
    return tryTheme((menu.selected + 1) % max(1, themes.count), menu)
  }

  mutating func keepTheme() -> [ConsoleEffect] {
    // One that cannot be shown cannot be kept either.
    guard case .themes(let menu) = overlay, menu.fault == nil else { return [] }
    closeOverlay()
    return [.setTheme(theme)]
  }

  mutating func restoreTheme() -> [ConsoleEffect] {
    guard case .themes(let menu) = overlay else { return [] }
    closeOverlay()
    return theme == menu.former ? [] : [.showTheme(menu.former)]
  }

  private mutating func tryTheme(_ index: Int, _ menu: ThemeMenu) -> [ConsoleEffect] {
    guard !themes.isEmpty else { return [] }
    var menu = menu
    menu.selected = index.clamped(to: 0...themes.count - 1)
    menu.fault = nil
    overlay = .themes(menu)
    return [.showTheme(themes[menu.selected])]
  }

  /// A click on a row tries it, one on the row under the cursor keeps it; the wheel moves the cursor.
  mutating func handle(_ mouse: Mouse, on menu: ThemeMenu) -> [ConsoleEffect] {
    if let rows = wheel(mouse) { return tryTheme(menu.selected + rows.signum(), menu) }
    let rect = themeRect(size)
    guard mouse.action == .press, rect.contains(x: mouse.x, y: mouse.y) else { return [] }
    let index = themeWindow(menu, rect).lowerBound + mouse.y - rect.y - 1
    guard themeWindow(menu, rect).contains(index) else { return [] }
    return index == menu.selected ? run(.open) : tryTheme(index, menu)
  }

  // MARK: - What comes back

  mutating func themeArrived(_ name: String) {
    theme = name
    if case .themes = overlay { return }
    tell("theme \(name)")
  }

  mutating func themesFound(_ names: [String]) {
    guard !names.isEmpty else { return }
    let under: String? = if case .themes(let menu) = overlay { themes[menu.selected] } else { nil }
    themes = names
    guard case .themes(var menu) = overlay else { return }
    menu.selected = names.firstIndex(of: under ?? theme) ?? 0
    overlay = .themes(menu)
  }

  /// True when it was about the theme under the cursor, and is shown there.
  mutating func themeFailed(_ text: String) -> Bool {
    guard case .themes(var menu) = overlay else { return false }
    menu.fault = text
    overlay = .themes(menu)
    return true
  }

  // MARK: - View

  /// Rows of the menu that are no themes: the frame, a gap, and the samples.
  private static let themeFurniture = 6

  /// At the right, under the strip: the panes whose colours are chosen stay in sight.
  func themeRect(_ size: Size) -> Rect {
    let body = layout(size).body
    let names = themes.map { CharacterWidth.columns(of: $0) }.max() ?? 0
    let width = min(body.width, max(40, names + 8))
    let height = min(body.height, themes.count + Self.themeFurniture)
    return Rect(x: body.right - width, y: body.y, width: width, height: height)
  }

  /// The themes that find room, with the one under the cursor among them.
  private func themeWindow(_ menu: ThemeMenu, _ rect: Rect) -> Range<Int> {
    let room = max(1, rect.height - Self.themeFurniture)
    let start = (menu.selected - room + 1).clamped(to: 0...max(0, themes.count - room))
    return start..<min(themes.count, start + room)
  }

  func drawThemes(_ menu: ThemeMenu, on surface: inout Surface, in rect: Rect) {
    let window = themeWindow(menu, rect)
    var box = Box("theme", isFocused: true)
    box.trailingLegend = PageLabel.labels(window.lowerBound, window.count, of: themes.count)
    surface.fill(rect)
    let inside = surface.box(rect, box, glyphs: options.glyphs).inset(1, 0)
    for (y, index) in window.enumerated() {
      let row = inside.row(y)
      surface.put(StyledText(index == menu.selected ? "› " : "  ", .hotkey) + StyledText(themes[index], .text), in: row)
      if themes[index] == menu.former { surface.put(StyledText("now", .dim), in: row, .right) }
      if index == menu.selected { surface.restyle(row) { $0.emphasis.insert(.selected) } }
    }
    let rest = Rect(
      x: inside.x, y: inside.y + window.count + 1, width: inside.width, height: inside.height - window.count - 1)
    drawSamples(on: &surface, in: rest)
    if let fault = menu.fault { drawFault(fault, on: &surface, under: rect) }
  }

  /// Every actor and state in its own colour, and the gradient of the meters.
  private func drawSamples(on surface: inout Surface, in rect: Rect) {
    guard rect.height > 0 else { return }
    func samples(_ roles: [(String, Role)]) -> StyledText {
      StyledText(roles.map { Span("\($0.0) ", Style($0.1)) })
    }
    surface.put(
      samples([("you", .user), ("agent", .agent), ("server", .server), ("operator", .operator), ("vad", .vad)]),
      in: rect.row(0))
    surface.put(
      samples([
        ("good", .good), ("warning", .warning), ("error", .error), ("fault", .fault), ("modifier", .modifier),
      ]), in: rect.row(1))
    if rect.height > 2 { Meter.draw(1, on: &surface, in: rect.row(2), glyphs: options.glyphs) }
  }

  /// Below the menu, as wide as the screen: it names a file, a line, a key, and what is allowed there.
  private func drawFault(_ fault: String, on surface: inout Surface, under menu: Rect) {
    let body = layout(size).body
    let lines = TextWrap.lines(StyledText(fault, .error), width: max(1, body.width - 4))
    let height = min(lines.count + 2, body.height)
    let rect = Rect(
      x: body.x, y: min(menu.bottom, body.bottom - height), width: body.width, height: height)
    surface.fill(rect)
    var box = Box("this theme cannot be shown", isFocused: true)
    box.leading[0].text = StyledText("this theme cannot be shown", .error, .bold)
    let inside = surface.box(rect, box, glyphs: options.glyphs).inset(1, 0)
    for (y, line) in lines.prefix(inside.height).enumerated() { surface.put(line, in: inside.row(y)) }
  }
}

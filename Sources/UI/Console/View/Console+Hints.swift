import Screen

// The last line: the keys that mean something now, from the key table. `?` and `q` are cut last.
extension Console {
  /// A hint as it stands on the screen, to be drawn and to be clicked.
  struct HintSpot: Sendable {
    let spec: CommandSpec
    let text: StyledText
    let rect: Rect
  }

  func drawHints(on surface: inout Surface, in rect: Rect) {
    guard !rect.isEmpty else { return }
    if let flash, prompt == nil {
      surface.put(StyledText(flash.text, flash.isWarning ? .warning : .good), in: rect.inset(1, 0))
      return
    }
    for spot in hintSpots(in: rect) { surface.put(spot.text, in: spot.rect) }
  }

  /// The hints that find room: `?` at the left end and `q` at the right come first.
  func hintSpots(in rect: Rect) -> [HintSpot] {
    let line = rect.inset(1, 0)
    guard !line.isEmpty else { return [] }
    let offered = commands.rows.filter { $0.hintedIn.contains(mode) && isOffered($0) }
    // What Enter does is another thing in every pane: it must not be what a narrow screen leaves out.
    // What a recording alone has comes next.
    func rank(_ spec: CommandSpec) -> Int { spec.command == .open ? 0 : spec.needs.contains(.seek) ? 1 : 2 }
    let specs = mode == .panes ? (0...2).flatMap { number in offered.filter { rank($0) == number } } : offered
    func spot(_ spec: CommandSpec, x: Int?) -> HintSpot? {
      let hint = keys.hint(
        spec.command, in: mode, focus: focus, label: label(spec), glyphs: options.glyphs)
      return hint.map { text in
        let width = min(text.columns, line.width)
        return HintSpot(
          spec: spec, text: text, rect: Rect(x: x ?? line.right - width, y: line.y, width: width, height: 1))
      }
    }
    let help = specs.first { $0.command == .help }.flatMap { spot($0, x: line.x) }
    let quit = specs.first { $0.command == .quit }.flatMap { spot($0, x: nil) }
    var spots = [help, quit].compactMap(\.self)
    var x = help.map { $0.rect.right + 2 } ?? line.x
    let end = quit.map { $0.rect.x - 2 } ?? line.right
    for spec in specs where spec.command != .help && spec.command != .quit {
      // A command may have lost its key.
      guard let next = spot(spec, x: x) else { continue }
      guard next.rect.right <= end else { break }
      spots.append(next)
      x = next.rect.right + 2
    }
    return spots
  }

  /// A switch that is on offers to be put off, and a pane has words of its own; nil for the row's label.
  private func label(_ spec: CommandSpec) -> String? {
    if let label = Self.modeLabels[mode]?[spec.command] { return label }
    if mode == .panes, let label = panes[focus]?.labels[spec.command] { return label }
    return spec.labelNow(self)
  }

  /// Whether a hint is worth its place now.
  func isOffered(_ spec: CommandSpec) -> Bool {
    if lack(for: spec) != nil { return false }
    if mode == .panes, let isOffered = panes[focus]?.offers[spec.command] { return isOffered(self) }
    return spec.isOffered(self)
  }
}

import Screen

// What the commands of panes do: open, close, focus, zoom, resize, presets.
extension Console {
  /// The pane of a number or a name.
  func pane(named name: String) throws(CommandFault) -> Pane {
    guard let pane = Int(name).flatMap(panes.pane(ofDigit:)) ?? panes.pane(named: name) else {
      throw CommandFault(reason: "no pane \"\(name)\"; there are 1 to \(panes.panes.count)")
    }
    return pane
  }

  /// Opens or closes a pane; on a zoomed screen its number goes to it. One that found no room beside the others gets the
  /// whole screen.
  mutating func toggle(_ pane: Pane) throws(CommandFault) {
    if openPanes == [pane] { throw CommandFault(reason: "the last pane stays open") }
    if !isZoomed, !layout(size).visible.contains(pane), openPanes.contains(pane) { return zoom(into: pane) }
    if isZoomed {
      openPanes.insert(pane)
      focus = pane
      return
    }
    if openPanes.remove(pane) == nil {
      openPanes.insert(pane)
      focus = pane
      if !layout(size).visible.contains(pane) { return zoom(into: pane) }
    }
    settleFocus()
  }

  private mutating func zoom(into pane: Pane) {
    (focus, isZoomed) = (pane, true)
    tell("\(pane.title): there is no room beside the other panes; \(keys.call(.zoom, glyphs: options.glyphs)) unzooms")
  }

  /// Opens a pane if need be and gives it the focus, on a zoomed screen the whole of it.
  mutating func goTo(_ pane: Pane) {
    openPanes.insert(pane)
    focus = pane
    if !layout(size).visible.contains(pane) { isZoomed = true }
  }

  mutating func moveFocus(_ step: Int) {
    let order = isZoomed ? panes.panes.filter(openPanes.contains) : layout(size).visible
    guard let i = order.firstIndex(of: focus) else { return settleFocus() }
    focus = order[(i + step + order.count) % order.count]
  }

  private mutating func settleFocus() {
    let order = layout(size).visible
    if order.contains(focus) { return }
    focus = [.transcript, .log].first(where: order.contains) ?? order.first ?? focus
  }

  mutating func choosePreset(_ name: String) throws(CommandFault) {
    let all = presets
    let chosen: PanePreset
    if name.isEmpty {
      let i = all.firstIndex { $0.name == preset } ?? -1
      chosen = all[(i + 1) % all.count]
    } else if let named = all.first(where: { $0.name == name }) {
      chosen = named
    } else {
      let names = all.map(\.name).joined(separator: ", ")
      throw CommandFault(reason: "no set of panes \"\(name)\"; there are \(names)")
    }
    (preset, openPanes, paneSizes, isZoomed) = (chosen.name, chosen.panes, chosen.sizes, false)
    settleFocus()
    tell("panes: \(chosen.name) (\(chosen.digits))")
  }

  // MARK: - Sizes

  /// Moves one of the dividers that the focused pane leans on: the one behind it, where that gives way, else the one
  /// before it; the innermost first.
  mutating func resize(isUpright: Bool, by cells: Int) throws(CommandFault) {
    if isZoomed { throw CommandFault(reason: "a zoomed pane has the whole screen; \(call(.zoom)) gives it back") }
    let before = layout(size)
    let inward = before.dividers.reversed().filter { $0.isUpright == isUpright }
    let candidates = inward.filter { $0.before.contains(focus) } + inward.filter { $0.after.contains(focus) }
    for divider in candidates {
      let isBehind = divider.before.contains(focus)
      var sizes = paneSizes
      divider.move(to: divider.position + (isBehind ? cells : -cells), &sizes, in: before.shape)
      let old = paneSizes
      paneSizes = sizes
      if layout(size).rect(of: focus) != before.rect(of: focus) { return }
      paneSizes = old
    }
    let side = isUpright ? "beside" : "above or below"
    throw CommandFault(
      reason: candidates.isEmpty
        ? "no pane stands \(side) the \(focus.title) pane" : "the \(focus.title) pane cannot be resized further")
  }
}

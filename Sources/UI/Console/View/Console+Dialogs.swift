import Screen
import Timeline

// What lies over the panes: the ways to disconnect. The larger ones are in Dialogs.
extension Console {
  // MARK: - Ways to disconnect

  func drawDisconnect(_ selected: Int, on surface: inout Surface, over body: Rect) {
    let ways = waysToDisconnect
    let rect = body.centred(Size(width: 76, height: ways.count + 4))
    var box = Box("disconnect", isFocused: true)
    box.leading[0].text = StyledText("disconnect", .fault, .bold)
    surface.fill(rect)
    let inside = surface.box(rect, box, glyphs: options.glyphs).inset(1, 1)
    for (i, spec) in ways.enumerated() {
      let row = inside.row(i)
      let parts = Layout.columns(row, [.fixed(4), .fixed(9), .flexible()])
      let isActive = drivenInsight.faults[FaultName(rawValue: spec.command.rawValue)] != nil
      let key = keys.keyName(spec.command, in: .disconnect, glyphs: options.glyphs) ?? ""
      surface.put(StyledText("  \(key)", .hotkey, .bold), in: parts[0])
      surface.put(StyledText(spec.label, isActive ? .fault : .text, .bold), in: parts[1])
      surface.put(StyledText(isActive ? "In force. Again to lift." : spec.help, .dim), in: parts[2])
      if i == selected { surface.restyle(row) { $0 = Style(.selection, $0.emphasis) } }
    }
  }
}

/// Where one is in a text that does not fit: `21–40 of 88`.
enum PageLabel {
  static func labels(_ start: Int, _ height: Int, of total: Int) -> [BorderLabel] {
    guard total > height, height > 0 else { return [] }
    let end = Figures.grouped(min(total, start + height))
    return [BorderLabel(StyledText("\(Figures.grouped(start + 1))–\(end) of \(Figures.grouped(total))", .modifier))]
  }
}

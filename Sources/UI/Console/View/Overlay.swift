/// What lies over the panes. Overlays are a stack: one is laid on top of the other, and `back` takes the top away.
enum Overlay: Sendable {
  case message(OpenedMessage)
  /// The way to disconnect under the cursor.
  case disconnect(selected: Int)
  case themes(ThemeMenu)
  case editor(MessageEditor)
  case help(KeyList)
  case palette(CommandPalette)
  case form(SettingsForm)
  case figures(FigureList)

  /// The message that is opened, whatever lies over it.
  static func message(in overlays: [Overlay]) -> OpenedMessage? {
    for case .message(let message) in overlays.reversed() { return message }
    return nil
  }
}

extension Console {
  /// The uppermost overlay; nil when nothing lies over the panes. To set one changes it in its place.
  var overlay: Overlay? {
    get { overlays.last }
    set {
      guard let newValue, !overlays.isEmpty else { return }
      overlays[overlays.count - 1] = newValue
    }
  }

  /// Lays an overlay on top of what is there.
  mutating func lay(_ overlay: Overlay) { overlays.append(overlay) }

  /// Takes the uppermost overlay away.
  mutating func closeOverlay() { _ = overlays.popLast() }
}

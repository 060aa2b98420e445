import Screen

// Scrolling: what the arrows, the page keys and the wheel move.
extension Console {
  /// The inside of a pane as it is on the screen now.
  func inside(_ pane: Pane) -> Size {
    let rect = layout(size).rect(of: pane)
    return Size(width: rect.width - 4, height: rect.height - 2)
  }

  /// Down when positive, whatever has the keyboard.
  mutating func scroll(by rows: Int) {
    switch overlay {
    case .message(var message):
      let area = messageArea(size)
      message.scroll(by: rows, in: area)
      overlay = .message(message)
    case .help(var list):
      list.move(by: rows, among: keyEntries(list).count)
      overlay = .help(list)
    case .palette(var palette):
      palette.move(by: rows, among: paletteEntries(palette).count)
      overlay = .palette(palette)
    case .form(var form):
      form.move(by: rows)
      overlay = .form(form)
    case .disconnect(let selected):
      let last = waysToDisconnect.count - 1
      overlay = .disconnect(selected: rows < 0 ? max(0, selected - 1) : min(last, selected + 1))
    case .figures(let list): scroll(list, by: rows)
    case .editor: editMessage { $0.area.move(by: rows) }
    // The cursor of the themes moves with an effect: see performOnThemes.
    case .themes: break
    case nil: scroll(focus, by: rows)
    }
  }

  mutating func scroll(_ pane: Pane, by rows: Int) { panes[pane]?.scroll?(&self, rows) }

  mutating func scrollLog(by rows: Int) {
    guard let cursor = log.cursor else { return }
    if rows == .max {
      log.follow()
    } else if rows > 0, !log.isFrozen {
      // It is at the end already.
    } else {
      log.select(rows == .min ? 0 : cursor + rows, height: inside(.log).height)
    }
  }

  /// A page of whatever has the keyboard.
  var pageHeight: Int {
    let height =
      switch overlay {
      case .message: (currentMessage?.textHeight(messageArea(size).height) ?? 1)
      case .editor: messageArea(size).height
      case .help: keyListPage(size)
      case .figures: figureListHeight(size)
      case .palette, .form: 8
      case nil, .disconnect, .themes: inside(focus).height
      }
    return max(1, height - 1)
  }
}

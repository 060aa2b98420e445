import Screen

// The last line: the keys that mean something now, from the key table. `?` and `q` are cut last.
extension Console {
  func drawHints(on surface: inout Surface, in rect: Rect) {
    guard !rect.isEmpty else { return }
    let line = rect.inset(1, 0)
    if let flash, prompt == nil {
      surface.put(StyledText(flash.text, flash.isWarning ? .warning : .good), in: line)
      return
    }
    let specs = CommandTable.all.filter { $0.hintedIn.contains(mode) && isOffered($0) }
    func hint(_ spec: CommandSpec) -> StyledText? {
      keys.hint(spec.command, in: mode, focus: focus, label: label(spec.command), glyphs: options.glyphs)
    }
    let help = specs.first { $0.command == .help }.flatMap(hint) ?? StyledText()
    let quit = specs.first { $0.command == .quit }.flatMap(hint) ?? StyledText()
    surface.put(help, in: line)
    surface.put(quit, in: line, .right)
    var x = line.x + (help.isEmpty ? 0 : help.columns + 2)
    let end = line.right - (quit.isEmpty ? 0 : quit.columns + 2)
    for spec in specs where spec.command != .help && spec.command != .quit {
      guard let text = hint(spec) else { continue }
      guard x + text.columns <= end else { break }
      x += surface.put(text, x: x, y: line.y) + 2
    }
  }

  /// A switch that is on offers to be put off; nil for the table's word.
  private func label(_ command: Command) -> String? {
    switch command {
    case .follow: log.isFrozen ? "follow" : nil
    case .mute: insight.gate.muted ? "unmute" : nil
    case .talk: insight.gate.talking ? "stop talking" : nil
    case .zoom: isZoomed ? "unzoom" : nil
    case .open: mode == .themes ? "keep" : nil
    case .back: mode == .themes ? "restore" : nil
    case .theme: mode == .themes ? "next" : nil
    default: nil
    }
  }

  /// Whether a hint is worth its place now.
  func isOffered(_ spec: CommandSpec) -> Bool {
    guard mode == .panes else { return true }
    if spec.needsSession, options.isReplay || ended != nil { return false }
    switch spec.command {
    case .interrupt, .config, .disconnect: return isUsable
    case .reconnect: return !isUsable && insight.link.state != nil
    case .talk: return insight.gate.mode == .ptt
    case .dismiss: return problem != nil
    case .open: return focus == .log && log.cursor != nil
    case .back: return isZoomed || log.isFrozen || !log.store.filter.isEmpty
    case .theme: return themes.count > 1
    default: return true
    }
  }
}

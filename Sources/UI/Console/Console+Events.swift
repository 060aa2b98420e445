import Screen
import Timeline

// What the operator's keys and mouse mean.
extension Console {
  mutating func handle(_ event: InputEvent) -> [ConsoleEffect] {
    switch event {
    case .resized(let new):
      size = new
      return []
    case .focused(let isInFront):
      isAway = !isInFront
      return []
    case .paste(let text):
      // A paste is text, never keys: a pasted `q` must not quit.
      guard mode.isTyping else {
        let say = keys.call(.say, glyphs: options.glyphs)
        let line = keys.call(.command, glyphs: options.glyphs)
        tell("pasted text goes into an input line: \(say) to speak it, \(line) for commands", isWarning: true)
        return []
      }
      editTyped { $0.insert(text) }
      return lookAround()
    case .mouse(let mouse): return handle(mouse)
    case .key(let key): return handle(key)
    }
  }

  private mutating func handle(_ key: Key) -> [ConsoleEffect] {
    if let (command, argument) = keys.lookUp(key, in: mode, focus: focus) { return run(command, argument) }
    guard mode.isTyping, case .character(let character) = key.code, key.modifiers.isSubset(of: .shift) else {
      return []
    }
    editTyped { $0.insert(String(character)) }
    return lookAround()
  }

  /// Carries out a command; what cannot be done is said in place of the hints.
  mutating func run(_ command: Command, _ argument: String) -> [ConsoleEffect] {
    do {
      return try perform(command, argument)
    } catch {
      tell(error.reason, isWarning: true)
      return []
    }
  }

  /// The rows of the disconnect menu.
  static let waysToDisconnect = CommandTable.all.filter { $0.section == .disconnecting && $0.command != .disconnect }

  // MARK: - Mouse

  private mutating func handle(_ mouse: Mouse) -> [ConsoleEffect] {
    switch overlay {
    case .help, .message, .palette, .form:
      if let rows = wheel(mouse) { scroll(by: rows) }
      return []
    case .themes(let menu): return handle(mouse, on: menu)
    case .none, .disconnect: break
    }
    guard mode == .panes, let (pane, rect) = layout(size).pane(atX: mouse.x, y: mouse.y) else { return [] }
    if let rows = wheel(mouse) {
      scroll(pane, by: rows)
    } else if mouse.action == .press {
      focus = pane
      if pane == .log { return clickLog(line: mouse.y - rect.y - 1, in: rect) }
    }
    return []
  }

  func wheel(_ mouse: Mouse) -> Int? {
    switch mouse.action {
    case .wheelUp: -3
    case .wheelDown: 3
    default: nil
    }
  }

  /// Selects the row; a click on the selected row opens it.
  private mutating func clickLog(line: Int, in rect: Rect) -> [ConsoleEffect] {
    let height = rect.height - 2
    let window = log.window(height)
    guard line >= 0, line < height, window.lowerBound + line < window.upperBound else { return [] }
    let position = window.lowerBound + line
    if log.isFrozen, log.cursor == position { return run(.open, "") }
    log.select(position, height: height)
    return []
  }
}

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
      prompt?.editor.insert(text)
      prompt?.fault = nil
      if mode == .editor {
        editMessage { $0.area.insert(text) }
      } else if prompt == nil {
        tell("pasted text goes into an input line: s to speak it, : for commands", isWarning: true)
      }
      return []
    case .mouse(let mouse): return handle(mouse)
    case .key(let key): return handle(key)
    }
  }

  private mutating func handle(_ key: Key) -> [ConsoleEffect] {
    if let (command, argument) = CommandTable.lookUp(key, in: mode) { return run(command, argument) }
    guard case .character(let character) = key.code, key.modifiers.isSubset(of: .shift) else { return [] }
    if mode == .editor {
      editMessage { $0.area.insert(String(character)) }
    } else if mode == .line {
      prompt?.editor.insert(String(character))
      prompt?.fault = nil
      prompt?.historyPosition = nil
    }
    return []
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
}

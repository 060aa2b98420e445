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
        tell(
          "pasted text goes into an input line: \(call(.say)) to speak it, \(call(.command)) for commands",
          isWarning: true)
        return []
      }
      typeText(text)
      return requestListing()
    case .mouse(let mouse): return handle(mouse)
    case .key(let key): return handle(key)
    }
  }

  private mutating func handle(_ key: Key) -> [ConsoleEffect] {
    if let (command, argument) = keys.lookUp(key, in: mode, focus: focus, powers: port.powers) {
      return run(command, argument)
    }
    guard mode.isTyping, case .character(let character) = key.code, key.modifiers.isSubset(of: .shift) else {
      return []
    }
    typeText(String(character))
    return requestListing()
  }

  /// Carries out a command; what cannot be done is said in place of the hints.
  mutating func run(_ command: Command, _ argument: String = "") -> [ConsoleEffect] {
    do {
      return try perform(command, argument)
    } catch {
      tell(error.reason, isWarning: true)
      return []
    }
  }
}

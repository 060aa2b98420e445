import CNcurses
import Glibc
import Screen

/// Reads characters and key codes from ncurses and makes events of them.
struct KeyDecoder {
  /// Bytes of a paste; the rest is thrown away.
  static let pasteLimit = 1 << 20
  /// A paste whose end does not come (the terminal died, or never sends it) is taken as it is after this time.
  static let pastePatience: Int64 = 1_000_000_000

  /// Answers of the terminal since they were last taken.
  private var answers = 0
  private var paste: String?
  private var lastPasteTime: Int64 = 0

  /// One thing that ncurses delivers.
  private enum Unit: Equatable {
    case code(Int32)
    case scalar(Unicode.Scalar)
  }

  /// Everything that waits. `now`: in nanoseconds, for a paste without an end.
  mutating func read(from window: UnsafeMutablePointer<WINDOW>?, at now: Int64, into events: inout [InputEvent]) {
    if let text = paste, now - lastPasteTime > Self.pastePatience {
      events.append(.paste(text))
      paste = nil
    }
    while let unit = next(window) {
      if unit == .code(KeyTable.answer) {
        answers += 1
        continue
      }
      if paste != nil {
        lastPasteTime = now
        addToPaste(unit, &events)
        continue
      }
      switch unit {
      case .code(KeyTable.pasteStart):
        paste = ""
        lastPasteTime = now
      case .code(KeyTable.pasteEnd): break
      case .code(KeyTable.focusIn): events.append(.focused(true))
      case .code(KeyTable.focusOut): events.append(.focused(false))
      case .code(KeyTable.mouse): if let mouse = readMouse(window) { events.append(.mouse(mouse)) }
      case .code(let code):
        if let key = KeyTable.key(code) ?? KeyTable.standardKey(code) { events.append(.key(key)) }
      case .scalar("\u{1B}"): readAfterEscape(window, &events)
      case .scalar(let scalar): events.append(.key(Self.key(scalar)))
      }
    }
  }

  /// A paste has begun, and may end by itself.
  var isInPaste: Bool { paste != nil }

  mutating func takeAnswers() -> Int {
    defer { answers = 0 }
    return answers
  }

  /// The next unit, if there is one.
  private func next(_ window: UnsafeMutablePointer<WINDOW>?) -> Unit? {
    var character = wint_t()
    switch wget_wch(window, &character) {
    case OK: return Unicode.Scalar(character).map(Unit.scalar) ?? .scalar("\u{FFFD}")
    case KEY_CODE_YES: return .code(Int32(bitPattern: character))
    default: return nil
    }
  }

  /// The next unit of a sequence that has begun: it may still be on its way.
  private func nextOfSequence(_ window: UnsafeMutablePointer<WINDOW>?) -> Unit? {
    wtimeout(window, 25)
    defer { nodelay(window, true) }
    return next(window)
  }

  private mutating func addToPaste(_ unit: Unit, _ events: inout [InputEvent]) {
    switch unit {
    case .code(KeyTable.pasteEnd):
      events.append(.paste(paste ?? ""))
      paste = nil
    case .code: break
    case .scalar(let scalar):
      guard paste!.utf8.count < Self.pasteLimit else { return }
      // Terminals send a line's end as the Enter key would.
      paste!.unicodeScalars.append(scalar == "\r" ? "\n" : scalar)
    }
  }

  /// ncurses has waited 25 ms for the rest of a known sequence, so what follows at once belongs to the ESC: a key with
  /// Alt, or a sequence that nobody knows. The latter is swallowed, or its letters would act as keys.
  private func readAfterEscape(_ window: UnsafeMutablePointer<WINDOW>?, _ events: inout [InputEvent]) {
    guard let unit = next(window) else { return events.append(.key(Key(.escape))) }
    switch unit {
    case .scalar("["):
      if !skipControlSequence(window) { events.append(.key(Key(.character("["), .alt))) }
    case .scalar("]"), .scalar("P"), .scalar("_"), .scalar("^"):
      // A terminal's answer (OSC, DCS, APC, PM) ends with BEL or ESC \; a typed Alt-P has nothing after it.
      guard case .scalar(let start) = unit else { return }
      if !skipString(window) { events.append(.key(Key(.character(Character(start)), .alt))) }
    case .scalar("\u{1B}"):
      events += [.key(Key(.escape)), .key(Key(.escape))]
    case .scalar(let scalar):
      var key = Self.key(scalar)
      key.modifiers.insert(.alt)
      events.append(.key(key))
    case .code(let code):
      events.append(.key(Key(.escape)))
      if let key = KeyTable.key(code) ?? KeyTable.standardKey(code) { events.append(.key(key)) }
    }
  }

  /// Skips parameters up to the final byte; false when nothing followed.
  private func skipControlSequence(_ window: UnsafeMutablePointer<WINDOW>?) -> Bool {
    var count = 0
    while count < 64, let unit = count == 0 ? next(window) : nextOfSequence(window) {
      count += 1
      guard case .scalar(let scalar) = unit, (0x20...0x3F).contains(scalar.value) else { break }
    }
    return count > 0
  }

  private func skipString(_ window: UnsafeMutablePointer<WINDOW>?) -> Bool {
    var count = 0
    while count < 4096, let unit = count == 0 ? next(window) : nextOfSequence(window) {
      count += 1
      if unit == .scalar("\u{07}") || unit == .scalar("\\") { break }
    }
    return count > 0
  }

  /// `\e[<` has come; the rest is BUTTON ; X ; Y and M (press or move) or m (release). Columns and rows from 1.
  private func readMouse(_ window: UnsafeMutablePointer<WINDOW>?) -> Mouse? {
    var numbers = [0]
    while case .scalar(let scalar)? = nextOfSequence(window) {
      switch scalar {
      case "0"..."9": numbers[numbers.count - 1] = min(100_000, numbers.last! * 10 + Int(scalar.value - 0x30))
      case ";" where numbers.count < 3: numbers.append(0)
      case "M", "m":
        guard numbers.count == 3, let action = Self.action(numbers[0], isRelease: scalar == "m") else { return nil }
        return Mouse(action, x: numbers[1] - 1, y: numbers[2] - 1)
      default: return nil
      }
    }
    return nil
  }

  /// Bits of the button number: 0–1 the button, 32 a move, 64 a wheel (ctlseqs, "Extended coordinates").
  private static func action(_ button: Int, isRelease: Bool) -> Mouse.Action? {
    switch (button & 64 != 0, button & 32 != 0, button & 3) {
    case (true, _, 0): .wheelUp
    case (true, _, 1): .wheelDown
    case (true, _, _): nil
    case (false, true, 0): .drag
    case (false, false, 0): isRelease ? .release : .press
    // The other buttons are the terminal's own: paste, menus.
    case (false, _, _): nil
    }
  }

  /// A character as a key; C0 characters are what Ctrl makes of the letters.
  static func key(_ scalar: Unicode.Scalar) -> Key {
    switch scalar.value {
    case 0x00: .control(" ")
    case 0x08, 0x7F: Key(.backspace)
    case 0x09: Key(.tab)
    case 0x0A, 0x0D: Key(.enter)
    case 0x1B: Key(.escape)
    case 0x01...0x1A: .control(Character(Unicode.Scalar(scalar.value + 0x60)!))
    case 0x1C...0x1F: .control(Character(Unicode.Scalar(scalar.value + 0x40)!))
    default: .char(Character(scalar))
    }
  }
}

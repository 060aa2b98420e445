import CNcurses
import Screen

/// The sequences that keys send, and codes of our own for them.
///
/// Given to ncurses by define_key: its own codes for keys with modifiers differ from terminal to terminal, and under
/// tmux and screen they do not exist at all.
enum KeyTable {
  /// The first code; ncurses' own end at 0x1FF.
  private static let first: Int32 = 0x2000
  /// Codes that are no keys.
  static let pasteStart: Int32 = 0x3000
  static let pasteEnd: Int32 = 0x3001
  static let focusIn: Int32 = 0x3002
  static let focusOut: Int32 = 0x3003
  static let mouse: Int32 = 0x3004
  /// The terminal's answer to `LinkWindow.question`.
  static let answer: Int32 = 0x3005

  private static let codes: [Key.Code] =
    [.up, .down, .right, .left, .home, .end, .insert, .delete, .pageUp, .pageDown, .backTab]
    + (1...12).map(Key.Code.function)

  /// Our code for a key: its place in `codes`, and xterm's modifier bits (shift 1, alt 2, control 4).
  private static func number(_ code: Key.Code, _ modifiers: Int32) -> Int32 {
    first + Int32(codes.firstIndex(of: code)!) * 8 + modifiers
  }

  /// The key of one of our codes.
  static func key(_ number: Int32) -> Key? {
    let index = Int(number - first) / 8
    guard number >= first, codes.indices.contains(index) else { return nil }
    let bits = (number - first) % 8
    var modifiers: Key.Modifiers = []
    if bits & 1 != 0 { modifiers.insert(.shift) }
    if bits & 2 != 0 { modifiers.insert(.alt) }
    if bits & 4 != 0 { modifiers.insert(.control) }
    return Key(codes[index], modifiers)
  }

  /// The key of one of ncurses' own codes, for terminals whose sequences are not in this table.
  static func standardKey(_ code: Int32) -> Key? {
    switch code {
    case KEY_UP: Key(.up)
    case KEY_DOWN: Key(.down)
    case KEY_LEFT: Key(.left)
    case KEY_RIGHT: Key(.right)
    case KEY_SR: Key(.up, .shift)
    case KEY_SF: Key(.down, .shift)
    case KEY_SLEFT: Key(.left, .shift)
    case KEY_SRIGHT: Key(.right, .shift)
    case KEY_HOME, KEY_A1: Key(.home)
    case KEY_END, KEY_C1: Key(.end)
    case KEY_PPAGE, KEY_A3: Key(.pageUp)
    case KEY_NPAGE, KEY_C3: Key(.pageDown)
    case KEY_IC: Key(.insert)
    case KEY_DC: Key(.delete)
    case KEY_BACKSPACE: Key(.backspace)
    case KEY_BTAB: Key(.backTab)
    case KEY_ENTER: Key(.enter)
    // The Linux console's entry names ^Z a key.
    case KEY_SUSPEND: .control("z")
    case cnc_key_f(1)...cnc_key_f(24): Key(.function(Int(code - cnc_key_f(0))))
    default: nil
    }
  }

  /// Tells ncurses every sequence. After `newterm`.
  static func define() {
    for (sequence, code) in sequences { define_key(sequence, code) }
  }

  /// xterm's (ctlseqs, "PC-Style Function Keys"), which all others follow, and the older ones of rxvt and the Linux
  /// console.
  private static let sequences: [(String, Int32)] = {
    var result: [(String, Int32)] = [
      ("\u{1B}[200~", pasteStart), ("\u{1B}[201~", pasteEnd), ("\u{1B}[I", focusIn), ("\u{1B}[O", focusOut),
      ("\u{1B}[<", mouse), ("\u{1B}[0n", answer), ("\u{1B}[Z", number(.backTab, 0)),
    ]
    let letters: [(String, Key.Code)] = [
      ("A", .up), ("B", .down), ("C", .right), ("D", .left), ("H", .home), ("F", .end), ("P", .function(1)),
      ("Q", .function(2)), ("R", .function(3)), ("S", .function(4)),
    ]
    for (letter, code) in letters {
      result.append(("\u{1B}O\(letter)", number(code, 0)))
      for modifiers in Int32(1)...7 { result.append(("\u{1B}[1;\(modifiers + 1)\(letter)", number(code, modifiers))) }
    }
    for (letter, code) in letters.prefix(6) {
      result.append(("\u{1B}[\(letter)", number(code, 0)))
      result.append(("\u{1B}\u{1B}[\(letter)", number(code, 2)))
    }
    for (letter, code) in zip(["a", "b", "c", "d"], [Key.Code.up, .down, .right, .left]) {
      result.append(("\u{1B}[\(letter)", number(code, 1)))
      result.append(("\u{1B}O\(letter)", number(code, 4)))
    }
    let numbers: [(Int, Key.Code)] =
      [
        (1, .home), (2, .insert), (3, .delete), (4, .end), (5, .pageUp), (6, .pageDown), (7, .home), (8, .end),
      ] + zip([11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24], 1...12).map { ($0, Key.Code.function($1)) }
    for (n, code) in numbers {
      result.append(("\u{1B}[\(n)~", number(code, 0)))
      for modifiers in Int32(1)...7 { result.append(("\u{1B}[\(n);\(modifiers + 1)~", number(code, modifiers))) }
    }
    for (letter, n) in zip(["A", "B", "C", "D", "E"], 1...5) {
      result.append(("\u{1B}[[\(letter)", number(.function(n), 0)))
    }
    return result
  }()
}

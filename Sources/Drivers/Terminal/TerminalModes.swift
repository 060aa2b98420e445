import CNcurses
import Glibc

/// The sequences that switch on what ncurses leaves to us, and those that undo everything.
struct TerminalModes {
  let enter: [UInt8]
  /// Undoes `enter`; the rest is `endwin`'s.
  let exit: [UInt8]
  /// Complete: also what `endwin` would send, since a crash handler can call neither ncurses nor malloc.
  let leave: [UInt8]
  /// The other screen and the keypad's mode: what ncurses switches on by itself after `endwin`, and only then.
  let again: [UInt8]
  /// Clears from the cursor to the end of its line. Where there is no other screen to go back to, the line on which the
  /// shell goes on still holds what was drawn.
  let clearLine: [UInt8]

  /// Reads terminfo: a screen must be open.
  init(abilities: TerminalAbilities, usesMouse: Bool) {
    // 2004 bracketed paste, 1004 focus, 1002 presses and drags, 1006 their SGR form (ctlseqs, "Mouse Tracking").
    let paste = abilities.reportsMouse
    let mouse = usesMouse && abilities.reportsMouse
    enter = Array(((paste ? "\u{1B}[?2004h\u{1B}[?1004h" : "") + (mouse ? "\u{1B}[?1002h\u{1B}[?1006h" : "")).utf8)
    exit = Array(((mouse ? "\u{1B}[?1006l\u{1B}[?1002l" : "") + (paste ? "\u{1B}[?1004l\u{1B}[?2004l" : "")).utf8)
    again = ["smcup", "smkx"].flatMap(Self.capability)
    clearLine = Self.capability("el")
    leave = exit + ["sgr0", "op", "cnorm", "rmkx", "rmcup"].flatMap(Self.capability) + clearLine
  }

  /// A capability's bytes without its padding (`$<5>`), which is for hardware terminals.
  private static func capability(_ name: String) -> [UInt8] {
    guard let value = cnc_terminfo_string(name) else { return [] }
    return withoutPadding(Array(UnsafeBufferPointer(start: value, count: strlen(value))).map { UInt8(bitPattern: $0) })
  }

  static func withoutPadding(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var i = 0
    while i < bytes.count {
      if bytes[i] == 0x24, i + 1 < bytes.count, bytes[i + 1] == 0x3C, let end = bytes[i...].firstIndex(of: 0x3E) {
        i = end + 1
      } else {
        result.append(bytes[i])
        i += 1
      }
    }
    return result
  }
}

import Screen

/// Why there can be no screen, and what to do about it.
public enum TerminalError: Error, Hashable, CustomStringConvertible {
  /// Neither standard input and output nor /dev/tty is a terminal.
  case noTerminal
  /// TERM is unset or empty.
  case termUnset
  /// No terminfo entry of that name.
  case unknownTerm(String)
  /// The terminal cannot move the cursor or clear the screen.
  case tooSimple(String)

  public var description: String {
    switch self {
    case .noTerminal:
      """
      there is no terminal to draw on: neither standard input and output nor /dev/tty is one. \
      Run it in a terminal, or use --headless.
      """
    case .termUnset:
      "TERM is not set, so the terminal's abilities are unknown. Try TERM=xterm-256color, or use --headless."
    case .unknownTerm(let term):
      """
      TERM=\(Self.shown(term)) is not in this machine's terminfo database. Try TERM=xterm-256color, install its \
      description (on Debian: apt-get install ncurses-term), or use --headless.
      """
    case .tooSimple(let term):
      """
      TERM=\(Self.shown(term)) cannot position the cursor, so no full screen can be drawn. Use a terminal that can \
      (TERM=xterm-256color, tmux-256color, linux, vt100 …), or --headless.
      """
    }
  }

  /// The environment is not ours: nothing of it reaches a terminal raw.
  private static func shown(_ term: String) -> String { CharacterWidth.printable(String(term.prefix(40))) }
}

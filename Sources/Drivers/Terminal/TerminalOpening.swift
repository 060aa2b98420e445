import CNcurses
import Glibc
import Screen

/// Starts ncurses on a terminal.
enum TerminalOpening {
  /// With the description of TERM, or one with more colours made from it where the operator or COLORTERM says so.
  ///
  /// - Returns: ncurses' screen, and how many colours the database knew of.
  static func open(
    _ environment: TerminalEnvironment, depth wanted: ColorDepth?, output: UnsafeMutablePointer<FILE>,
    input: UnsafeMutablePointer<FILE>
  ) throws(TerminalError) -> (screen: OpaquePointer, described: ColorDepth) {
    guard !environment.term.isEmpty else { throw .termUnset }
    guard var description = TerminalDescription(term: environment.term) else { throw .unknownTerm(environment.term) }
    let described = TerminalAbilities.depth(colors: description.colorCount)
    let goal = wanted ?? (environment.promisesTrueColor && described > .mono ? .direct : described)
    func newScreen() -> OpaquePointer? { newterm(environment.term, output, input) }
    var screen: OpaquePointer?
    if goal > described {
      description.set(goal == .direct ? .direct : .palette)
      screen = description.whileInForce(newScreen)
    }
    // An ncurses that takes no description from the environment (built so for root) has that of the database.
    guard let screen = screen ?? newScreen() else { throw .unknownTerm(environment.term) }
    guard cnc_terminfo_string("cup") != nil, cnc_terminfo_string("clear") != nil else {
      endwin()
      delscreen(screen)
      throw .tooSimple(environment.term)
    }
    return (screen, described)
  }
}

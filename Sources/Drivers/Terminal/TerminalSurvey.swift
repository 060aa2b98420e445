import CLinux
import CNcurses
import Glibc
import Screen

/// What a screen would find, without taking the terminal over: for `sidetone doctor`.
public struct TerminalSurvey: Sendable, Equatable {
  /// The terminal's size; nil when there is no terminal.
  public var size: Size?
  /// What TERM and the locale promise, or why there could be no screen.
  public var abilities: Result<TerminalAbilities, TerminalError>

  public init(size: Size?, abilities: Result<TerminalAbilities, TerminalError>) {
    self.size = size
    self.abilities = abilities
  }

  /// Looks. Not while there is a `TerminalScreen`: ncurses has global state.
  /// - Parameter depth: the colours that were asked for; nil for what suits the terminal.
  public static func survey(
    _ environment: TerminalEnvironment = .current(), depth: ColorDepth? = nil
  ) -> TerminalSurvey {
    TerminalSurvey(
      size: terminalSize(), abilities: Result { () throws(TerminalError) in try abilities(environment, depth) })
  }

  /// Columns of the terminal behind a descriptor; nil when there is none, or it does not say.
  public static func width(of descriptor: Int32) -> Int? {
    size(of: descriptor).flatMap { $0.width > 0 ? $0.width : nil }
  }

  private static func terminalSize() -> Size? {
    guard (try? TerminalFile(wanted: nil, standard: STDIN_FILENO, mode: "r")) != nil,
      let output = try? TerminalFile(wanted: nil, standard: STDOUT_FILENO, mode: "w")
    else { return nil }
    return size(of: output.descriptor)
  }

  private static func size(of descriptor: Int32) -> Size? {
    var rows: Int32 = 0
    var columns: Int32 = 0
    guard clinux_window_size(descriptor, &rows, &columns) == 0 else { return nil }
    return Size(width: Int(columns), height: Int(rows))
  }

  /// Opens the terminal description on /dev/null: nothing reaches the real one.
  private static func abilities(
    _ environment: TerminalEnvironment, _ depth: ColorDepth?
  ) throws(TerminalError) -> TerminalAbilities {
    guard let input = fopen("/dev/null", "r") else { throw .noTerminal }
    defer { fclose(input) }
    guard let output = fopen("/dev/null", "w") else { throw .noTerminal }
    defer { fclose(output) }
    let (screen, described) = try TerminalOpening.open(environment, depth: depth, output: output, input: input)
    defer {
      endwin()
      delscreen(screen)
    }
    return .detect(environment, described: described, depth: depth)
  }
}

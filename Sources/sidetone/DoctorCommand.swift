import ArgumentParser
import FoundationEssentials
import Glibc
import Runtime
import Terminal

/// `sidetone doctor`: what is here and what is not.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Say what is here and what is not, each with its remedy.",
    discussion: """
      ✓ is here; – is not, and a session can do without; ✗ is not, and a session needs it. Ends with 0 when a session \
      can run, and with 1 when something is missing.
      """)

  @Flag(help: "The report as JSON.")
  var json = false

  @OptionGroup var screen: ScreenFlags

  @Option(help: "The configuration file (YAML). Default: $XDG_CONFIG_HOME/sidetone/config.yaml.")
  var config: String?

  @OptionGroup var server: ServerFlags

  func run() throws {
    let report = Doctor.examine(configuration: config) { settings in
      screen.override(&settings)
      server.override(&settings)
    }
    print(json ? try Self.json(report) : report.text(style), terminator: "")
    if !report.canRun { throw ExitCode(ExitStatus.sessionFailed.rawValue) }
  }

  private static func json(_ report: DoctorReport) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
  }

  /// Colours on a terminal that wants them; signs by the locale.
  private var style: DoctorReport.Style {
    let environment = TerminalEnvironment.current()
    let isTerminal = isatty(STDOUT_FILENO) == 1
    let width = TerminalSurvey.width(of: STDOUT_FILENO)
    return DoctorReport.Style(
      width: min(110, width ?? 100),
      usesColor: isTerminal && !environment.noColor && !environment.term.isEmpty && environment.term != "dumb",
      usesUnicode: environment.wantsUTF8)
  }
}

import ArgumentParser
import Runtime

/// The program: a console and debugger for realtime voice agents over WebSocket.
@main
struct SidetoneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sidetone",
    abstract: "A console and debugger for realtime voice agents over WebSocket.",
    discussion: """
      Without a subcommand it opens the console on an embedded voice server: speak (or press s and type), and see \
      everything that happens on one clock.

      Exit codes: 0 all well; 1 the session failed or was lost, or nothing was found; 64 wrong usage; 66 an input cannot be read; \
      69 the server cannot be reached or started, or the speech engines cannot be fetched; 71 no usable terminal; \
      73 an output cannot be written; 78 a fault in the configuration or in a theme.
      """,
    version: sidetoneVersion,
    subcommands: [
      ConsoleCommand.self, ConnectCommand.self, ServeCommand.self, ReplayCommand.self, ShowCommand.self,
      DoctorCommand.self, EnginesCommand.self,
    ],
    defaultSubcommand: ConsoleCommand.self)
}

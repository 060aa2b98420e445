import ArgumentParser
import Runtime

/// `sidetone replay FILE`: the console on recorded entries.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Open the console on a recording, to play it and to go to and fro in it.")

  @Argument(help: "A capture, or JSON lines as --log and --headless write them.")
  var file: String

  @Option(help: "Where the sound goes: \(OutputFlag.usage). Default: speaker.")
  var output: OutputFlag?

  @OptionGroup var screen: ScreenFlags

  @Flag(help: "No screen: what happened in words, a line per event.")
  var plain = false

  @Flag(help: "With --plain: all of it at once, each line with its time of day.")
  var fast = false

  @Option(help: "The configuration file (YAML). Default: $XDG_CONFIG_HOME/sidetone/config.yaml.")
  var config: String?

  func validate() throws {
    if fast, !plain { throw ValidationError("--fast needs --plain") }
  }

  func run() throws {
    var flags = SessionFlags()
    (flags.screen, flags.config) = (screen, config)
    let start = try Start(flags)
    let recording: ReplayFile
    do {
      recording = try ReplayFile(path: file)
    } catch {
      throw failure(.unreadableInput, "\(error)")
    }
    if plain {
      try start.replayInWords(recording, isFast: fast)
    } else {
      let named = try output ?? start.configuration.output.map(OutputFlag.init(checking:))
      try start.replay(recording, output: named?.value ?? .speaker(name: nil))
    }
  }
}

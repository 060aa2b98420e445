import ArgumentParser
import Runtime
import Store
import Timeline

/// `sidetone replay FILE`: the console on recorded entries.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Open the console on a recorded timeline, at its original pace.")

  @Argument(help: "A file written by --log, or by --headless on stdout.")
  var file: String

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
    let recorded: (entries: [Entry], remark: String?)
    do {
      let read = try TimelineReader.read(path: file)
      recorded = (read.entries.map { $0.withoutSecrets() }, read.remark)
    } catch {
      throw failure(.unreadableInput, "\(error)")
    }
    if plain {
      try start.replayInWords(recorded.entries, remark: recorded.remark, isFast: fast)
    } else {
      try start.replay(recorded.entries, remark: recorded.remark)
    }
  }
}

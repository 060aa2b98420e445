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

  @Option(help: "The theme's name, or a file.")
  var theme: String?

  @Option(help: "What to draw with: auto, braille, blocks or ascii.")
  var glyphs: GlyphsFlag?

  @Option(help: "The configuration file (YAML). Default: $XDG_CONFIG_HOME/sidetone/config.yaml.")
  var config: String?

  func run() throws {
    var flags = SessionFlags()
    (flags.theme, flags.glyphs, flags.config) = (theme, glyphs, config)
    let start = try Start(flags)
    let recorded: (entries: [Entry], remark: String?)
    do {
      recorded = try TimelineReader.read(path: file)
    } catch {
      throw failure(.unreadableInput, "\(error)")
    }
    try start.replay(recorded.entries, remark: recorded.remark)
  }
}

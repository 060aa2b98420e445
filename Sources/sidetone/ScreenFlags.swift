import ArgumentParser
import Screen
import Store

/// The flags of everything that draws: what the screen looks like.
struct ScreenFlags: ParsableArguments {
  @Option(help: "The theme's name, or a file.")
  var theme: String?

  @Option(
    name: [.customLong("colour"), .customLong("color")],
    help: "How many colours: auto (what the terminal says), truecolour, 256, 16, 8 or mono.")
  var colour: ColourFlag?

  @Option(help: "What to draw with: auto, braille, blocks or ascii.")
  var glyphs: GlyphsFlag?

  @Flag(inversion: .prefixedNo, help: "Let the console have clicks and the wheel; without, they select text.")
  var mouse: Bool?

  @Option(help: "Frames a second of meters and waveforms: 20, 30 or 60. Default: 30.")
  var meters: MetersFlag?

  /// Writes what was given on the command line into the configuration.
  func override(_ configuration: inout Configuration) {
    configuration.theme = theme ?? configuration.theme
    configuration.colour = colour?.choice ?? configuration.colour
    configuration.glyphs = glyphs?.choice ?? configuration.glyphs
    configuration.mouse = mouse ?? configuration.mouse
    configuration.meters = meters?.perSecond ?? configuration.meters
  }
}

/// `auto|braille|blocks|ascii`
struct GlyphsFlag: ExpressibleByArgument {
  var choice: Configuration.Choice<GlyphSet>

  init?(argument: String) {
    guard let found = Configuration.glyphChoices.first(where: { $0.0 == argument }) else { return nil }
    choice = found.1
  }
}

/// `auto|truecolour|256|16|8|mono`
struct ColourFlag: ExpressibleByArgument {
  var choice: Configuration.Choice<ColorDepth>

  init?(argument: String) {
    guard let found = Configuration.colourChoices.first(where: { $0.0 == argument }) else { return nil }
    choice = found.1
  }
}

/// `20|30|60`
struct MetersFlag: ExpressibleByArgument {
  var perSecond: Int

  init?(argument: String) {
    guard let found = Configuration.meterChoices.first(where: { $0.0 == argument }) else { return nil }
    perSecond = found.1
  }
}

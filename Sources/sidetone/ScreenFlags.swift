import ArgumentParser
import Screen
import Store
import Terminal

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

  /// What the command line or else the configuration asks for.
  func options(_ configuration: Configuration) -> TerminalScreen.Options {
    TerminalScreen.Options(
      glyphs: glyphs.map(\.set) ?? configuration.glyphs?.wanted, depth: depth(configuration),
      usesMouse: mouse ?? configuration.mouse ?? true)
  }

  /// Nil for what the terminal is found to have.
  func depth(_ configuration: Configuration) -> ColorDepth? {
    colour.map(\.depth) ?? configuration.colour?.wanted
  }
}

/// `auto|braille|blocks|ascii`
struct GlyphsFlag: ExpressibleByArgument {
  /// Nil for what the terminal is found to have.
  var set: GlyphSet?

  init?(argument: String) {
    set = GlyphSet(rawValue: argument)
    if set == nil, argument != "auto" { return nil }
  }
}

/// `auto|truecolour|256|16|8|mono`
struct ColourFlag: ExpressibleByArgument {
  /// Nil for what the terminal is found to have.
  var depth: ColorDepth?

  init?(argument: String) {
    guard let choice = Configuration.colourChoices.first(where: { $0.0 == argument }) else { return nil }
    depth = choice.1.wanted
  }
}

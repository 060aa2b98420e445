/// A style in a terminal's own terms.
public struct ResolvedStyle: Sendable, Hashable {
  /// −1 for the terminal's own, a palette entry, or 0xRRGGBB at `ColorDepth.direct`.
  public var foreground: Int32
  public var background: Int32
  public var emphasis: Style.Emphasis

  public init(foreground: Int32, background: Int32, emphasis: Style.Emphasis) {
    self.foreground = foreground
    self.background = background
    self.emphasis = emphasis
  }
}

extension Theme {
  /// WCAG 2.1, level AA, for text: a contrast ratio of 4.5.
  public static let readableContrast = 4.5

  /// What a terminal of this depth draws for a style. Not cheap at `.indexed`: keep the answer.
  public func resolve(_ style: Style, depth: ColorDepth) -> ResolvedStyle {
    guard depth > .mono else { return resolveWithoutColors(style) }
    let look = looks[style.role] ?? looks[.text] ?? Look(.standard)
    var emphasis = look.emphasis.union(style.emphasis).subtracting(.selected)
    var ground = look.background ?? background
    if style.emphasis.contains(.selected), style.role != .selection {
      if depth >= .indexed, let selected = looks[.selection]?.background {
        ground = selected
      } else {
        emphasis.formSymmetricDifference(.reverse)
      }
    }
    guard depth >= .indexed else {
      let ink = style.role == .meter ? meter[min(2, Int(style.level) * 3 / 255)] : look.foreground
      let foreground = Self.color(ink, depth, isBackground: false, &emphasis)
      return ResolvedStyle(
        foreground: foreground, background: Self.color(ground, depth, isBackground: true, &emphasis),
        emphasis: emphasis)
    }
    let ink = style.role == .meter ? meterInk(style.level) : look.foreground
    return ResolvedStyle(
      foreground: foreground(ink, on: ground, isText: style.role != .meter, depth, &emphasis),
      background: Self.ground(ground, depth), emphasis: emphasis)
  }

  // MARK: 256 colours and more

  private func foreground(
    _ ink: Ink, on ground: Ink, isText: Bool, _ depth: ColorDepth, _ emphasis: inout Style.Emphasis
  ) -> Int32 {
    guard var rgb = ink.color.rgb else { return -1 }
    var index: UInt8? = if case .palette(let index) = ink.color { index } else { nil }
    // A colour stays the same in the row under the cursor, so it is to be read on both grounds.
    var grounds = [ground, looks[.selection]?.background].compactMap(\.self).compactMap { Self.shown($0, depth) }
    if !emphasis.isDisjoint(with: [.dim, .strike]), let far = Self.shown(ground, depth) {
      // Terminals do `dim` by halving the colour, which on a light ground makes it stand out; ncurses cannot strike.
      emphasis.subtract([.dim, .strike])
      rgb = Self.faded(rgb, on: far)
      (index, grounds) = (nil, [far])
    }
    if depth == .direct { return Self.direct(rgb) }
    if let index { return Int32(index) }
    guard isText else { return Int32(Palette.nearest(rgb)) }
    return Int32(Palette.nearest(rgb, contrast: Self.readableContrast, on: grounds))
  }

  private static func ground(_ ink: Ink, _ depth: ColorDepth) -> Int32 {
    guard let rgb = ink.color.rgb else { return -1 }
    if depth == .direct { return direct(rgb) }
    if case .palette(let index) = ink.color { return Int32(index) }
    return Int32(Palette.nearestGround(rgb))
  }

  /// A background as it is on the screen; nil for the terminal's own, which nobody knows.
  private static func shown(_ ink: Ink, _ depth: ColorDepth) -> RGB? {
    ink.color.rgb.map { depth == .direct ? $0 : Palette.rgb(UInt8(ground(ink, depth))) }
  }

  /// Nearer to the ground: half-way nearly, but only as far as it can still be read.
  private static func faded(_ color: RGB, on ground: RGB) -> RGB {
    guard color.contrast(with: ground) >= readableContrast else { return color.mixed(with: ground, 0.3) }
    return stride(from: 45, to: 0, by: -5).map { color.mixed(with: ground, Double($0) / 100) }
      .first { $0.contrast(with: ground) >= readableContrast } ?? color
  }

  /// Attributes alone, as the theme `mono` has them; a theme's own emphasis was chosen to go with its colours.
  private func resolveWithoutColors(_ style: Style) -> ResolvedStyle {
    var emphasis = (Theme.mono.looks[style.role]?.emphasis ?? []).union(style.emphasis).subtracting(.selected)
    if style.emphasis.contains(.selected), style.role != .selection { emphasis.formSymmetricDifference(.reverse) }
    return ResolvedStyle(foreground: -1, background: -1, emphasis: emphasis)
  }

  // MARK: 16 colours and fewer

  private static func color(
    _ ink: Ink, _ depth: ColorDepth, isBackground: Bool, _ emphasis: inout Style.Emphasis
  ) -> Int32 {
    guard ink.color != .standard else { return -1 }
    let index = Int32(ansi(ink))
    guard depth == .eight else { return index }
    // Bold would brighten the foreground, so a bright background becomes its plain neighbour.
    return isBackground ? index % 8 : eight(index, &emphasis)
  }

  private static func ansi(_ ink: Ink) -> UInt8 {
    if let ansi = ink.ansi { return ansi }
    if case .palette(let index) = ink.color, index < 16 { return index }
    return ink.color.rgb.map(Palette.nearestANSI) ?? 7
  }

  /// One of 16 as one of eight: bright becomes bold, and bright black dim white, since bold black is invisible on
  /// some terminals.
  private static func eight(_ index: Int32, _ emphasis: inout Style.Emphasis) -> Int32 {
    switch index {
    case 8:
      emphasis.insert(.dim)
      return 7
    case 9...15:
      emphasis.insert(.bold)
      return index - 8
    default: return index
    }
  }

  /// The terminfo entries named `-direct` still take 1…7 for the ANSI colours (terminfo(5), xterm+direct).
  private static func direct(_ rgb: RGB) -> Int32 { (1..<8).contains(rgb.value) ? 8 : Int32(rgb.value) }

  /// The place on the gradient, 0…255.
  private func meterInk(_ level: UInt8) -> Ink {
    let stops = meter.compactMap(\.color.rgb)
    guard stops.count == 3 else { return meter[min(2, Int(level) * 3 / 255)] }
    let place = Double(level) / 127.5
    return Ink(
      .rgb(place < 1 ? stops[0].mixed(with: stops[1], place) : stops[1].mixed(with: stops[2], place - 1)))
  }
}

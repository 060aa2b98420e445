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
  /// What a terminal of this depth draws for a style. Not cheap at `.indexed`: keep the answer.
  public func resolve(_ style: Style, depth: ColorDepth) -> ResolvedStyle {
    guard depth > .mono else { return resolveWithoutColors(style) }
    let look = looks[style.role] ?? looks[.text] ?? Look(.standard)
    var emphasis = look.emphasis.union(style.emphasis).subtracting(.selected)
    var foreground =
      style.role == .meter
      ? meterColor(style.level, depth) : Self.color(look.foreground, depth, isBackground: false, &emphasis)
    let ground = look.background ?? background
    var back = Self.color(ground, depth, isBackground: true, &emphasis)
    if style.emphasis.contains(.selected), style.role != .selection {
      if depth >= .indexed, let selected = looks[.selection]?.background {
        back = Self.color(selected, depth, isBackground: true, &emphasis)
      } else {
        emphasis.formSymmetricDifference(.reverse)
      }
    }
    if style.role == .meter, depth == .eight { foreground = Self.eight(foreground, &emphasis) }
    if depth >= .indexed, let faded = faded(look.foreground, on: ground, depth, &emphasis) { foreground = faded }
    return ResolvedStyle(foreground: foreground, background: back, emphasis: emphasis)
  }

  /// Dim and struck-through text as a colour nearer to the background. Terminals do `dim` by halving the colour, which
  /// on a light background makes it stand out; and ncurses cannot strike.
  private func faded(_ ink: Ink, on ground: Ink, _ depth: ColorDepth, _ emphasis: inout Style.Emphasis) -> Int32? {
    guard !emphasis.isDisjoint(with: [.dim, .strike]), let near = ink.color.rgb, let far = ground.color.rgb else {
      return nil
    }
    emphasis.subtract([.dim, .strike])
    let rgb = near.mixed(with: far, 0.45)
    return depth == .direct ? Self.direct(rgb) : Int32(Palette.nearest(rgb))
  }

  /// Attributes alone, as the theme `mono` has them; a theme's own emphasis was chosen to go with its colours.
  private func resolveWithoutColors(_ style: Style) -> ResolvedStyle {
    var emphasis = (Theme.mono.looks[style.role]?.emphasis ?? []).union(style.emphasis).subtracting(.selected)
    if style.emphasis.contains(.selected), style.role != .selection { emphasis.formSymmetricDifference(.reverse) }
    return ResolvedStyle(foreground: -1, background: -1, emphasis: emphasis)
  }

  private static func color(
    _ ink: Ink, _ depth: ColorDepth, isBackground: Bool, _ emphasis: inout Style.Emphasis
  ) -> Int32 {
    guard ink.color != .standard else { return -1 }
    switch depth {
    case .mono: return -1
    case .eight:
      let index = Int32(ansi(ink))
      // Bold would brighten the foreground, so a bright background becomes its plain neighbour.
      return isBackground ? index % 8 : eight(index, &emphasis)
    case .sixteen: return Int32(ansi(ink))
    case .indexed:
      if case .palette(let index) = ink.color { return Int32(index) }
      return ink.color.rgb.map { Int32(Palette.nearest($0)) } ?? -1
    case .direct: return ink.color.rgb.map(direct) ?? -1
    }
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

  /// The place on the gradient, 0…255; at 16 colours one of its three stops.
  private func meterColor(_ level: UInt8, _ depth: ColorDepth) -> Int32 {
    guard depth > .sixteen, let low = meter[0].color.rgb, let middle = meter[1].color.rgb,
      let high = meter[2].color.rgb
    else {
      let stop = meter[min(2, Int(level) * 3 / 255)]
      return stop.color == .standard ? -1 : Int32(Self.ansi(stop))
    }
    let place = Double(level) / 127.5
    let rgb = place < 1 ? low.mixed(with: middle, place) : middle.mixed(with: high, place - 1)
    return depth == .direct ? Self.direct(rgb) : Int32(Palette.nearest(rgb))
  }
}

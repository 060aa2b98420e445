import Screen
import Terminal

// What the facts about the terminal mean: what it can do, and what is drawn where it cannot. Pure.

extension DoctorReport {
  /// What the command line and the configuration ask of the screen; nil for what suits the terminal.
  struct ScreenWish {
    var depth: ColorDepth?
    var glyphs: GlyphSet?
    var mouse = true
  }
}

extension DoctorReport.Group {
  static func terminal(
    _ survey: TerminalSurvey, _ environment: TerminalEnvironment, _ wish: DoctorReport.ScreenWish, minimum: Size
  ) -> DoctorReport.Group {
    var rows = [size(survey.size, minimum)]
    // Without a terminal only --headless and --plain run, and they need none of this.
    let need: DoctorReport.Mark = survey.size == nil ? .absent : .missing
    switch survey.abilities {
    case .failure(let error): rows.append(.init(need, "TERM", error.description))
    case .success(let abilities):
      let around = [environment.isTmux ? "in tmux" : nil, environment.isRemote ? "over ssh" : nil]
      rows += [
        .init(.here, "TERM", ([abilities.term] + around.compactMap(\.self)).joined(separator: ", ")),
        colours(abilities, environment, wish.depth),
        characters(abilities, wish.glyphs),
        emphasis(abilities),
        mouse(abilities, wish.mouse),
        abilities.reportsMouse
          ? .init(.here, "paste, focus", "a paste is told from typing; animation rests while the window does")
          : .init(
            .absent, "paste, focus", "this terminal tells neither: a paste is typing",
            remedy: "paste only while a line is open"),
      ]
    }
    return .init("Terminal", rows)
  }

  private static func size(_ size: Size?, _ minimum: Size) -> DoctorReport.Row {
    guard let size else {
      return .init(
        .absent, "size", "there is no terminal here", remedy: "run it in one, or with --plain or --headless")
    }
    let text = "\(size.width)×\(size.height)"
    guard size.width < minimum.width || size.height < minimum.height else { return .init(.here, "size", text) }
    return .init(
      .absent, "size", "\(text), too small for the console",
      remedy: "make the window at least \(minimum.width)×\(minimum.height), better 120×40")
  }

  private static func colours(
    _ abilities: TerminalAbilities, _ environment: TerminalEnvironment, _ wanted: ColorDepth?
  ) -> DoctorReport.Row {
    func row(_ mark: DoctorReport.Mark, _ text: String, _ remedy: String? = nil) -> DoctorReport.Row {
      .init(mark, "colours", text, remedy: remedy)
    }
    let shown = abilities.depth.inWords
    if let wanted {
      let known = abilities.described.inWords
      return wanted == abilities.described
        ? row(.here, "\(shown), as asked and as TERM says") : row(.here, "\(shown), as asked; TERM says \(known)")
    }
    switch abilities.depth {
    case .direct: return row(.here, "\(shown), as \(abilities.described == .direct ? "TERM" : "COLORTERM") says")
    case .indexed:
      let why = environment.isRemote ? "; ssh does not carry COLORTERM" : ""
      return row(
        .here, "\(shown), as TERM says\(why)",
        "if the terminal shows all colours: --colour truecolour, or export COLORTERM=truecolor")
    case .sixteen, .eight:
      return row(
        .here, "\(shown), as TERM says: themes are reduced to them",
        "most terminals have 256: try TERM=xterm-256color, or --colour 256")
    case .mono where environment.noColor:
      return row(.absent, "none, as NO_COLOR asks: bold, underline and reverse stand for them", "unset NO_COLOR")
    case .mono:
      return row(
        .absent, "none with this TERM: bold, underline and reverse stand for them",
        "if the terminal has them: TERM=xterm-256color, or --colour 16")
    }
  }

  private static func characters(_ abilities: TerminalAbilities, _ wanted: GlyphSet?) -> DoctorReport.Row {
    guard abilities.utf8 else {
      return .init(.absent, "characters", "ASCII only, by the locale", remedy: "export LANG=C.UTF-8")
    }
    if let wanted { return .init(.here, "characters", "UTF-8, drawn with \(wanted.rawValue), as asked") }
    guard abilities.glyphs == .braille else {
      return .init(
        .here, "characters", "UTF-8, drawn with \(abilities.glyphs.rawValue): console fonts have no braille",
        remedy: "if yours has: --glyphs braille")
    }
    return .init(.here, "characters", "UTF-8, drawn with braille")
  }

  private static func emphasis(_ abilities: TerminalAbilities) -> DoctorReport.Row {
    let lacking = [abilities.canItalic ? nil : "italics", abilities.canDim ? nil : "faint text"].compactMap(\.self)
    guard !lacking.isEmpty else { return .init(.here, "type", "bold, italics, faint; struck out is drawn faint") }
    return .init(.absent, "type", "no \(lacking.joined(separator: ", no ")): drawn plain, told by colour and words")
  }

  private static func mouse(_ abilities: TerminalAbilities, _ isWanted: Bool) -> DoctorReport.Row {
    guard isWanted else {
      return .init(.absent, "mouse", "off, as asked: clicks select text", remedy: "--mouse, or mouse: true")
    }
    return abilities.reportsMouse
      ? .init(.here, "mouse", "clicks and the wheel are reported; with Shift they select text")
      : .init(.absent, "mouse", "not reported by this terminal: keys do everything")
  }
}

extension ColorDepth {
  /// How many colours.
  fileprivate var inWords: String {
    switch self {
    case .direct: "16 million"
    case .indexed: "256"
    case .sixteen: "16"
    case .eight: "8"
    case .mono: "none"
    }
  }
}

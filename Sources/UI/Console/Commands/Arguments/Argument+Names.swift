import Spelling

extension Argument {
  /// A theme's name.
  static let theme = Argument(
    .name("theme") { known in known.themes.map { Choice($0, $0 == known.theme ? "in force" : "") } }, "NAME")

  /// A source of the timeline, by its name.
  static let source: Argument = {
    var kind = Kind.name("source") { $0.followed.map { Choice($0) } }
    kind.paletteWords = { $0.followed.count > 1 ? $0.followed : [] }
    return Argument(kind, "NAME")
  }()

  /// A set of panes, by its name.
  static let preset = Argument(.name("set of panes", { $0.presets }), "NAME")

  /// A pane's number or name.
  static let pane: Argument = {
    var kind = Kind.name("pane") { zip($0.panes, 1...).map { Choice($0, "pane \($1)") } }
    let checkName = kind.check
    kind.check = { word, known throws(CommandFault) in
      if Int(word.text).map({ (1...max(1, known.panes.count)).contains($0) }) != true { try checkName(word, known) }
    }
    return Argument(kind, "NUMBER")
  }()

  /// A message's template by its name, to the end of the line.
  static let template = Argument(
    Kind(
      takesRest: true,
      complete: { completion, open, known in completion.offer(known.templates.map { Choice($0) }, open) },
      paletteWords: \.templates), "TEMPLATE")
}

extension Argument.Kind {
  /// One of the names that the program knows.
  /// - Parameter what: what is named, as in `theme`.
  static func name(_ what: String, _ names: @escaping @Sendable (KnownNames) -> [Argument.Choice]) -> Self {
    Self(
      check: { word, known throws(CommandFault) in
        let all = names(known).map(\.word)
        guard all.contains(word.text) else {
          let near = Spelling.question(word.text, among: all)
          throw word.fault("no \(what) \"\(word.text)\"\(near); there are \(Words.list(all))")
        }
      },
      expectation: { _, known in "a \(what): \(Words.list(names(known).map(\.word), last: "or"))" },
      complete: { completion, open, known in completion.offer(names(known), open) },
      paletteWords: { names($0).map(\.word) })
  }
}

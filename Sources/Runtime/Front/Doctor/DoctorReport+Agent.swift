import Speech
import Store

// What the facts about speech, language models and settings mean. Pure.

extension DoctorReport {
  /// Which service was asked for.
  struct ServiceQuestion<Card: ServiceCard> {
    var card: Card
    var model: String?
    var address: String
    /// The environment variable that should hold the key; nil when none was named.
    var key: (variable: String, isSet: Bool)?

    /// - Parameter isNeeded: the program does not begin without the key.
    func keyRow(isNeeded: Bool) -> Row? {
      guard let key else { return nil }
      return key.isSet
        ? Row(.here, "key", "\(key.variable) is set")
        : Row(
          isNeeded ? .missing : .absent, "key", "\(key.variable) is not set", remedy: "export \(key.variable)=…")
    }
  }
  typealias LanguageModelQuestion = ServiceQuestion<LanguageModelCard>
}

extension DoctorReport.Group {
  static func speech(
    recognition: SpeechCheck.Outcome, domain: SpeechCheck.Outcome, english: SpeechCheck.Outcome,
    other: SpeechCheck.Outcome, language: String, voice: String?, voices: [String]
  ) -> DoctorReport.Group {
    var rows: [DoctorReport.Row] = [
      .init(recognition, "recognition", orElse: .missing), .init(domain, "domain model", orElse: .missing),
      .init(english, "English voices", orElse: language.isEnglish ? .missing : .absent),
      .init(other, "other languages", orElse: language.isEnglish ? .absent : .missing),
    ]
    if let voice, language.isEnglish, !voices.contains(voice) {
      rows.append(
        .init(
          .missing, "voice", "there is no English voice \"\(voice)\"", remedy: "use \(voices.joined(separator: ", "))"))
    }
    return .init("Speech", rows)
  }

  static let builtinLanguageModel = DoctorReport.Group(
    "Language model", [.init(.here, "builtin", "answers a small domain by itself, without a network")])

  static func languageModel(
    _ question: DoctorReport.LanguageModelQuestion, answer: LanguageModelCheck.Answer
  ) -> DoctorReport.Group {
    var rows: [DoctorReport.Row] = []
    let place = question.address
    switch answer {
    case .nothing(let why):
      let start = question.card.startCommand.map { "start it with `\($0)`, or " } ?? ""
      rows.append(.init(.missing, "address", "\(place): \(why)", remedy: "\(start)give its address as --llm-url"))
    case .status(let code) where code == 401 || code == 403:
      let remedy = question.key.map { "put the right key into \($0.variable)" } ?? "name its variable by --llm-key-env"
      rows.append(.init(.missing, "address", "\(place): it wants a key (HTTP \(code))", remedy: remedy))
    case .status(let code):
      rows.append(.init(.here, "address", "\(place) answers, with no list of models (HTTP \(code))"))
    case .models: rows.append(.init(.here, "address", "\(place) answers"))
    }
    rows.append(model(question, answer))
    if let row = question.keyRow(isNeeded: true) { rows.append(row) }
    return .init("Language model: \(question.card.title)", rows)
  }

  private static func model(
    _ question: DoctorReport.LanguageModelQuestion, _ answer: LanguageModelCheck.Answer
  ) -> DoctorReport.Row {
    guard let name = question.model else {
      return .init(.missing, "model", "none was named", remedy: "--llm-model NAME, or llm.model in the configuration")
    }
    guard case .models(let names) = answer else { return .init(.here, "model", "\(name), not looked up") }
    // Ollama writes the tag that everybody leaves out.
    if names.contains(name) || names.contains(name + ":latest") { return .init(.here, "model", name) }
    let known = names.isEmpty ? "it has none" : "it has \(names.prefix(5).joined(separator: ", "))"
    if let command = question.card.pullCommand {
      return .init(.missing, "model", "\(name) is not there: \(known)", remedy: "\(command) \(name)")
    }
    // Such lists are not always whole.
    return .init(.absent, "model", "\(name) is not in the server's list: \(known)", remedy: "check the name")
  }

  /// - Parameters:
  ///   - path: nil when there is no home to look in.
  ///   - isThere: whether there is such a file.
  ///   - wanted: the theme that was asked for; nil for the default.
  ///   - keys: the console's keys as configured.
  static func settings(
    configuration: Result<Configuration, SettingsError>, path: String?, isThere: Bool,
    _ themes: [(name: String, problem: String?)], wanted: String?, keys: KeyBindings
  ) -> DoctorReport.Group {
    var rows: [DoctorReport.Row] = []
    let shown = path ?? "no home directory"
    switch configuration {
    case .failure(let error): rows.append(.init(.missing, "configuration", error.description))
    case .success where !isThere: rows.append(.init(.absent, "configuration", "none, and none is needed: \(shown)"))
    case .success: rows.append(.init(.here, "configuration", shown))
    }
    rows += keys.faults.map { .init(.missing, "key", $0.description) }
    rows += keys.remarks.map { .init(.here, "key", $0) }
    let good = themes.filter { $0.problem == nil }.map(\.name)
    rows.append(.init(.here, "themes", good.joined(separator: ", ")))
    for theme in themes {
      guard let problem = theme.problem else { continue }
      rows.append(.init(theme.name == wanted ? .missing : .absent, "theme", problem))
    }
    return .init("Settings", rows)
  }
}

extension DoctorReport.Row {
  fileprivate init(_ outcome: SpeechCheck.Outcome, _ name: String, orElse mark: DoctorReport.Mark) {
    switch outcome {
    case .works(let text): self.init(.here, name, text)
    case .fails(let reason, let remedy): self.init(mark, name, reason, remedy: remedy)
    }
  }
}

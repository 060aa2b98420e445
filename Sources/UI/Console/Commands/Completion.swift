import Filter
import Screen

/// What the word before the cursor could become.
struct Completion: Sendable, Equatable {
  /// One thing that it could become.
  struct Candidate: Sendable, Equatable {
    /// What would stand in the line.
    var text: String
    /// What follows the name, as in `CODE [REASON]`.
    var syntax = ""
    /// What it means.
    var detail = ""
    /// A space follows when it is taken: there is more to say.
    var goesOn = false
  }

  /// The characters that a candidate replaces.
  var range: Range<Int>
  var candidates: [Candidate] = []
  /// The folder whose names would have to be known to offer more.
  var wantedFolder: String?

  /// The longest beginning that all candidates share.
  var common: String {
    guard var common = candidates.first?.text else { return "" }
    for candidate in candidates.dropFirst() {
      while !candidate.text.hasPrefix(common) { common.removeLast() }
    }
    return common
  }

  /// - Parameter text: the line up to the cursor.
  init(of text: String, known: KnownNames, theme: String) {
    let call = CommandCall(text)
    let isNameOpen = call.nameStart + call.name.count + (call.insists ? 1 : 0) == text.count
    guard !isNameOpen, let command = try? call.command() else {
      range = call.nameStart..<text.count
      if isNameOpen { candidates = Self.names(call.name) }
      return
    }
    let spec = CommandTable.spec(command)
    let behind = call.nameStart + call.name.count + (call.insists ? 2 : 1)
    let open = ArgumentWord.open(String(text.dropFirst(behind)), for: spec)
    range = (open?.start).map { behind + $0..<text.count } ?? text.count..<text.count
    guard let open, open.index < spec.arguments.count else { return }
    let goesOn = open.index + 1 < spec.arguments.count
    var offered: [Candidate] = []
    switch spec.arguments[open.index].kind {
    case .choice(let choices): offered = choices.map { Candidate(text: $0.word, detail: $0.meaning) }
    case .theme:
      offered = known.themes.map { Candidate(text: $0, detail: $0 == theme ? "in force" : "") }
    case .preset: offered = known.presets.map { Candidate(text: $0.word, detail: $0.meaning) }
    case .pane: offered = zip(known.panes, 1...).map { Candidate(text: $0, detail: "pane \($1)") }
    case .file(let endings):
      completeFile(open.text, endings, known.listing, goesOn)
      return
    case .template: offered = known.templates.map { Candidate(text: $0) }
    case .bytes:
      offered = [("hex:", "pairs of digits"), ("base64:", "packed bytes"), ("@", "a file's path")].map {
        Candidate(text: $0.0, detail: $0.1)
      }
    case .filter:
      // Whole filters, so nothing is to be compared any more.
      candidates = Self.filters(open.text, known)
      return
    case .text, .number, .json: break
    }
    candidates = offered.filter { $0.text.hasPrefix(open.text) }.map {
      var candidate = $0
      candidate.goesOn = goesOn
      return candidate
    }
  }

  /// - Parameter filter: a filter up to the cursor, on a line of its own.
  init(ofFilter filter: String, known: KnownNames) {
    range = 0..<filter.count
    candidates = Self.filters(filter, known)
  }

  private static func filters(_ text: String, _ known: KnownNames) -> [Candidate] {
    FilterCompletion.candidates(text, types: known.types).map { Candidate(text: $0) }
  }

  /// Commands that begin with a text; where none does, those that have its letters in their order, the best first.
  private static func names(_ text: String) -> [Candidate] {
    let beginning = CommandCall.commands.filter { $0.rawValue.hasPrefix(text) }.sorted { $0.rawValue < $1.rawValue }
    let found =
      beginning.isEmpty
      ? CommandCall.commands.compactMap { command in
        FuzzyMatch(text, in: command.rawValue).map { (command, $0.score) }
      }
      .sorted { $0.1 > $1.1 }.prefix(5).map(\.0) : beginning
    return found.map {
      let spec = CommandTable.spec($0)
      return Candidate(text: $0.rawValue, syntax: spec.syntax, detail: spec.help, goesOn: !spec.arguments.isEmpty)
    }
  }

  private mutating func completeFile(
    _ typed: String, _ endings: [String], _ listing: FolderListing?, _ goesOn: Bool
  ) {
    let folder = String(typed[..<(typed.lastIndex(of: "/").map(typed.index(after:)) ?? typed.startIndex)])
    let name = typed.dropFirst(folder.count)
    guard let listing, listing.folder == folder else {
      wantedFolder = folder
      return
    }
    for item in listing.items where item.name.hasPrefix(name) && (name.hasPrefix(".") || !item.name.hasPrefix(".")) {
      let isWanted = endings.contains { item.name.lowercased().hasSuffix("." + $0) }
      guard item.isFolder || isWanted else { continue }
      candidates.append(
        Candidate(
          text: ArgumentWord.quoted(folder + item.name) + (item.isFolder ? "/" : ""),
          detail: item.isFolder ? "folder" : Figures.bytes(item.byteCount), goesOn: goesOn && !item.isFolder))
    }
  }
}

extension ArgumentWord {
  /// The word that is being typed at the end of a text: which argument it is, its text without quotes, and where it
  /// begins; nil behind the last argument.
  fileprivate static func open(_ text: String, for spec: CommandSpec) -> (index: Int, text: String, start: Int)? {
    let characters = Array(text)
    var at = 0
    for (index, argument) in spec.arguments.enumerated() {
      while at < characters.count, characters[at] == " " { at += 1 }
      guard at < characters.count, !argument.takesRest else { return (index, String(characters[at...]), at) }
      let word = word(characters, from: at)
      if word.range.upperBound == characters.count { return (index, word.text, at) }
      at = word.range.upperBound
    }
    return nil
  }
}

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
    case .source: offered = known.followed.map { Candidate(text: $0) }
    case .preset: offered = known.presets.map { Candidate(text: $0.word, detail: $0.meaning) }
    case .pane: offered = zip(known.panes, 1...).map { Candidate(text: $0, detail: "pane \($1)") }
    case .file(let endings):
      completeFile(open.text, known.listing, endings: endings, isQuoted: true, goesOn: goesOn)
      return
    case .path:
      completeFile(open.text, known.listing)
      return
    case .bytes where open.text.hasPrefix("@"):
      completeFile(String(open.text.dropFirst()), known.listing, sign: "@")
      return
    case .template: offered = known.templates.map { Candidate(text: $0) }
    case .bytes:
      offered = [("hex:", "pairs of digits"), ("base64:", "packed bytes"), ("@", "a file's path")].map {
        Candidate(text: $0.0, detail: $0.1)
      }
    case .filter:
      completeFilter(open.text, from: range.lowerBound, known)
      return
    case .number(_, _, _, let numbers): offered = numbers.map { Candidate(text: $0.word, detail: $0.meaning) }
    case .json: offered = known.configs.map { Candidate(text: $0.word, detail: $0.meaning) }
    case .message: offered = known.messages.map { Candidate(text: $0.word, detail: $0.meaning) }
    case .text: break
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
    completeFilter(filter, from: 0, known)
  }

  /// Only the last word is replaced, and shown among the choices.
  private mutating func completeFilter(_ text: String, from start: Int, _ known: KnownNames) {
    let end = start + text.count
    range = end - FilterCompletion.lastWord(of: text).count..<end
    candidates = FilterCompletion.candidates(text, types: known.types, sources: known.sources).map {
      let word = String($0.dropFirst(range.lowerBound - start))
      return Candidate(text: word, detail: Self.filterWords[word] ?? "")
    }
  }
  private static let filterWords = [
    "dir:": "received or sent", "dir:in": "received", "dir:out": "sent",
    "type:": "of a message or event; * stands for anything", "kind:": "text, binary, or what is no message",
    "size>": "payload bytes, as in size>4k or size:100..2k", "conn>": "a connection's number, as in conn:2",
    "source:": "what a source has written, by its name or number",
    "since:": "-30s counts back from now; or a time of day", "until:": "the same, up to then",
    "and": "both must hold; side by side means the same", "or": "one of them must hold",
    "not": "must not hold; ! means the same",
  ]

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

  /// - Parameters:
  ///   - endings: of the files that are offered; nil for all.
  ///   - sign: what stands before the path.
  ///   - isQuoted: spaces would end the argument.
  private mutating func completeFile(
    _ typed: String, _ listing: FolderListing?, endings: [String]? = nil, sign: String = "", isQuoted: Bool = false,
    goesOn: Bool = false
  ) {
    let folder = String(typed[..<(typed.lastIndex(of: "/").map(typed.index(after:)) ?? typed.startIndex)])
    let name = typed.dropFirst(folder.count)
    guard let listing, listing.folder == folder else {
      wantedFolder = folder
      return
    }
    for item in listing.items where item.name.hasPrefix(name) && (name.hasPrefix(".") || !item.name.hasPrefix(".")) {
      let isWanted = endings?.contains { item.name.lowercased().hasSuffix("." + $0) } ?? true
      guard item.isFolder || isWanted else { continue }
      candidates.append(
        Candidate(
          text: sign + (isQuoted ? ArgumentWord.quoted(folder + item.name) : folder + item.name)
            + (item.isFolder ? "/" : ""),
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

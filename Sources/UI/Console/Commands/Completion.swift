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
  init(of text: String, in table: CommandTable, known: KnownNames) {
    let call = CommandCall(text)
    let isNameOpen = call.nameStart + call.name.count + (call.insists ? 1 : 0) == text.count
    guard !isNameOpen, let spec = try? call.spec(in: table) else {
      range = call.nameStart..<text.count
      if isNameOpen { candidates = Self.names(call.name, in: table) }
      return
    }
    let behind = call.nameStart + call.name.count + (call.insists ? 2 : 1)
    let open = OpenWord(String(text.dropFirst(behind)), for: spec)
    range = (open?.start).map { behind + $0..<text.count } ?? text.count..<text.count
    if let open { spec.arguments[open.index].kind.complete(&self, open, known) }
  }

  /// Offers those of the words that begin as the open one.
  mutating func offer(_ words: [Argument.Choice], _ open: OpenWord) {
    candidates += words.filter { $0.word.hasPrefix(open.text) }.map {
      Candidate(text: $0.word, detail: $0.meaning, goesOn: open.goesOn)
    }
  }

  /// - Parameter filter: a filter up to the cursor, on a line of its own.
  init(ofFilter filter: String, known: KnownNames) {
    range = 0..<filter.count
    completeFilter(filter, from: 0, known)
  }

  /// Only the last word is replaced, and shown among the choices.
  mutating func completeFilter(_ text: String, from start: Int, _ known: KnownNames) {
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
  private static func names(_ text: String, in table: CommandTable) -> [Candidate] {
    let all = table.typeable
    let beginning = all.filter { $0.command.rawValue.hasPrefix(text) }
      .sorted { $0.command.rawValue < $1.command.rawValue }
    let found =
      beginning.isEmpty
      ? all.compactMap { spec in FuzzyMatch(text, in: spec.command.rawValue).map { (spec, $0.score) } }
        .sorted { $0.1 > $1.1 }.prefix(5).map(\.0) : beginning
    return found.map {
      Candidate(
        text: $0.command.rawValue, syntax: $0.syntax, detail: $0.help, goesOn: !$0.arguments.isEmpty)
    }
  }

  /// - Parameters:
  ///   - endings: of the files that are offered; nil for all.
  ///   - sign: what stands before the path.
  ///   - isQuoted: spaces would end the argument.
  mutating func completeFile(
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

import Findings
import Insight
import Timeline
import Wire

/// What a session without a screen says of itself at its end: a reader of the timeline, for each of its sources.
///
///     entries ─► SummaryReader.observe ─► Insight, FindingsLinter of each source ─► lines of words, or one line of JSON
public struct SummaryReader: Sendable {
  /// How it is said.
  public enum Form: String, Sendable, CaseIterable {
    /// A few lines. Only what there is something to say about gets one.
    case words
    /// One line with every figure of the table.
    case json
  }

  /// How many sources are told of; a timeline may have any number.
  static let sourceLimit = 8

  /// What is known of one source. Entries of the program are every source's.
  struct Account: Sendable {
    /// Nil until there is one: then it is the first.
    var source: SourceID?
    var insight: Insight
    var linter: FindingsLinter

    mutating func observe(_ entry: Entry) {
      if source == nil, entry.source != .program { source = entry.source }
      insight.observe(entry)
      linter.observe(entry)
    }
  }

  private let form: Form
  private let silenced: Set<String>
  private let figures: FigureTable
  private let dialects: DialectTable
  private(set) var accounts: [Account] = []
  private(set) var names = SourceNames()
  /// Sources beyond the limit.
  private(set) var leftOut: Set<SourceID> = []
  private var start: Entry?

  /// - Parameters:
  ///   - silenced: ids of rules that are left out.
  ///   - figures: what JSON holds.
  ///   - dialects: where the names of dialects are looked up.
  public init(
    _ form: Form = .words, silenced: Set<String> = [], figures: FigureTable = .standard,
    dialects: DialectTable = .builtIn
  ) {
    (self.form, self.silenced, self.figures, self.dialects) = (form, silenced, figures, dialects)
    accounts = [account(of: nil)]
  }

  private func account(of source: SourceID?) -> Account {
    Account(
      source: source, insight: Insight(among: dialects, of: source),
      linter: FindingsLinter(silenced: silenced, among: dialects, of: source))
  }

  /// Takes the next entry.
  public mutating func observe(_ entry: Entry) {
    names.observe(entry)
    if case .sessionStarted = entry.event { start = entry }
    guard entry.source != .program else {
      for i in accounts.indices { accounts[i].observe(entry) }
      return
    }
    guard let i = place(of: entry.source) else { return }
    accounts[i].observe(entry)
  }

  private mutating func place(of source: SourceID) -> Int? {
    if let i = accounts.firstIndex(where: { $0.source == source || $0.source == nil }) { return i }
    guard accounts.count < Self.sourceLimit else {
      leftOut.insert(source)
      return nil
    }
    accounts.append(account(of: source))
    // What was said of the session before holds for it, too.
    if let start { accounts[accounts.count - 1].observe(start) }
    return accounts.count - 1
  }

  /// What is known so far, without line breaks. Parts of it may be a peer's words.
  public var lines: [String] {
    switch form {
    case .words: words
    case .json: [json.jsonText]
    }
  }

  /// The lines of each source. Where there are several, each line says of which it is.
  private var words: [String] {
    let lines = accounts.flatMap { account in
      let lines = SummaryInWords(account.insight, account.linter.findings).lines
      return accounts.count == 1 ? lines : lines.map { "\(names[account.source ?? .first]): \($0)" }
    }
    return leftOut.isEmpty ? lines : lines + ["\(leftOut.count) more sources are not told of"]
  }

  /// See docs/headless.md.
  private var json: JSONValue {
    var members: [String: JSONValue] = [
      "schema": .number(Double(FigureTable.schema)), "sources": .array(accounts.map(json(of:))),
    ]
    if !leftOut.isEmpty { members["sourcesLeftOut"] = .number(Double(leftOut.count)) }
    return .object(members)
  }

  private func json(of account: Account) -> JSONValue {
    let id = account.source ?? .first
    let findings = account.linter.findings.map { finding in
      JSONValue.object([
        "rule": .string(finding.rule.id), "severity": .string(finding.rule.severity.rawValue),
        "count": .number(Double(finding.count)),
        "last": .string(Redaction.hideSecrets(in: finding.occurrences.last?.detail ?? "")),
      ])
    }
    return .object([
      "source": .number(Double(id.rawValue)), "name": .string(names[id]),
      "kind": .string(account.insight.source?.kind.rawValue ?? Source.Kind.client.rawValue),
      "vantage": .string(account.insight.vantage.rawValue), "figures": figures.json(of: account.insight),
      "findings": .array(findings),
    ])
  }
}

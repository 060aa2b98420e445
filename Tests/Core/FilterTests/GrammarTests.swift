import Filter
import Testing
import Timeline

struct GrammarTests {
  private func parsed(_ text: String) throws -> FilterExpression? { try Filter(parsing: text).expression }

  @Test func nothingLetsEverythingPass() throws {
    #expect(try Filter(parsing: "  ").isEmpty)
    #expect(try Sample().passes(""))
    #expect(Filter.everything.isEmpty)
  }

  @Test func notBindsTighterThanAndAndAndThanOr() throws {
    let (a, b, c): (FilterExpression, FilterExpression, FilterExpression) = (
      .condition(.text("a")), .condition(.text("b")), .condition(.text("c"))
    )
    #expect(try parsed("a b or c") == .or([.and([a, b]), c]))
    #expect(try parsed("a or b and c") == .or([a, .and([b, c])]))
    #expect(try parsed("not a b") == .and([.not(a), b]))
    #expect(try parsed("not (a b)") == .not(.and([a, b])))
    #expect(try parsed("!a !b") == .and([.not(a), .not(b)]))
    #expect(try parsed("a && b || c") == .or([.and([a, b]), c]))
    #expect(try parsed("NOT NOT a") == .not(.not(a)))
    #expect(try parsed("((a))") == a)
  }

  @Test func keysAndTheirValues() throws {
    #expect(try parsed("dir:in") == .condition(.direction(.received)))
    #expect(try parsed("DIR:sent") == .condition(.direction(.sent)))
    #expect(try parsed("kind:binary") == .condition(.kind(.binary)))
    #expect(try parsed("type:audio,transcript_*") == .condition(.type(["audio", "transcript_*"])))
    #expect(try parsed("type:\"a b\"") == .condition(.type(["a b"])))
    #expect(try parsed("size>4k") == .condition(.size(FilterRange(least: 4001, most: nil))))
    #expect(try parsed("size<=1.5MB") == .condition(.size(FilterRange(least: nil, most: 1_500_000))))
    #expect(try parsed("size:1ki..2k") == .condition(.size(FilterRange(least: 1024, most: 2000))))
    #expect(try parsed("size:..10") == .condition(.size(FilterRange(least: nil, most: 10))))
    #expect(try parsed("conn:2") == .condition(.connection(FilterRange(least: 2, most: 2))))
    #expect(try parsed("since:-30s") == .condition(.since(.before(ms: 30_000))))
    #expect(try parsed("since:1.5m") == .condition(.since(.elapsed(ms: 90_000))))
    #expect(try parsed("until:12:04:09.1") == .condition(.until(.clock(ms: 43_449_100))))
    #expect(try parsed("until:00:00") == .condition(.until(.clock(ms: 0))))
    #expect(try parsed(#""say \"hi\" \\ (now)""#) == .condition(.text(#"say "hi" \ (now)"#)))
    #expect(try parsed("size") == .condition(.text("size")))
    #expect(try parsed("a/b") == .condition(.text("a/b")))
  }

  @Test func aFilterOfEverything() throws {
    let text = #"dir:in type:audio size>4k "some text" /re.*x/ since:-30s conn:2 and not (kind:event or x)"#
    let expression = try #require(try parsed(text))
    guard case .and(let parts) = expression else { throw FilterError(column: 0, reason: "no conjunction") }
    #expect(parts.count == 8)
    #expect(Filter(expression).expression == expression)
  }

  @Test(arguments: [
    ("foo:1", 1, "no key \"foo\""), ("a (b", 3, "not closed"), ("a b)", 4, "could close"), ("a or", 5, "missing here"),
    ("or a", 1, "missing before"), ("()", 2, "missing before this )"), ("a \"b", 3, "no closing \""),
    ("a \"\"", 3, "between the quotes"), ("dir:up", 5, "in or out"), ("dir:", 5, "wants in or out"),
    ("dir>in", 4, "is no number"), ("size>x", 6, "bytes"), ("size>-1", 6, "bytes"), ("size<0", 6, "bytes"),
    ("size:9..2", 6, "bytes"), ("conn:", 6, "wants a connection"), ("since:soon", 7, "a moment"),
    ("since:25:00", 7, "a moment"), ("a /b", 3, "no closing /"), ("a /b/x", 6, "only i may follow"),
    ("a /(b/", 4, "not closed"), ("a /b[/", 5, "not closed"), ("/x**/", 4, "repetition of a repetition"),
    ("//", 2, "nothing stands"),
    ("not", 4, "missing here"), ("a and and b", 7, "missing before"),
    ("http://x", 1, "no key"),
  ])
  func errorsPointAtTheColumn(_ text: String, _ column: Int, _ reason: String) {
    do {
      let filter = try Filter(parsing: text)
      Issue.record("\(text) was read as \(filter.expression.map { "\($0)" } ?? "nothing")")
    } catch {
      #expect(error.column == column, "\(text): \(error)")
      #expect(error.reason.contains(reason), "\(text): \(error)")
    }
  }

  @Test func depthIsBounded() {
    #expect(throws: FilterError.self) { try Filter(parsing: String(repeating: "(", count: 100_000)) }
    #expect(throws: FilterError.self) { try Filter(parsing: String(repeating: "!", count: 100_000) + "a") }
  }

  /// What is printed is read again as the same, for filters of every shape.
  @Test(arguments: 1...20) func printingAndReadingAgree(_ seed: UInt64) throws {
    var walk = Walk(seed)
    for _ in 0..<200 {
      let expression = Self.expression(&walk, depth: 4)
      let text = expression.description
      let again = try Filter(parsing: text)
      #expect(again.expression == expression, "\(text)")
      #expect(again.expression?.description == expression.description)
    }
  }

  /// Any characters: a filter or an error, never a trap, and the column lies in the text.
  @Test(arguments: 1...20) func anyTextIsReadOrRefused(_ seed: UInt64) {
    var walk = Walk(seed)
    let pieces = [
      "(", ")", "!", "&", "|", "\"", "/", "\\", "dir:", "size", ">", "..", "4k", "or", "and", "not", " ", "a", "é", "[",
      "{2", "}", "-", ":",
    ]
    for _ in 0..<500 {
      let text = (0..<walk.below(12)).map { _ in walk.one(of: pieces) }.joined()
      do {
        let filter = try Filter(parsing: text)
        if let expression = filter.expression { #expect(!expression.description.isEmpty) }
      } catch {
        #expect((1...text.count + 1).contains(error.column), "\(text): \(error)")
      }
    }
  }

  @Test func completionOffersKeysValuesAndTypes() {
    let types = ["transcript_final", "transcript_interim", "odd type"]
    #expect(FilterCompletion.candidates("dir:in ty", types: types) == ["dir:in type:"])
    #expect(
      FilterCompletion.candidates("not (type:tr", types: types) == [
        "not (type:transcript_final", "not (type:transcript_interim",
      ])
    #expect(FilterCompletion.candidates("type:", types: types).contains("type:\"odd type\""))
    #expect(FilterCompletion.candidates("dir:", types: []) == ["dir:in", "dir:out"])
    #expect(FilterCompletion.candidates("!kind:b", types: []) == ["!kind:binary"])
    #expect(FilterCompletion.candidates("", types: []).contains("size>"))
    #expect(FilterCompletion.candidates("zzz", types: []) == [])
  }

  // MARK: - Random expressions

  private static func expression(_ walk: inout Walk, depth: Int) -> FilterExpression {
    switch depth == 0 ? 3 : walk.below(6) {
    case 0: return .not(expression(&walk, depth: depth - 1))
    case 1: return .and((0..<2 + walk.below(3)).map { _ in expression(&walk, depth: depth - 1) })
    case 2: return .or((0..<2 + walk.below(3)).map { _ in expression(&walk, depth: depth - 1) })
    default: return .condition(condition(&walk))
    }
  }

  private static func condition(_ walk: inout Walk) -> FilterCondition {
    let texts = [
      "a", "and", "NOT", "a b", "\"", "\\", "(x", "/x/", "!x", "dir:in", "size>", "é漢", "a|b", "x\ny", "-", "…",
    ]
    switch walk.below(9) {
    case 0: return .direction(walk.one(of: [.sent, .received]))
    case 1: return .kind(walk.one(of: FilterKind.allCases))
    case 2: return .type((0..<1 + walk.below(3)).map { _ in walk.one(of: ["audio", "a b", "x*", "(y)"]) })
    case 3: return .size(range(&walk))
    case 4: return .connection(range(&walk))
    case 5: return .since(moment(&walk))
    case 6: return .until(moment(&walk))
    case 7: return .text(walk.one(of: texts))
    default:
      let sources = ["a.*b", "^x$", "a/b", "[/\"]", "\\d+", "(a|b){2,3}", "é"]
      // All of them are well-formed.
      return .pattern(try! TextPattern(walk.one(of: sources), ignoresCase: walk.below(2) == 0))
    }
  }

  private static func range(_ walk: inout Walk) -> FilterRange {
    let low = walk.below(5000)
    switch walk.below(3) {
    case 0: return FilterRange(least: low, most: nil)
    case 1: return FilterRange(least: nil, most: low)
    default: return FilterRange(least: low, most: low + walk.below(3) * 1000)
    }
  }

  private static func moment(_ walk: inout Walk) -> FilterMoment {
    let ms = walk.one(of: [0, 1, 999, 1000, 61_000, 3_600_000, 12_345_678])
    switch walk.below(3) {
    case 0: return .before(ms: ms)
    case 1: return .elapsed(ms: ms)
    default: return .clock(ms: ms)
    }
  }
}

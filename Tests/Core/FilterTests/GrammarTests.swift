import Filter
import TestKit
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
    #expect(try parsed("dir:in") == .condition(.way(.toClient)))
    #expect(try parsed("DIR:sent") == .condition(.way(.toServer)))
    #expect(try parsed("kind:binary") == .condition(.kind(.binary)))
    #expect(try parsed("type:audio,transcript_*") == .condition(.type(["audio", "transcript_*"])))
    #expect(try parsed("type:\"a b\"") == .condition(.type(["a b"])))
    #expect(try parsed("size>4k") == .condition(.size(FilterRange(least: 4001, most: nil))))
    #expect(try parsed("size<=1.5MB") == .condition(.size(FilterRange(least: nil, most: 1_500_000))))
    #expect(try parsed("size:1ki..2k") == .condition(.size(FilterRange(least: 1024, most: 2000))))
    #expect(try parsed("size:..10") == .condition(.size(FilterRange(least: nil, most: 10))))
    #expect(try parsed("conn:2") == .condition(.connection(FilterRange(least: 2, most: 2))))
    #expect(try parsed("source:stt, 2") == .condition(.source(["stt", "2"])))
    #expect(try parsed("source != client") == .not(.condition(.source(["client"]))))
    #expect(try parsed("since:-30s") == .condition(.since(.before(ms: 30_000))))
    #expect(try parsed("since:1.5m") == .condition(.since(.elapsed(ms: 90_000))))
    #expect(try parsed("until:12:04:09.1") == .condition(.until(.clock(ms: 43_449_100))))
    #expect(try parsed("until:00:00") == .condition(.until(.clock(ms: 0))))
    #expect(try parsed(#""say \"hi\" \\ (now)""#) == .condition(.text(#"say "hi" \ (now)"#)))
    #expect(try parsed("size") == .condition(.text("size")))
    #expect(try parsed("a/b") == .condition(.text("a/b")))
  }

  /// The same filter with spaces where people put them, and in other spellings.
  @Test(arguments: [
    ("size>100", ["size > 100", "size >100", "size> 100", "SIZE  >  100", "(size > 100)", "size > 100 B"]),
    ("size>=4k", ["size >= 4k", "size >= 4 k", "size \u{2265} 4k", "size\u{2265}4k", "size >= 4 kB"]),
    ("size<=64ki", ["size <= 64 ki", "size \u{2264} 64ki", "size<= 64 kiB"]),
    ("size:100", ["size: 100", "size : 100", "size = 100", "size == 100", "size==100"]),
    ("size:100..2k", ["size: 100..2k", "size : 100 .. 2k", "size:100.. 2 k", "size:100 ..2k", "size = 100..2k"]),
    ("not size:100", ["size!=100", "size != 100", "size \u{2260} 100", "not size = 100", "! size : 100"]),
    ("conn:2", ["conn = 2", "conn : 2", "conn== 2"]), ("conn>=2", ["conn >= 2", "conn >=2"]),
    ("dir:in", ["dir : in", "dir = in", "dir: received", "dir==in", "dir =in"]),
    ("not dir:in", ["dir != in", "dir!=in"]), ("kind:text", ["kind : text", "kind = text"]),
    ("not kind:event", ["kind != event", "not kind : event"]),
    (
      "type:audio,metrics",
      ["type : audio,metrics", "type: audio, metrics", "type = audio , metrics", "type:audio ,metrics"]
    ),
    ("not type:audio", ["type != audio", "type!=audio"]), ("type:\"a b\"", ["type : \"a b\"", "type = \"a b\""]),
    (
      "since:-30s",
      ["since : -30s", "since: 30s ago", "since = -30 s", "since:- 30s", "since: 30 s ago", "since:-30s ago"]
    ),
    ("until:12:04", ["until : 12:04", "until = 12:04"]), ("since:90s", ["since: 90s", "since : 90 s", "since = 1.5m"]),
    ("a size>100 b", ["a size > 100 b"]), ("size>100 or dir:in", ["size > 100 or dir : in"]),
    ("not (size>1 dir:out)", ["not ( size > 1 dir : out )", "! (size > 1 & dir = out)"]),
  ])
  func spacesAndSpellingsMeanTheSame(_ text: String, _ others: [String]) throws {
    let expression = try parsed(text)
    for other in others { #expect(try parsed(other) == expression, "\(other)") }
  }

  /// What could be taken for the rest of a value is, where it can mean nothing else; anything else stays a word.
  @Test func wordsBehindAValueStayWords() throws {
    #expect(try parsed("size>4 x") == parsed("size>4 \"x\""))
    #expect(try parsed("size>4k k") == parsed("size>4k \"k\""))
    #expect(try parsed("size:1..2 dir:in") == parsed("size:1..2 and dir:in"))
    #expect(try parsed("size:1.. dir:in") == parsed("size>=1 dir:in"))
    #expect(try parsed("type:audio text") == parsed("type:audio \"text\""))
    #expect(try parsed("since:12:04 ago") == parsed("since:12:04 \"ago\""))
    #expect(try parsed("dir:in k") == parsed("dir:in \"k\""))
    #expect(try parsed("size") == .condition(.text("size")))
    #expect(try parsed("hello <b>") == parsed("hello \"<b>\""))
    #expect(try parsed("<speak> x->y") == .and([.condition(.text("<speak>")), .condition(.text("x->y"))]))
    #expect(try parsed("size \">\" 100") == .and(["size", ">", "100"].map { .condition(.text($0)) }))
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
    ("http://x", 1, "no key"), ("foo > 3", 1, "no key \"foo\""), ("a foo >3", 3, "no key \"foo\""),
    ("rate != 3", 1, "no key"), ("> 100", 1, "behind a key"), ("a \"b\" = c", 7, "behind a key"),
    ("100 < size", 5, "behind a key"), ("100<size", 1, "key comes first"), ("4k<=SIZE", 1, "key comes first"),
    ("size >", 7, "bytes"), ("size > or", 8, "bytes"), ("size > x", 8, "bytes"), ("dir > in", 5, "is no number"),
    ("type >= a", 6, "is no number"), ("since > 12:04", 7, "is no number"), ("dir : up", 7, "in or out"),
    ("type :", 7, "a name"), ("a and = 3", 7, "behind a key"), ("size => 3", 7, "bytes"), (": x", 1, "behind a key"),
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
    var walk = SeededGenerator(seed: seed)
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
    var walk = SeededGenerator(seed: seed)
    let pieces = [
      "(", ")", "!", "&", "|", "\"", "/", "\\", "dir:", "size", ">", "..", "4k", "or", "and", "not", " ", "a", "é", "[",
      "{2", "}", "-", ":", "=", "!=", "\u{2265}", ",", "ago", "since", "type",
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
    #expect(
      FilterCompletion.candidates("source:", types: [], sources: ["program", "text to speech"]) == [
        "source:\"text to speech\"", "source:program",
      ])
    #expect(FilterCompletion.candidates("zzz", types: []) == [])
  }

  // MARK: - Random expressions

  private static func expression(_ walk: inout SeededGenerator, depth: Int) -> FilterExpression {
    switch depth == 0 ? 3 : walk.below(6) {
    case 0: return .not(expression(&walk, depth: depth - 1))
    case 1: return .and((0..<2 + walk.below(3)).map { _ in expression(&walk, depth: depth - 1) })
    case 2: return .or((0..<2 + walk.below(3)).map { _ in expression(&walk, depth: depth - 1) })
    default: return .condition(condition(&walk))
    }
  }

  private static func condition(_ walk: inout SeededGenerator) -> FilterCondition {
    let texts = [
      "a", "and", "NOT", "a b", "\"", "\\", "(x", "/x/", "!x", "dir:in", "size>", "é漢", "a|b", "x\ny", "-", "…", "size",
      ">", ">3", "=", "!=", "\u{2265}4", ",x", "..9", "ago", "k", "kB", "ms", "4k<size", "12",
    ]
    switch walk.below(10) {
    case 0: return .way(walk.one(of: [.toServer, .toClient]))
    case 1: return .kind(walk.one(of: FilterKind.allCases))
    case 2: return .type((0..<1 + walk.below(3)).map { _ in walk.one(of: ["audio", "a b", "x*", "(y)"]) })
    case 3: return .size(range(&walk))
    case 4: return .connection(range(&walk))
    case 5: return .since(moment(&walk))
    case 6: return .until(moment(&walk))
    case 7: return .source((0..<1 + walk.below(3)).map { _ in walk.one(of: ["client", "a b", "x*", "2"]) })
    case 8: return .text(walk.one(of: texts))
    default:
      let sources = ["a.*b", "^x$", "a/b", "[/\"]", "\\d+", "(a|b){2,3}", "é"]
      // All of them are well-formed.
      return .pattern(try! TextPattern(walk.one(of: sources), ignoresCase: walk.below(2) == 0))
    }
  }

  private static func range(_ walk: inout SeededGenerator) -> FilterRange {
    let low = walk.below(5000)
    switch walk.below(3) {
    case 0: return FilterRange(least: low, most: nil)
    case 1: return FilterRange(least: nil, most: low)
    default: return FilterRange(least: low, most: low + walk.below(3) * 1000)
    }
  }

  private static func moment(_ walk: inout SeededGenerator) -> FilterMoment {
    let ms = walk.one(of: [0, 1, 999, 1000, 61_000, 3_600_000, 12_345_678])
    switch walk.below(3) {
    case 0: return .before(ms: ms)
    case 1: return .elapsed(ms: ms)
    default: return .clock(ms: ms)
    }
  }
}

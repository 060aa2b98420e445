import TestKit
import Testing
import Timeline

@testable import Filter

struct PatternTests {
  private func matches(_ source: String, _ text: String, ignoresCase: Bool = false) throws -> Bool {
    let pattern = try TextPattern(source, ignoresCase: ignoresCase)
    var automaton = PatternAutomaton(pattern.program, isAnchored: false)
    return Array(text.utf8).withUnsafeBufferPointer { automaton.matches($0) }
  }

  @Test(arguments: [
    ("a.c", "xabcx", true), ("a.c", "a\nc", false), ("^a", "ba", false), ("a$", "ab", false), ("^$", "", true),
    ("^.$", "漢", true), ("^..$", "漢", false), ("[à-ü]+x", "ééx", true), ("[^a]", "a", false), ("[^a]", "é", true),
    ("[]x]", "]", true), ("[a-]", "-", true), ("a{2,3}b", "ab", false), ("^a{2,3}$", "aaaa", false),
    ("a{x}", "a{x}", true),
    ("(ab|cd)+e", "abcde", true), (#"\d{3}"#, "ab123", true), (#"\bfoo\b"#, "a foo.", true),
    (#"\bfoo\b"#, "food", false),
    (#"\Boo"#, "foo", true), (#"\."#, "a", false), (#"\.\*\\"#, #".*\"#, true), ("(?:a|b)c", "bc", true),
    ("a??b", "b", true),
    (#"[\d_]+-[\w]"#, "1_2-x", true), (#"\S\s\S"#, "a b", true), ("(|a)b", "b", true), ("x*", "", true),
  ])
  func syntax(_ source: String, _ text: String, _ expected: Bool) throws {
    #expect(try matches(source, text) == expected, "/\(source)/ in \(text)")
  }

  @Test func caseIsIgnoredOnRequest() throws {
    #expect(try matches("hé[a-c]+X", "HéAbCx", ignoresCase: true))
    #expect(try !matches("abc", "ABC"))
  }

  @Test(arguments: [
    "(", ")", "[", "a**", "*", "a{3,2}", "a{2000}", "(?=a)", #"\"#, #"\q"#, #"(a)\1"#, "[b-a]", "^*",
    "((a{100}){100}){100}", "",
  ])
  func whatIsWrongIsRefused(_ source: String) {
    #expect(throws: TextPatternError.self) { try TextPattern(source) }
  }

  /// Patterns that take a backtracking engine longer than the age of the world.
  @Test func noPatternIsSlow() throws {
    let text = String(repeating: "a", count: 20_000)
    for source in ["(a+)+b", "(a|aa)+$b", "(.*)*x.*y", "(a|a)*b", "(a?){20}b"] {
      var automaton = PatternAutomaton(try TextPattern(source).program, isAnchored: false)
      let isFound = Array(text.utf8).withUnsafeBufferPointer { automaton.matches($0) }
      #expect(!isFound)
      // A handful of states, built once.
      #expect(automaton.builtSteps < 2_000, "\(source)")
    }
  }

  /// A pattern whose states are without number stays within its memory.
  @Test func statesAreBounded() throws {
    var walk = SeededGenerator(seed: 7)
    var automaton = PatternAutomaton(try TextPattern("a.{40}b.{40}c").program, isAnchored: false)
    let bytes = (0..<6_000).map { _ in UInt8(97 + walk.below(2)) }
    let isFoundInNoise = bytes.withUnsafeBufferPointer { automaton.matches($0) }
    #expect(!isFoundInNoise)
    #expect(automaton.builtSteps < 6_000 * 1_000)
    #expect(automaton.stateCount <= 2_000)
    let found =
      bytes + Array(("a" + String(repeating: "x", count: 40) + "b" + String(repeating: "x", count: 40) + "c").utf8)
    let isFound = found.withUnsafeBufferPointer { automaton.matches($0) }
    #expect(isFound)
  }

  /// Against Swift's own engine, for random patterns and texts.
  @Test(arguments: 1...8) func agreesWithAnotherEngine(_ seed: UInt64) throws {
    var walk = SeededGenerator(seed: seed)
    for _ in 0..<150 {
      let source = Self.pattern(&walk, depth: 3)
      let ours = try TextPattern(source)
      let theirs = try Regex(source).matchingSemantics(.unicodeScalar).asciiOnlyWhitespace()
        .asciiOnlyWordCharacters().wordBoundaryKind(.simple)
      var automaton = PatternAutomaton(ours.program, isAnchored: false)
      // Swift's engine takes digits for no part of a word once words are those of ASCII.
      let hasWords = [#"\b"#, #"\B"#, #"\w"#, #"\W"#].contains { source.contains($0) }
      let letters = ["a", "b", "c", "é", "漢", " "] + (hasWords ? [] : ["1"])
      for _ in 0..<12 {
        let text = (0..<walk.below(9)).map { _ in walk.one(of: letters) }.joined()
        let expected = try theirs.firstMatch(in: text) != nil
        let found = Array(text.utf8).withUnsafeBufferPointer { automaton.matches($0) }
        #expect(found == expected, "/\(source)/ in \"\(text)\"")
      }
    }
  }

  private static func pattern(_ walk: inout SeededGenerator, depth: Int) -> String {
    let atoms = ["a", "b", "c", "é", "漢", ".", "[ab]", "[^a]", "[à-漢]", #"\d"#, #"\w"#, #"\s"#, #"\W"#]
    switch depth == 0 ? 9 : walk.below(10) {
    case 0: return pattern(&walk, depth: depth - 1) + "|" + pattern(&walk, depth: depth - 1)
    case 1, 2:
      return "(" + pattern(&walk, depth: depth - 1) + ")" + walk.one(of: ["*", "+", "?", "{2}", "{1,2}", "{0,}", ""])
    case 3, 4, 5: return pattern(&walk, depth: depth - 1) + pattern(&walk, depth: depth - 1)
    case 6: return walk.one(of: ["^", #"\b"#, #"\B"#]) + walk.one(of: atoms)
    case 7: return walk.one(of: atoms) + "$"
    default: return walk.one(of: atoms) + walk.one(of: ["", "", "*", "+", "?"])
    }
  }
}

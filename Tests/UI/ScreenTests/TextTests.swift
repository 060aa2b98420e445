import Screen
import Testing

@Suite struct WrapTests {
  @Test(arguments: [
    ("", 5, [""]), ("one two", 7, ["one two"]), ("one two", 6, ["one", "two"]), ("one  two", 5, ["one", "two"]),
    ("a b c d", 3, ["a b", "c d"]), ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
    ("x abcdefgh y", 4, ["x", "abcd", "efgh", "y"]),
    ("one\n\ntwo\n", 9, ["one", "", "two", ""]), ("  indent kept", 8, ["  indent", "kept"]), ("a\r\nb", 4, ["a", "b"]),
    ("時間です", 5, ["時間", "です"]), ("時間", 1, ["時", "間"]), ("ae\u{301}e\u{301}b", 2, ["ae\u{301}", "e\u{301}b"]),
    ("trailing   ", 8, ["trailing"]),
    // Scripts without spaces break between characters, but never before what closes or after what opens.
    ("ok 時間です", 6, ["ok 時", "間です"]), ("時間です。", 8, ["時間で", "す。"]), ("時「間」です", 6, ["時", "「間」", "です"]),
    ("東京abc", 6, ["東京", "abc"]), ("カード", 4, ["カー", "ド"]),
    // One character for the reader: flags, families, decomposed Hangul.
    ("a🇩🇪🇫🇷", 3, ["a🇩🇪", "🇫🇷"]), ("ab👩‍🚀cd", 5, ["ab", "👩‍🚀", "cd"]),
    ("한국\u{1112}\u{1161}\u{11AB}", 4, ["한국", "\u{1112}\u{1161}\u{11AB}"]),
    // Right to left: whole words in their order.
    ("שלום עולם טוב", 9, ["שלום עולם", "טוב"]), ("مرحبا بالعالم", 8, ["مرحبا", "بالعالم"]),
  ])
  func lines(_ text: String, _ width: Int, _ expected: [String]) {
    #expect(TextWrap.lines(text, width: width) == expected)
  }

  @Test func noLineIsTooLongAndNoWordIsLost() {
    let text = "It is half past nine in Berlin. 時間はもう遅い, se\u{301}rieusement: Donaudampfschifffahrtsgesellschaft!"
    for width in 2...40 {
      let lines = TextWrap.lines(text, width: width)
      #expect(lines.allSatisfy { CharacterWidth.columns(of: $0) <= width })
      #expect(lines.joined().filter { $0 != " " } == text.filter { $0 != " " })
    }
  }

  @Test func stylesSurvive() {
    let text = StyledText("heard words ", .agent) + StyledText("cut off", .agent, .strike)
    let lines = TextWrap.lines(text, width: 8)
    #expect(lines.map(\.plain) == ["heard", "words", "cut off"])
    #expect(lines[2].spans == [Span("cut off", Style(.agent, .strike))])
  }
}

@Suite struct PrintableTests {
  @Test(arguments: [
    ("plain text", "plain text"), ("a\u{9B}31m\u{85}b", "a\u{FFFD}31m\u{FFFD}b"), ("a\u{1B}[2J\u{7F}\n", "a␛[2J␡␊"),
    ("\u{202E}txt.exe\u{2066}x\u{2069}\u{200E}\u{61C}", "\u{FFFD}txt.exe\u{FFFD}x\u{FFFD}\u{FFFD}\u{FFFD}"),
    ("a\u{2028}b\u{2029}c", "a\u{FFFD}b\u{FFFD}c"), ("pass\u{200B}word", "pass\u{FFFD}word"),
    ("a\u{2060}b\u{FEFF}c\u{180E}d\u{34F}e", "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}e"),
    ("hi\u{E0001}\u{E0068}\u{E0069}\u{E007F}", "hi\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"), ("co\u{AD}op", "coop"),
    ("a\u{200D}b\u{200C}c\u{FE0F}d", "abcd"),
    // What belongs to a script or an emoji stays.
    ("می\u{200C}خواهم", "می\u{200C}خواهم"), ("👩\u{200D}🚀 ❤\u{FE0F} 👍🏽", "👩\u{200D}🚀 ❤\u{FE0F} 👍🏽"),
    ("漢\u{E0100}", "漢\u{E0100}"),
  ])
  func whatIsHiddenIsSeen(_ text: String, _ printable: String) {
    #expect(Array(CharacterWidth.printable(text).unicodeScalars) == Array(printable.unicodeScalars))
  }
}

@Suite struct TruncationTests {
  @Test(arguments: [
    (Truncation.tail, "protocol", 5, "prot…"), (.head, "protocol", 5, "…ocol"), (.middle, "protocol", 5, "pr…ol"),
    (.tail, "short", 5, "short"), (.tail, "x", 0, ""), (.tail, "long", 1, "…"), (.tail, "時間です", 6, "時間…"),
    (.head, "時間です", 6, "…です"), (.head, "ae\u{301}b", 2, "…b"),
    (.middle, "ws://127.0.0.1:8765/voice", 11, "ws://…voice"),
  ])
  func cuts(_ cut: Truncation, _ text: String, _ width: Int, _ expected: String) {
    #expect(cut(text, to: width) == expected)
  }

  @Test func neverWiderThanAsked() {
    let text = "時a間b e\u{301}c で"
    for width in 0...12 {
      for cut in [Truncation.head, .middle, .tail] {
        #expect(CharacterWidth.columns(of: cut(text, to: width)) <= width)
      }
      #expect(StyledText(text).truncated(to: width).columns <= width)
    }
  }

  @Test func styledTextIsMarkedWhereItIsCut() {
    let text = StyledText("abc", .user) + StyledText("def", .agent)
    #expect(text.truncated(to: 6) == text)
    #expect(text.truncated(to: 4).spans == [Span("abc", Style(.user)), Span("…", Style(.agent))])
    #expect(text.truncated(to: 3).plain == "ab…")
    #expect(text.truncated(to: 1).plain == "…")
    #expect(text.truncated(to: 0).isEmpty)
  }
}

@Suite struct CharacterWidthTests {
  @Test(arguments: [
    ("a", 1), ("é", 1), ("e\u{301}", 1), ("時", 2), ("ｱ", 1), ("Ａ", 2), ("한", 2), ("😀", 2), ("⏰", 2), ("█", 1), ("⣿", 1),
    ("\u{200B}", 0), ("\u{FEFF}", 0), ("\u{1B}", 1), ("\u{85}", 1), ("\u{200F}", 1), ("\u{378}", 1), ("✂", 1), ("🇩", 1),
    ("🇩🇪", 2), ("👍🏽", 2), ("👩‍🚀", 4), ("1\u{FE0F}\u{20E3}", 1), ("❤\u{FE0F}", 1), ("한", 2), ("שָׁלוֹם", 4),
  ])
  func columns(_ text: String, _ expected: Int) { #expect(CharacterWidth.columns(of: text) == expected) }
}

import Screen
import Testing

// Tests of Screen: pure functions on grids, so every one compares whole results.

@Suite struct SurfaceTests {
  private func surface(_ width: Int, _ height: Int = 1) -> Surface { Surface(Size(width: width, height: height)) }

  @Test func putsTextAndCountsColumns() {
    var s = surface(8)
    #expect(s.put("hey", x: 1, y: 0) == 3)
    #expect(s.text == " hey    ")
  }

  @Test func clipsOnEverySide() {
    var s = surface(4, 2)
    #expect(s.put("abcdef", x: -2, y: 0) == 6)
    #expect(s.put("abcdef", x: 2, y: 1) == 2)
    #expect(s.put("x", x: 0, y: -1) == 0)
    #expect(s.put("x", x: 0, y: 2) == 0)
    #expect(s.put("x", x: 4, y: 0) == 0)
    #expect(s.text == "cdef\n  ab")
  }

  @Test func limitsTheWidth() {
    var s = surface(6)
    #expect(s.put("abcdef", x: 0, y: 0, width: 3) == 3)
    #expect(s.put("abc", x: 3, y: 0, width: 0) == 0)
    #expect(s.text == "abc   ")
  }

  @Test func wideCharactersTakeTwoCellsOrNone() {
    var s = surface(5)
    #expect(s.put("時a間b", x: 0, y: 0) == 5)
    #expect(s[1, 0].scalar == 0 && s[4, 0].scalar == 0)
    #expect(s.text == "時a間")
  }

  @Test func halfOfAWideCharacterAtTheLeftEdgeIsBlank() {
    var s = surface(3)
    #expect(s.put("時x", x: -1, y: 0) == 3)
    #expect(s.text == " x ")
  }

  @Test func overwritingHalfOfAWideCharacterBlanksTheOther() {
    var s = surface(6)
    s.put("時間分", x: 0, y: 0)
    s.put("a", x: 1, y: 0)
    s.fill(Rect(x: 4, y: 0, width: 1, height: 1), ".")
    #expect(s.text == " a間. ")
    var t = surface(4)
    t.put("時間", x: 0, y: 0)
    t[3, 0] = Cell(scalar: 0x78)
    #expect(t.text == "時 x")
    t[0, 0] = Cell(scalar: 0x79)
    #expect(t.text == "y  x")
  }

  @Test func marksJoinTheCharacterBefore() {
    var s = surface(3)
    #expect(s.put("e\u{301}\u{308}\u{327}x", x: 0, y: 0) == 2)
    #expect(s[0, 0].mark1 == 0x301 && s[0, 0].mark2 == 0x308)
    #expect(s[1, 0].scalar == 0x78)
    // A mark with nothing before it has nothing to join.
    #expect(s.put("\u{301}y", x: 0, y: 0) == 1)
    #expect(s[0, 0] == Cell(scalar: 0x79))
  }

  @Test func controlCharactersAreShownNeverKept() {
    var s = surface(20)
    s.put("\u{1B}[31m\u{7}\u{9B}2J\u{202E}\u{7F}\r\n", x: 0, y: 0)
    #expect(s.text.hasPrefix("␛[31m␇\u{FFFD}2J\u{FFFD}␡␍␊"))
    for value in (UInt32(0)..<0x3000).compactMap(Unicode.Scalar.init) {
      var one = surface(2)
      one.put(String(Character(value)), x: 0, y: 0)
      let scalar = one[0, 0].scalar
      #expect(scalar >= 0x20 && !(0x7F..<0xA0).contains(scalar), "U+\(String(value.value, radix: 16))")
    }
  }

  @Test func emojiSequencesHaveTheWidthOfTheirParts() {
    var s = surface(8)
    #expect(s.put("👩\u{200D}🔬", x: 0, y: 0) == 4)
    #expect(CharacterWidth.columns(of: "👩\u{200D}🔬") == 4)
    #expect(CharacterWidth.columns(of: "❤\u{FE0F}") == 1)
    #expect(s[0, 0].mark1 == 0)
  }

  @Test func restyleKeepsCharacters() {
    var s = surface(3, 2)
    s.put("abc", x: 0, y: 0, Style(.user))
    s.restyle(Rect(x: 1, y: -1, width: 9, height: 2)) { $0.emphasis.insert(.selected) }
    #expect(s.text == "abc\n   ")
    #expect(s[0, 0].style == Style(.user))
    #expect(s[1, 0].style == Style(.user, .selected))
    #expect(s[1, 1].style == .plain)
  }

  @Test func styledTextIsPlacedAndShortened() {
    var s = surface(10, 3)
    let text = StyledText("you ", .user) + StyledText("hello")
    s.put(text, in: Rect(x: 0, y: 0, width: 10, height: 1), .right)
    s.put(text, in: Rect(x: 0, y: 1, width: 6, height: 1))
    s.put(text, in: Rect(x: 1, y: 2, width: 4, height: 1), .centre)
    #expect(s.text == " you hello\nyou h…    \n you…     ")
    #expect(s[1, 0].style.role == .user && s[5, 0].style.role == .text)
  }

  @Test func everythingDrawsAtEverySizeWithoutTrapping() {
    let peaks = (0..<40).map { WaveformPeak(low: -Float($0) / 20, high: .nan) }
    for width in 0..<14 {
      for height in 0..<6 {
        for glyphs in GlyphSet.allCases {
          for (x, y) in [(0, 0), (-3, -2), (2, 1)] {
            var s = surface(9, 4)
            let rect = Rect(x: x, y: y, width: width, height: height)
            let frame = Box("時 title", hotkey: 4, trailing: ["a long one", "b"])
            let inner = s.box(rect, frame, glyphs: glyphs)
            s.putWrapped("時 wide and long words", in: inner, .right)
            Waveform.draw(peaks, on: &s, in: rect, glyphs: glyphs)
            Meter.draw(.nan, on: &s, in: rect, mark: 2, glyphs: glyphs)
            Meter.draw(0.4, on: &s, in: rect, look: .line, glyphs: glyphs)
            Sparkline.draw([0.1, .infinity, -.infinity, .nan], on: &s, in: rect, glyphs: glyphs)
            StackedBar.draw(
              [.init(3, .plain), .init(-1, .plain), .init(.nan, .plain), .init(.infinity, .plain)], scale: 5, on: &s,
              in: rect, glyphs: glyphs)
            _ = Layout.rows(rect, [.fixed(3), .flexible(minimum: 2), .flexible(weight: 3)], spacing: 1)
            #expect(s.cells.count == 36)
          }
        }
      }
    }
  }
}

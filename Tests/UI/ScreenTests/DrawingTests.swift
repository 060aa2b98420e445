import Screen
import Testing

@Suite struct BoxTests {
  private func draw(_ width: Int, _ height: Int, _ box: Box, _ glyphs: GlyphSet = .braille) -> Surface {
    var s = Surface(Size(width: width, height: height))
    s.box(s.bounds, box, glyphs: glyphs)
    return s
  }

  @Test func titleHotkeyAndTrailingLabel() {
    let box = Box("mic", hotkey: 1, trailing: [BorderLabel(StyledText("-23 dBFS", .good))])
    #expect(
      draw(26, 3, box).text == """
        ╭¹ mic ──────── -23 dBFS ╮
        │                        │
        ╰────────────────────────╯
        """)
    #expect(
      draw(20, 3, box, .ascii).text == """
        +1 mic -- -23 dBFS +
        |                  |
        +------------------+
        """)
  }

  @Test func stylesOfTheParts() {
    let s = draw(20, 3, Box("mic", hotkey: 1, isFocused: true))
    #expect(s[0, 0].style.role == .focus && s[1, 0].style.role == .hotkey && s[3, 0].style.role == .title)
    #expect(s[2, 0].style.role == .focus && s[19, 2].style.role == .focus)
  }

  @Test func labelsAreJoinedByTheLine() {
    let box = Box(leading: ["sidetone", "● live", "turn 7"], legend: ["you", "agent"], trailingLegend: ["x"])
    #expect(
      draw(34, 2, box).text == """
        ╭ sidetone ─ ● live ─ turn 7 ────╮
        ╰ you ─ agent ──────────────── x ╯
        """)
  }

  @Test func theLeastImportantLabelGoesFirst() {
    func box(_ width: Int) -> String {
      let labels = [
        BorderLabel("title", priority: 9), BorderLabel("rate", priority: 1), BorderLabel("muted", priority: 5),
      ]
      return draw(width, 1, Box(leading: labels, trailing: [BorderLabel("rtt", priority: 1)])).text
    }
    #expect(box(33) == "╭ title ─ rate ─ muted ──── rtt ╮")
    #expect(box(25) == "╭ title ─ rate ─ muted ─╮")
    #expect(box(20) == "╭ title ─ muted ───╮")
    #expect(box(12) == "╭ title ───╮")
    #expect(box(7) == "╭ ti… ╮")
    #expect(box(2) == "╭╮")
    #expect(box(1) == "╭")
  }

  @Test func theInsideIsReturned() {
    var s = Surface(Size(width: 9, height: 9))
    #expect(
      s.box(Rect(x: 1, y: 2, width: 6, height: 4), Box("t")) == Rect(x: 2, y: 3, width: 4, height: 2))
    #expect(s.box(Rect(x: 0, y: 0, width: 1, height: 1), Box("t")).isEmpty)
  }
}

@Suite struct WaveformTests {
  private func draw(_ peaks: [WaveformPeak], _ w: Int, _ h: Int, _ glyphs: GlyphSet, scale: Float = 1) -> Surface {
    var s = Surface(Size(width: w, height: h))
    Waveform.draw(peaks, on: &s, in: s.bounds, glyphs: glyphs, scale: scale)
    return s
  }
  private func both(_ amplitude: Float) -> WaveformPeak { WaveformPeak(low: -amplitude, high: amplitude) }

  @Test func brailleLightsEveryDotBetweenLowAndHigh() {
    // 4 dots high: full swing fills the column, silence is the dot below the middle.
    #expect(draw([both(1), both(1)], 1, 1, .braille).text == "⣿")
    #expect(draw([both(0), both(0)], 1, 1, .braille).text == "⠤")
    #expect(draw([WaveformPeak(low: 0, high: 1), WaveformPeak(low: -1, high: 0)], 1, 1, .braille).text == "⢧")
    // 8 dots high: ±0.5 reaches from a quarter to three quarters.
    #expect(draw([both(0.5), both(0)], 1, 2, .braille).text == "⡄\n⠏")
  }

  @Test func newestIsAtTheRightAndOldestFallOut() {
    #expect(draw([both(1)], 3, 1, .braille).text == "  ⢸")
    let five = [both(0), both(0), both(1), both(1), both(1), both(1)]
    #expect(draw(five, 2, 1, .braille).text == "⣿⣿")
    #expect(draw(five, 3, 1, .braille).text == "⠤⣿⣿")
  }

  @Test func blocksAndASCIIShowTheSameStretch() {
    let peaks = [both(0), both(0), both(0.5), both(0.2), both(1), both(0)]
    #expect(draw(peaks, 3, 1, .blocks).text == "▁▄█")
    #expect(draw(peaks, 3, 1, .ascii).text == "_=#")
    #expect(draw(peaks, 3, 2, .blocks).text == "  █\n▁██")
    #expect(draw(peaks, 3, 2, .ascii).text == "  #\n_##")
  }

  @Test func scaleAndLevel() {
    let s = draw([both(0.25), both(0.1), both(0.5), both(3)], 2, 1, .blocks, scale: 2)
    #expect(s.text == "▄█")
    #expect(s[0, 0].style == Style(.meter, level: 127) && s[1, 0].style == Style(.meter, level: 255))
  }
}

@Suite struct MeterTests {
  private func meter(_ value: Double, _ w: Int, _ look: Meter.Look, _ glyphs: GlyphSet, mark: Double? = nil) -> Surface
  {
    var s = Surface(Size(width: w, height: 1))
    Meter.draw(value, on: &s, in: s.bounds, look: look, mark: mark, glyphs: glyphs)
    return s
  }

  @Test(arguments: [
    (0.0, "    "), (1.0 / 32, "▏   "), (0.5, "██  "), (0.40625, "█▋  "), (1.0, "████"), (7.0, "████"), (-1.0, "    "),
  ])
  func barsInEighths(_ value: Double, _ expected: String) {
    #expect(meter(value, 4, .bar, .blocks).text == expected)
  }

  @Test func linesMarksAndASCII() {
    #expect(meter(0.625, 4, .line, .braille).text == "━━╸ ")
    #expect(meter(0.25, 4, .line, .braille, mark: 0.75).text == "━  │")
    #expect(meter(0.5, 4, .bar, .ascii, mark: 1).text == "##.|")
    #expect(meter(0.5, 4, .line, .ascii).text == "==..")
  }

  @Test func levelRunsAlongTheBar() {
    let s = meter(1, 4, .bar, .blocks)
    #expect((0..<4).map { s[$0, 0].style.level } == [0, 85, 170, 255])
  }

  @Test func sparklineShowsTheLatest() {
    var s = Surface(Size(width: 4, height: 1))
    Sparkline.draw([0.9, 0, 0.25, 0.5, 1], on: &s, in: s.bounds)
    #expect(s.text == "▁▂▄█")
    var tall = Surface(Size(width: 3, height: 2))
    Sparkline.draw([0.25, 0.75], on: &tall, in: tall.bounds)
    #expect(tall.text == "  ▄\n ▄█")
  }

  @Test func stackedPartsKeepTheTotal() {
    var s = Surface(Size(width: 10, height: 1))
    let parts = [
      StackedBar.Part(24, Style(.user), letter: "s"), .init(24, Style(.agent), letter: "l"), .init(52, Style(.vad)),
    ]
    #expect(StackedBar.draw(parts, scale: 100, on: &s, in: s.bounds, glyphs: .ascii) == 10)
    #expect(s.text == "sslll#####")
    var short = Surface(Size(width: 10, height: 1))
    #expect(StackedBar.draw(parts, scale: 200, on: &short, in: short.bounds) == 5)
    #expect(short.text == "▇▇▇▇▇     ")
  }
}

@Suite struct GlyphTests {
  @Test func replacementsStayWithinTheSet() {
    for scalar in "╭─╮│╰╯¹²³⁴⁹…→←●·×✂█▇▁⣿⠀━╸▌␛\u{FFFD}“”".unicodeScalars {
      let ascii = GlyphSet.ascii.replacement(for: scalar)
      #expect(ascii.map { $0.isASCII && $0.value >= 0x20 } == true, "\(scalar)")
    }
    #expect(GlyphSet.blocks.replacement(for: "⣿") == "▒")
    #expect(GlyphSet.blocks.replacement(for: "█") == nil)
    #expect(GlyphSet.ascii.replacement(for: "時") == nil)
    #expect(GlyphSet.ascii.replacement(for: "⁷") == "7")
    #expect(GlyphSet.braille.replacement(for: "⣿") == nil)
  }

  @Test func hotkeys() {
    #expect(GlyphSet.braille.hotkey(3) == "³")
    #expect(GlyphSet.ascii.hotkey(3) == "3")
    #expect(GlyphSet.ascii.hotkey(12) == "")
  }
}

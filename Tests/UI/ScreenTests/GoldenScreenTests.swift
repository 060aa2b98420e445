import FoundationEssentials
import Screen
import Testing

@testable import TestKit

@Suite struct GoldenScreenTests {
  /// A little of everything that Screen draws, in one picture.
  private func picture(_ glyphs: GlyphSet) -> Surface {
    var s = Surface(Size(width: 48, height: 9))
    let halves = Layout.columns(s.bounds, [.flexible(), .flexible()])
    let mic = Box("mic", hotkey: 1, isFocused: true, trailing: [BorderLabel(StyledText("-23 dBFS", .good))])
    let inner = s.box(halves[0], mic, glyphs: glyphs)
    let peaks = (0..<60).map { i in
      let amplitude = Float((i * 7) % 20) / 20
      return WaveformPeak(low: -amplitude * 0.8, high: amplitude)
    }
    let rows = Layout.rows(inner, [.flexible(), .fixed(1), .fixed(1), .fixed(1)])
    Waveform.draw(peaks, on: &s, in: rows[0], glyphs: glyphs)
    Meter.draw(0.6, on: &s, in: rows[1], look: .line, mark: 0.8, glyphs: glyphs, style: Style(.vad))
    Sparkline.draw((0..<22).map { Double($0) / 21 }, on: &s, in: rows[2], glyphs: glyphs)
    let parts = [
      StackedBar.Part(300, Style(.user), letter: "s"), .init(500, Style(.agent), letter: "l"),
      .init(120, Style(.server), letter: "t"),
    ]
    StackedBar.draw(parts, scale: 1000, on: &s, in: rows[3], glyphs: glyphs)
    let text = Box(leading: ["transcript", BorderLabel(StyledText("frozen", .modifier))], legend: ["you", "agent"])
    s.putWrapped(
      StyledText("agent ", .agent) + StyledText("It is half past nine in 柏林, ")
        + StyledText("and later.", .dim, .strike),
      in: s.box(halves[1], text, glyphs: glyphs))
    s.restyle(Rect(x: halves[1].x + 1, y: 1, width: 22, height: 1)) { $0.emphasis.insert(.selected) }
    return s
  }

  @Test(arguments: GlyphSet.allCases) func everythingInOnePicture(_ glyphs: GlyphSet) throws {
    try GoldenScreen.check(picture(glyphs), "picture-\(glyphs.rawValue)")
  }

  @Test func aDifferenceIsShownLineByLine() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/sidetone-golden-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var surface = Surface(Size(width: 6, height: 2))
    surface.put("hello", x: 0, y: 0)
    let missing = try #require(throws: GoldenScreen.Mismatch.self) {
      try GoldenScreen.check(surface, "x", file: folder + "/T.swift")
    }
    #expect(missing.description.contains("does not exist") && missing.description.contains("hello"))

    try FileManager.default.createDirectory(atPath: folder + "/Golden", withIntermediateDirectories: true)
    try Data(GoldenScreen.describe(surface).utf8).write(to: URL(filePath: folder + "/Golden/x.txt"))
    try GoldenScreen.check(surface, "x", file: folder + "/T.swift")

    surface.put("J", x: 0, y: 0, Style(.error, .bold))
    let changed = try #require(throws: GoldenScreen.Mismatch.self) {
      try GoldenScreen.check(surface, "x", file: folder + "/T.swift")
    }
    for part in ["line 2\n  golden │hello\n  drawn  │Jello", "golden │......\n  drawn  │e.....", "drawn  │0: b"] {
      #expect(changed.description.contains(part), "\(changed)")
    }
  }

  @Test func everyRoleHasItsLetter() {
    #expect(Set(Role.allCases.compactMap { GoldenScreen.letters[$0] }).count == Role.allCases.count)
  }
}

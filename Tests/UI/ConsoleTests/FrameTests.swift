import Screen
import Testing
import Timeline

@testable import Console

/// What is drawn over the last frame is what would be drawn anew.
struct FrameTests {
  /// A console that is drawn as the program draws it, and looked at after every frame.
  private struct Watcher {
    var drawn: DrawnConsole
    var console: Console { drawn.console }
    let size: Size
    private var whole: Surface?
    private var wholeAt = Timestamp.zero
    private(set) var wholeCount = 0
    private(set) var partCount = 0

    init(_ size: Size, _ change: (inout ConsoleOptions) -> Void = { _ in }) {
      self.size = size
      drawn = DrawnConsole(Script().console(size.width, size.height, change))
    }

    mutating func update(_ input: ConsoleInput) throws {
      drawn.update(input)
      try look()
    }

    /// Draws, if it is time to, and compares with a view that remembers nothing.
    private mutating func look() throws {
      guard drawn.needsRedraw else { return }
      let fresh = console.view(size)
      let isUrgent = console.redraw.isUrgent
      let before = drawn.lastWhole
      let frame = drawn.frame(size)
      if drawn.lastWhole != before || isUrgent || whole == nil {
        wholeCount += 1
        (whole, wholeAt) = (frame, console.now)
        try #require(frame == fresh, "a whole frame at \(console.now) differs")
        return
      }
      partCount += 1
      #expect(!isUrgent)
      // In silence they stand still; what moves then is a level that falls.
      let oldest = console.demand.isAudible ? Console.figureInterval : Console.silentInterval
      try #require(console.now - wholeAt < oldest, "figures are too old at \(console.now)")
      // Meters are as they are now; everything else, the figures in their frames too, is as it was, a moment ago.
      let meters = console.redraw.canvas?.meters.map { $0.rect.inset(1, 1) } ?? []
      for y in 0..<size.height {
        for x in 0..<size.width {
          let isMeter = meters.contains { $0.contains(x: x, y: y) }
          // Something that lies over the panes is drawn anew.
          guard frame[x, y] != (isMeter ? fresh[x, y] : whole?[x, y]) else { continue }
          try #require(frame[x, y] == fresh[x, y], "(\(x), \(y)) at \(console.now)")
        }
      }
    }

    /// Time passes without anything else, as the runtime tells it.
    mutating func advance(to end: Timestamp) throws {
      while let tick = drawn.nextTick, tick <= end { try update(.tick(tick)) }
      try update(.tick(end))
    }
  }

  private static let sizes = [
    Size(width: 80, height: 24), Size(width: 120, height: 40), Size(width: 200, height: 60), Size(width: 30, height: 6),
  ]

  private func play(_ entries: [Entry], on watcher: inout Watcher, between: (Int, inout Watcher) throws -> Void) throws
  {
    for (i, entry) in entries.enumerated() {
      try watcher.advance(to: entry.at)
      try watcher.update(.entries([entry]))
      try between(i, &watcher)
    }
    // A silent screen is drawn with its clock, whole: what moved last does not stay as it was.
    let second: Int64 = 1_000_000_000
    let end = Timestamp(nanoseconds: ((entries.last?.at.nanoseconds ?? 0) / second + 3) * second)
    try watcher.advance(to: end)
    #expect(watcher.drawn.lastWhole == end)
  }

  @Test(arguments: sizes) func aSessionIsDrawnAsIfEachFrameWereTheFirst(_ size: Size) throws {
    var watcher = Watcher(size)
    try play(Script.live.entries, on: &watcher) { _, _ in }
    #expect(watcher.wholeCount > 20)
    // On the smallest screens nothing moves.
    #expect(watcher.partCount > 20 || size.width < 80)
  }

  @Test func soIsOneInWhichKeysArePressed() throws {
    var watcher = Watcher(Size(width: 120, height: 40))
    let keys: [Key] = [
      .char("z"), .char("z"), .char("?"), Key(.escape), .char("s"), .char("h"), .char("i"), Key(.escape), .char("1"),
      .char("1"), Key(.tab), .char(" "), Key(.up), Key(.enter), Key(.escape), .char("p"), .char("e"), .char("x"),
      Key(.escape), .char("d"), Key(.escape), Key(.end), .char("2"), .char("2"), .char("/"), .char("a"), Key(.enter),
      Key(.escape),
    ]
    try play(Script.live.entries, on: &watcher) { i, watcher in
      guard i % 7 == 3 else { return }
      try watcher.update(.event(.key(keys[i / 7 % keys.count])))
    }
    #expect(watcher.partCount > 20)
  }

  @Test func soIsOneOnATerminalOfFewSymbols() throws {
    var watcher = Watcher(Size(width: 100, height: 30)) { $0.glyphs = .ascii }
    for entry in Script.live.entries {
      try watcher.advance(to: entry.at)
      try watcher.update(.entries([entry]))
    }
    #expect(watcher.partCount > 20)
  }

  @Test func aScreenOfAnotherSizeIsDrawnWhole() {
    var console = Script.live.console()
    _ = console.frame(Size(width: 120, height: 40))
    let other = Size(width: 90, height: 30)
    _ = console.update(.event(.resized(other)))
    console.markDrawn()
    #expect(console.frame(other, .meters) == console.view(other))
  }
}

import Screen
import Testing
import Timeline

@testable import Console

/// When the console wants to be drawn, and when it wants to be woken.
struct RedrawTests {
  @Test func nothingChangesNothingIsDrawn() {
    var console = Script.live.console()
    #expect(console.needsRedraw)
    console.markDrawn()
    #expect(!console.needsRedraw)
    _ = console.update(.selfReport(SelfReport(frameMs: 1, cellsChanged: 3)))
    #expect(!console.needsRedraw, "a frame about the last frame would never end")
    console.press(.char("z"))
    #expect(console.needsRedraw)
  }

  @Test func theClockTicksOnceASecond() throws {
    var script = Script()
    script.connect()
    var console = script.console()
    console.markDrawn()
    let next = try #require(console.nextTick)
    #expect(next == Timestamp(milliseconds: 1000))
    _ = console.update(.tick(Timestamp(milliseconds: 999)))
    #expect(!console.needsRedraw)
    _ = console.update(.tick(next))
    #expect(console.needsRedraw)
    #expect(console.text().contains("00:00:01"))
  }

  @Test func beforeTheSessionNothingTicks() {
    var console = Script().console()
    console.markDrawn()
    #expect(console.nextTick == nil)
  }

  private func frames(_ amplitude: Int16, isSpeech: Bool) -> Int {
    var script = Script()
    script.connect()
    script.at(1000)
    var console = script.console()
    console.markDrawn()
    var drawn = 0
    var index = script.entries.count
    for i in 0..<100 {
      var frame = Script()
      frame.at(1000 + Double(i) * 20)
      frame.mic(amplitude, fate: .gated, isSpeech: isSpeech)
      _ = console.update(.entries([Entry(index: index, at: frame.now, event: frame.entries[0].event)]))
      index += 1
      _ = console.update(.tick(frame.now))
      if console.needsRedraw {
        drawn += 1
        console.markDrawn()
      }
    }
    return drawn
  }

  @Test func speechIsDrawnTwentyTimesASecondAndSilenceOnce() {
    #expect((30...42).contains(frames(4000, isSpeech: true)))
    #expect((2...3).contains(frames(40, isSpeech: false)))
  }

  @Test func messagesToTheOperatorGoAway() {
    var console = Script.live.console()
    console.press(.char(" "))
    #expect(console.flash != nil)
    _ = console.update(.tick(console.now + .seconds(4)))
    #expect(console.flash == nil)
  }

  @Test func themesAreNamedWhenTheyChange() {
    var console = Script.live.console()
    _ = console.update(.themeChanged("nord"))
    #expect(console.text().contains("theme nord"))
  }

  @Test func behindAnotherWindowNothingIsAnimated() {
    var console = Script.live.console()
    console.markDrawn()
    #expect(console.meterInterval == Console.audibleInterval)
    _ = console.update(.event(.focused(false)))
    #expect(console.meterInterval == Console.awayInterval)
    console.markDrawn()
    console.redraw.isMeterDue = true
    _ = console.update(.tick(console.now + .milliseconds(60)))
    let isDueWhileAway = console.needsRedraw
    _ = console.update(.event(.focused(true)))
    let isDueWhenBack = console.needsRedraw
    #expect(!isDueWhileAway && isDueWhenBack)
    #expect(console.meterInterval == Console.audibleInterval)
  }
}

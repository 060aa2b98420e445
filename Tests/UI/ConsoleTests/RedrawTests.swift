import Screen
import Testing
import Timeline

@testable import Console

/// When the console wants to be drawn, and when it wants to be woken.
struct RedrawTests {
  @Test func nothingChangesNothingIsDrawn() {
    var drawn = DrawnConsole(Script.live.console())
    #expect(drawn.needsRedraw)
    drawn.markDrawn()
    #expect(!drawn.needsRedraw)
    drawn.update(.selfReport(SelfReport(frameMs: 1, cellsChanged: 3)))
    #expect(!drawn.needsRedraw, "a frame about the last frame would never end")
    drawn.console.press(.char("z"))
    #expect(drawn.needsRedraw)
  }

  @Test func theClockTicksOnceASecond() throws {
    var script = Script()
    script.connect()
    var drawn = DrawnConsole(script.console())
    drawn.markDrawn()
    let next = try #require(drawn.nextTick)
    #expect(next == Timestamp(milliseconds: 1000))
    drawn.update(.tick(Timestamp(milliseconds: 999)))
    #expect(!drawn.needsRedraw)
    drawn.update(.tick(next))
    #expect(drawn.needsRedraw)
    #expect(drawn.console.text().contains("00:00:01"))
  }

  @Test func beforeTheSessionNothingTicks() {
    var drawn = DrawnConsole(Script().console())
    drawn.markDrawn()
    #expect(drawn.nextTick == nil)
  }

  /// Frames in two seconds of a microphone, those of the meters alone among them.
  private func frames(_ amplitude: Int16, isSpeech: Bool, perSecond: Int = 30) -> (all: Int, whole: Int) {
    var script = Script()
    script.connect()
    script.at(1000)
    let size = Size(width: 120, height: 40)
    var drawn = DrawnConsole(script.console { $0.metersPerSecond = perSecond })
    _ = drawn.frame(size)
    var (all, whole) = (0, 0)
    var index = script.entries.count
    // A tick each millisecond is when a loop that sleeps until `nextTick` would wake.
    for i in 0..<2000 {
      let now = Timestamp(milliseconds: 1000 + Double(i))
      if i % 20 == 0 {
        var frame = Script()
        frame.mic(amplitude, fate: .gated, isSpeech: isSpeech)
        drawn.update(.entries([Entry(index: index, at: now, event: frame.entries[0].event)]))
        index += 1
      }
      drawn.update(.tick(now))
      guard drawn.needsRedraw else { continue }
      all += 1
      _ = drawn.frame(size)
      if drawn.lastWhole == now { whole += 1 }
    }
    return (all, whole)
  }

  @Test func speechMovesMetersThirtyTimesASecondAndFiguresFive() {
    let (all, whole) = frames(4000, isSpeech: true)
    #expect((56...62).contains(all))
    #expect((9...13).contains(whole))
  }

  @Test func metersMoveAsOftenAsIsAskedFor() {
    #expect((108...122).contains(frames(4000, isSpeech: true, perSecond: 60).all))
    #expect((38...42).contains(frames(4000, isSpeech: true, perSecond: 20).all))
  }

  @Test func silenceIsDrawnOnceASecond() {
    #expect((2...3).contains(frames(40, isSpeech: false).all))
  }

  @Test func aMessageIsDrawnAtOnce() {
    var script = Script()
    script.connect()
    var drawn = DrawnConsole(script.console())
    _ = drawn.frame(Size(width: 120, height: 40))
    script.message(.toClient, #"{"type":"transcript_final","text":"hello"}"#)
    drawn.update(.entries([script.entries.last!]))
    #expect(drawn.console.redraw.isUrgent && drawn.needsRedraw)
  }

  @Test func theStripSaysHowFarBehindThePanesAre() {
    var drawn = DrawnConsole(Script.live.console())
    drawn.markDrawn()
    drawn.update(.behind(.milliseconds(2345)))
    #expect(drawn.needsRedraw && drawn.console.isBehind)
    #expect(drawn.console.text().contains("2.3 s behind"))
    drawn.markDrawn()
    drawn.update(.behind(nil))
    #expect(drawn.needsRedraw && !drawn.console.isBehind)
    #expect(!drawn.console.text().contains("behind"))
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
    var drawn = DrawnConsole(Script.live.console())
    drawn.markDrawn()
    #expect(drawn.console.demand.meterInterval == drawn.console.audibleInterval)
    drawn.update(.event(.focused(false)))
    #expect(drawn.console.demand.meterInterval == Console.awayInterval)
    drawn.markDrawn()
    drawn.console.redraw.isMeterDue = true
    drawn.update(.tick(drawn.console.now + .milliseconds(60)))
    let isDueWhileAway = drawn.needsRedraw
    drawn.update(.event(.focused(true)))
    let isDueWhenBack = drawn.needsRedraw
    #expect(!isDueWhileAway && isDueWhenBack)
    #expect(drawn.console.demand.meterInterval == drawn.console.audibleInterval)
  }
}

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

  /// Frames in two seconds of a microphone, those of the meters alone among them.
  private func frames(_ amplitude: Int16, isSpeech: Bool, perSecond: Int = 30) -> (all: Int, whole: Int) {
    var script = Script()
    script.connect()
    script.at(1000)
    let size = Size(width: 120, height: 40)
    var console = script.console { $0.metersPerSecond = perSecond }
    _ = console.frame(size)
    var (all, whole) = (0, 0)
    var index = script.entries.count
    // A tick each millisecond is when a loop that sleeps until `nextTick` would wake.
    for i in 0..<2000 {
      let now = Timestamp(milliseconds: 1000 + Double(i))
      if i % 20 == 0 {
        var frame = Script()
        frame.mic(amplitude, fate: .gated, isSpeech: isSpeech)
        _ = console.update(.entries([Entry(index: index, at: now, event: frame.entries[0].event)]))
        index += 1
      }
      _ = console.update(.tick(now))
      guard console.needsRedraw else { continue }
      all += 1
      _ = console.frame(size)
      if console.redraw.lastWhole == now { whole += 1 }
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
    var console = script.console()
    _ = console.frame(Size(width: 120, height: 40))
    script.message(.toClient, #"{"type":"transcript_final","text":"hello"}"#)
    _ = console.update(.entries([script.entries.last!]))
    #expect(console.redraw.isUrgent && console.needsRedraw)
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
    #expect(console.meterInterval == console.audibleInterval)
    _ = console.update(.event(.focused(false)))
    #expect(console.meterInterval == Console.awayInterval)
    console.markDrawn()
    console.redraw.isMeterDue = true
    _ = console.update(.tick(console.now + .milliseconds(60)))
    let isDueWhileAway = console.needsRedraw
    _ = console.update(.event(.focused(true)))
    let isDueWhenBack = console.needsRedraw
    #expect(!isDueWhileAway && isDueWhenBack)
    #expect(console.meterInterval == console.audibleInterval)
  }
}

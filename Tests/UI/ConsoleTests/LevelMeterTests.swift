import Audio
import Screen
import Testing
import Timeline

@testable import Console

/// What a level meter shows, and that it comes to rest.
@Suite struct LevelMeterTests {
  private func at(_ ms: Double) -> Timestamp { Timestamp(milliseconds: ms) }

  @Test func itRisesAtOnceAndFallsSlowly() {
    var meter = LevelMeter()
    meter.observe(rmsDB: -20, peakDB: -10, at: at(1_000))
    #expect(meter.levelDB == -20 && meter.holdDB == -10)
    meter.observe(rmsDB: -120, peakDB: -120, at: at(1_500))
    #expect(meter.levelDB == -40 && meter.holdDB == -10)
    meter.observe(rmsDB: -120, peakDB: -120, at: at(3_001))
    #expect(meter.holdDB == -120)
  }

  @Test func withoutNewsItFallsToSilence() {
    var meter = LevelMeter()
    meter.observe(rmsDB: -20, peakDB: -10, at: at(1_000))
    // Blocks come in bursts: between two of them nothing falls.
    #expect(meter.settled(at: at(1_250)).levelDB == -20)
    #expect(meter.settled(at: at(1_750)).levelDB == -40 && meter.settled(at: at(1_750)).holdDB == -10)
    let later = meter.settled(at: at(4_000))
    #expect(later.levelDB == Level.silenceDB && later.holdDB == Level.silenceDB)
  }

  @Test(arguments: [Size(width: 80, height: 24), Size(width: 120, height: 40)])
  func theAgentsMeterIsEmptyWhenItIsSilent(_ size: Size) throws {
    var script = Script()
    script.connect()
    script.at(1_000)
    script.turn("hello", "Hello.", response: 1)
    var console = script.console(size.width, size.height)
    (console.focus, console.isZoomed) = (.agent, true)
    func row() throws -> String {
      try #require(
        console.text(size.width, size.height).split(separator: "\n").map(String.init).first { $0.contains("lvl") })
    }
    #expect(try row().contains("pk "))
    _ = console.update(.tick(script.now + .seconds(5)))
    let silent = try row()
    #expect(!silent.contains("pk ") && !silent.contains("█") && !silent.contains("▌"), "\(silent)")
  }
}

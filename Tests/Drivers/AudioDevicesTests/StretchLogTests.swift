import Synchronization
import Testing
import Threads

@testable import AudioDevices

@Suite struct StretchLogTests {
  private func told(_ log: StretchLog) -> [Int64] {
    var status = OutputStatus()
    log.tell(&status)
    return [status.ringOrigin, Int64(status.stretchStart), status.earlierOrigin, Int64(status.earlierStart)]
  }

  @Test func theNewestStretchAndTheOneBeforeItAreKnown() {
    let log = StretchLog()
    #expect(told(log) == [0, 0, 0, 0])
    log.note(origin: 1_000, startsAt: 0)
    log.note(origin: 1_001, startsAt: nil)
    #expect(told(log) == [1_001, 0, 0, 0])
    // Silence before sample 320, and more of it.
    log.note(origin: 1_500, startsAt: 320)
    log.note(origin: 2_000, startsAt: 320)
    #expect(told(log) == [2_000, 320, 1_001, 0])
    log.note(origin: 3_000, startsAt: 640)
    log.note(origin: 3_001, startsAt: nil)
    #expect(told(log) == [3_001, 640, 2_000, 320])
  }

  /// What a reader is told belongs together, however it is interrupted.
  @Test func whatIsToldBelongsTogether() {
    let log = StretchLog()
    let isDone = Atomic<Bool>(false)
    let writer = NamedThread("writer") {
      for n in 1...100_000 { log.note(origin: Int64(n) * 10, startsAt: n) }
      isDone.store(true, ordering: .releasing)
    }
    var wrong: [[Int64]] = []
    while !isDone.load(ordering: .acquiring) {
      let now = told(log)
      if now[0] != now[1] * 10 || now[2] != now[3] * 10 || now[1] > 1 && now[3] != now[1] - 1 { wrong.append(now) }
    }
    writer.join()
    #expect(wrong.isEmpty, "\(wrong.prefix(3))")
    #expect(told(log) == [1_000_000, 100_000, 999_990, 99_999])
  }
}

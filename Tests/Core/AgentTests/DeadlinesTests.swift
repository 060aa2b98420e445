import Testing
import Timeline

@testable import Agent

@Suite struct DeadlinesTests {
  private func at(_ ms: Int) -> Timestamp { Timestamp(milliseconds: Double(ms)) }

  @Test func theEarliestIsNextWhateverWasNotedBefore() {
    var deadlines = Deadlines<String>()
    #expect(deadlines.next() == nil)
    for (id, ms) in [("a", 30), ("b", 10), ("c", 20)] { deadlines.set(at(ms), for: id) }
    #expect(deadlines.next() == at(10))
    deadlines.set(at(40), for: "b")
    #expect(deadlines.next() == at(20))
    deadlines.set(nil, for: "c")
    #expect(deadlines.next() == at(30))
    deadlines.set(at(5), for: "b")
    #expect(deadlines.takeDue(at: at(4)).isEmpty)
    #expect(deadlines.takeDue(at: at(30)) == ["b", "a"])
    #expect(deadlines.next() == nil)
  }

  @Test func whoComesBackToAnEarlierDeadlineIsTakenOnce() {
    var deadlines = Deadlines<Int>()
    for ms in [10, 20, 10] { deadlines.set(at(ms), for: 1) }
    #expect(deadlines.takeDue(at: at(20)) == [1])
  }

  @Test func changesDoNotPileUp() {
    var deadlines = Deadlines<Int>()
    for ms in 0..<10_000 { deadlines.set(at(ms), for: ms % 3) }
    #expect(deadlines.queueLength < 100)
    #expect(deadlines.takeDue(at: at(10_000)) == [0, 1, 2].map { (9_997 + $0) % 3 })
  }
}

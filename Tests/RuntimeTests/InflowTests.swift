import Testing

@testable import Runtime

@Suite struct InflowTests {
  private let inflow = Inflow<Int>(messageLimit: 100, byteLimit: 1000)

  private func stops(_ id: Int, bytes: Int = 1) -> Bool {
    var isStopped = false
    inflow.arrived(id, byteCount: bytes) { isStopped = true }
    return isStopped
  }

  private func goesOn(_ id: Int, bytes: Int = 1) -> Bool {
    var isReleased = false
    inflow.taken(id, byteCount: bytes) { isReleased = true }
    return isReleased
  }

  @Test func readingStopsAboveTheLimitAndGoesOnWellBelowIt() {
    for _ in 0..<100 { #expect(!stops(1)) }
    #expect(stops(1))
    // Said once; and another peer is not meant.
    #expect(!stops(1))
    #expect(!stops(2))
    var taken = 0
    while !goesOn(1) { taken += 1 }
    #expect(taken + 1 == 102 - 25)
  }

  @Test func oneHugeMessageStopsReadingToo() {
    #expect(stops(1, bytes: 1001))
    #expect(goesOn(1, bytes: 1001))
  }

  @Test func aPeerThatIsGoneIsForgotten() {
    #expect(stops(1, bytes: 1001))
    inflow.forget(1)
    #expect(!goesOn(1, bytes: 1001))
    #expect(stops(1, bytes: 1001))
  }
}

import Testing
import Timeline

@testable import Admission

@Suite struct FloodTests {
  private let start = Timestamp(milliseconds: 5000)

  // MARK: Doorway

  @Test func whoOpensManyLosesTheirOwnOldest() {
    var doorway = Doorway(limit: 4)
    #expect(doorway.arrived(1, from: "10.0.0.9", at: start) == nil)
    for key in 2...4 { #expect(doorway.arrived(UInt(key), from: "10.0.0.1", at: start) == nil) }
    #expect(doorway.arrived(5, from: "10.0.0.1", at: start) == 2)
    #expect(doorway.arrived(6, from: "10.0.0.1", at: start) == 3)
    // The stranger who came first is still there, and another one gets in.
    #expect(doorway.arrived(7, from: "10.0.0.8", at: start) == 4)
    #expect(doorway.count == 4)
  }

  @Test func anAddressIsAsLargeAsANetworkGivesIt() {
    #expect(FairShare.owner("2001:db8:1:2::1") == FairShare.owner("2001:db8:1:2:ffff::9"))
    #expect(FairShare.owner("2001:db8:1:2::1") != FairShare.owner("2001:db8:1:3::1"))
    #expect(FairShare.owner("::1") == FairShare.owner("127.0.0.1"))
    #expect(FairShare.owner("10.0.0.1") != FairShare.owner("10.0.0.2"))
    #expect(FairShare.owner("?") == "?")
    #expect(FairShare.victim([String](), owner: { $0 }) == nil)
    #expect(FairShare.victim(["a", "b", "c", "b"], owner: { $0 }) == 1)
    #expect(FairShare.victim(["a", "b"], owner: { $0 }) == 0)
  }

  @Test func nobodyTakesLongerThanThePatience() {
    var doorway = Doorway()
    #expect(doorway.deadline == nil)
    _ = doorway.arrived(1, from: "10.0.0.1", at: start)
    _ = doorway.arrived(2, from: "10.0.0.1", at: start + .seconds(1))
    _ = doorway.arrived(3, from: "10.0.0.1", at: start + .seconds(2))
    doorway.left(2)
    #expect(doorway.deadline == start + .seconds(10))
    #expect(doorway.overdue(at: start + .milliseconds(9999)).isEmpty)
    #expect(doorway.overdue(at: start + .seconds(10)) == [1])
    #expect(doorway.overdue(at: start + .seconds(20)) == [3])
    #expect(doorway.count == 0 && doorway.deadline == nil)
  }

  // MARK: Guesses

  @Test func eachWrongTokenIsAnsweredLater() {
    var guarding = GuessGuard()
    var now = start
    let delays = (0..<7).map { _ in
      let delay = guarding.wrong(from: "10.0.0.1", at: now)
      now += delay
      return delay
    }
    #expect(
      delays == [
        .milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(4), .seconds(4),
      ])
    #expect(guarding.wrong(from: "10.0.0.2", at: now) == .milliseconds(250))
    // A minute of quiet, and it is forgotten.
    #expect(guarding.wrong(from: "10.0.0.1", at: now + .seconds(61)) == .milliseconds(250))
  }

  @Test func onlySoManyOfAnAddressAreLookedAt() {
    var guarding = GuessGuard()
    for _ in 0..<GuessGuard.slots { _ = guarding.wrong(from: "10.0.0.1", at: start) }
    // Those with the shortest waits are free again first.
    #expect(guarding.isBusy("10.0.0.1", at: start))
    #expect(guarding.isBusy("10.0.0.1", at: start + .milliseconds(249)))
    #expect(!guarding.isBusy("10.0.0.1", at: start + .milliseconds(250)))
    #expect(!guarding.isBusy("10.0.0.2", at: start))
  }

  @Test func aGuesserGetsTwoASecondAtMost() {
    var guarding = GuessGuard()
    var guesses = 0
    // As fast as one can, for a minute, hanging up at once.
    for moment in 0..<6_000 {
      let now = start + .milliseconds(10 * moment)
      while !guarding.isBusy("10.0.0.1", at: now) {
        _ = guarding.wrong(from: "10.0.0.1", at: now)
        guesses += 1
      }
    }
    #expect(guesses <= 135)
  }

  @Test func memoryOfGuessersIsBounded() {
    var guarding = GuessGuard()
    for number in 0..<3 * GuessGuard.capacity {
      _ = guarding.wrong(
        from: "10.\(number / 65_536).\(number / 256 % 256).\(number % 256)", at: start + .milliseconds(number))
    }
    // The latest is remembered, the first is not.
    let now = start + .seconds(4)
    let last = 3 * GuessGuard.capacity - 1
    #expect(
      guarding.wrong(from: "10.\(last / 65_536).\(last / 256 % 256).\(last % 256)", at: now) == .milliseconds(500))
    #expect(guarding.wrong(from: "10.0.0.0", at: now) == .milliseconds(250))
  }

  // MARK: The log

  @Test func aFloodOfLinesIsCountedNotWritten() throws {
    var limiter = LogLimiter()
    var written = 0
    for millisecond in 0..<10_000 {
      if limiter.admit("interrupt", of: 1, at: "10.0.0.1", now: start + .milliseconds(millisecond)) != nil {
        written += 1
      }
    }
    #expect(written == 19)
    let deadline = try #require(limiter.deadline)
    let left = limiter.due(at: deadline)
    #expect(left.count == 1)
    #expect(left.first?.kind == "interrupt" && left.first?.client == 1)
    #expect(limiter.deadline == nil)
    #expect(limiter.due(at: deadline + .seconds(100)).isEmpty)
  }

  @Test func noLineIsLostWithoutBeingCounted() {
    var limiter = LogLimiter()
    var written = 0
    var counted = 0
    for number in 0..<10_000 {
      let now = start + .milliseconds(number / 2)
      if let before = limiter.admit("kind \(number % 7)", of: number % 3, at: "10.0.0.1", now: now) {
        written += 1
        counted += before
      }
      counted += limiter.due(at: now).reduce(0) { $0 + $1.count }
    }
    for client in 0..<3 { counted += limiter.forget(client).reduce(0) { $0 + $1.count } }
    #expect(written + counted == 10_000)
    #expect(written <= 200 + 51)
    #expect(limiter.deadline == nil)
  }

  @Test func oneClientsFloodSilencesNobodyElse() {
    var limiter = LogLimiter()
    for _ in 0..<10_000 { _ = limiter.admit("interrupt", of: 1, at: "10.0.0.1", now: start) }
    #expect(limiter.admit("interrupt", of: 2, at: "10.0.0.1", now: start) == 0)
    #expect(limiter.admit("text", of: 1, at: "10.0.0.1", now: start) == 0)
    #expect(limiter.admit("interrupt", of: 3, at: "10.0.0.2", now: start) == 0)
  }

  @Test func whoComesEverAnewIsOneAddress() {
    var limiter = LogLimiter()
    var written = 0
    for client in 0..<2_000 {
      for kind in ["joined", "ready", "left"] {
        if limiter.admit(kind, of: client, at: "10.0.0.1", now: start) != nil { written += 1 }
      }
      _ = limiter.forget(client)
    }
    #expect(written == 200)
  }

  @Test func itsMemoryIsBoundedAndWhatItForgotIsStillCounted() {
    var limiter = LogLimiter()
    var total = 0
    for number in 0..<5 * LogLimiter.capacity {
      let address = "10.\(number / 65_536).\(number / 256 % 256).\(number % 256)"
      for _ in 0..<2 { if let before = limiter.admit("token", at: address, now: start) { total += 1 + before } }
    }
    total += limiter.due(at: start + .seconds(11)).reduce(0) { $0 + $1.count }
    #expect(total == 10 * LogLimiter.capacity)
  }
}

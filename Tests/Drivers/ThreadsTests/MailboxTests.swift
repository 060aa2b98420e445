import Testing

@testable import Threads

@Suite struct MailboxTests {
  @Test func aLimitedDrainTakesTheOldestAndLeavesTheRest() {
    let mailbox = Mailbox<Int>(capacity: 8, weightLimit: 100, weigh: { $0 }, wake: nil)
    for i in 1...8 { mailbox.post(i) }
    var buffer = [99]
    #expect(mailbox.drain(into: &buffer, limit: 3) == 5)
    #expect(buffer == [1, 2, 3])
    #expect(mailbox.drain(into: &buffer, limit: 8, weightLimit: 9) == 3, "4 and 5 weigh 9")
    #expect(buffer == [4, 5])
    #expect(mailbox.drain(into: &buffer, limit: 8, weightLimit: 1) == 2, "a heavier one comes alone")
    #expect(buffer == [6])
    #expect(mailbox.drain(into: &buffer, limit: 0) == 2 && buffer.isEmpty)
    // What was taken has made room, in number and in weight.
    for i in 9...14 { #expect(mailbox.post(i)) }
    #expect(!mailbox.post(1))
    mailbox.drain(into: &buffer)
    #expect(buffer == [7, 8, 9, 10, 11, 12, 13, 14])
    for _ in 0..<2 { #expect(mailbox.post(50)) }
    #expect(!mailbox.post(1), "its weight counts anew")
    #expect(mailbox.drain(into: &buffer, limit: 8) == 0 && buffer == [50, 50])
  }

  @Test func aLimitedDrainIsALookAsWell() {
    let wakes = Locked<Int>(0)
    let mailbox = Mailbox<Int>(capacity: 8, wake: { wakes.withLock { $0 += 1 } })
    mailbox.post(1)
    mailbox.post(2)
    var buffer: [Int] = []
    #expect(mailbox.drain(into: &buffer, limit: 1) == 1)
    mailbox.post(3)
    #expect(wakes.withLock { $0 } == 2)
  }

  @Test func keepsTheOrderAndReusesTheStorage() {
    let mailbox = Mailbox<Int>()
    var buffer = [7]
    mailbox.drain(into: &buffer)
    #expect(buffer == [])
    for i in 0..<10 { mailbox.post(i) }
    #expect(mailbox.status.depth == 10)
    mailbox.drain(into: &buffer)
    #expect(buffer == Array(0..<10))
    #expect(mailbox.status.depth == 0)
  }

  @Test func refusesTheNewestWhenFull() {
    let mailbox = Mailbox<Int>(capacity: 2)
    #expect(mailbox.post(1))
    #expect(mailbox.post(2))
    #expect(!mailbox.post(3))
    #expect(mailbox.status == (2, 1))
    var buffer: [Int] = []
    mailbox.drain(into: &buffer)
    #expect(buffer == [1, 2])
    #expect(mailbox.post(4))
  }

  @Test func refusesWhatIsTooHeavyTogether() {
    let mailbox = Mailbox<Int>(capacity: 10, weightLimit: 100, weigh: { $0 }, wake: nil)
    // Alone, however heavy: nothing would ever get through otherwise.
    #expect(mailbox.post(500))
    #expect(!mailbox.post(1))
    var buffer: [Int] = []
    mailbox.drain(into: &buffer)
    #expect(mailbox.post(60))
    #expect(mailbox.post(40))
    #expect(!mailbox.post(1))
    #expect(mailbox.status == (2, 2))
    mailbox.drain(into: &buffer)
    #expect(buffer == [60, 40])
  }

  @Test func wakesOnlyWhenItStopsBeingEmpty() {
    let wakes = Locked<Int>(0)
    let mailbox = Mailbox<Int>(capacity: 2) { wakes.withLock { $0 += 1 } }
    mailbox.post(1)
    mailbox.post(2)
    mailbox.post(3)
    #expect(wakes.withLock { $0 } == 1)
    var buffer: [Int] = []
    mailbox.drain(into: &buffer)
    mailbox.post(4)
    #expect(wakes.withLock { $0 } == 2)
  }

  @Test func whatIsPatientWakesNobody() {
    let wakes = Locked<Int>(0)
    let mailbox = Mailbox<Int>(capacity: 8) { wakes.withLock { $0 += 1 } }
    mailbox.post(1, wakes: .nobody)
    #expect(wakes.withLock { $0 } == 0)
    mailbox.post(2)
    #expect(wakes.withLock { $0 } == 1, "it is not held up by what waits before it")
    mailbox.post(3, wakes: .nobody)
    mailbox.post(4)
    #expect(wakes.withLock { $0 } == 1)
    var buffer: [Int] = []
    mailbox.drain(into: &buffer)
    #expect(buffer == [1, 2, 3, 4])
    mailbox.post(5)
    #expect(wakes.withLock { $0 } == 2)
  }

  /// Four producers against a consumer that sleeps in between: nothing is lost, each producer's order is kept.
  @Test func manyProducersOneConsumer() {
    let waker = Waker()
    let mailbox = Mailbox<(producer: Int, number: Int)>(capacity: .max) { waker.wake() }
    let each = 5_000
    let producers = (0..<4).map { producer in
      NamedThread("post \(producer)") {
        for number in 0..<each { mailbox.post((producer, number)) }
      }
    }
    var next = [0, 0, 0, 0]
    var isInOrder = true
    var buffer: [(producer: Int, number: Int)] = []
    var isWoken = true
    while next.reduce(0, +) < 4 * each, isWoken {
      isWoken = waker.wait(timeout: .seconds(30))
      mailbox.drain(into: &buffer)
      for (producer, number) in buffer {
        isInOrder = isInOrder && next[producer] == number
        next[producer] = number + 1
      }
    }
    for producer in producers { producer.join() }
    #expect(isInOrder)
    #expect(next == [each, each, each, each])
  }
}

@Suite struct WakerTests {
  @Test func aWakeUpIsKeptUntilItIsWaitedFor() {
    let waker = Waker()
    waker.wake()
    waker.wake()
    #expect(waker.wait(timeout: nil))
    #expect(!waker.wait(timeout: .zero))
    waker.wake()
    waker.clear()
    #expect(!waker.wait(timeout: .zero))
  }

  @Test func aTimeoutHasPassedWhenTheWaitIsOver() {
    let waker = Waker()
    for timeout: Duration in [.microseconds(1), .microseconds(1500), .milliseconds(3), .nanoseconds(1), .zero] {
      let start = monotonicNanoseconds()
      #expect(!waker.wait(timeout: timeout))
      #expect(.nanoseconds(monotonicNanoseconds() - start) >= timeout)
    }
    #expect(!waker.wait(timeout: .seconds(-5)))
  }

  @Test func millisecondsAreRoundedUpAndSaturate() {
    #expect(Waker.milliseconds(until: 5, from: 5) == 0)
    #expect(Waker.milliseconds(until: 4, from: 5) == 0)
    #expect(Waker.milliseconds(until: 6, from: 5) == 1)
    #expect(Waker.milliseconds(until: 1_000_005, from: 5) == 1)
    #expect(Waker.milliseconds(until: 1_000_006, from: 5) == 2)
    #expect(Waker.milliseconds(until: .max, from: 0) == .max)
  }

  @Test func deadlinesSaturate() {
    #expect(Waker.deadline(after: .seconds(2), from: 5) == 2_000_000_005)
    #expect(Waker.deadline(after: Duration(secondsComponent: 0, attosecondsComponent: 1), from: 5) == 6)
    #expect(Waker.deadline(after: .seconds(-2), from: 5) == 5)
    #expect(Waker.deadline(after: .seconds(Int64.max), from: 5) == .max)
    #expect(Waker.deadline(after: .seconds(Int64.min), from: 5) == 5)
    #expect(Waker.deadline(after: .nanoseconds(Int64.max), from: 5) == .max)
  }

  @Test func anotherThreadEndsTheWait() {
    let waker = Waker()
    let thread = NamedThread("waker") { waker.wake() }
    #expect(waker.wait(timeout: .seconds(30)))
    thread.join()
  }
}

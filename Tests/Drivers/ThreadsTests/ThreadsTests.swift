import Glibc
import Testing

@testable import Threads

@Suite struct NamedThreadTests {
  @Test func runsUnderItsNameAndIsJoined() {
    let seen = Locked<String>("")
    let thread = NamedThread("a name that is far too long") {
      var name = [CChar](repeating: 0, count: 64)
      // The kernel's own word for it, as `top -H` reads it.
      let file = fopen("/proc/thread-self/comm", "r")
      _ = fgets(&name, 64, file)
      fclose(file)
      let text = String(decoding: name.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      seen.withLock { $0 = text }
    }
    thread.join()
    thread.join()
    #expect(seen.withLock { $0 } == "a name that is ")
  }

  @Test func namesAreCutAtWholeCharacters() {
    #expect(NamedThread.cut("playback") == "playback")
    #expect(NamedThread.cut("äöüäöüäöü") == "äöüäöüä")
  }

  @Test func aThreadThatNobodyJoinsEndsByItself() {
    let waker = Waker()
    _ = NamedThread("detached") { waker.wake() }
    #expect(waker.wait(timeout: .seconds(30)))
  }

  @Test func aLockIsHeldByOneAtATime() {
    let counter = Locked<Int>(0)
    let threads = (0..<4).map { i in
      NamedThread("count \(i)") { for _ in 0..<10_000 { counter.withLock { $0 += 1 } } }
    }
    for thread in threads { thread.join() }
    #expect(counter.withLock { $0 } == 40_000)
  }

  @Test func theClockOnlyGoesForward() {
    var last = monotonicNanoseconds()
    for _ in 0..<1000 {
      let now = monotonicNanoseconds()
      #expect(now >= last)
      last = now
    }
  }
}

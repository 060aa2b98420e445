import Audio
import Testing
import Timeline

/// What becomes of a sound device's stream, by what it gives or takes.
@Suite struct StreamWatchTests {
  private func at(_ ms: Int) -> Timestamp { .zero + .milliseconds(ms) }
  private func watch(isServer: Bool, buffer ms: Int = 200) -> StreamWatch {
    StreamWatch(isServer: isServer, buffer: .milliseconds(ms), at: .zero)
  }

  @Test func aCardThatGivesNothingForASecondIsLost() {
    var watch = watch(isServer: false)
    #expect(watch.state(at: at(1_000)) == .moves)
    #expect(watch.state(at: at(1_001)) == .lost)
    #expect(watch.move(at: at(1_500)) == 0)
    #expect(watch.state(at: at(2_500)) == .moves)
    #expect(watch.state(at: at(2_501)) == .lost)
  }

  @Test func aServersStreamStandsAndGoesOn() {
    var watch = watch(isServer: true)
    // Its sink may have rendered 2 s ahead before the stream was there.
    #expect(watch.state(at: at(3_000)) == .moves)
    #expect(watch.state(at: at(3_001)) == .stands)
    _ = watch.move(at: at(4_000))
    #expect(watch.state(at: at(5_000)) == .moves)
    #expect(watch.state(at: at(5_001)) == .stands)
    #expect(watch.state(at: at(3_600_000)) == .stands)
    // Begun anew, it has its 3 s again.
    watch.begin(at: at(5_100))
    #expect(watch.state(at: at(7_000)) == .moves)
    #expect(watch.state(at: at(7_001)) == .stands)
  }

  /// The numbers of a dead server: an overrun every 2 ms, each followed by a begin.
  @Test(arguments: [true, false]) func aStreamThatOnlyRecoversIsLostAfterASecond(isServer: Bool) {
    var watch = watch(isServer: isServer)
    watch.begin(at: .zero)
    _ = watch.move(at: at(500))
    var (ms, xruns) = (500, 0)
    while watch.state(at: at(ms)) == .moves, ms < 10_000 {
      ms += 2 + Int(watch.xrun(at: at(ms)).milliseconds)
      xruns += 1
      watch.begin(at: at(ms))
    }
    #expect(watch.state(at: at(ms)) == .lost && (1_500...1_520).contains(ms))
    #expect(xruns < 120, "\(xruns) xruns in a second")
  }

  /// A thread that gets no time overruns the device after as long as its buffer lasts, and again.
  @Test(arguments: [40, 200]) func ourOwnLatenessIsNoEnd(buffer: Int) {
    var watch = watch(isServer: true, buffer: buffer)
    _ = watch.move(at: at(10))
    var ms = 10
    for _ in 0..<40 {
      ms += buffer
      #expect(watch.xrun(at: at(ms)) == .zero)
      watch.begin(at: at(ms))
    }
    #expect(watch.state(at: at(ms)) != .lost)
    // They are told once it goes on.
    #expect(watch.move(at: at(ms + 10)) == 40)
    #expect(watch.move(at: at(ms + 20)) == 0)
    #expect(watch.state(at: at(ms + 20)) == .moves)
  }

  @Test func someOverrunsAtOnceAreAMishap() {
    var watch = watch(isServer: true)
    for i in 0..<StreamWatch.vainXruns {
      watch.begin(at: at(i))
      _ = watch.xrun(at: at(i))
    }
    #expect(watch.state(at: at(2_000)) == .moves)
    #expect(watch.move(at: at(2_001)) == StreamWatch.vainXruns)
  }
}

/// A sink that takes more than the device holds.
@Suite struct TakeWatchTests {
  /// In frames: PulseAudio's tunnel, measured; it loses one by its own rate.
  @Test(arguments: [[640], [639, 161], [639, 159], [800]]) func whoEmptiesTheDeviceWantsMore(_ takes: [Int]) {
    var watch = TakeWatch(buffer: 640, period: 160)
    var count = 0
    while !watch.take(takes[count % takes.count]), count < 100 { count += 1 }
    #expect((4..<20).contains(count), "\(count)")
  }

  @Test(arguments: [[160], [340, 341], [560], [640, 160, 160], [640, 160, 320, 160]]) func othersDoNot(_ takes: [Int]) {
    var watch = TakeWatch(buffer: 640, period: 160)
    for i in 0..<300 {
      let isEnough = watch.take(takes[i % takes.count])
      #expect(!isEnough)
    }
  }
}

/// What is told of a device that comes and goes.
@Suite struct DeviceNewsTests {
  @Test func aLossIsToldOnceAndItsEndWhenSoundMoves() {
    var news = DeviceNews()
    #expect(news.opened() == .open && news.moved() == nil && !news.isInTrouble)
    #expect(news.troubled(by: "gone") == .lost && news.isInTrouble)
    for reason in ["no server", "no such device", "gone"] { #expect(news.troubled(by: reason) == nil) }
    // Open again, but nothing moves, and then it ends again: no news.
    #expect(news.opened() == nil && news.troubled(by: "stands still") == nil && news.opened() == nil)
    #expect(news.moved() == .recovered && news.moved() == nil && !news.isInTrouble)
    #expect(news.troubled(by: "gone") == .lost)
  }

  @Test func whyItCannotBeOpenedIsToldWhenItChanges() {
    var news = DeviceNews()
    #expect(news.troubled(by: "busy") == .failed)
    #expect(news.troubled(by: "busy") == nil)
    #expect(news.troubled(by: "no permission") == .failed)
    #expect(news.opened() == nil && news.troubled(by: "stands still") == .failed)
    #expect(news.moved() == .recovered)
  }

  @Test func whatCannotBeMendedByLookingAgainHasFailed() {
    var news = DeviceNews()
    #expect(news.opened() == .open)
    #expect(news.troubled(by: "keeps no time", isFinal: true) == .failed)
    var lost = DeviceNews()
    #expect(lost.opened() == .open && lost.troubled(by: "gone") == .lost)
    #expect(lost.troubled(by: "keeps no time", isFinal: true) == .failed)
  }
}

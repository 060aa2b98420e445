import TestKit
import Testing
import Timeline

@testable import Capture

private func entries(_ moments: [Double], from index: Int = 0) -> [Entry] {
  moments.enumerated().map { i, ms in
    Entry(
      index: index + i, at: Timestamp(milliseconds: ms), event: .voiceEdge(VoiceEdge(isStart: true, sinceMs: 0)))
  }
}
private func ms(_ value: Double) -> Timestamp { Timestamp(milliseconds: value) }

@Suite struct PlayerTests {
  @Test func itGoesOnAtItsSpeed() {
    var player = Player(ms(500)...ms(10_500), at: ms(0))
    #expect(player.position(at: ms(250)) == ms(750))
    player.setSpeed(4, at: ms(1000))
    #expect(player.position(at: ms(1000)) == ms(1500))
    #expect(player.position(at: ms(1500)) == ms(3500))
    #expect(player.arrival(of: ms(7500), at: ms(1500)) == ms(2500))
    player.pause(at: ms(1500))
    #expect(player.position(at: ms(9000)) == ms(3500) && player.arrival(of: ms(7500), at: ms(9000)) == nil)
    player.play(at: ms(9000))
    #expect(player.position(at: ms(9100)) == ms(3900))
  }

  @Test func itEndsAtTheEnd() {
    var player = Player(ms(0)...ms(1000), at: ms(0))
    #expect(player.position(at: ms(9000)) == ms(1000) && player.isAtEnd(at: ms(9000)))
    #expect(player.arrival(of: ms(1001), at: ms(0)) == nil)
    // What it has waited for at the end does not count once there is more.
    player.extend(to: ms(5000), at: ms(9000))
    #expect(player.position(at: ms(9500)) == ms(1500))
    player.move(to: ms(99_000), at: ms(9500))
    #expect(player.position(at: ms(9500)) == ms(5000))
    player.move(to: ms(-1), at: ms(9500))
    #expect(player.position(at: ms(9500)) == ms(0))
  }

  @Test func speedsAreHeldToTheirRange() {
    var player = Player(ms(0)...ms(1000), at: ms(0))
    for _ in 0..<9 { player.changeSpeed(1, at: ms(0)) }
    #expect(player.speed == 16)
    for _ in 0..<9 { player.changeSpeed(-1, at: ms(0)) }
    #expect(player.speed == 0.25)
    player.setSpeed(3, at: ms(0))
    player.changeSpeed(1, at: ms(0))
    #expect(player.speed == 4)
    for odd in [Double.infinity, -1, 1e300] { player.setSpeed(odd, at: ms(0)) }
    player.setSpeed(.nan, at: ms(0))
    #expect(Player.speeds.contains(player.speed))
  }

  /// A recording may claim any time.
  @Test func noTimeTraps() {
    let extremes = [Timestamp(nanoseconds: .min), ms(-5), ms(0), ms(1e12), Timestamp(nanoseconds: .max)]
    for low in extremes {
      for high in extremes where high >= low {
        var player = Player(low...high, at: ms(0))
        player.setSpeed(16, at: ms(10))
        for moment in extremes {
          _ = player.arrival(of: moment, at: moment)
          #expect((low...high).contains(player.position(at: moment)))
          player.move(to: moment, at: moment)
        }
      }
    }
  }
}

@Suite struct CheckpointTests {
  private func filled(_ limit: Int, _ count: Int) -> Checkpoints<Int> {
    var all = Checkpoints(limit: limit, distance: 10, start: 0, next: 0)
    for i in 1...count where all.isDue(count: i) {
      all.add(
        .init(
          next: i, count: i, last: .init(index: i - 1, at: ms(Double(i - 1))), leftOut: i * 100, state: i))
    }
    return all
  }

  @Test(arguments: [2, 3, 4, 64]) func thereAreNeverMoreThanTheLimit(_ limit: Int) {
    for count in [1, 9, 10, 39, 40, 41, 500, 9_999] {
      let all = filled(limit, count)
      #expect(all.all.count <= limit, "\(count)")
      #expect(all.all[0].count == 0, "the beginning stays")
      let gaps = zip(all.all, all.all.dropFirst()).map { $1.count - $0.count }
      #expect(gaps.allSatisfy { $0 == all.distance }, "\(count): \(gaps)")
      // Less than two distances are left to be gone from the last one.
      #expect(count - all.all[all.all.count - 1].count < 2 * all.distance)
    }
  }

  @Test func theNearestBeforeAPlaceIsTheStart() {
    let all = filled(64, 500)
    #expect(all.start(to: .moment(ms(255)), seeing: 0).count == 250)
    #expect(all.start(to: .moment(ms(249)), seeing: 0).count == 250)
    #expect(all.start(to: .moment(ms(248.9)), seeing: 0).count == 240)
    #expect(all.start(to: .entry(3), seeing: 0).count == 0)
    #expect(all.start(to: .entry(.max), seeing: 0).count == 500)
    #expect(all.start(to: .moment(ms(-1)), seeing: 0).count == 0)
    // 2500 bytes before the place are 25 entries of it.
    #expect(all.start(to: .moment(ms(255)), seeing: 2_500).count == 220)
    #expect(all.start(to: .moment(ms(255)), seeing: .max).count == 0)
  }
}

@Suite struct CaptureWalkTests {
  @Test func itSeesEveryEntryOnceWhateverThePages() throws {
    let all = entries((0..<23).map(Double.init), from: 100)
    for size in [1, 2, 7, 23, 100] {
      var walk = CaptureWalk(RecordedEntries(all), from: 0, pageSize: size)
      var seen: [Int] = []
      var starts: [Int] = []
      while let entry = try walk.peek() {
        if let start = walk.startOfPage { starts.append(start) }
        #expect(try walk.peek() == entry)
        walk.advance()
        seen.append(entry.index)
      }
      #expect(seen == all.map(\.index))
      #expect(starts == Array(stride(from: 0, to: 23, by: size)))
      for start in starts {
        var other = walk.moved(to: start)
        #expect(try other.peek()?.index == 100 + start)
      }
    }
  }

  /// A capture that grows, whose pages may be anything.
  private struct OddSource: CaptureSource {
    let pages: @Sendable (Int) -> CapturePage
    var header: CaptureHeader { CaptureHeader(programVersion: "", wallClockMilliseconds: 0) }
    func firstIndex(at time: Timestamp) -> Int? { nil }
    func entries(from index: Int, limit: Int) -> CapturePage { pages(index) }
    func tracks() -> [CapturedTrack] { [] }
    func audio(of track: TrackID, in range: Range<Int64>) -> [AudioBlock] { [] }
    func search(_ text: String, from index: Int, limit: Int) -> [Int] { [] }
    func extent() -> CaptureExtent {
      CaptureExtent(first: nil, last: nil, isFinished: false, lost: CaptureCounts())
    }
  }

  @Test func aWalkAlwaysEnds() throws {
    // It says that the page after each is the same one again.
    var walk = CaptureWalk(OddSource { CapturePage(entries: entries([1], from: $0), next: $0) }, from: 5)
    #expect(try walk.peek()?.index == 5)
    walk.advance()
    #expect(try walk.peek() == nil)
    // Nothing can be read on the first two.
    walk = CaptureWalk(
      OddSource {
        CapturePage(entries: $0 < 2 ? [] : entries([1], from: $0), unreadable: 3, next: $0 < 2 ? $0 + 1 : nil)
      },
      from: 0)
    #expect(try walk.peek()?.index == 2 && walk.unreadable == 9)
  }

  @Test func whatIsRecordedLaterIsSeenWhenOneLooksAgain() throws {
    final class Growing: @unchecked Sendable { var count = 3 }
    let growing = Growing()
    var walk = CaptureWalk(
      OddSource { from in
        let all = entries((0..<growing.count).map(Double.init))
        return CapturePage(entries: Array(all.dropFirst(from)), next: nil)
      }, from: 0)
    var seen = 0
    func drain() throws {
      while try walk.peek() != nil {
        walk.advance()
        seen += 1
      }
    }
    try drain()
    growing.count = 5
    try drain()
    #expect(seen == 3)
    walk.lookAgain()
    try drain()
    #expect(seen == 5)
  }
}

import Audio
import Capture
import TestKit
import Testing
import Timeline

/// Where each sample of each track is heard.
@Suite struct ReplaySoundTests {
  /// An output that takes what it is given at the pace that it is told to, and the capture that is played.
  private struct Rig {
    var sound: ReplaySound
    var now = Timestamp(milliseconds: 5000)
    /// Written and not yet taken.
    var ring: [Int16] = []
    var heard: [Int16] = []
    var reads: [(TrackID, Range<Int64>)] = []
    var flushes = 0
    let content: [TrackID: [AudioBlock]]

    init(_ tracks: [(track: AudioTrack, blocks: [(position: Int64, samples: [Int16])])], rate: Int) {
      sound = ReplaySound(rate: rate)
      var content: [TrackID: [AudioBlock]] = [:]
      var captured: [CapturedTrack] = []
      for (i, item) in tracks.enumerated() {
        let id = TrackID(i + 1)
        content[id] = item.blocks.map { AudioBlock(track: id, position: $0.position, samples: $0.samples) }
        let end = item.blocks.map { $0.position + Int64($0.samples.count / item.track.channels) }.max()
        captured.append(
          CapturedTrack(id: id, track: item.track, extent: end.map { (item.blocks.first?.position ?? 0)..<$0 }))
      }
      self.content = content
      tell(.tracks(captured))
    }

    mutating func tell(_ input: ReplaySound.Input) {
      var orders = sound.handle(input, at: now)[...]
      while let order = orders.popFirst() {
        switch order {
        case .flush:
          ring = []
          flushes += 1
        case .write(let samples): ring += samples
        case .read(let id, let range):
          reads.append((id, range))
          let blocks = (content[id] ?? []).compactMap { block -> AudioBlock? in
            let whole = block.position..<block.position + Int64(block.samples.count)
            let part = whole.clamped(to: range)
            guard !part.isEmpty else { return nil }
            let samples = block.samples[Int(part.lowerBound - block.position)..<Int(part.upperBound - block.position)]
            return AudioBlock(track: id, position: part.lowerBound, samples: Array(samples))
          }
          orders += sound.handle(.read(id, range, blocks), at: now)
        }
      }
    }

    /// Time passes, and the output takes what it plays meanwhile.
    mutating func pass(_ milliseconds: Int, taking share: Double = 1) {
      for _ in 0..<milliseconds / 20 {
        now += .milliseconds(20)
        let wanted = Int(Double(sound.rate / 50) * share)
        let taken = ring.prefix(wanted)
        heard += taken + [Int16](repeating: 0, count: wanted - taken.count)
        ring.removeFirst(taken.count)
        tell(.stood(queued: .samples(ring.count, rate: sound.rate)))
      }
    }
  }

  private static func burst(_ count: Int, _ level: Int16 = 1000) -> [Int16] { [Int16](repeating: level, count: count) }

  private static func loud(_ samples: [Int16], above level: Int16 = 0) -> [Int] {
    samples.indices.filter { samples[$0] > level }
  }

  @Test func samplesAreWhereTheyWere() {
    let rate = 16_000
    // The track begins 100 ms into the timeline; its bursts are at 0, 1 s and 1 s and a sample behind the end of that.
    let track = AudioTrack(.user, rate: rate, start: Timestamp(milliseconds: 100))
    var rig = Rig(
      [(track, [(0, Self.burst(800)), (16_000, Self.burst(160)), (16_161, Self.burst(160))])], rate: rate)
    rig.tell(.play(from: .zero))
    rig.pass(3000)
    let wanted = Array(1600..<2400) + Array(17_600..<17_760) + Array(17_761..<17_921)
    #expect(Self.loud(rig.heard) == wanted)
    #expect(rig.heard.allSatisfy { $0 == 0 || $0 == 1000 })
  }

  @Test(arguments: [0, 1, 17, 333, 1234]) func whereverItBegins(_ offset: Int) {
    let rate = 16_000
    let track = AudioTrack(.agent, rate: rate, start: .zero)
    var rig = Rig([(track, [(20_000, Self.burst(100))])], rate: rate)
    rig.tell(.play(from: .zero + .samples(16_000 + offset, rate: rate)))
    rig.pass(1000)
    #expect(Self.loud(rig.heard) == Array(4000 - offset..<4100 - offset))
  }

  /// A burst of another rate begins where it was: to a sample, and what the filter rings before and after.
  @Test(arguments: [(8_000, 48_000), (24_000, 16_000), (16_000, 44_100), (44_100, 48_000), (48_000, 48_000)])
  func otherRates(_ from: Int, _ to: Int) throws {
    let track = AudioTrack(.agent, rate: from, start: Timestamp(milliseconds: 250))
    var rig = Rig([(track, [(Int64(from), Self.burst(from / 10, 8000))])], rate: to)
    rig.tell(.play(from: .zero))
    rig.pass(2000)
    let half = Self.loud(rig.heard, above: 4000)
    let (first, last) = (try #require(half.first), try #require(half.last))
    let tolerance = max(1, to / from)
    #expect(abs(first - to * 5 / 4) <= tolerance)
    #expect(abs(last + 1 - (to * 5 / 4 + to / 10)) <= tolerance)
  }

  @Test func bothAreAddedUpAndEitherCanBeChosen() {
    let rate = 16_000
    let user = AudioTrack(.user, rate: rate, start: .zero)
    let agent = AudioTrack(.agent, rate: rate, start: .zero)
    let tracks = [
      (user, [(Int64(0), Self.burst(48_000, 1000))]), (agent, [(Int64(0), Self.burst(48_000, 200))]),
    ]
    for (choice, level) in [(SoundChoice.both, 1200), (.user, 1000), (.agent, 200)] {
      var rig = Rig(tracks, rate: rate)
      rig.tell(.choose(choice))
      rig.tell(.play(from: .zero))
      rig.pass(1000)
      #expect(rig.heard.allSatisfy { $0 == Int16(level) } && rig.heard.count == 16_000)
    }
    var rig = Rig(tracks, rate: rate)
    rig.tell(.choose(.off))
    rig.tell(.play(from: .zero))
    #expect(rig.sound.deadline == nil && rig.ring.isEmpty && rig.reads.isEmpty)
    // Chosen while it plays: from where it is by now, and nothing of the others.
    rig.pass(1000)
    rig.tell(.choose(.user))
    rig.heard = []
    rig.pass(500)
    rig.tell(.choose(.agent))
    rig.pass(500)
    #expect(rig.heard == Self.burst(8000, 1000) + Self.burst(8000, 200))
    // Loud ones do not wrap around.
    var loud = Rig([(user, [(0, Self.burst(16_000, 30_000))]), (agent, [(0, Self.burst(16_000, 30_000))])], rate: rate)
    loud.tell(.play(from: .zero))
    loud.pass(500)
    #expect(loud.heard.allSatisfy { $0 == .max })
  }

  @Test func pauseAndSeekLeaveNothingBehind() {
    let rate = 16_000
    let track = AudioTrack(.user, rate: rate, start: .zero)
    // The level says which second it is of.
    let seconds = (0..<10).flatMap { Self.burst(rate, Int16(100 * ($0 + 1))) }
    var rig = Rig([(track, [(0, seconds)])], rate: rate)
    rig.tell(.play(from: Timestamp(milliseconds: 2500)))
    rig.pass(200)
    #expect(Set(rig.heard) == [300])
    rig.tell(.seek(to: Timestamp(milliseconds: 7500)))
    rig.heard = []
    rig.pass(200)
    #expect(Set(rig.heard) == [800])
    rig.tell(.pause)
    rig.heard = []
    #expect(rig.sound.deadline == nil)
    rig.pass(400)
    #expect(Set(rig.heard) == [0] && rig.ring.isEmpty)
    // While it stands, going elsewhere is not heard.
    rig.tell(.seek(to: Timestamp(milliseconds: 1500)))
    #expect(rig.ring.isEmpty && rig.sound.deadline == nil)
    rig.heard = []
    rig.tell(.play(from: Timestamp(milliseconds: 1500)))
    rig.pass(200)
    #expect(Set(rig.heard) == [200] && rig.heard.count == 3200)
  }

  /// No more than a lead is written, and a second is read at a time.
  @Test func itWritesAndReadsAheadByALittle() {
    let rate = 16_000
    let track = AudioTrack(.user, rate: rate, start: .zero)
    var rig = Rig([(track, [(0, Self.burst(160_000))])], rate: rate)
    rig.tell(.play(from: .zero))
    for _ in 0..<100 {
      rig.pass(20)
      #expect(rig.ring.count <= rate * 140 / 1000)
    }
    #expect(rig.reads.count <= 4 && rig.reads.allSatisfy { $0.1.count == rate })
  }

  /// The output's clock is another than the recording's.
  @Test(arguments: [0.9, 1.1]) func itStaysWithTheRecording(_ pace: Double) {
    let rate = 16_000
    let track = AudioTrack(.user, rate: rate, start: .zero)
    let seconds = (0..<30).flatMap { Self.burst(rate, Int16($0 + 1)) }
    var rig = Rig([(track, [(0, seconds)])], rate: rate)
    rig.tell(.play(from: .zero))
    let start = rig.now
    for second in 1..<20 {
      rig.pass(1000, taking: pace)
      // Which second the next sample is of: the recording's, to what is tolerated.
      let next = Int(rig.ring.first ?? 0)
      let elapsed = (rig.now - start).milliseconds
      #expect(next == Int((elapsed - 250) / 1000) + 1 || next == Int((elapsed + 250) / 1000) + 1, "\(second)")
    }
    #expect(rig.flushes > 3)
    // In step, it is never begun anew.
    var even = Rig([(track, [(0, seconds)])], rate: rate)
    even.tell(.play(from: .zero))
    even.pass(20_000)
    #expect(even.flushes == 0)
  }

  @Test func tracksOfManyChannelsBeginAndEndByThemselves() {
    let rate = 16_000
    let stereo = AudioTrack(.other("music"), rate: rate, channels: 2, start: Timestamp(milliseconds: 1000))
    let late = AudioTrack(.user, rate: rate, start: Timestamp(milliseconds: 3000))
    var rig = Rig(
      [(stereo, [(0, (0..<800).flatMap { _ in [Int16(100), 300] })]), (late, [(0, Self.burst(800, 50))])], rate: rate)
    rig.tell(.play(from: .zero))
    rig.pass(4000)
    #expect(Self.loud(rig.heard) == Array(16_000..<16_800) + Array(48_000..<48_800))
    #expect(rig.heard[16_100] == 200 && rig.heard[48_100] == 50)
    // Behind the end of all of them there is nothing to play.
    rig.tell(.seek(to: Timestamp(milliseconds: 60_000)))
    #expect(rig.sound.deadline == nil)
  }

  /// Numbers of a damaged file.
  @Test func impossibleTracksEndNothing() {
    for (start, rate) in [(Int64.min, 1), (-1, 384_000), (.max, 16_000), (.min, 384_000), (.max, 1)] {
      let track = AudioTrack(.user, rate: rate, start: Timestamp(nanoseconds: start))
      for extent in [0..<Int64.max, (Int64.max - 1)..<Int64.max, Int64.min..<0] {
        var sound = ReplaySound(rate: 48_000)
        _ = sound.handle(.tracks([CapturedTrack(id: TrackID(1), track: track, extent: extent)]), at: .zero)
        var orders = sound.handle(.play(from: Timestamp(nanoseconds: 5)), at: .zero)
        for step in 0..<200 {
          if case .read(let id, let range)? = orders.last {
            orders = sound.handle(.read(id, range, []), at: .zero)
          } else {
            orders = sound.handle(.stood(queued: .zero), at: Timestamp(milliseconds: Double(step) * 20))
          }
        }
      }
    }
  }
}

import Capture
import TestKit
import Testing
import Timeline

@Suite struct CommitScheduleTests {
  private let limits = CommitSchedule.Limits(wait: .milliseconds(400), items: 10, byteCount: 1000)
  private func ms(_ ms: Double) -> Timestamp { Timestamp(milliseconds: ms) }

  @Test func nothingIsDueWhileNothingWaits() {
    var schedule = CommitSchedule(limits)
    schedule.observe(items: 0, byteCount: 0, at: ms(5))
    #expect(schedule.deadline == nil && !schedule.isDue(at: ms(1e9)))
  }

  @Test func theFirstThatWaitsSetsTheTime() {
    var schedule = CommitSchedule(limits)
    schedule.observe(items: 1, byteCount: 10, at: ms(100))
    schedule.observe(items: 2, byteCount: 20, at: ms(450))
    #expect(schedule.deadline == ms(500))
    #expect(!schedule.isDue(at: ms(499)) && schedule.isDue(at: ms(500)))
    schedule.taken()
    #expect(schedule.deadline == nil && !schedule.isDue(at: ms(500)))
    // What was left behind waits from now on.
    schedule.observe(items: 1, byteCount: 10, at: ms(510))
    #expect(schedule.deadline == ms(910))
  }

  @Test(arguments: [(9, 999, false), (10, 1, true), (1, 1000, true)])
  func aFullBatchDoesNotWait(_ items: Int, _ byteCount: Int, _ isDue: Bool) {
    var schedule = CommitSchedule(limits)
    schedule.observe(items: items, byteCount: byteCount, at: ms(0))
    #expect(schedule.isDue(at: ms(0)) == isDue)
  }

  /// With what the writing takes, a kill loses less than a second.
  @Test func theUsualWaitIsHalfASecondAtMost() { #expect(CommitSchedule().limits.wait <= .milliseconds(500)) }

  @Test func attemptsGetRarerAndStartAnew() {
    var recovery = CaptureRecovery()
    #expect(recovery.deadline == nil && recovery.isDue(at: ms(0)))
    var now = ms(0)
    var delays: [Duration] = []
    for _ in 0..<8 {
      recovery.failed(at: now)
      let next = recovery.deadline ?? now
      #expect(!recovery.isDue(at: next - .nanoseconds(1)) && recovery.isDue(at: next))
      delays.append(next - now)
      now = next
    }
    #expect(delays.first == CaptureRecovery.firstDelay && delays.last == CaptureRecovery.longestDelay)
    #expect(delays == delays.sorted())
    recovery.succeeded()
    #expect(recovery.deadline == nil)
    recovery.failed(at: now)
    #expect(recovery.deadline == now + CaptureRecovery.firstDelay)
  }
}

@Suite struct CaptureQueueTests {
  @Test func theNewestIsRefusedAndCounted() {
    var queue = CaptureQueue<Int>(byteLimit: 100)
    #expect(queue.offer(1, .entry, byteCount: 60) == true)
    #expect(queue.offer(2, .entry, byteCount: 41) == false)
    #expect(queue.offer(3, .entry, byteCount: 40) == true)
    #expect(queue.offer(4, .entry, byteCount: 0) == false, "an element weighs something")
    #expect(queue.refused == CaptureCounts(entries: 2))
    #expect(queue.take(10, byteLimit: .max) == [1, 3])
    #expect(queue.byteCount == 0 && queue.count == 0)
    #expect(queue.offer(5, .entry, byteCount: 100) == true)
  }

  /// Without entries, sound says little.
  @Test func soundLeavesRoomForEntries() {
    var queue = CaptureQueue<Int>(byteLimit: 100)
    #expect(queue.offer(1, .audio(samples: 30), byteCount: 60) == true)
    #expect(queue.offer(2, .audio(samples: 8), byteCount: 16) == false)
    #expect(queue.offer(3, .audio(samples: 7), byteCount: 15) == true)
    #expect(queue.offer(4, .entry, byteCount: 25) == true)
    #expect(queue.refused == CaptureCounts(samples: 8))
  }

  @Test func whatIsTooHeavyIsTakenAlone() {
    var queue = CaptureQueue<Int>(byteLimit: 100)
    #expect(queue.offer(1, .entry, byteCount: 5000) == true)
    #expect(queue.offer(2, .entry, byteCount: 1) == false)
    #expect(queue.take(10, byteLimit: 10) == [1])
    for i in 0..<4 { _ = queue.offer(i, .entry, byteCount: 10) }
    #expect(queue.take(3, byteLimit: 25) == [0, 1])
    #expect(queue.take(1, byteLimit: 25) == [2])
    #expect(queue.byteCount == 10)
  }

  @Test func weightsAndCountsDoNotOverflow() {
    var queue = CaptureQueue<Int>(byteLimit: .max)
    #expect(queue.offer(1, .entry, byteCount: .max) == true)
    #expect(queue.offer(2, .entry, byteCount: .max) == true)
    queue.refuse(.audio(samples: .max))
    queue.refuse(.audio(samples: .max))
    #expect(queue.refused.samples == .max)
    #expect(queue.take(.max, byteLimit: .max) == [1, 2])
  }
}

@Suite struct CaptureRetentionTests {
  private let day: Int64 = 24 * 3600 * 1000
  private let now: Int64 = 1_800_000_000_000
  private typealias File = CaptureRetention.File

  private func file(_ name: String, _ byteCount: Int, days: Int64, hasLog: Bool = false) -> File {
    File(name, byteCount: byteCount, modifiedMilliseconds: now - days * day, hasLog: hasLog)
  }

  @Test func theOldestGoUntilTheRestFits() {
    let limits = CaptureRetention(byteLimit: 100, ageLimit: .seconds(30 * 24 * 3600))
    let files = [file("b", 40, days: 2), file("c", 50, days: 1), file("a", 30, days: 3)]
    #expect(limits.toDelete(files, now: now) == ["a"])
    #expect(limits.toDelete(files + [file("d", 60, days: 0)], now: now) == ["a", "b", "c"])
    #expect(limits.toDelete(Array(files.prefix(2)), now: now) == [])
  }

  @Test func whatIsTooOldGoes() {
    let limits = CaptureRetention(byteLimit: 1000, ageLimit: .seconds(10 * 24 * 3600))
    #expect(
      limits.toDelete([file("a", 1, days: 11), file("b", 1, days: 10), file("c", 1, days: -5)], now: now) == ["a"])
  }

  /// Whoever writes it.
  @Test func whatIsBeingWrittenStaysAndCounts() {
    let limits = CaptureRetention(byteLimit: 100, ageLimit: .seconds(24 * 3600))
    let mine = file("mine", 90, days: 40)
    let other = file("other", 30, days: 0, hasLog: true)
    #expect(limits.toDelete([mine, other, file("old", 1, days: 1)], writing: "mine", now: now) == ["old"])
    // Its program was killed long ago.
    #expect(limits.toDelete([file("killed", 30, days: 2, hasLog: true)], now: now) == ["killed"])
  }

  @Test func anyNumberIsTaken() {
    let limits = CaptureRetention(byteLimit: .max, ageLimit: .seconds(1))
    let files = [
      File("a", byteCount: .max, modifiedMilliseconds: .min), File("b", byteCount: .max, modifiedMilliseconds: .max),
      File("c", byteCount: .min, modifiedMilliseconds: 0),
    ]
    #expect(limits.toDelete(files, now: .max) == ["a", "c"])
    #expect(limits.toDelete(files, now: .min) == [])
  }
}

@Suite struct AudioTrackTests {
  @Test func positionsAndTimesAgree() {
    let track = AudioTrack(.user, rate: 44_100, start: Timestamp(milliseconds: 250))
    for position in [0, 1, 7, 44_100, 44_101, 3_600 * 44_100 + 17] as [Int64] {
      // The time is rounded down to the nanosecond.
      #expect((0...1).contains(position - track.position(at: track.time(of: position))))
      #expect(track.position(at: track.time(of: position) + .nanoseconds(1)) == position)
    }
    #expect(track.position(at: .zero) < 0)
    #expect(track.time(of: 44_100) == Timestamp(milliseconds: 1250))
  }

  @Test func anyNumberIsTaken() {
    for rate in [Int.min, 0, 1, .max] {
      for channels in [Int.min, 0, 1, .max] {
        let track = AudioTrack(.agent, rate: rate, channels: channels, start: Timestamp(nanoseconds: .max))
        #expect(AudioTrack.rates.contains(track.rate) && (1...AudioTrack.mostChannels).contains(track.channels))
        for number in [Int64.min, -1, 0, .max] {
          _ = track.time(of: number)
          _ = track.position(at: Timestamp(nanoseconds: number))
        }
        var blocks = AudioBlockBuilder(TrackID(1), track, longest: .nanoseconds(Int64.max))
        let added = [blocks.add([1, 2, 3, 4, 5, 6, 7, 8], at: .max), blocks.add([1], at: .min)]
        #expect(added == [[], []])
      }
    }
  }
}

@Suite struct AudioBlockBuilderTests {
  private let track = AudioTrack(.user, rate: 100, start: .zero)

  @Test func piecesBecomeBlocks() {
    var builder = AudioBlockBuilder(TrackID(3), track, longest: .milliseconds(50))
    #expect(builder.add([1, 2, 3], at: 0) == [])
    #expect(builder.add([4, 5, 6], at: 3) == [AudioBlock(track: TrackID(3), position: 0, samples: [1, 2, 3, 4, 5])])
    #expect(builder.end == 6)
    // A gap ends a block.
    #expect(builder.add([9], at: 10) == [AudioBlock(track: TrackID(3), position: 5, samples: [6])])
    #expect(builder.flush() == AudioBlock(track: TrackID(3), position: 10, samples: [9]))
    #expect(builder.flush() == nil)
    #expect(builder.end == 11 && builder.refused == 0)
  }

  @Test func noPositionHasTwoSamples() {
    var builder = AudioBlockBuilder(TrackID(1), track)
    _ = builder.add([1, 2, 3], at: 0)
    #expect(builder.add([7, 8, 9, 10], at: 1) == [])
    #expect(builder.add([5], at: 2) == [])
    #expect(builder.add([5], at: -1) == [])
    let block = builder.flush()
    #expect(block?.samples == [1, 2, 3, 9, 10])
    #expect(builder.refused == 4)
  }

  @Test func channelsStayTogether() {
    let stereo = AudioTrack(.agent, rate: 100, channels: 2, start: .zero)
    var builder = AudioBlockBuilder(TrackID(1), stereo, longest: .milliseconds(20))
    #expect(builder.add([1, 2, 3], at: 0) == [])
    #expect(builder.refused == 1)
    #expect(
      builder.add([3, 4, 5, 6], at: 1) == [AudioBlock(track: TrackID(1), position: 0, samples: [1, 2, 3, 4])])
    #expect(builder.flush() == AudioBlock(track: TrackID(1), position: 2, samples: [5, 6]))
  }

  /// However a stream is cut: every sample once, in its place.
  @Test(arguments: 0..<50) func anySplitGivesTheSameSamples(_ seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let channels = 1 + random.below(3)
    var builder = AudioBlockBuilder(
      TrackID(1), AudioTrack(.user, rate: 1000, channels: channels, start: .zero), longest: .milliseconds(37))
    var expected: [Int64: [Int16]] = [:]
    var blocks: [AudioBlock] = []
    var position: Int64 = 0
    for _ in 0..<60 {
      if random.below(5) == 0 { position += Int64(random.below(50)) }
      let piece = (0..<random.below(100) * channels).map { _ in Int16(truncatingIfNeeded: random.next()) }
      for i in 0..<piece.count / channels {
        expected[position + Int64(i)] = Array(piece[i * channels..<(i + 1) * channels])
      }
      blocks += builder.add(piece, at: position)
      position += Int64(piece.count / channels)
      if random.below(10) == 0, let block = builder.flush() { blocks.append(block) }
    }
    if let block = builder.flush() { blocks.append(block) }
    var found: [Int64: [Int16]] = [:]
    for block in blocks {
      #expect(block.samples.count <= 37 * channels && !block.samples.isEmpty)
      for i in 0..<block.samples.count / channels {
        found[block.position + Int64(i)] = Array(block.samples[i * channels..<(i + 1) * channels])
      }
    }
    #expect(found == expected && builder.refused == 0)
    #expect(blocks.map(\.position) == blocks.map(\.position).sorted())
  }
}

@Suite struct CaptureStatusTests {
  @Test(
    arguments: [
      (CaptureStatus(.recording), nil),
      (CaptureStatus(.failing(.full)), "a.sidetone: the disk is full"),
      (
        CaptureStatus(.recording, lost: CaptureCounts(entries: 3, samples: 5)),
        "a.sidetone: too much came at once: 3 entries and 5 samples were not kept"
      ),
      (
        CaptureStatus(.closed(.readOnly), lost: CaptureCounts(entries: 3)),
        "a.sidetone: the disk is read-only; 3 entries and 0 samples were not kept"
      ),
    ] as [(CaptureStatus, String?)])
  func saysWhatIsMissing(_ status: CaptureStatus, _ text: String?) { #expect(status.problem("a.sidetone") == text) }
}

@Suite struct ColumnReaderTests {
  private func columns(_ events: [Entry.Event]) -> [DerivedColumns] {
    var reader = ColumnReader()
    return events.enumerated().map { reader.read(Entry(index: $0, at: .zero, event: $1)) }
  }
  private func message(_ text: String, _ way: Way = .toClient) -> Entry.Event {
    .message(Message(link: LinkID(4), way: way, kind: .text, payload: Array(text.utf8)))
  }

  @Test func messagesHaveTheirTypeAndWords() {
    let found = columns([
      message(#"{"type":"transcript_final","text":"caf\u00e9"}"#), message(#"{"type":"interrupt"}"#, .toServer),
      message(#"{"type":"odd","id":"x-17"}"#),
    ])
    #expect(found.map(\.kind) == ["message", "message", "message"] && found.map(\.link) == [4, 4, 4])
    #expect(found.map(\.type) == ["transcript_final", "interrupt", "odd"])
    #expect(found[0].text?.contains("café") == true && found[2].text?.contains("x-17") == true)
  }

  @Test func soundIsNoText() {
    let base64 = String(repeating: "QUJD", count: 200)
    let found = columns([
      message(#"{"type":"audio","data":"\#(base64)"}"#, .toServer),
      .message(Message(link: LinkID(1), way: .toServer, kind: .binary, payload: [1, 2, 3, 4])),
    ])
    #expect(found[0].isAudio && found[0].text == nil)
    #expect(found[1].text == nil)
  }

  @Test func theNameOfAResponseIsThePeers() {
    let start = SessionStarted(
      version: "1", wallClockMilliseconds: 0, url: "ws://a/", dialect: "openai", inputRate: 24_000, input: "i",
      output: "o")
    let found = columns([
      .sessionStarted(start),
      message(#"{"type":"response.created","event_id":"e","response":{"id":"resp_7","object":"realtime.response"}}"#),
      .playoutChange(PlayoutChange(ResponseID(3), .started)),
    ])
    #expect(found[1].responseName == "resp_7" && found[1].response == nil)
    #expect(found[2].response == 3 && found[2].responseName == nil && found[2].kind == "playoutChange")
  }

  @Test func otherEntriesHaveTheirWords() {
    let found = columns([
      .operatorAct(OperatorAct(.say, "hello there")), .notice(Notice(.pongLate, .info, .session, "late")),
      .roundTrip(RoundTrip(link: LinkID(9), ms: 3)),
      .unknown(UnknownEvent(kind: "caption", reason: "r", line: Array(#"{"event":"caption","of":"thing"}"#.utf8))),
    ])
    #expect(found[0].text == "say hello there" && found[1].text == "late" && found[2].text == nil)
    #expect(found[2].link == 9 && found[3].kind == "caption" && found[3].text?.contains("thing") == true)
  }

  @Test func textsAreBounded() {
    let long = String(repeating: "é", count: 100_000)
    let found = columns([
      message(#"{"type":"\#(long)","text":"\#(long)"}"#), .operatorAct(OperatorAct(.say, long)),
      .unknown(UnknownEvent(kind: "k", reason: "", line: Array(long.utf8))),
    ])
    for columns in found {
      #expect(columns.text.map { $0.utf8.count <= ColumnReader.longestText && $0.utf8.count > 16_000 } == true)
      #expect((columns.type?.utf8.count ?? 0) < ColumnReader.longestType + 40)
    }
  }
}

import Capture
import Foundation
import Screen
import Session
import TestKit
import Testing
import Timeline

@testable import Console

/// A recording that is played into a console, on a clock of the test's.
struct PlayedConsole {
  var console: Console
  var replayer: Replayer
  var index: ReplayIndex
  var now = Timestamp.zero
  private var last: CaptureExtent

  /// - Parameter isRead: the index has read all of it beforehand.
  init(
    _ entries: [Entry], limit: Int = 64, distance: Int = 256, isRead: Bool = true,
    size: Size = Size(width: 120, height: 40), hasSound: Bool = false,
    _ change: (inout ConsoleOptions) -> Void = { _ in }
  ) throws {
    var options = ConsoleOptions()
    options.port = .recording
    options.limits.payloadBytes = 64 << 10
    change(&options)
    let source = RecordedEntries(entries)
    last = source.extent()
    console = Console(options)
    index = ReplayIndex(source, options, from: 0, limit: limit, distance: distance)
    replayer = Replayer(source, options, last, index.progress, hasSound: hasSound, at: .zero)
    if isRead {
      try index.read(.max)
      replayer.take(index.progress, at: .zero)
    }
    _ = console.update(.event(.resized(size)))
    work()
  }

  var position: Timestamp { replayer.time(at: now) }

  /// Does what there is to do, without that time goes by.
  mutating func work(_ limit: Int = 100) {
    while replayer.work(on: &console, limit: limit, at: now) {}
    _ = console.update(.operatorTime(now))
    _ = console.update(.tick(position))
  }

  mutating func wait(_ duration: Duration) {
    now += duration
    work()
  }

  mutating func order(_ order: ReplayOrder) {
    replayer.perform(order, on: &console, at: now)
    work()
  }

  /// Runs a command line, and carries its effects out.
  mutating func command(_ line: String) { carryOut(console.command(line)) }
  mutating func press(_ key: Key) { carryOut(console.press(key)) }
  mutating func carryOut(_ effects: [ConsoleEffect]) {
    for case .replay(let order) in effects { self.order(order) }
  }

  /// What is seen, standing still.
  func picture(_ size: Size) -> Surface {
    var copy = self
    copy.order(.pause)
    return copy.console.view(size)
  }

  /// The message under the log's cursor, opened.
  func openedMessage(_ size: Size) -> Surface {
    var copy = self
    copy.order(.pause)
    copy.console.focus = .log
    copy.console.press(Key(.enter))
    return copy.console.view(size)
  }
}

enum RecordedSession {
  /// A session that was recorded with a real server.
  static let real: [Entry] = {
    // Tests/UI/ConsoleTests/ThisFile.swift is four levels below the package.
    let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
    let text = (try? String(contentsOfFile: folder + "/Tests/Fixtures/captures/v1.jsonl", encoding: .utf8)) ?? ""
    var reader = CaptureReader()
    return text.split(separator: "\n").compactMap { try? reader.read(Array($0.utf8)) }
  }()

  /// Many turns, with what goes wrong between them.
  static func long(_ turns: Int) -> [Entry] {
    var script = Script()
    script.connect()
    script.at(1_000)
    for i in 1...turns {
      script.turn(
        "question number \(i) of many", "The answer to number \(i) is a long one.", response: i,
        waitMs: Double(400 + i * 37 % 600), cut: i % 5 == 0)
      if i % 4 == 0 {
        script.add(.notice(Notice(.other("test"), .error, .session, "trouble number \(i)")))
        script.message(.toClient, #"{"type":"error","code":"c\#(i)","message":"no voice"}"#)
      }
      if i % 7 == 0 {
        script.add(.fault(FaultChange(.stall, active: true)))
        script.at(script.now.milliseconds + 300)
        script.add(.fault(FaultChange(.stall, active: false)))
        script.add(.connection(ConnectionChange(LinkID(i), .closed(code: 1006, reason: "reset", by: .network))))
        script.at(script.now.milliseconds + 500)
        script.add(.connection(ConnectionChange(LinkID(i + 1), .connecting, attempt: 1)))
        script.add(.connection(ConnectionChange(LinkID(i + 1), .ready(sessionID: "s_\(i)"))))
      }
    }
    script.add(.sessionEnded(SessionEnded(reason: "the user has left", orderly: true)))
    return script.entries
  }
}

@Suite struct SeekTests {
  private static let sizes = [Size(width: 80, height: 24), Size(width: 120, height: 40), Size(width: 200, height: 60)]

  /// What is seen at some moments: when it was played up to them, in steps of any length, and when they were gone to.
  private func compare(_ entries: [Entry], limit: Int, distance: Int, moments count: Int, seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    try #require(entries.count > 300)
    let extent = entries[0].at...(entries.map(\.at).max() ?? .zero)
    let moments = (0..<count).map { _ in
      // The moment of an entry itself, and any between two.
      random.below(3) == 0 ? random.one(of: entries).at : extent.moment(at: Double(random.below(10_001)) / 10_000)
    }
    var played = try PlayedConsole(entries, limit: limit, distance: distance)
    var expected: [Timestamp: [Surface]] = [:]
    for moment in moments.sorted() {
      while played.position < moment {
        let step = Duration.milliseconds([1, 7, 33, 100, 900, 5_000][random.below(6)])
        played.wait(min(step, moment - played.position))
      }
      #expect(played.position == moment)
      expected[moment] = Self.sizes.map(played.picture) + [played.openedMessage(Self.sizes[1])]
    }
    var sought = try PlayedConsole(entries, limit: limit, distance: distance)
    #expect(sought.index.progress.checkpoints.all.count <= limit)
    sought.order(.pause)
    for moment in moments.shuffled(using: &random) {
      sought.order(.go(.moment(moment)))
      #expect(sought.position == moment)
      let seen = Self.sizes.map(sought.picture) + [sought.openedMessage(Self.sizes[1])]
      for (a, b) in zip(seen, expected[moment] ?? []) where a != b {
        Issue.record("at \(moment), seed \(seed):\n\(a.text)\n–– played:\n\(b.text)")
        return
      }
    }
  }

  @Test(arguments: [1, 2] as [UInt64]) func whatIsSeenDoesNotDependOnTheWay(_ seed: UInt64) throws {
    try compare(RecordedSession.real, limit: 64, distance: 32, moments: 9, seed: seed)
  }

  @Test(arguments: [4] as [UInt64]) func norOnHowManyCheckpointsAreLeft(_ seed: UInt64) throws {
    try compare(RecordedSession.long(30), limit: 4, distance: 16, moments: 8, seed: seed)
    try compare(RecordedSession.long(30), limit: 64, distance: 16, moments: 8, seed: seed + 100)
  }

  @Test func checkpointsStayFewHoweverLongItIs() throws {
    let entries = RecordedSession.long(15)
    for limit in [2, 4, 16] {
      let played = try PlayedConsole(entries, limit: limit, distance: 8)
      let checkpoints = played.index.progress.checkpoints
      #expect((2...limit).contains(checkpoints.all.count))
      // What messages hold is not among what they keep.
      #expect(checkpoints.all.allSatisfy { $0.state.log.store.payloads.isEmpty })
    }
  }

  @Test func aStepIsOneEntry() throws {
    let entries = RecordedSession.real
    var played = try PlayedConsole(entries, distance: 32)
    played.wait(.seconds(3))
    played.order(.step(1))
    let before = try #require(played.console.readings.nextIndex)
    let picture = played.picture(Self.sizes[1])
    for _ in 0..<5 { played.order(.step(1)) }
    #expect(played.console.readings.nextIndex == before + 5)
    for _ in 0..<5 { played.order(.step(-1)) }
    #expect(played.console.readings.nextIndex == before)
    #expect(played.picture(Self.sizes[1]) == picture)
    // It stands still from then on.
    played.wait(.seconds(2))
    #expect(played.console.readings.nextIndex == before)
  }

  @Test func atTheEndItBeginsAnew() throws {
    let entries = RecordedSession.real
    var played = try PlayedConsole(entries)
    played.command("seek end")
    #expect(played.console.readings.nextIndex == entries.last.map { $0.index + 1 })
    #expect(played.console.replay?.state.isPlaying == false)
    played.press(.char(" "))
    #expect(played.position == entries[0].at && played.console.replay?.state.isPlaying == true)
  }

  /// Who drags over the bar asks for many places at once: the way that is nearly done is finished, the last is gone.
  @Test func theLastOfManyPlacesIsWhereItEnds() throws {
    var played = try PlayedConsole(RecordedSession.long(20), distance: 16)
    for second in [3.0, 40, 11, 25] {
      played.replayer.perform(
        .go(.moment(Timestamp(milliseconds: second * 1000))), on: &played.console, at: played.now)
    }
    played.work(7)
    #expect(played.position == Timestamp(milliseconds: 25_000))
    played.replayer.perform(.goBy(.seconds(5)), on: &played.console, at: played.now)
    played.replayer.perform(.goBy(.seconds(5)), on: &played.console, at: played.now)
    played.work(7)
    #expect(played.position == Timestamp(milliseconds: 35_000))
  }

  @Test func aLongWayIsToldAndGivenUpForAnother() throws {
    var played = try PlayedConsole(RecordedSession.long(20), isRead: false)
    played.replayer.perform(.go(.moment(Timestamp(milliseconds: 50_000))), on: &played.console, at: played.now)
    played.now += .milliseconds(200)
    _ = played.replayer.work(on: &played.console, limit: 50, at: played.now)
    let share = try #require(played.console.replay?.state.wayShare)
    #expect((0..<1).contains(share) && played.console.text().contains("reading on the way there"))
    played.order(.go(.moment(Timestamp(milliseconds: 2_000))))
    #expect(played.position == Timestamp(milliseconds: 2_000) && played.console.replay?.state.wayShare == nil)
  }

  /// Lines of a damaged recording may have any number and any time.
  @Test func aDamagedRecordingIsGoneThroughAllTheSame() throws {
    var random = SeededGenerator(seed: 9)
    var entries = RecordedSession.real
    for _ in 0..<60 {
      let i = random.below(entries.count)
      entries[i].index = [Int.max, 0, -7, entries[i].index + 100, 5].shuffled(using: &random)[0]
      entries[random.below(entries.count)].at = Timestamp(
        nanoseconds: [.min, .max, -5, 0, 3_000_000_000].shuffled(using: &random)[0])
    }
    var played = try PlayedConsole(entries, limit: 4, distance: 8)
    for _ in 0..<30 {
      switch random.below(5) {
      case 0: played.order(.go(.entry(random.below(entries.count))))
      case 1: played.order(.goBy(.seconds(random.below(20) - 10)))
      case 2: played.order(.step(random.below(2) * 2 - 1))
      case 3: played.order(.goToNextMessage)
      default: played.order(.go(.moment(random.one(of: entries).at)))
      }
      _ = played.picture(Self.sizes[0])
    }
  }
}

@Suite struct SeekRequestTests {
  @Test func places() {
    func ms(_ value: Double) -> SeekRequest { .moment(Timestamp(milliseconds: value)) }
    let all: [(String, SeekRequest?)] = [
      ("1:23", ms(83_000)), ("1:02:03.5", ms(3_723_500)), ("90", ms(90_000)), ("500ms", ms(500)), ("2m", ms(120_000)),
      ("+10s", .by(.seconds(10))), ("-1.5", .by(.milliseconds(-1500))), ("+1:00", .by(.seconds(60))),
      ("50%", .share(0.5)), ("101%", nil), ("turn 4", .turn(4)), ("entry 120", .entry(120)), ("entry -1", nil),
      ("finding", .step(.finding, 1)), ("previous mark", .step(.mark, -1)), ("next turn", .step(.turn, 1)),
      ("Start", .start), ("end", .end), ("", nil), ("nan", nil), ("+inf", nil), ("1:2:3:4", nil),
      ("turn", .step(.turn, 1)),
      ("next", nil), ("turn x", nil), ("٣", nil), ("1e9", nil), (":", nil), ("+", nil), ("%", nil),
      ("99999999999999999999999", ms(1e26)),
    ]
    for (text, request) in all where text.hasPrefix("999") == false {
      #expect(SeekRequest(text) == request, "\(text)")
    }
    // Longer than any recording, and no trap.
    #expect(SeekRequest(String(repeating: "9", count: 400)) != nil)
  }
}

@Suite struct ReplayCommandTests {
  private func played(_ size: Size = Size(width: 120, height: 40)) throws -> PlayedConsole {
    var played = try PlayedConsole(RecordedSession.long(8), distance: 32, size: size)
    played.order(.pause)
    return played
  }

  @Test func keysGoToAndFro() throws {
    var played = try played()
    played.press(Key(.right))
    #expect(played.position == Timestamp(milliseconds: 5_000))
    played.press(Key(.left, .shift))
    #expect(played.position == Timestamp(milliseconds: 4_000))
    played.press(.char("}"))
    #expect(played.position == played.console.replay?.state.extent.upperBound)
    played.press(.char("{"))
    #expect(played.position == .zero)
    played.command("seek 50%")
    #expect(played.console.replay?.state.extent.share(of: played.position) ?? 0 > 0.49)
    played.press(.char("]"))
    #expect(played.console.replay?.state.speed == 2 && played.console.text().contains("2×"))
    played.command("speed 0.5")
    #expect(played.console.replay?.state.speed == 0.5)
    played.command("speed 17")
    #expect(played.console.prompt?.fault != nil && played.console.replay?.state.speed == 0.5)
  }

  @Test func turnsFindingsAndMessagesAreGoneTo() throws {
    var played = try played()
    played.command("seek turn 4")
    let begin = try #require(played.index.progress.overview.turn(4))
    #expect(played.position == begin)
    played.press(.char("u"))
    #expect(played.position == played.index.progress.overview.turn(5))
    played.press(.char("U"))
    #expect(played.position == begin)
    played.command("seek turn 99")
    #expect(played.console.prompt?.fault?.reason == "there is no turn 99")
    played.press(Key(.escape))
    // Messages that the log shows, one after the other and back.
    played.press(.char("/"))
    played.carryOut(played.console.type("type:transcript_final"))
    played.press(Key(.enter))
    var moments: [Timestamp] = []
    for _ in 0..<3 {
      played.press(.char("o"))
      moments.append(played.position)
      #expect(played.console.log.selected?.summary.contains("question") == true)
    }
    #expect(moments == moments.sorted() && Set(moments).count == 3)
    played.press(.char("O"))
    #expect(played.position == moments[1])
    played.press(.char("B"))
    #expect(played.console.flash?.text == "there is no mark before this")
  }

  @Test func marksFindingsAndWhatBrokeAreGoneTo() throws {
    var entries = RecordedSession.long(8)
    let i = entries.count - 300
    entries[i].event = .operatorAct(OperatorAct(.other("moment"), "look here"))
    var played = try PlayedConsole(entries, distance: 32)
    played.order(.pause)
    played.press(.char("b"))
    #expect(played.position == entries[i].at)
    let overview = played.index.progress.overview
    for kind in ReplayOverview.Kind.allCases {
      #expect(overview.places.contains { $0.kind == kind }, "\(kind)")
    }
    let found = try #require(overview.places.first { $0.kind == .finding })
    played.press(.char("{"))
    played.press(.char("l"))
    #expect(played.position == found.at && !played.console.findings.list.isEmpty)
  }

  @Test func whatTheOperatorHasChosenStays() throws {
    var played = try played()
    played.command("seek end")
    played.console.command("filter dir:in")
    played.console.focus = .latency
    played.console.command("zoom")
    let panes = played.console.openPanes
    played.command("seek turn 2")
    #expect(played.console.log.store.filter.text == "dir:in" && played.console.isZoomed)
    #expect(played.console.openPanes == panes && played.console.focus == .latency)
    #expect(played.console.log.store.shownCount < played.console.log.store.rows.count)
    #expect(
      (0..<played.console.log.store.shownCount).allSatisfy {
        played.console.log.store.shownID($0).flatMap { played.console.log.store.row($0) }?.kind == .received
      })
    // What was put away stays away, before it and behind it.
    played.command("seek end")
    #expect(played.console.problem != nil)
    played.console.command("dismiss")
    played.command("seek turn 6")
    #expect(played.console.problem == nil)
  }

  @Test func itsSoundFollowsWhatIsPlayedAtItsOwnPace() throws {
    var played = try PlayedConsole(RecordedSession.long(8), distance: 32, hasSound: true)
    func orders() -> [ReplaySoundOrder] {
      var orders: [ReplaySoundOrder] = []
      while let order = played.replayer.takeSoundOrder(at: played.now) { orders.append(order) }
      return orders
    }
    let first = try #require(played.console.replay?.state.extent.lowerBound)
    #expect(orders() == [.play(from: first)])
    played.wait(.seconds(2))
    #expect(orders() == [])
    played.order(.pause)
    #expect(orders() == [.pause])
    played.order(.play)
    #expect(orders() == [.play(from: first + .seconds(2))])
    played.command("seek +10s")
    #expect(orders() == [.play(from: played.position)])
    // At another pace it would be heard at another pitch.
    played.command("speed 2")
    #expect(orders() == [.pause])
    played.command("seek turn 2")
    #expect(orders() == [])
    played.command("speed 1")
    #expect(orders() == [.play(from: played.position)])
    played.command("sound user")
    #expect(orders() == [.choose(.user)] && played.console.text().contains("sound user"))
    played.press(.char("m"))
    #expect(orders() == [.choose(.off)])
    played.press(.char("m"))
    #expect(orders() == [.choose(.both)])
    played.command("sound left")
    #expect(played.console.prompt?.fault != nil && orders() == [])
    played.press(Key(.escape))
    played.command("seek end")
    #expect(orders() == [.pause])
  }

  @Test func aRecordingWithoutSoundSaysSo() throws {
    var played = try played()
    #expect(played.replayer.takeSoundOrder(at: played.now) == nil)
    played.press(.char("m"))
    #expect(played.console.flash?.text == "there is no sound in this recording")
  }

  @Test func aLiveSessionHasNoneOfIt() {
    var console = Script.live.console()
    #expect(console.layout(console.size).bar == nil)
    #expect(
      console.press(.char("u")).isEmpty
        && console.flash?.text == "seek is for a recording, and this is a live session; Home goes back in it")
    #expect(!console.text().contains("step-back"))
    // Space is the session's own.
    console.press(.char(" "))
    #expect(console.flash?.text.contains("push to talk") == true)
  }

  @Test func theBarIsClickedAndDraggedOn() throws {
    var played = try played()
    let bar = try #require(played.console.layout(played.console.size).bar)
    let track = played.console.barTrack(bar)
    func mouse(_ action: Mouse.Action, _ x: Int, _ y: Int) {
      played.carryOut(played.console.update(.event(.mouse(Mouse(action, x: x, y: y)))))
    }
    let extent = try #require(played.console.replay?.state.extent)
    mouse(.press, track.right - 1, bar.y)
    #expect(played.position == extent.upperBound)
    mouse(.drag, track.x + track.width / 2, 3)
    #expect(abs(extent.share(of: played.position) - 0.5) < 0.02)
    mouse(.drag, -5, 3)
    #expect(played.position == extent.lowerBound)
    mouse(.release, 0, 3)
    mouse(.drag, track.right - 1, 3)
    #expect(played.position == extent.lowerBound, "it was let go")
    mouse(.wheelDown, track.x, bar.y)
    #expect(played.position == Timestamp(milliseconds: 5_000))
  }

  /// A word to the operator goes away though the recording stands still, and two clicks are not one for ever.
  @Test func theOperatorsTimeGoesOn() throws {
    var played = try played()
    played.press(.char("B"))
    #expect(played.console.flash != nil && played.console.wordEnd == Timestamp(milliseconds: 4_000))
    played.wait(.seconds(5))
    #expect(played.console.flash == nil && played.position == .zero)
  }

  @Test func nothingMovesWhileItStandsStill() throws {
    var played = try played()
    played.command("seek turn 2")
    played.order(.goBy(.milliseconds(1900)))
    _ = played.console.frame(Size(width: 120, height: 40))
    #expect(played.console.demand.isAudible == false && played.console.demand.nextChange == nil)
    played.wait(.seconds(5))
    #expect(!played.console.redraw.isMeterDue && !played.console.demand.movesFigures)
  }

  @Test(arguments: [Size(width: 80, height: 24), Size(width: 120, height: 40), Size(width: 200, height: 60)])
  func bar(_ size: Size) throws {
    var played = try played(size)
    played.command("seek turn 6")
    try GoldenScreen.check(played.console.view(size), "replay-\(size.width)x\(size.height)")
  }

  @Test func itIsDrawnAtEverySize() throws {
    var played = try played()
    played.command("seek 70%")
    for width in [1, 20, 60, 61, 80, 300] {
      for height in [1, 16, 17, 29, 30, 50, 100] { _ = played.console.view(Size(width: width, height: height)) }
    }
  }
}

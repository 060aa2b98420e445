import Capture
import Screen
import Session
import TestKit
import Testing
import Timeline

@testable import Console

/// A session that goes on, with a capture that holds all that has happened so far.
private struct RunningConsole {
  var console: Console
  private let entries: [Entry]
  private(set) var taken = 0
  private(set) var replayer: Replayer?
  private(set) var now = Timestamp.zero
  /// The index has read all of the capture before the console goes back.
  var isRead = true

  init(_ entries: [Entry]) {
    self.entries = entries
    console = Console(ConsoleOptions())
    _ = console.update(.event(.resized(Size(width: 120, height: 40))))
  }

  /// Everything that happens up to a moment.
  mutating func run(to moment: Timestamp) {
    now = moment
    let next = entries[taken...].prefix { $0.at <= moment }
    taken += next.count
    _ = console.update(.entries(Array(next)))
    work()
  }

  private mutating func work() {
    while replayer?.work(on: &console, limit: 100, at: now) == true {}
    if replayer != nil { _ = console.update(.operatorTime(now)) }
    _ = console.update(.tick(console.isBack ? replayer?.time(at: now) ?? now : now))
  }

  mutating func command(_ line: String) { carryOut(console.command(line)) }
  mutating func press(_ key: Key) { carryOut(console.press(key)) }

  private mutating func carryOut(_ effects: [ConsoleEffect]) {
    for effect in effects {
      switch effect {
      case .replay(let order): replayer?.perform(order, on: &console, at: now)
      case .goLive: replayer = nil
      case .lookBack(let place):
        let (source, options) = (capture, ConsoleOptions().forRecording)
        var index = ReplayIndex(source, options, from: 0, distance: 32)
        if isRead { try? index.read(.max) }
        replayer = Replayer(source, options, source.extent(), index.progress, isShown: false, at: now)
        replayer?.perform(.go(place), on: &console, at: now)
      default: break
      }
      work()
    }
  }

  /// What is in the capture so far.
  var capture: RecordedEntries { RecordedEntries(Array(entries[..<taken])) }
}

@Suite struct PastTests {
  private static let sizes = [Size(width: 80, height: 24), Size(width: 120, height: 40), Size(width: 200, height: 60)]

  /// A session that says that it is recorded.
  private static let session: [Entry] = {
    var script = Script()
    script.connect()
    script.add(.notice(Notice(.captureBegan, .info, .capture, "recording")))
    script.at(1_000)
    for i in 1...9 {
      script.turn("question number \(i)", "The answer to number \(i) is a long one.", response: i, cut: i % 4 == 0)
      if i == 5 { script.add(.notice(Notice(.other("test"), .error, .session, "trouble"))) }
    }
    return script.entries
  }()
  private static let end = session[session.count - 1].at

  /// What stands within the frames of the panes, and in the bar.
  private func insides(_ console: Console, _ size: Size) -> [Surface] {
    let (layout, view) = (console.layout(size), console.view(size))
    return layout.visible.map { view.part(layout.rect(of: $0).inset(1, 1)) }
      + [layout.bar.map { view.part($0) }].compactMap(\.self)
  }

  /// What is seen at a moment that was gone back to is what the replay of the same capture shows there.
  @Test(arguments: [true, false]) func theSameIsSeenAsInTheReplay(_ isRead: Bool) throws {
    var random = SeededGenerator(seed: 11)
    var running = RunningConsole(Self.session)
    running.isRead = isRead
    running.run(to: Self.end)
    var replayed = try PlayedConsole(Self.session, distance: 32) { $0.limits = ConsoleOptions().forRecording.limits }
    replayed.order(.pause)
    for _ in 0..<6 {
      let moment = random.one(of: Self.session).at
      running.command("look-back \(moment.milliseconds)ms")
      try #require(running.console.isBack)
      replayed.order(.go(.moment(running.console.now)))
      for size in Self.sizes {
        var (a, b) = (running.console, replayed.console)
        // How far it is read is no matter of the moment.
        a.replay?.state.readShare = nil
        a.replay?.overview = replayed.index.progress.overview
        a.replay?.state.isGrowing = false
        b.replay?.state.readShare = nil
        let (seen, expected) = (insides(a, size), insides(b, size))
        #expect(seen.count == expected.count && seen.count > 3)
        for (one, other) in zip(seen, expected) where one != other {
          Issue.record("at \(moment):\n\(one.text)\n–– replayed:\n\(other.text)")
          return
        }
      }
    }
  }

  /// Whoever was in the past sees the session afterwards as who never was.
  @Test func nothingIsLostMeanwhile() {
    var running = RunningConsole(Self.session)
    running.run(to: Timestamp(milliseconds: 9_000))
    running.press(Key(.home))
    #expect(running.console.isBack && running.console.now < Timestamp(milliseconds: 9_000))
    let past = running.console.readings.nextIndex
    running.run(to: Timestamp(milliseconds: 15_000))
    #expect(running.console.readings.nextIndex == past, "it stands still")
    running.press(Key(.left))
    running.press(.char("."))
    running.press(Key(.end))
    #expect(!running.console.isBack && running.console.replay == nil)
    running.run(to: Self.end)
    var straight = RunningConsole(Self.session)
    straight.run(to: Timestamp(milliseconds: 9_000))
    straight.run(to: Timestamp(milliseconds: 15_000))
    straight.run(to: Self.end)
    for size in Self.sizes { #expect(running.console.view(size) == straight.console.view(size)) }
    #expect(running.console.readings.nextIndex == Self.session.last.map { $0.index + 1 })
  }

  @Test func howFarItIsBehindIsSaidEverywhere() {
    var running = RunningConsole(Self.session)
    running.run(to: Timestamp(milliseconds: 15_000))
    #expect(!running.console.text().contains("live -"))
    running.press(Key(.home))
    #expect(running.console.now == Timestamp(milliseconds: 5_000))
    for size in Self.sizes {
      let (view, layout) = (running.console.view(size), running.console.layout(size))
      #expect(view.text.split(separator: "\n").first?.contains("live -10.0 s") == true)
      for pane in layout.visible {
        #expect(view.part(layout.rect(of: pane).row(0)).text.contains("-10.0 s"), "\(pane.title) at \(size)")
      }
    }
    // It grows while the past stands still, and is drawn as it does.
    _ = running.console.frame(Size(width: 120, height: 40))
    #expect(running.console.demand.movesFigures && running.console.demand.figureInterval <= .milliseconds(200))
    running.run(to: Timestamp(milliseconds: 17_300))
    #expect(running.console.demand.isFigureDue && running.console.behindText == "-12.3 s")
    // Playing at its own pace it stays where it is.
    running.press(.char(" "))
    running.run(to: Timestamp(milliseconds: 19_300))
    #expect(running.console.behindText == "-12.3 s" && running.console.now == Timestamp(milliseconds: 7_000))
    running.run(to: Timestamp(milliseconds: 90_000))
    running.press(.char("{"))
    running.press(.char(" "))
    running.press(.char(" "))
    #expect(running.console.behindText == "-00:01:30" || running.console.behindText == "-00:01:29")
  }

  @Test func theKeysAreThoseOfARecording() throws {
    var running = RunningConsole(Self.session)
    running.run(to: Self.end)
    var index = ReplayIndex(running.capture, ConsoleOptions().forRecording, from: 0)
    try index.read(.max)
    let overview = index.progress.overview
    running.command("look-back turn 3")
    let begin = running.console.now
    #expect(begin == overview.turn(3))
    running.press(Key(.right))
    #expect(running.console.now == begin + .seconds(5))
    running.press(.char("u"))
    #expect(running.console.now == overview.turn(1, from: begin + .seconds(5)))
    // Nothing is done to the session from its past.
    running.press(.char("i"))
    #expect(
      running.console.flash?.text
        == "interrupt is for a live session, and this is the past of a live session; f returns to it")
    // Again, to the beginning; and f returns.
    running.press(Key(.home))
    #expect(running.console.now == Self.session[0].at && running.console.isBack)
    running.command("filter type:transcript_final")
    running.press(.char("f"))
    #expect(!running.console.isBack && running.console.now == Self.end)
    // What was chosen there stays.
    #expect(running.console.log.store.filter.text == "type:transcript_final")
    #expect(running.console.press(.char("i")) == [.command(.interrupt)])
  }

  @Test func whatIsNotRecordedCannotBeGoneBackTo() {
    var console = Script.live.console()
    for pane in [Pane.log, .transcript, .latency] {
      console.focus = pane
      #expect(console.press(Key(.home)).isEmpty && !console.isInPast)
      #expect(
        console.flash?.text
          == "this session is not recorded, so there is nothing to go back to; start it without --no-capture")
    }
    // In a recording the key scrolls, as g does.
    var recording = Console(
      {
        var options = ConsoleOptions()
        options.port = .recording
        return options
      }())
    _ = recording.update(.entries(Self.session))
    recording.focus = .log
    recording.press(Key(.home))
    #expect(recording.log.cursor == 0)
  }

  @Test func placesAreTakenAsTheyAreInARecording() {
    var running = RunningConsole(Self.session)
    running.run(to: Timestamp(milliseconds: 20_000))
    let all: [(String, Timestamp)] = [
      ("-3s", Timestamp(milliseconds: 17_000)), ("0:07", Timestamp(milliseconds: 7_000)), ("start", .zero),
      ("50%", Timestamp(milliseconds: 10_000)), ("-1h", .zero),
    ]
    for (place, moment) in all {
      running.command("look-back \(place)")
      #expect(running.console.now == moment, "\(place)")
      running.press(.char("f"))
    }
    running.command("look-back turn 99")
    #expect(running.console.prompt?.fault?.reason == "there is no turn 99 to go back to")
    running.press(Key(.escape))
    running.command("look-back next mark")
    #expect(running.console.prompt?.fault != nil && !running.console.isInPast)
  }

  /// While it is on a long way back, the session is seen as it is, and the way can be given up.
  @Test func theWayBackCanBeGivenUp() {
    var console = RunningConsole(Self.session).console
    _ = console.update(.entries(Self.session))
    let source = RecordedEntries(Self.session)
    let index = ReplayIndex(source, ConsoleOptions(), from: 0)
    var replayer = Replayer(source, ConsoleOptions(), source.extent(), index.progress, isShown: false, at: .zero)
    replayer.perform(.go(.moment(Self.end)), on: &console, at: .zero)
    _ = replayer.work(on: &console, limit: 20, at: Timestamp(milliseconds: 500))
    #expect(console.isInPast && !console.isBack && console.text().contains("reading on the way there"))
    #expect(console.readings.nextIndex == Self.session.count && !console.standsStill)
    #expect(console.press(.char("f")) == [.goLive])
    #expect(!console.isInPast && console.readings.nextIndex == Self.session.count)
  }
}

extension Surface {
  /// The cells of a rectangle.
  fileprivate func part(_ rect: Rect) -> Surface {
    var part = Surface(Size(width: rect.width, height: rect.height))
    for y in 0..<rect.height {
      for x in 0..<rect.width { part[x, y] = self[rect.x + x, rect.y + y] }
    }
    return part
  }
}

import Glibc
import Screen
import Testing
import Threads

@testable import Terminal

@Suite struct LinkWindowTests {
  private let millisecond: Int64 = 1_000_000

  @Test func aTerminalThatNeverAnswersIsAskedOnce() {
    var window = LinkWindow()
    var questions = 0
    for i in 0..<1000 where window.sent(1000, at: Int64(i) * 50 * millisecond) { questions += 1 }
    #expect(questions == 1)
    #expect(!window.isFull(at: 60_000 * millisecond))
    #expect(!window.isAwaitingAnswer)
  }

  @Test func quickAnswersCostNextToNothing() {
    var window = LinkWindow()
    var questions = 0
    for i in 0..<200 {
      let now = Int64(i) * 50 * millisecond
      #expect(!window.isFull(at: now))
      if window.sent(1000, at: now) {
        questions += 1
        window.answered(at: now + millisecond)
      }
    }
    #expect(window.size == 16_384)
    #expect(questions < 40, "\(questions) for 200 frames")
  }

  /// A link of 8 kB/s, and frames of 1 kB as often as they may be drawn.
  @Test func overASlowLinkFramesDoNotQueue() {
    var window = LinkWindow()
    // When each byte that was sent has been drawn; and the answers under way.
    var (drawnAt, longest): (Int64, Int64) = (0, 0)
    var answers: [Int64] = []
    var frames = 0
    for tick in 0..<4000 {
      let now = Int64(tick) * 10 * millisecond
      while let next = answers.first, next <= now {
        answers.removeFirst()
        window.answered(at: next)
      }
      guard !window.isFull(at: now) else { continue }
      let asks = window.sent(1000, at: now)
      drawnAt = max(drawnAt, now) + 125 * millisecond
      if asks { answers.append(drawnAt) }
      frames += 1
      if tick > 1000 { longest = max(longest, drawnAt - now) }
    }
    #expect(frames > 250, "the link is used: \(frames) frames in 40 s")
    #expect(longest <= 300 * millisecond, "and what is drawn is seen after \(longest / millisecond) ms at most")
  }

  @Test func anAnswerThatIsLostStopsNothing() {
    var window = LinkWindow()
    let isAsked = window.sent(100, at: 0)
    #expect(isAsked)
    window.answered(at: millisecond)
    var now = 2 * millisecond
    while !window.sent(1000, at: now) { now += millisecond }
    for _ in 0..<20 { _ = window.sent(1000, at: now) }
    #expect(window.isFull(at: now))
    #expect(!window.isFull(at: now + 11_000 * millisecond))
    let isAskedAgain = window.sent(1000, at: now + 11_000 * millisecond)
    #expect(isAskedAgain)
  }
}

extension TerminalTests {
  @Suite struct QuestionTests {
    @Test func theAnswerIsNoKeyAndLetsDrawingGoOn() throws {
      let terminal = try TestTerminal()
      let screen = try terminal.open(asksForPace: true)
      screen.present(line("one"), theme: .builtin)
      #expect(terminal.drain().contains("\u{1B}[5n"))
      #expect(!screen.isBusy, "nobody has answered yet, and perhaps nobody will")
      terminal.type("\u{1B}[0nx")
      #expect(terminal.events(screen, atLeast: 1) == [.key(.char("x"))])
      // From now on answers are counted on.
      var frame = 0
      while !screen.isBusy, frame < 20_000 {
        frame += 1
        screen.present(line("\(frame) of many frames that nobody sees"), theme: .builtin)
        terminal.drain()
      }
      #expect(screen.isBusy)
      #expect(screen.outputPollFileDescriptor == -1, "it is not the terminal's input that is full")
      terminal.type("\u{1B}[0n")
      let deadline = monotonicNanoseconds() + 30_000_000_000
      while screen.isBusy, monotonicNanoseconds() < deadline { _ = screen.readEvents() }
      #expect(!screen.isBusy)
      screen.restore()
    }
  }
}

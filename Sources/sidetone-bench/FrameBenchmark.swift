import CLinux
import Console
import Glibc
import Screen
import Terminal
import Threads
import Timeline

/// One frame at 120×40 of a session in full swing: drawing into cells, comparing, and ncurses on a pseudo-terminal.
/// The peer draws every cell anew each time.
enum FrameBenchmark {
  static func run(_ settings: BenchmarkSettings) throws -> [Figure] {
    let terminal = try DrainedTerminal(columns: 120, rows: 40)
    let screen = try TerminalScreen(
      TerminalScreen.Options(
        input: terminal.descriptor, output: terminal.descriptor,
        environment: TerminalEnvironment(term: "xterm-256color", locale: "C.UTF-8"), capturesStderr: false),
      waker: Waker())
    defer {
      screen.restore()
      terminal.close()
    }
    var (views, differences, redraws): ([Double], [Double], [Double]) = ([], [], [])
    for _ in 0..<settings.count(7, quick: 3) {
      let ours = draw(on: screen, invalidating: false)
      let naive = draw(on: screen, invalidating: true)
      views.append(ours.view)
      differences.append(ours.view + ours.present)
      redraws.append(naive.view + naive.present)
    }
    return [
      Figure("view: the model into cells", "µs", views),
      Figure("frame: view, difference, ncurses", "µs", differences, .peer("full redraw", redraws.percentile(50))),
      Figure("  30 frames a second, of a core", "%", differences.map { $0 * 30 / 1e6 * 100 }),
    ]
  }

  /// Microseconds a frame, over the frames of a turn, one each 33 ms.
  private static func draw(on screen: TerminalScreen, invalidating: Bool) -> (view: Double, present: Double) {
    var session = SyntheticSession()
    var console = Console(ConsoleOptions())
    _ = console.update(.entries(session.opening()))
    for _ in 0..<3 { _ = console.update(.entries(session.nextTurn())) }
    let entries = session.nextTurn()
    var (next, frames, view, present) = (0, 0, 0.0, 0.0)
    var due = entries[0].at
    var policy = WakePolicy(frame: .nanoseconds(33_333_333))
    while next < entries.count {
      due += .nanoseconds(33_333_333)
      let end = entries[next...].firstIndex { $0.at > due } ?? entries.count
      _ = console.update(.entries(Array(entries[next..<end])))
      next = end
      if invalidating { screen.invalidate() }
      var surface = Surface(screen.size)
      let extent = policy.extent(console.demand, at: due)
      policy.handle(.drawn(extent), at: due)
      view += milliseconds { surface = invalidating ? console.view(screen.size) : console.frame(screen.size, extent) }
      present += milliseconds { screen.present(surface, theme: .builtin) }
      if invalidating { console.markDrawn() }
      frames += 1
    }
    return (view * 1000 / Double(frames), present * 1000 / Double(frames))
  }
}

/// A pseudo-terminal whose other end reads as fast as it can and forgets.
struct DrainedTerminal {
  /// What a program draws on.
  let descriptor: Int32

  init(columns: UInt16, rows: UInt16) throws {
    var (near, far): (Int32, Int32) = (-1, -1)
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    guard openpty(&near, &far, nil, nil, &size) == 0 else { throw BenchmarkFailure("no pseudo-terminal") }
    descriptor = far
    let master = near
    // Not joined: it ends when the last descriptor of the far end is closed, and the screen keeps one of its own.
    _ = NamedThread("terminal") {
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while read(master, &buffer, buffer.count) > 0 {}
      Glibc.close(master)
    }
  }

  func close() { Glibc.close(descriptor) }
}

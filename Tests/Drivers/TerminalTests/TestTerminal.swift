import CLinux
import Glibc
import Screen
import Testing
import Threads

@testable import Terminal

// Tests of Terminal, on pseudo-terminals: the test is the terminal, the driver does not know the difference.
//
//   test ──► master ══ pty ══ slave ──► TerminalScreen

/// All suites that open a screen: ncurses has global state, so they run one after the other.
@Suite(.serialized) enum TerminalTests {}

/// A pseudo-terminal whose far end is the test.
final class TestTerminal {
  private(set) var master: Int32
  let slave: Int32
  let waker = Waker()
  private(set) var bytes: [UInt8] = []

  init(width: Int = 40, height: Int = 10) throws {
    var (m, s): (Int32, Int32) = (-1, -1)
    try #require(openpty(&m, &s, nil, nil, nil) == 0)
    (master, slave) = (m, s)
    _ = fcntl(master, F_SETFL, O_NONBLOCK)
    resize(width: width, height: height)
  }

  deinit {
    hangUp()
    close(slave)
  }

  /// The other end goes: a window that is closed, a connection that is cut.
  func hangUp() {
    if master >= 0 { close(master) }
    master = -1
  }

  func resize(width: Int, height: Int) {
    var size = winsize()
    size.ws_col = UInt16(width)
    size.ws_row = UInt16(height)
    _ = ioctl(slave, UInt(TIOCSWINSZ), &size)
  }

  func open(
    _ term: String = "xterm-256color", noColor: Bool = false, locale: String = "", glyphs: GlyphSet? = nil,
    depth: ColorDepth? = nil, colorTerm: String = "", usesMouse: Bool = true, asksForPace: Bool = false
  ) throws(TerminalError) -> TerminalScreen {
    try TerminalScreen(
      .init(
        input: slave, output: slave,
        environment: .init(term: term, noColor: noColor, locale: locale, colorTerm: colorTerm),
        glyphs: glyphs, depth: depth, usesMouse: usesMouse, capturesStderr: false, asksForPace: asksForPace),
      waker: waker)
  }

  func type(_ text: String) {
    var rest = Array(text.utf8)
    while !rest.isEmpty {
      let count = write(master, rest, rest.count)
      if count > 0 { rest.removeFirst(count) }
    }
  }

  /// Reads what the driver has sent so far.
  @discardableResult
  func drain() -> String {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(master, &buffer, buffer.count)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  func forget() {
    drain()
    bytes = []
  }

  /// Reads events until there are as many as wanted, or ten seconds are over.
  func events(_ screen: TerminalScreen, atLeast count: Int) -> [InputEvent] {
    var events = screen.readEvents()
    let deadline = monotonicNanoseconds() + 10_000_000_000
    while events.count < count, monotonicNanoseconds() < deadline {
      var request = pollfd(fd: screen.pollFileDescriptor, events: Int16(POLLIN), revents: 0)
      _ = poll(&request, 1, 50)
      events += screen.readEvents()
    }
    return events
  }
}

/// A surface of one line of text.
func line(_ text: String, width: Int = 40, height: Int = 10, _ style: Style = .plain) -> Surface {
  var surface = Surface(Size(width: width, height: height))
  surface.put(text, x: 0, y: 0, style)
  return surface
}

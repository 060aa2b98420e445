import Glibc
import Screen
import Testing
import Threads

@testable import Terminal

extension TerminalTests {
  /// How frames reach the terminal.
  @Suite struct FrameOutputTests {
    /// A screen full of text that differs in every cell from that of another seed.
    private func page(_ seed: Int, _ size: Size) -> Surface {
      var surface = Surface(size)
      for y in 0..<size.height {
        for x in 0..<size.width {
          let letter = Unicode.Scalar(UInt8(0x21 + (x * 7 + y * 3 + seed) % 90))
          surface.put(String(letter), x: x, y: y, Style((x + y + seed) % 2 == 0 ? .user : .agent))
        }
      }
      return surface
    }

    @Test func aFrameIsOneWrite() throws {
      let terminal = try TestTerminal()
      let screen = try terminal.open()
      screen.present(line("first", .plain), theme: .builtin)
      terminal.forget()
      // Changes all over the screen, each with a move of the cursor.
      var surface = line("second", .plain)
      for y in 1..<9 { surface.put("at \(y)", x: 4 * y, y: y, Style(y % 2 == 0 ? .user : .agent)) }
      screen.present(surface, theme: .builtin)
      // A write to a pseudo-terminal is handed over in one piece, and a read returns one piece at most.
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let count = read(terminal.master, &buffer, buffer.count)
      let first = String(decoding: buffer[..<max(0, count)], as: UTF8.self)
      for y in 1..<9 { #expect(first.contains("at \(y)")) }
      #expect(!screen.isBusy)
      screen.restore()
    }

    @Test func aTerminalThatDoesNotReadHoldsNobodyUp() throws {
      let terminal = try TestTerminal(width: 200, height: 60)
      let screen = try terminal.open()
      var seed = 0
      while !screen.isBusy, seed < 100 {
        seed += 1
        screen.present(page(seed, screen.size), theme: .builtin)
      }
      #expect(screen.isBusy, "\(seed) full screens, and nobody reads")
      // Keys are heard all the same.
      terminal.type("x")
      #expect(terminal.events(screen, atLeast: 1).contains(.key(.char("x"))))
      // What it did not take comes when it reads, in order and whole: the last page is what a terminal would show.
      let deadline = monotonicNanoseconds() + 30_000_000_000
      while screen.isBusy, monotonicNanoseconds() < deadline {
        terminal.drain()
        _ = screen.readEvents()
      }
      #expect(!screen.isBusy)
      let last = page(seed, screen.size)
      let row = String(String.UnicodeScalarView((0..<3).map { Unicode.Scalar(last[$0, 59].scalar)! }))
      let text = terminal.drain().replacing(/\u{1B}(\[[0-9;?]*[a-zA-Z]|\([A-Z0-9])/, with: "")
      #expect(text.contains(row), "its last row")
      screen.restore()
    }

    @Test func aTerminalThatHangsUpLeavesNothingToWaitFor() throws {
      let terminal = try TestTerminal(width: 200, height: 60)
      let screen = try terminal.open()
      var seed = 0
      while !screen.isBusy, seed < 100 {
        seed += 1
        screen.present(page(seed, screen.size), theme: .builtin)
      }
      #expect(screen.isBusy)
      terminal.hangUp()
      screen.present(page(seed, screen.size), theme: .builtin)
      // Neither now nor when it is given back.
      screen.restore()
      #expect(!screen.isBusy)
    }

    @Test func whatWaitsIsSentBeforeTheTerminalIsGivenBack() throws {
      let terminal = try TestTerminal()
      let screen = try terminal.open()
      screen.present(line("goodbye", .plain), theme: .builtin)
      screen.restore()
      let parts = terminal.drain().split(separator: "goodbye", omittingEmptySubsequences: false)
      #expect(parts.count == 2)
      #expect(parts.last?.contains("\u{1B}[?1049l") == true, "leaving the screen comes last")
      // ncurses' descriptor is the terminal's again: what is written there is seen.
      terminal.forget()
      screen.frames.write(Array("after".utf8))
      #expect(terminal.drain().contains("after"))
    }
  }
}

import Foundation
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

    /// A connection that hangs, or Ctrl-S: the terminal takes nothing, now and for ever. It is given back all the same, with
    /// what matters sent as soon as it reads again.
    @Test(arguments: [false, true]) func aTerminalThatTakesNothingIsGivenBackAllTheSame(isSuspended: Bool) throws {
      let terminal = try TestTerminal(width: 200, height: 60)
      var before = termios()
      tcgetattr(terminal.slave, &before)
      let screen = try terminal.open()
      var seed = 0
      while !screen.isBusy, seed < 100 {
        seed += 1
        screen.present(page(seed, screen.size), theme: .builtin)
      }
      #expect(screen.isBusy, "\(seed) full screens, and nobody reads")
      var during = termios()
      if isSuspended {
        // Ctrl-Z, and the shell has its terminal; back again, and it is drawn on as before.
        var hasStopped = false
        screen.suspend {
          hasStopped = true
          tcgetattr(terminal.slave, &during)
        }
        #expect(hasStopped && during.c_lflag & tcflag_t(ICANON) != 0)
        #expect(screen.present(page(seed, screen.size), theme: .builtin).changedCells == 12_000)
      }
      screen.restore()
      var after = termios()
      tcgetattr(terminal.slave, &after)
      #expect(after.c_lflag == before.c_lflag && after.c_iflag == before.c_iflag)
      let sent = terminal.drain()
      for sequence in ["[?1049l", "[?25h", "[?1002l", "[?2004l"] {
        #expect(sent.contains("\u{1B}" + sequence), "\(sequence)")
      }
    }

    /// Where there is no other screen to go back to, what was drawn stays: the shell's line must not begin on it.
    @Test(arguments: ["vt100", "linux", "xterm-256color", "screen"]) func theLineOfTheShellIsCleared(term: String)
      throws
    {
      let terminal = try TestTerminal()
      let screen = try terminal.open(term)
      screen.present(line("x"), theme: .builtin)
      terminal.forget()
      screen.restore()
      let sent = terminal.drain()
      let clears = try #require(sent.range(of: "\u{1B}[K", options: .backwards), "\(sent.debugDescription)")
      // Nothing but what the terminal is asked for at last may come after it.
      #expect(sent[clears.upperBound...].isEmpty, "\(sent.debugDescription)")
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

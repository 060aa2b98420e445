import CNcurses
import Glibc
import Screen
import Testing

@testable import Terminal

func cursesWindow() -> UnsafeMutablePointer<WINDOW>? { cnc_stdscr() }

/// What ncurses believes to be on the terminal at (x, y).
private func cell(_ x: Int, _ y: Int) -> (text: [Int32], foreground: Int32, background: Int32, attributes: attr_t) {
  var cell = cchar_t()
  mvwin_wch(cnc_curscr(), Int32(y), Int32(x), &cell)
  var (foreground, background): (Int32, Int32) = (0, 0)
  extended_pair_content(cell.ext_color, &foreground, &background)
  let text = [cell.chars.0, cell.chars.1, cell.chars.2].prefix { $0 != 0 }
  return (Array(text), foreground, background, cell.attr)
}

extension TerminalTests {
  @Suite struct Drawing {
    @Test func cellsArriveWithCharactersColoursAndAttributes() throws {
      let pty = try TestTerminal()
      let screen = try pty.open()
      defer { screen.restore() }
      var surface = line("a時e\u{301}", Style(.user, [.underline]))
      surface.put("⣿", x: 39, y: 9, Style(.meter, level: 255))
      screen.present(surface, theme: .builtin)
      let user = Theme.builtin.resolve(Style(.user), depth: .indexed)
      #expect(cell(0, 0).text == [0x61] && cell(1, 0).text == [0x6642] && cell(3, 0).text == [0x65, 0x301])
      #expect(cell(0, 0).foreground == user.foreground && cell(0, 0).background == user.background)
      #expect(cell(0, 0).attributes & CNC_UNDERLINE != 0 && cell(5, 0).attributes & CNC_UNDERLINE == 0)
      #expect(cell(39, 9).text == [0x28FF])
      #expect(cell(39, 9).foreground == Theme.builtin.resolve(Style(.meter, level: 255), depth: .indexed).foreground)
      let sent = pty.drain()
      #expect(sent.contains("a時e\u{301}") && sent.contains("⣿"))
    }

    @Test func onlyChangesAreSent() throws {
      let pty = try TestTerminal()
      let screen = try pty.open()
      defer { screen.restore() }
      #expect(screen.present(line("hello world"), theme: .builtin).changedCells == 400)
      pty.forget()
      let same = screen.present(line("hello world"), theme: .builtin)
      #expect(same.changedCells == 0 && same.runs == 0)
      #expect(pty.drain() == "")
      let changed = screen.present(line("hellO worlds"), theme: .builtin)
      #expect(changed.changedCells == 2 && changed.runs == 2)
      let sent = pty.drain()
      #expect(sent.contains("O") && sent.contains("s") && !sent.contains("hell"))
      #expect(screen.present(line("hellO worlds"), theme: .mono).changedCells == 400)
    }

    @Test func hostileTextStaysText() throws {
      let pty = try TestTerminal()
      let screen = try pty.open()
      defer { screen.restore() }
      var surface = line("x\u{1B}]0;title\u{7}\u{9B}31m\u{85}y")
      // A view that goes round `put` gets no control character through either.
      surface[30, 0] = Cell(scalar: 0x1B)
      surface[31, 0] = Cell(scalar: 0x9B)
      surface[32, 0] = Cell(scalar: 0x41, mark1: 0x1B, mark2: 0x42)
      surface[33, 0] = Cell(scalar: 0xD800)
      pty.forget()
      screen.present(surface, theme: .builtin)
      let sent = pty.drain()
      #expect(sent.contains("x␛]0;title␇\u{FFFD}31m\u{FFFD}y"))
      #expect(!sent.contains("\u{1B}]") && !sent.contains("\u{7}") && !sent.unicodeScalars.contains("\u{9B}"))
      #expect(cell(30, 0).text == [0x3F] && cell(31, 0).text == [0x3F] && cell(32, 0).text == [0x41])
    }

    @Test func widthsAgreeWithTheCLibrary() throws {
      let pty = try TestTerminal()
      let screen = try pty.open()
      defer { screen.restore() }
      var differing: [String] = []
      for value in UInt32(0x20)...0x3FFFF {
        guard let scalar = Unicode.Scalar(value), CharacterWidth.visible(scalar) == scalar else { continue }
        let ours = CharacterWidth.columns(of: scalar)
        let theirs = Int(wcwidth(Int32(value)))
        // 0 of ours for what is left out, −1 of theirs for characters newer than the C library: drawn as U+FFFD.
        guard ours != 0, theirs != -1, ours != theirs else { continue }
        differing.append("U+\(String(value, radix: 16)) \(ours) not \(theirs)")
      }
      #expect(differing.isEmpty, "\(differing.count): \(differing.prefix(20))")
    }

    @Test func otherSizesAreClippedOrFilled() throws {
      let pty = try TestTerminal(width: 5, height: 2)
      let screen = try pty.open()
      defer { screen.restore() }
      screen.present(line("abcd時x", width: 9, height: 4), theme: .builtin)
      #expect(cell(3, 0).text == [0x64] && cell(4, 0).text == [0x20])
      pty.resize(width: 12, height: 3)
      screen.present(line("abcd", width: 4, height: 1), theme: .builtin)
      #expect(screen.size == Size(width: 12, height: 3))
      #expect(cell(3, 0).text == [0x64] && cell(11, 2).text == [0x20])
    }

    @Test func everyTinySizeWorks() throws {
      let pty = try TestTerminal()
      let screen = try pty.open()
      defer { screen.restore() }
      for (width, height) in [(1, 1), (1, 5), (5, 1), (2, 2), (300, 90), (3, 1)] {
        pty.resize(width: width, height: height)
        var surface = Surface(Size(width: width, height: height))
        surface.box(surface.bounds, Box("時", hotkey: 1))
        #expect(screen.present(surface, theme: .builtin).changedCells == width * height)
        #expect(screen.present(surface, theme: .builtin).changedCells == 0)
        pty.forget()
      }
    }

    @Test func replacingHalfOfAWideCharacterLeavesNoRubbish() throws {
      let pty = try TestTerminal()
      let screen = try pty.open()
      defer { screen.restore() }
      screen.present(line("時間時間"), theme: .builtin)
      var next = line("時間時間")
      next.put("ab", x: 1, y: 0)
      screen.present(next, theme: .builtin)
      #expect((0..<8).map { cell($0, 0).text.first } == [0x20, 0x61, 0x62, 0x20, 0x6642, 0x6642, 0x9593, 0x9593])
    }

    @Test func glyphSetsReplaceWhatTheyLack() throws {
      let pty = try TestTerminal()
      let ascii = try pty.open(locale: "C")
      #expect(!ascii.abilities.utf8 && ascii.glyphs == .ascii)
      ascii.present(line("╭─⣿ é時x…"), theme: .builtin)
      #expect((0..<9).map { cell($0, 0).text.first } == [0x2B, 0x2D, 0x2A, 0x20, 0x3F, 0x3F, 0x20, 0x78, 0x7E])
      ascii.restore()
      let blocks = try pty.open("linux", glyphs: .blocks)
      defer { blocks.restore() }
      blocks.present(line("╭⣿█é"), theme: .builtin)
      #expect((0..<4).map { cell($0, 0).text.first } == [0x250C, 0x2592, 0x2588, 0xE9])
    }

    @Test func theCursorShowsWhereTextIsTyped() throws {
      let pty = try TestTerminal()
      let screen = try pty.open()
      defer { screen.restore() }
      screen.present(line(":"), theme: .builtin)
      pty.forget()
      screen.present(line(":"), theme: .builtin, cursor: (x: 4, y: 2))
      #expect(pty.drain().contains("\u{1B}[?25h"))
      #expect(getcurx(cnc_curscr()) == 4 && getcury(cnc_curscr()) == 2)
      pty.forget()
      screen.present(line(":"), theme: .builtin)
      #expect(pty.drain().contains("\u{1B}[?25l"))
    }
  }

  @Suite struct Diff {
    private func runs(_ old: String, _ new: String) -> [String] {
      var result: [String] = []
      let width = 20
      GridDiff.runs(from: line(old, width: width, height: 1), to: line(new, width: width, height: 1), row: 0) {
        result.append("\($0.lowerBound)..<\($0.upperBound) \($1)")
      }
      return result
    }

    @Test(arguments: [
      ("abc", "abc", []), ("abc", "abx", ["2..<3 1"]), ("abcdefgh", "xbcdefgy", ["0..<1 1", "7..<8 1"]),
      ("abcdefgh", "xbcdeygh", ["0..<6 2"]), ("時間", "時分", ["2..<4 1"]), ("時間", "a 間", ["0..<2 2"]),
      ("ab間", "時間", ["0..<2 2"]),
    ])
    func stretches(_ old: String, _ new: String, _ expected: [String]) { #expect(runs(old, new) == expected) }

    @Test func anotherSizeIsAllNew() {
      var result: [Range<Int>] = []
      GridDiff.runs(from: line("a", width: 3, height: 1), to: line("a", width: 4, height: 1), row: 0) { run, _ in
        result.append(run)
      }
      #expect(result == [0..<4])
    }
  }
}

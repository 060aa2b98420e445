import Glibc
import Screen
import Testing

@testable import Terminal

extension TerminalTests {
  @Suite struct Input {
    @Test(arguments: [
      ("a", Key.char("a")), ("Q", .char("Q")), ("é", .char("é")), ("時", .char("時")), ("😀", .char("😀")),
      ("\u{1B}", Key(.escape)), ("\r", Key(.enter)), ("\t", Key(.tab)), ("\u{7F}", Key(.backspace)),
      ("\u{8}", Key(.backspace)), ("\u{3}", .control("c")), ("\u{1A}", .control("z")), ("\u{0}", .control(" ")),
      ("\u{1C}", .control("\\")), ("\u{1B}x", Key(.character("x"), .alt)), ("\u{1B}\r", Key(.enter, .alt)),
      ("\u{1B}[A", Key(.up)), ("\u{1B}OA", Key(.up)), ("\u{1B}[1;5D", Key(.left, .control)),
      ("\u{1B}[1;2C", Key(.right, .shift)), ("\u{1B}[1;3B", Key(.down, .alt)),
      ("\u{1B}[1;8A", Key(.up, [.shift, .alt, .control])), ("\u{1B}[H", Key(.home)), ("\u{1B}[4~", Key(.end)),
      ("\u{1B}[5~", Key(.pageUp)), ("\u{1B}[6;5~", Key(.pageDown, .control)), ("\u{1B}[3~", Key(.delete)),
      ("\u{1B}[2~", Key(.insert)), ("\u{1B}OP", Key(.function(1))), ("\u{1B}[[B", Key(.function(2))),
      ("\u{1B}[15~", Key(.function(5))), ("\u{1B}[24;2~", Key(.function(12), .shift)), ("\u{1B}[Z", Key(.backTab)),
      ("\u{1B}[", Key(.character("["), .alt)), ("\u{1B}P", Key(.character("P"), .alt)),
    ])
    func keys(_ bytes: String, _ key: Key) throws {
      for term in ["xterm-256color", "tmux-256color", "screen", "linux"] {
        let pty = try TestTerminal()
        let screen = try pty.open(term)
        defer { screen.restore() }
        pty.type(bytes)
        #expect(pty.events(screen, atLeast: 1) == [.key(key)], "\(term)")
      }
    }

    @Test func keysInOneBurstComeInOrder() throws {
      let pty = try TestTerminal()
      let screen = try pty.open()
      defer { screen.restore() }
      pty.type("ab\u{1B}[Cé\u{1B}[1;5Az")
      #expect(
        pty.events(screen, atLeast: 6)
          == [.char("a"), .char("b"), Key(.right), .char("é"), Key(.up, .control), .char("z")].map(InputEvent.key))
    }

    @Test(arguments: ["\u{1B}[99;5u", "\u{1B}[?62;4c", "\u{1B}]11;rgb:1010/1414/1a1a\u{7}", "\u{1B}P1$r0m\u{1B}\\"])
    func unknownSequencesAreNotTakenForKeys(_ sequence: String) throws {
      let pty = try TestTerminal()
      let screen = try pty.open()
      defer { screen.restore() }
      pty.type(sequence + "x")
      #expect(pty.events(screen, atLeast: 1) == [.key(.char("x"))])
    }

    @Test func pasteIsOneEventWithEverythingInIt() throws {
      let pty = try TestTerminal()
      let screen = try pty.open()
      defer { screen.restore() }
      pty.type("\u{1B}[200~one\rzwei\tq\u{3}\u{1B}[201~k")
      #expect(
        pty.events(screen, atLeast: 2) == [.paste("one\nzwei\tq\u{3}"), .key(.char("k"))])
    }

    @Test func pasteMayComeInPieces() throws {
      let pty = try TestTerminal()
      let screen = try pty.open()
      defer { screen.restore() }
      pty.type("\u{1B}[200~first ")
      #expect(screen.readEvents() == [])
      pty.type("second")
      #expect(screen.readEvents() == [])
      pty.type("\u{1B}[201~")
      #expect(pty.events(screen, atLeast: 1) == [.paste("first second")])
    }

    @Test func pasteIsBoundedAndEndsWithoutItsEnd() throws {
      let pty = try TestTerminal()
      let screen = try pty.open()
      defer { screen.restore() }
      var decoder = KeyDecoder()
      var events: [InputEvent] = []
      pty.type("\u{1B}[200~abc")
      decoder.read(from: cursesWindow(), at: 0, into: &events)
      #expect(events == [])
      pty.type("k")
      decoder.read(from: cursesWindow(), at: KeyDecoder.pastePatience + 1, into: &events)
      #expect(events == [.paste("abc"), .key(.char("k"))])
    }

    @Test(arguments: [
      ("\u{1B}[<0;1;1M", Mouse(.press, x: 0, y: 0)), ("\u{1B}[<0;310;20m", Mouse(.release, x: 309, y: 19)),
      ("\u{1B}[<32;5;6M", Mouse(.drag, x: 4, y: 5)), ("\u{1B}[<64;5;6M", Mouse(.wheelUp, x: 4, y: 5)),
      ("\u{1B}[<65;5;6M", Mouse(.wheelDown, x: 4, y: 5)), ("\u{1B}[<16;5;6M", Mouse(.press, x: 4, y: 5)),
    ])
    func mouse(_ bytes: String, _ mouse: Mouse) throws {
      for term in ["xterm-256color", "tmux-256color"] {
        let pty = try TestTerminal()
        let screen = try pty.open(term)
        defer { screen.restore() }
        pty.type(bytes + "x")
        #expect(pty.events(screen, atLeast: 2) == [.mouse(mouse), .key(.char("x"))], "\(term)")
      }
    }

    @Test func theOtherButtonsAreTheTerminalsOwn() throws {
      let pty = try TestTerminal()
      let screen = try pty.open()
      defer { screen.restore() }
      pty.type("\u{1B}[<1;5;6M\u{1B}[<1;5;6m\u{1B}[<2;5;6M\u{1B}[<34;6;6M\u{1B}[<2;6;6mx")
      #expect(pty.events(screen, atLeast: 1) == [.key(.char("x"))])
    }

    @Test func pressAndReleaseInOneReadStayTwoEvents() throws {
      let pty = try TestTerminal()
      let screen = try pty.open()
      defer { screen.restore() }
      pty.type("\u{1B}[<0;3;4M\u{1B}[<0;3;4m")
      #expect(
        pty.events(screen, atLeast: 2) == [.mouse(Mouse(.press, x: 2, y: 3)), .mouse(Mouse(.release, x: 2, y: 3))])
    }

    @Test func focusAndResize() throws {
      let pty = try TestTerminal()
      let screen = try pty.open()
      defer { screen.restore() }
      #expect(screen.size == Size(width: 40, height: 10))
      pty.type("\u{1B}[I\u{1B}[O")
      #expect(pty.events(screen, atLeast: 2) == [.focused(true), .focused(false)])
      pty.resize(width: 61, height: 17)
      #expect(screen.readEvents() == [.resized(Size(width: 61, height: 17))])
      #expect(screen.readEvents() == [])
      pty.type("x")
      #expect(pty.events(screen, atLeast: 1) == [.key(.char("x"))])
    }
  }
}

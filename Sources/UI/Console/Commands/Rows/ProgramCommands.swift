import Screen
import Session

// The program itself.
extension Command {
  static let help = Command("help")
  static let nextContext = Command("next-context")
  static let command = Command("command")
  static let palette = Command("palette")
  static let theme = Command("theme")
  static let dismiss = Command("dismiss")
  static let back = Command("back")
  static let redraw = Command("redraw")
  static let suspend = Command("suspend")
  static let quit = Command("quit")
  static let status = Command("status")
}

extension CommandTable {
  static let programRows: [CommandSpec] = [
    CommandSpec(
      .help, .program,
      [.on("?", [.panes, .message, .disconnect, .themes, .help, .figures]), .on(.function(1), .all)], "help",
      "Show or hide this list; Enter runs the chosen row.",
      hinted: [.panes, .message, .disconnect, .themes, .help, .figures]
    ) { console, _ in
      console.prompt = nil
      console.toggleHelp()
      return []
    },
    CommandSpec(
      .nextContext, .program, [.on(.tab, [.help])], "place", "The keys of the next place: panes, messages, lines, all.",
      hinted: [.help]
    ) { console, _ throws(CommandFault) in
      try console.showNextPlace()
      return []
    },
    CommandSpec(
      .command, .program, [.on(":", [.panes, .message])], "command", "Run any command by its name."
    ) { console, _ in
      console.prompt = Prompt(.command)
      return []
    },
    CommandSpec(
      .palette, .program, [.on(.control("p"), [.panes, .message, .disconnect, .help])], "palette",
      "Find a command by some of its letters and run it."
    ) { console, _ in
      console.openPalette()
      return []
    },
    CommandSpec(
      .theme, .program, [.on("t", [.panes, .themes])], "theme",
      "Choose a theme: the cursor shows each at once, Enter keeps it, Esc brings the former back.",
      hinted: [.panes, .themes], argument: [Argument.theme.optional],
      offered: { $0.mode != .panes || $0.themes.count > 1 }
    ) { console, input in
      guard let name = input[0] else { return console.chooseTheme() }
      return [.setTheme(name)]
    },
    CommandSpec(
      .status, .program, [], "status",
      "List every figure of the shown source as it is now; docs/figures.md defines them.", hinted: []
    ) { console, _ in
      console.lay(.figures(FigureList()))
      return []
    },
    CommandSpec(
      .dismiss, .program, [.on("x", [.panes, .message])], "dismiss", "Put the error banner away.",
      offered: { $0.problem != nil }
    ) { console, _ throws(CommandFault) in
      try console.dismiss()
      return []
    },
    CommandSpec(
      .back, .program, [.on(.escape, [.panes, .message, .disconnect, .themes, .help, .editor, .figures])], "back",
      "Close what is open, else lift zoom, filter, search, mark and freeze, one at a time.",
      hinted: [.message, .disconnect, .themes, .help, .editor, .figures],
      offered: { $0.mode != .panes || $0.hasSomethingToLift }
    ) { console, _ in
      console.back()
      return []
    },
    CommandSpec(
      .redraw, .program, [.on(.control("l"), .all)], "redraw",
      "Draw the screen anew.", hinted: []
    ) { _, _ in [.redraw] },
    CommandSpec(
      .suspend, .program, [.on(.control("z"), .all)], "suspend",
      "Stop the program and give the terminal back; fg returns.", hinted: []
    ) { _, _ in [.suspend] },
    CommandSpec(
      .quit, .program,
      [.on("q", [.panes, .message, .disconnect, .themes, .help, .figures]), .on(.control("c"), .all)], "quit",
      "End the session and the program.", hinted: [.panes, .message, .disconnect, .themes, .help, .figures]
    ) { _, _ in [.quit] },
  ]
}

// What commands mean while something lies over the panes, or a line is typed. A command that is not here means there what
// its row says.
extension Console {
  /// By mode and command.
  static let modeDeeds: [Mode: [Command: CommandDeed]] = [
    .message: [.open: { console, _ throws(CommandFault) in try console.perform(.fold) }],
    .disconnect: [.open: { console, _ throws(CommandFault) in try console.performChosenWay() }],
    .themes: [
      .lineUp: { console, _ in console.moveOverThemes(by: -1) },
      .lineDown: { console, _ in console.moveOverThemes(by: 1) },
      .pageUp: { console, _ in console.moveOverThemes(by: -console.themePage) },
      .pageDown: { console, _ in console.moveOverThemes(by: console.themePage) },
      .top: { console, _ in console.moveOverThemes(by: .min) },
      .bottom: { console, _ in console.moveOverThemes(by: .max) },
      .theme: { console, input in
        guard let name = input[0] else { return console.tryNextTheme() }
        return [.setTheme(name)]
      },
      .open: { console, _ in console.keepTheme() },
      .back: { console, _ in console.restoreTheme() },
    ],
    .help: [.open: { console, _ throws(CommandFault) in try console.runChosenKey() }],
    .line: [
      .accept: { console, _ in console.acceptLine() },
      .cancel: { console, _ in
        console.prompt = nil
        return []
      },
      .complete: { console, _ in console.complete(1) },
      .previousChoice: { console, _ in console.complete(-1) },
      .older: { console, _ in console.walkHistory(1) },
      .newer: { console, _ in console.walkHistory(-1) },
      .cursorRight: { console, _ in console.moveRightOrTakeGhost() },
      .eraseToStart: { console, _ in console.eraseToStartOfLine() },
      .eraseBack: { console, _ in console.eraseBackOrLeave() },
    ],
    .palette: [
      .accept: { console, _ throws(CommandFault) in try console.acceptPalette() },
      .cancel: { console, _ in
        console.closeOverlay()
        return []
      },
      .complete: { console, _ in console.editChosen() },
    ],
    .form: [
      .accept: { console, _ throws(CommandFault) in try console.acceptForm() },
      .cancel: { console, _ in
        console.closeOverlay()
        return []
      },
    ],
    .editor: [
      .accept: { console, _ in
        console.editMessage { $0.area.newLine() }
        return []
      },
      .older: { console, _ throws(CommandFault) in try console.walkSent(1) },
      .newer: { console, _ throws(CommandFault) in try console.walkSent(-1) },
    ],
  ]

  /// What a hint says in a mode in place of its row's label.
  static let modeLabels: [Mode: [Command: String]] = [
    .themes: [.open: "keep", .back: "restore", .theme: "next"]
  ]
}

import Screen
import Session

// Which panes are shown, and how large.
extension Command {
  static let pane = Command("pane")
  static let nextPane = Command("next-pane")
  static let previousPane = Command("previous-pane")
  static let zoom = Command("zoom")
  static let preset = Command("preset")
  static let taller = Command("taller")
  static let shorter = Command("shorter")
  static let wider = Command("wider")
  static let narrower = Command("narrower")
  static let even = Command("even")
}

extension CommandTable {
  static func rows(of panes: PaneTable) -> [CommandSpec] {
    [
      CommandSpec(
        .pane, .panes, panes.panes.map { .on(Character("\($0.digit)"), [.panes], "\($0.digit)") }, "panes",
        "Open or close a pane by its number.", argument: [.pane]
      ) { console, input throws(CommandFault) in
        try console.toggle(console.pane(named: input.text))
        return []
      },
      CommandSpec(
        .nextPane, .panes, [.on(.tab, [.panes])], "focus", "Focus the next pane."
      ) { console, _ in
        console.moveFocus(1)
        return []
      },
      CommandSpec(
        .previousPane, .panes, [.on(.backTab, [.panes])], "focus", "Focus the previous pane.", hinted: []
      ) { console, _ in
        console.moveFocus(-1)
        return []
      },
      CommandSpec(
        .zoom, .panes, [.on("z")], "zoom", "Give the focused pane the whole screen, or give it back.",
        labelled: { $0.isZoomed ? "unzoom" : nil }
      ) { console, _ in
        console.isZoomed.toggle()
        return []
      },
      CommandSpec(
        .preset, .panes, [.on("p")], "preset",
        "Next set of panes: all, talk (1 2 4), wire (3 5 6), check (3 5 7), and those of the configuration.",
        hinted: [],
        argument: [Argument.preset.optional]
      ) { console, input throws(CommandFault) in
        try console.choosePreset(input.text)
        return []
      },
      CommandSpec(
        .taller, .panes, [.on("+")], "taller", "Give the focused pane a row more; dragging its frame does it, too.",
        hinted: [], argument: [rows]
      ) { console, input throws(CommandFault) in
        try console.resize(isUpright: false, by: input.number(0) ?? 1)
        return []
      },
      CommandSpec(
        .shorter, .panes, [.on("-")], "shorter", "Take a row from the focused pane.", hinted: [], argument: [rows]
      ) { console, input throws(CommandFault) in
        try console.resize(isUpright: false, by: -(input.number(0) ?? 1))
        return []
      },
      CommandSpec(
        .wider, .panes, [.on(">")], "wider", "Give the focused pane two columns more.", hinted: [],
        argument: [columns]
      ) { console, input throws(CommandFault) in
        try console.resize(isUpright: true, by: input.number(0) ?? 2)
        return []
      },
      CommandSpec(
        .narrower, .panes, [.on("<")], "narrower", "Take two columns from the focused pane.", hinted: [],
        argument: [columns]
      ) { console, input throws(CommandFault) in
        try console.resize(isUpright: true, by: -(input.number(0) ?? 2))
        return []
      },
      CommandSpec(
        .even, .panes, [.on("=")], "even", "Give all panes their usual sizes.", hinted: []
      ) { console, _ in
        console.paneSizes = PaneSizes()
        console.tell("panes have their usual sizes")
        return []
      },
    ]
  }

  private static let rows = Argument.number("ROWS", 1...500, "rows").optional
  private static let columns = Argument.number("COLUMNS", 1...500, "columns").optional
}

import Screen
import Session

// Reading: the protocol log, an opened message, the transcript.
extension Command {
  static let filter = Command("filter")
  static let search = Command("search")
  static let searchNext = Command("search-next")
  static let searchPrevious = Command("search-previous")
  static let countFrom = Command("count-from")
  static let follow = Command("follow")
  static let open = Command("open")
  static let turn = Command("turn")
  static let source = Command("source")
  static let previous = Command("previous")
  static let next = Command("next")
  static let copy = Command("copy")
  static let write = Command("write")
  static let hex = Command("hex")
  static let listen = Command("listen")
  static let fold = Command("fold")
  static let foldAll = Command("fold-all")
  static let unfoldAll = Command("unfold-all")
  static let find = Command("find")
  static let lineUp = Command("up")
  static let lineDown = Command("down")
  static let pageUp = Command("page-up")
  static let pageDown = Command("page-down")
  static let top = Command("top")
  static let bottom = Command("bottom")
}

extension CommandTable {
  static let readingRows: [CommandSpec] = [
    CommandSpec(
      .filter, .reading, [.on("/")], "filter",
      "Show only log rows that pass a filter such as dir:in size>4k !audio; see docs/filter.md; empty shows all.",
      argument: [Argument.filter.optional]
    ) { console, input throws(CommandFault) in
      try console.askForFilter(input)
      return []
    },
    CommandSpec(
      .search, .reading, [.on("F")], "search",
      "Go to log rows that pass a filter, or to these words in the transcript, and hide nothing.",
      hinted: [], argument: [Argument.filter.optional]
    ) { console, input throws(CommandFault) in
      try console.search(input)
      return []
    },
    CommandSpec(
      .searchNext, .reading, [.on("n")], "next hit",
      "To the next row that was searched for, or the next time of a finding.", hinted: []
    ) { console, _ throws(CommandFault) in
      try console.searchOn(1)
      return []
    },
    CommandSpec(
      .searchPrevious, .reading, [.on("N")], "previous hit", "To the row or the time before.", hinted: []
    ) { console, _ throws(CommandFault) in
      try console.searchOn(-1)
      return []
    },
    CommandSpec(
      .countFrom, .reading, [.on("M")], "count", "Count deltas from the row under the log's cursor; again to lift.",
      hinted: []
    ) { console, _ throws(CommandFault) in
      try console.toggleMark()
      return []
    },
    CommandSpec(
      .follow, .reading, [.on("f")], "freeze",
      "Freeze the log, or follow it again; from the past return to the session.",
      labelled: { $0.isInPast ? "live" : $0.log.isFrozen ? "follow" : nil }
    ) { console, _ in
      if console.isInPast { return console.goLive() }
      console.toggleFollow()
      return []
    },
    CommandSpec(
      .open, .reading, [.on(.enter, [.panes, .message, .disconnect, .themes, .help])], "open",
      "Open the message under the log's cursor, fold or unfold in it; go to a turn's messages or a finding's evidence.",
      hinted: [.panes, .themes],
      offered: { $0.mode != .panes }
    ) { console, _ throws(CommandFault) in
      try console.openNothing()
      return []
    },
    CommandSpec(
      .turn, .reading, [.on("T", [.panes, .message])], "turn",
      "To the turn of the message under the cursor, where its time went; or to the turn of a number.", hinted: [],
      argument: [Argument.number("NUMBER", 1...999_999, "turns").optional]
    ) { console, input throws(CommandFault) in
      try console.goToTurn(input.number(0))
      return []
    },
    CommandSpec(
      .source, .reading, [], "source",
      "Show another source of the timeline in the panes: the next one, or the one of a name.", hinted: [],
      argument: [Argument.source.optional]
    ) { console, input throws(CommandFault) in
      try console.showSource(input.text)
      return []
    },
    CommandSpec(
      .previous, .reading, [.on(.left, [.message])], "previous", "The message before, within audio rows too.",
      hinted: [.message]
    ) { console, _ throws(CommandFault) in
      try console.stepMessage(-1)
      return []
    },
    CommandSpec(
      .next, .reading, [.on(.right, [.message])], "next", "The message after, within audio rows too.",
      hinted: [.message]
    ) { console, _ throws(CommandFault) in
      try console.stepMessage(1)
      return []
    },
    CommandSpec(
      .copy, .reading, [.on("y", [.panes, .message])], "copy",
      "Copy the message under the cursor; in the transcript the turn that was searched for, else all.",
      hinted: [.message]
    ) { console, _ throws(CommandFault) in try console.copyMessage() },
    CommandSpec(
      .write, .reading, [.on("w", [.message])], "write",
      "Write the message under the cursor to a file, byte for byte; :write! replaces one that is there.",
      hinted: [.message], argument: [Argument.path], canInsist: true,
      offered: { $0.currentMessage?.payload != nil }
    ) { console, input throws(CommandFault) in try console.writeMessage(input) },
    CommandSpec(
      .hex, .reading, [.on("h", [.message])], "hex", "Show an opened message as a hex dump, or as it is best read.",
      hinted: [.message],
      offered: { $0.currentMessage?.payload != nil }
    ) { console, _ throws(CommandFault) in
      try console.toggleHex()
      return []
    },
    CommandSpec(
      .listen, .reading, [.on("p", [.message])], "play",
      "Let the audio of an opened message be heard, and what follows it.",
      .hear, hinted: [.message],
      offered: { $0.currentMessage?.clip != nil }
    ) { console, _ throws(CommandFault) in try console.listen() },
    CommandSpec(
      .fold, .reading, [.on(" ", [.message])], "fold", "Fold or unfold the object or array under the cursor.",
      hinted: [.message],
      offered: { $0.currentMessage?.hasCursor == true }
    ) { console, _ throws(CommandFault) in
      try console.changeFolds { $0.toggleFold(in: $1) }
      return []
    },
    CommandSpec(
      .foldAll, .reading, [.on("-", [.message])], "fold all", "Fold everything but the outermost.", hinted: []
    ) { console, _ throws(CommandFault) in
      try console.changeFolds { $0.setFolded(true, in: $1) }
      return []
    },
    CommandSpec(
      .unfoldAll, .reading, [.on("+", [.message])], "unfold all", "Unfold everything.", hinted: []
    ) { console, _ throws(CommandFault) in
      try console.changeFolds { $0.setFolded(false, in: $1) }
      return []
    },
    CommandSpec(
      .find, .reading, [.on("/", [.help])], "find", "Show only keys and commands with these words.",
      hinted: [.help], argument: [.text("WORDS").optional]
    ) { console, input in
      console.askForKeys(input)
      return []
    },
    CommandSpec(
      .lineUp, .reading, [.on(.up, .mover.union(Set.lists)), .on("k", .mover)], "scroll", "One line up.",
      hinted: [.message, .help, .figures]
    ) { console, _ in
      console.scroll(by: -1)
      return []
    },
    CommandSpec(
      .lineDown, .reading, [.on(.down, .mover.union(Set.lists)), .on("j", .mover), .on(.tab, [.form])], "scroll",
      "One line down.", hinted: []
    ) { console, _ in
      console.scroll(by: 1)
      return []
    },
    CommandSpec(
      .pageUp, .reading, [.on(.pageUp, .reader.union(Set.lists))], "page", "One page up.", hinted: []
    ) { console, _ in
      console.scroll(by: -console.pageHeight)
      return []
    },
    CommandSpec(
      .pageDown, .reading, [.on(.pageDown, .reader.union(Set.lists))], "page", "One page down.", hinted: []
    ) { console, _ in
      console.scroll(by: console.pageHeight)
      return []
    },
    CommandSpec(
      .top, .reading, [.on("g", .reader), .on(.home, .reader.subtracting([.panes]))], "top", "To the beginning.",
      hinted: []
    ) { console, _ in
      console.scroll(by: .min)
      return []
    },
    CommandSpec(
      .bottom, .reading, [.on(.end, .reader), .on("G", .reader)], "end",
      "To the end, and follow; from the past return to the session.", hinted: []
    ) { console, _ in
      if console.isInPast, console.mode == .panes { return console.goLive() }
      console.scroll(by: .max)
      return []
    },
  ]
}

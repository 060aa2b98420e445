import Screen
import Session

/// The one table of commands. Keys, hints, the help overlay, completion and docs/keys.md are all made from it.
public enum CommandTable {
  /// In the order of the help; hints keep this order too.
  public static let all: [CommandSpec] = session + disconnecting + panes + reading + program + line + editor

  /// The command's row. Every command has one; a test holds that.
  public static func spec(_ command: Command) -> CommandSpec { byCommand[command]! }

  private static let byCommand = Dictionary(uniqueKeysWithValues: all.map { ($0.command, $0) })
  // MARK: - Rows

  private static let session: [CommandSpec] = [
    row(.interrupt, .session, [on("i")], "interrupt", "Stop the agent's answer now and empty the playout.", .drive),
    row(
      .say, .session, [on("s")], "say", "Speak typed words into the microphone path.", .speak,
      argument: [.text("WORDS")]),
    row(
      .play, .session, [on("P")], "play", "Speak a sound file in the microphone's place, or mixed with it.", .speak,
      hinted: [],
      argument: [
        .file("wav", "flac", "mp3", "ogg", "opus", "aiff"),
        .choice(.init("replace", "instead of the microphone"), .init("mix", "added to the microphone")).optional,
      ]),
    row(
      .hush, .session, [on("S")], "hush", "Stop speaking typed words and sound files, and drop what waits.", .speak,
      hinted: []),
    row(.mute, .session, [on("m")], "mute", "Mute or unmute the microphone.", .drive),
    row(
      .talk, .session, [on(" ")], "talk", "Open or close the line in push-to-talk mode (a toggle).", .drive),
    row(
      .gate, .session, [on("v")], "gate", "What is sent: speech only (gate), everything (open), push to talk (ptt).",
      .drive,
      argument: [
        .choice(.init("gate", "only speech"), .init("open", "everything"), .init("ptt", "push to talk")).optional
      ]),
    row(
      .config, .session, [on("c")], "config", "Edit the server's settings in a form, or send a JSON object of them.",
      .inject, argument: [Argument.json.optional]),
    row(
      .text, .session, [on("w")], "write", "Send a typed turn that skips speech recognition.", .inject, hinted: [],
      argument: [.text("WORDS")]),
    row(
      .send, .session, [], "send", "Send any text message as it is, valid or not.", .inject,
      hinted: [], argument: [Argument.message]),
    row(
      .sendBinary, .session, [], "send binary", "Send a binary message: hex:00FF, base64:AP8= or @FILE.",
      .inject, hinted: [], argument: [Argument.bytes]),
    row(
      .toolResult, .session, [], "tool result",
      "Answer the agent's oldest open tool call, or the one whose id comes first.",
      .inject, hinted: [], argument: [.text("RESULT")]),
    row(
      .edit, .session, [on("e", [.panes, .message])], "edit",
      "Write a message of many lines or of bytes; from an opened message, change it and send it again.", .inject,
      hinted: [.message], argument: [Argument.template.optional]),
    row(
      .reconnect, .session, [on("r")], "reconnect", "Connect again now, after giving up or while waiting.", .drive),
  ]

  private static let disconnecting: [CommandSpec] = [
    row(
      .disconnect, .disconnecting, [on("d")], "disconnect", "Choose a way to lose the connection on purpose.",
      .disturb),
    row(
      .close, .disconnecting, [on("c", [.disconnect])], "close",
      "Close handshake with a code, and a reason if you like.",
      .disturb, hinted: [.disconnect],
      // RFC 6455 section 7.4: these four are never sent.
      argument: [
        .number(
          "CODE", 1000...4999, except: [1004, 1005, 1006, 1015], "close codes", known: closeCodes, suggestion: "1000"),
        .text("REASON").optional,
      ]),
    row(
      .abort, .disconnecting, [on("a", [.disconnect])], "abort", "Reset the TCP connection, without a close frame.",
      .disturb, hinted: [.disconnect]),
    row(
      .stall, .disconnecting, [on("s", [.disconnect])], "stall",
      "Neither read nor write, connection open; again to lift.", .disturb, hinted: [.disconnect]),
    row(
      .refuse, .disconnecting, [on("r", [.disconnect])], "refuse",
      "Drop the connection; reconnects fail for some seconds.", .disturb,
      hinted: [.disconnect], argument: [.number("SECONDS", 1...3600, "seconds", suggestion: "10")]),
  ]

  /// Those that peers use (the IANA registry "WebSocket Close Code Number"), and where one's own begin.
  private static let closeCodes = [
    Argument.Choice("1000", "normal closure"), Argument.Choice("1001", "going away"),
    Argument.Choice("1002", "protocol error"), Argument.Choice("1003", "unsupported data"),
    Argument.Choice("1007", "invalid payload"), Argument.Choice("1008", "policy violation"),
    Argument.Choice("1009", "message too big"), Argument.Choice("1011", "internal error"),
    Argument.Choice("1012", "service restart"), Argument.Choice("1013", "try again later"),
    Argument.Choice("3000", "unauthorized"), Argument.Choice("4000", "the first of one's own"),
  ]

  private static let panes: [CommandSpec] = [
    row(
      .pane, .panes, (1...Pane.allCases.count).map { on(Character("\($0)"), [.panes], "\($0)") }, "panes",
      "Open or close a pane by its number.", [], argument: [.pane]),
    row(.nextPane, .panes, [on(.tab, [.panes])], "focus", "Focus the next pane.", []),
    row(.previousPane, .panes, [on(.backTab, [.panes])], "focus", "Focus the previous pane.", [], hinted: []),
    row(.zoom, .panes, [on("z")], "zoom", "Give the focused pane the whole screen, or give it back.", []),
    row(
      .preset, .panes, [on("p")], "preset",
      "Next set of panes: all, talk (1 2 4), wire (3 5 6), check (3 5 7), and those of the configuration.", [],
      hinted: [],
      argument: [Argument.preset.optional]),
    row(
      .taller, .panes, [on("+")], "taller", "Give the focused pane a row more; dragging its frame does it, too.", [],
      hinted: [], argument: [rows]),
    row(
      .shorter, .panes, [on("-")], "shorter", "Take a row from the focused pane.", [], hinted: [], argument: [rows]),
    row(
      .wider, .panes, [on(">")], "wider", "Give the focused pane two columns more.", [], hinted: [],
      argument: [columns]),
    row(
      .narrower, .panes, [on("<")], "narrower", "Take two columns from the focused pane.", [], hinted: [],
      argument: [columns]),
    row(.even, .panes, [on("=")], "even", "Give all panes their usual sizes.", [], hinted: []),
  ]

  private static let reading: [CommandSpec] = [
    row(
      .filter, .reading, [on("/")], "filter",
      "Show only log rows that pass a filter such as dir:in size>4k !audio; see docs/filter.md; empty shows all.", [],
      argument: [Argument.filter.optional]),
    row(
      .search, .reading, [on("F")], "search",
      "Go to log rows that pass a filter, or to these words in the transcript, and hide nothing.", [],
      hinted: [], argument: [Argument.filter.optional]),
    row(
      .searchNext, .reading, [on("n")], "next hit",
      "To the next row that was searched for, or the next time of a finding.", [], hinted: []),
    row(
      .searchPrevious, .reading, [on("N")], "previous hit", "To the row or the time before.", [], hinted: []),
    row(
      .mark, .reading, [on("M")], "mark", "Count deltas from the row under the log's cursor; again to lift.", [],
      hinted: []),
    row(.follow, .reading, [on("f")], "freeze", "Freeze the log, or follow it again.", []),
    row(
      .open, .reading, [on(.enter, [.panes, .message, .disconnect, .themes, .help])], "open",
      "Open the message under the log's cursor, fold or unfold in it; go to a turn's messages or a finding's evidence.",
      [], hinted: [.panes, .themes]),
    row(
      .turn, .reading, [on("T", [.panes, .message])], "turn",
      "To the turn of the message under the cursor, where its time went; or to the turn of a number.", [], hinted: [],
      argument: [Argument.number("NUMBER", 1...999_999, "turns").optional]),
    row(
      .source, .reading, [], "source",
      "Show another source of the timeline in the panes: the next one, or the one of a name.", [], hinted: [],
      argument: [Argument.source.optional]),
    row(
      .previous, .reading, [on(.left, [.message])], "previous", "The message before, within audio rows too.", [],
      hinted: [.message]),
    row(
      .next, .reading, [on(.right, [.message])], "next", "The message after, within audio rows too.", [],
      hinted: [.message]),
    row(
      .copy, .reading, [on("y", [.panes, .message])], "copy",
      "Copy the message under the cursor; in the transcript the turn that was searched for, else all.", [],
      hinted: [.message]),
    row(
      .write, .reading, [on("w", [.message])], "write",
      "Write the message under the cursor to a file, byte for byte; :write! replaces one that is there.", [],
      hinted: [.message], argument: [Argument.path]),
    row(
      .hex, .reading, [on("h", [.message])], "hex", "Show an opened message as a hex dump, or as it is best read.", [],
      hinted: [.message]),
    row(
      .listen, .reading, [on("p", [.message])], "play",
      "Let the audio of an opened message be heard, and what follows it.",
      .hear, hinted: [.message]),
    row(
      .fold, .reading, [on(" ", [.message])], "fold", "Fold or unfold the object or array under the cursor.", [],
      hinted: [.message]),
    row(.foldAll, .reading, [on("-", [.message])], "fold all", "Fold everything but the outermost.", [], hinted: []),
    row(.unfoldAll, .reading, [on("+", [.message])], "unfold all", "Unfold everything.", [], hinted: []),
    row(
      .find, .reading, [on("/", [.help])], "find", "Show only keys and commands with these words.", [],
      hinted: [.help], argument: [.text("WORDS").optional]),
    row(
      .lineUp, .reading, [on(.up, mover.union(lists)), on("k", mover)], "scroll", "One line up.", [],
      hinted: [.message, .help]),
    row(
      .lineDown, .reading, [on(.down, mover.union(lists)), on("j", mover), on(.tab, [.form])], "scroll",
      "One line down.", [], hinted: []),
    row(.pageUp, .reading, [on(.pageUp, reader.union(lists))], "page", "One page up.", [], hinted: []),
    row(.pageDown, .reading, [on(.pageDown, reader.union(lists))], "page", "One page down.", [], hinted: []),
    row(.top, .reading, [on(.home, reader), on("g", reader)], "top", "To the beginning.", [], hinted: []),
    row(.bottom, .reading, [on(.end, reader), on("G", reader)], "end", "To the end, and follow.", [], hinted: []),
  ]

  private static let program: [CommandSpec] = [
    row(
      .help, .program,
      [on("?", [.panes, .message, .disconnect, .themes, .help]), on(.function(1), Set(Mode.allCases))], "help",
      "Show or hide this list; Enter runs the chosen row.", [],
      hinted: [.panes, .message, .disconnect, .themes, .help]),
    row(
      .nextContext, .program, [on(.tab, [.help])], "place", "The keys of the next place: panes, messages, lines, all.",
      [], hinted: [.help]),
    row(.command, .program, [on(":", [.panes, .message])], "command", "Run any command by its name.", []),
    row(
      .palette, .program, [on(.control("p"), [.panes, .message, .disconnect, .help])], "palette",
      "Find a command by some of its letters and run it.", []),
    row(
      .theme, .program, [on("t", [.panes, .themes])], "theme",
      "Choose a theme: the cursor shows each at once, Enter keeps it, Esc brings the former back.", [],
      hinted: [.panes, .themes], argument: [Argument.theme.optional]),
    row(.dismiss, .program, [on("x", [.panes, .message])], "dismiss", "Put the error banner away.", []),
    row(
      .back, .program, [on(.escape, [.panes, .message, .disconnect, .themes, .help, .editor])], "back",
      "Close what is open, else lift zoom, filter, search, mark and freeze, one at a time.", [],
      hinted: [.message, .disconnect, .themes, .help, .editor]),
    row(
      .redraw, .program, [on(.control("l"), Set(Mode.allCases))], "redraw",
      "Draw the screen anew.", [], hinted: []),
    row(
      .suspend, .program, [on(.control("z"), Set(Mode.allCases))], "suspend",
      "Stop the program and give the terminal back; fg returns.", [], hinted: []),
    row(
      .quit, .program,
      [on("q", [.panes, .message, .disconnect, .themes, .help]), on(.control("c"), Set(Mode.allCases))], "quit",
      "End the session and the program.", [], hinted: [.panes, .message, .disconnect, .themes, .help]),
  ]

  private static let line: [CommandSpec] = [
    row(
      .accept, .line, [on(.enter, typing)], "done",
      "Take the line, or what was chosen; in the message editor, begin another line.", [],
      hinted: typing.subtracting([.editor])),
    row(
      .cancel, .line, [on(.escape, typing.subtracting([.editor]))], "cancel", "Leave without taking it.", [],
      hinted: typing.subtracting([.editor])),
    row(
      .complete, .line, [on(.tab, [.line, .palette])], "complete",
      "Complete the word; again for the next choice. In the palette: edit before running.", [],
      hinted: [.line, .palette]),
    row(.previousChoice, .line, [on(.backTab, [.line])], "choice", "The choice before.", []),
    row(
      .older, .line, [on(.up, [.line]), on(.control("p"), [.editor])], "history",
      "The line before that begins like this one; the message sent before.", [], hinted: [.line]),
    row(
      .newer, .line, [on(.down, [.line]), on(.control("n"), [.editor])], "history",
      "The line after that begins like this one; the message sent after.", []),
    row(.cursorLeft, .line, [on(.left, typing)], "left", "One character to the left.", []),
    row(
      .cursorRight, .line, [on(.right, typing)], "right", "One character to the right; at the end, take the dim rest.",
      []),
    row(.wordLeft, .line, [on(Key(.left, .control), typing)], "word", "One word to the left.", []),
    row(.wordRight, .line, [on(Key(.right, .control), typing)], "word", "One word to the right.", []),
    row(.lineStart, .line, [on(.home, typing), on(.control("a"), typing)], "start", "To the beginning.", []),
    row(.lineEnd, .line, [on(.end, typing), on(.control("e"), typing)], "end", "To the end.", []),
    row(.eraseBack, .line, [on(.backspace, typing)], "erase", "Erase the character before the cursor.", []),
    row(.eraseForward, .line, [on(.delete, typing)], "erase", "Erase the character under the cursor.", []),
    row(.eraseWord, .line, [on(.control("w"), typing)], "erase", "Erase the word before the cursor.", []),
    row(
      .eraseToStart, .line, [on(.control("u"), typing)], "clear", "Erase to the beginning, or to the prefilled name.",
      [],
      hinted: [.line]),
    row(.eraseToEnd, .line, [on(.control("k"), typing)], "erase", "Erase to the end.", []),
  ]

  private static let editor: [CommandSpec] = [
    row(
      .transmit, .editor, [on(.control("s"), [.editor])], "send", "Send the message as it is, valid or not.", .inject,
      hinted: [.editor]),
    row(
      .template, .editor, [on(.control("t"), [.editor])], "template", "Put the next template in the message's place.",
      [], hinted: [.editor]),
    row(
      .form, .editor, [on(.control("f"), [.editor])], "form", "What is typed is text, hex, base64 or a file's path.",
      [],
      hinted: [.editor]),
    row(
      .reformat, .editor, [on(.control("r"), [.editor])], "reformat", "Indent JSON, or put it on one line.", [],
      hinted: [.editor]),
  ]

  // MARK: - Making rows

  private static let reader: Set<Mode> = [.panes, .message, .themes, .help]
  private static let mover = reader.union([.disconnect])
  private static let typing = Set(Mode.allCases.filter(\.isTyping))
  /// What is typed into, and has rows to move over.
  private static let lists: Set<Mode> = [.palette, .form, .editor]
  private static let rows = Argument.number("ROWS", 1...500, "rows").optional
  private static let columns = Argument.number("COLUMNS", 1...500, "columns").optional
  private static func row(
    _ command: Command, _ section: CommandSpec.Section, _ bindings: [CommandSpec.Binding], _ label: String,
    _ help: String, _ needs: Powers, hinted: Set<Mode>? = nil, argument: [Argument] = []
  ) -> CommandSpec {
    CommandSpec(
      command: command, section: section, bindings: bindings, arguments: argument, label: label, help: help,
      hintedIn: hinted ?? (section == .line ? [] : [.panes]), needs: needs)
  }

  private static func on(
    _ character: Character, _ modes: Set<Mode> = [.panes], _ argument: String = ""
  ) -> CommandSpec.Binding {
    CommandSpec.Binding(key: KeyPress(.char(character)), modes: modes, argument: argument)
  }
  private static func on(_ code: Key.Code, _ modes: Set<Mode>) -> CommandSpec.Binding { on(Key(code), modes) }
  private static func on(_ key: Key, _ modes: Set<Mode>) -> CommandSpec.Binding {
    CommandSpec.Binding(key: KeyPress(key), modes: modes, argument: "")
  }
}

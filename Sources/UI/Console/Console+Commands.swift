import Insight
import Screen
import Session
import Timeline
import Wire

// What commands mean here, and what those about a session and the program do.
extension Console {
  /// The table of commands.
  var commands: CommandTable { keys.table }

  /// Carries a command out. One that needs arguments and has none asks for them in the input line.
  /// - Parameters:
  ///   - insists: a `!` follows its name.
  ///   - isAnswer: the argument comes from the line that asked for it.
  /// - Throws: what is wrong; places are those in `argument`.
  mutating func perform(
    _ command: Command, _ argument: String = "", insists: Bool = false, isAnswer: Bool = false
  ) throws(CommandFault) -> [ConsoleEffect] {
    let spec = commands.spec(command)
    if let lack = lack(for: spec) { throw CommandFault(reason: lack) }
    if argument.isEmpty, spec.asksForArguments {
      if case .disconnect = overlay { closeOverlay() }
      let name = command.rawValue + (insists ? "!" : "")
      prompt = Prompt(.command, text: spec.arguments[0].suggestion, prefilled: "\(name) ")
      return requestListing()
    }
    let values = try ArgumentValues(argument, for: spec, known: spec.arguments.isEmpty ? KnownNames() : known)
    return try deed(of: spec)(&self, CommandInput(values: values, insists: insists, isAnswer: isAnswer))
  }

  /// What a command does here: what lies over the panes comes first, then the pane with the focus, then the command's row.
  private func deed(of spec: CommandSpec) -> CommandDeed {
    if let deed = Self.modeDeeds[mode]?[spec.command] { return deed }
    if mode == .panes, let deed = panes[focus]?.deeds[spec.command] { return deed }
    return spec.run
  }

  // MARK: - Session

  mutating func toggleTalking() throws(CommandFault) -> [ConsoleEffect] {
    guard drivenInsight.gate.mode == .ptt else {
      throw CommandFault(
        reason: "the gate is \"\(drivenInsight.gate.mode.rawValue)\"; \(call(.gate)) switches it to push to talk")
    }
    return [.command(.setTalking(!drivenInsight.gate.talking))]
  }

  func reconnect() throws(CommandFault) -> [ConsoleEffect] {
    if isUsable { throw CommandFault(reason: "connected; \(call(.disconnect)) disconnects") }
    return [.command(.reconnect)]
  }

  /// The rows of the disconnect menu.
  var waysToDisconnect: [CommandSpec] {
    commands.rows.filter { $0.section == .disconnecting && $0.command != .disconnect }
  }

  /// Enter in the disconnect menu.
  mutating func performChosenWay() throws(CommandFault) -> [ConsoleEffect] {
    guard case .disconnect(let selected) = overlay else { return [] }
    return try perform(waysToDisconnect[selected].command)
  }

  mutating func disconnect(_ way: OperatorCommand.Disconnect) -> [ConsoleEffect] {
    if case .disconnect = overlay { closeOverlay() }
    return [.command(.disconnect(way))]
  }

  /// A close frame's reason has at most 123 bytes (RFC 6455 section 5.5).
  mutating func close(_ values: ArgumentValues) throws(CommandFault) -> [ConsoleEffect] {
    let reason = values[1] ?? ""
    guard reason.utf8.count <= 123 else {
      throw CommandFault(reason: "a close reason has at most 123 bytes", at: values.range(1))
    }
    return disconnect(.close(code: values.number(0) ?? 1000, reason: reason))
  }

  var nextGate: Gate.Mode {
    let all = Gate.Mode.allCases
    return all[((all.firstIndex(of: drivenInsight.gate.mode) ?? 0) + 1) % all.count]
  }

  // MARK: - Program

  mutating func openPalette() {
    // A list of commands over a list of commands would be one too many.
    if case .help = overlay { closeOverlay() }
    lay(.palette(CommandPalette()))
  }

  mutating func dismiss() throws(CommandFault) {
    guard problem != nil else { throw CommandFault(reason: "there is no error to put away") }
    dismissed = max(dismissed, problem?.entry ?? -1)
    problem = nil
  }

  /// Zoom, filter, search, mark or freeze: what `back` lifts.
  var hasSomethingToLift: Bool {
    isZoomed || log.isFrozen || !log.store.filter.isEmpty || log.search != nil || log.mark != nil
  }

  /// One step back: what lies over the panes, then zoom, filter, search, mark and freeze.
  mutating func back() {
    switch overlay {
    case .help(let list): if list.find.isEmpty { toggleHelp() } else { find("") }
    case .editor(let editor):
      // What was left unsent before, and is here again as it was, stays as well.
      if editor.area.isEmpty { unsentMessage = nil } else if editor.isChanged { unsentMessage = editor.draft }
      closeOverlay()
    case .message, .disconnect, .themes, .form, .palette, .figures: closeOverlay()
    case nil:
      if isZoomed {
        isZoomed = false
      } else if focus == .transcript, transcript.search != nil || transcript.isHeld {
        if transcript.search != nil { transcript.clearSearch() } else { transcript.follow() }
      } else if !log.store.filter.isEmpty {
        log.setFilter(.everything, filterContext, height: inside(.log).height)
      } else if log.search != nil {
        log.search = nil
      } else if log.mark != nil {
        log.liftMark()
      } else {
        log.follow()
      }
    }
  }
}

import Insight
import Screen
import Session
import Timeline
import Wire

// What each command does.
extension Console {
  /// Carries a command out. One that needs arguments and has none asks for them in the input line.
  /// - Parameter isAnswer: the argument comes from the line that asked for it.
  /// - Throws: what is wrong; places are those in `argument`.
  mutating func perform(
    _ command: Command, _ argument: String, isAnswer: Bool = false
  ) throws(CommandFault) -> [ConsoleEffect] {
    let spec = CommandTable.spec(command)
    if let lack = lack(for: spec) { throw CommandFault(reason: lack) }
    if case .themes(let menu) = overlay, let effects = performOnThemes(command, argument, menu) { return effects }
    if argument.isEmpty, spec.asksForArguments {
      if case .disconnect = overlay { overlay = .none }
      prompt = Prompt(.command, text: spec.arguments[0].suggestion, prefilled: "\(command.rawValue) ")
      return requestListing()
    }
    let values = try ArgumentValues(argument, for: spec, known: known)
    switch spec.section {
    case .session, .disconnecting: return try performOnSession(command, values)
    case .panes: try performOnPanes(command, argument)
    case .reading: return try performReading(command, argument, isAnswer: isAnswer)
    case .program: return try performOnProgram(command, argument)
    case .line, .editor: return try performOnLine(command)
    }
    return []
  }

  // MARK: - Session

  private mutating func performOnSession(
    _ command: Command, _ values: ArgumentValues
  ) throws(CommandFault) -> [ConsoleEffect] {
    switch command {
    case .interrupt: return [.command(.interrupt)]
    case .say: return [.command(.say(values[0] ?? ""))]
    case .play: return [.command(.play(path: values[0] ?? "", isMixed: values[1] == "mix"))]
    case .hush: return [.command(.stopSpeaking)]
    case .text: return [.command(.sendText(values[0] ?? ""))]
    case .send: return [.command(.sendRaw(.string(values[0] ?? "")))]
    case .toolResult: return [.command(.sendToolResult(values[0] ?? ""))]
    case .sendBinary: return effects(of: try MessageForm.binary(values[0] ?? ""))
    case .edit: return try openEditor(values[0] ?? "")
    case .config:
      if let text = values[0] { return [.command(.sendConfig(text))] }
      openForm()
    case .mute: return [.command(.setMuted(!drivenInsight.gate.muted))]
    case .talk:
      guard drivenInsight.gate.mode == .ptt else {
        throw CommandFault(
          reason: "the gate is \"\(drivenInsight.gate.mode.rawValue)\"; \(call(.gate)) switches it to push to talk")
      }
      return [.command(.setTalking(!drivenInsight.gate.talking))]
    case .gate: return [.command(.setGate(values[0].flatMap(Gate.Mode.init) ?? nextGate))]
    case .reconnect:
      if isUsable {
        throw CommandFault(reason: "connected; \(call(.disconnect)) disconnects")
      }
      return [.command(.reconnect)]
    case .disconnect: overlay = .disconnect(selected: 0)
    case .close: return try close(values)
    case .abort: return disconnect(.abort)
    case .stall: return disconnect(.stall)
    case .refuse: return disconnect(.refuse(.seconds(values.number(0) ?? 0)))
    default: break
    }
    return []
  }

  private mutating func disconnect(_ way: OperatorCommand.Disconnect) -> [ConsoleEffect] {
    if case .disconnect = overlay { overlay = .none }
    return [.command(.disconnect(way))]
  }

  /// A close frame's reason has at most 123 bytes (RFC 6455 section 5.5).
  private mutating func close(_ values: ArgumentValues) throws(CommandFault) -> [ConsoleEffect] {
    let reason = values[1] ?? ""
    guard reason.utf8.count <= 123 else {
      throw CommandFault(reason: "a close reason has at most 123 bytes", at: values.range(1))
    }
    return disconnect(.close(code: values.number(0) ?? 1000, reason: reason))
  }

  private var nextGate: Gate.Mode {
    let all = Gate.Mode.allCases
    return all[((all.firstIndex(of: drivenInsight.gate.mode) ?? 0) + 1) % all.count]
  }

  // MARK: - Program

  private mutating func performOnProgram(_ command: Command, _ argument: String) throws(CommandFault)
    -> [ConsoleEffect]
  {
    switch command {
    case .help:
      prompt = nil
      toggleHelp()
    case .nextContext:
      guard isHelpOpen else { throw CommandFault(reason: "\(call(.help)) lists the keys first") }
      showNextPlace()
    case .palette:
      // A list of commands over a list of commands would be one too many.
      if case .help(let list) = overlay { overlay = list.under }
      overlay = .palette(CommandPalette(under: overlay))
    case .command: prompt = Prompt(.command)
    case .theme:
      guard !argument.isEmpty else { return try chooseTheme() }
      guard themes.contains(argument) else {
        throw CommandFault(reason: "no theme \"\(argument)\"; there are \(themes.joined(separator: ", "))")
      }
      return [.setTheme(argument)]
    case .dismiss:
      guard problem != nil else { throw CommandFault(reason: "there is no error to put away") }
      problem = nil
    case .back: back()
    case .redraw: return [.redraw]
    case .suspend: return [.suspend]
    case .quit: return [.quit]
    default: break
    }
    return []
  }

  /// One step back: what lies over the panes, then zoom, filter, search, mark and freeze.
  mutating func back() {
    switch overlay {
    case .help(let list): if list.find.isEmpty { toggleHelp() } else { find("") }
    case .palette(let palette): overlay = palette.under
    case .editor(let editor):
      // What was left unsent before, and is here again as it was, stays as well.
      if editor.area.isEmpty { unsentMessage = nil } else if editor.isChanged { unsentMessage = editor.draft }
      overlay = .none
    case .message, .disconnect, .themes, .form: overlay = .none
    case .none:
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

import Insight
import Screen
import Session
import Timeline
import Wire

/// Why a command could not be carried out, in words for the operator.
struct CommandFault: Error, Equatable {
  var reason: String
  /// Where the argument is wrong, in characters from 1, when that is known.
  var column: Int?
}

// What each command does.
extension Console {
  mutating func perform(_ command: Command, _ argument: String) throws(CommandFault) -> [ConsoleEffect] {
    let spec = CommandTable.spec(command)
    if spec.needsSession {
      if options.isReplay { throw CommandFault(reason: "replay: nothing to \(spec.label)") }
      if ended != nil { throw CommandFault(reason: "the session has ended: nothing to \(spec.label)") }
    }
    if case .themes(let menu) = overlay, let effects = performOnThemes(command, argument, menu) { return effects }
    switch spec.section {
    case .session, .disconnecting: return try performOnSession(command, argument)
    case .panes: try performOnPanes(command, argument)
    case .reading: return try performReading(command, argument)
    case .program: return try performOnProgram(command, argument)
    case .line, .editor: return try performOnLine(command)
    }
    return []
  }

  // MARK: - Session

  private mutating func performOnSession(_ command: Command, _ argument: String) throws(CommandFault) -> [ConsoleEffect]
  {
    switch command {
    case .interrupt: return [.session(.interrupt)]
    case .say: return ask(.say, argument) { [.say($0)] }
    case .text: return ask(.text, argument) { [.session(.sendText($0))] }
    case .send: return ask(.send, argument) { [.session(.sendRaw(.string($0)))] }
    case .sendBinary:
      guard !argument.isEmpty else { return open(.sendBinary, "") }
      return effects(of: try MessageForm.binary(argument))
    case .edit: return try openEditor(argument)
    case .config:
      guard !argument.isEmpty else { return open(.config, history.last(.config) ?? options.configText) }
      try checkObject(argument)
      return [.session(.sendConfig(argument))]
    case .mute: return [.session(.setMuted(!insight.gate.muted))]
    case .talk:
      guard insight.gate.mode == .ptt else {
        throw CommandFault(reason: "the gate is \"\(insight.gate.mode.rawValue)\"; v switches it to push to talk")
      }
      return [.session(.setTalking(!insight.gate.talking))]
    case .gate: return [.session(.setGate(try gateMode(argument)))]
    case .reconnect:
      if isUsable { throw CommandFault(reason: "connected; d disconnects") }
      return [.session(.reconnect)]
    case .disconnect: overlay = .disconnect(selected: 0)
    case .close:
      guard !argument.isEmpty else { return open(.close, "1000") }
      return disconnect(try closing(argument))
    case .abort: return disconnect(.abort)
    case .stall: return disconnect(.stall)
    case .refuse:
      guard !argument.isEmpty else { return open(.refuse, "10") }
      guard let seconds = Int(argument), (1...3600).contains(seconds) else {
        throw CommandFault(reason: "\"\(argument)\" is no number of seconds from 1 to 3600")
      }
      return disconnect(.refuse(.seconds(seconds)))
    default: break
    }
    return []
  }

  private mutating func disconnect(_ way: SessionCommand.Disconnect) -> [ConsoleEffect] {
    if case .disconnect = overlay { overlay = .none }
    return [.session(.disconnect(way))]
  }

  /// Carries a command out when its argument is there, else opens the line that asks for it.
  private mutating func ask(
    _ purpose: Prompt.Purpose, _ argument: String, _ effects: (String) -> [ConsoleEffect]
  ) -> [ConsoleEffect] {
    argument.isEmpty ? open(purpose, "") : effects(argument)
  }

  private mutating func open(_ purpose: Prompt.Purpose, _ text: String) -> [ConsoleEffect] {
    prompt = Prompt(purpose, text: text)
    return []
  }

  private func checkObject(_ text: String) throws(CommandFault) {
    var scanner = JSONScanner(Array(text.utf8))
    do {
      guard try scanner.next()?.kind == .openObject else {
        throw CommandFault(reason: "a config message is a JSON object: {\"key\": value}")
      }
      while try scanner.next() != nil {}
    } catch let fault as JSONScanner.Fault {
      throw CommandFault(reason: "not valid JSON: \(fault.reason)")
    } catch let fault as CommandFault {
      throw fault
    } catch {
      throw CommandFault(reason: "\(error)")
    }
  }

  private func gateMode(_ argument: String) throws(CommandFault) -> Gate.Mode {
    let all = Gate.Mode.allCases
    guard !argument.isEmpty else {
      let i = all.firstIndex(of: insight.gate.mode) ?? 0
      return all[(i + 1) % all.count]
    }
    guard let mode = Gate.Mode(rawValue: argument) else {
      throw CommandFault(reason: "no gate \"\(argument)\"; there are gate, open and ptt")
    }
    return mode
  }

  /// `CODE [REASON]`. RFC 6455 section 7.4: 1004, 1005, 1006 and 1015 are never sent; a reason has at most 123 bytes.
  private func closing(_ argument: String) throws(CommandFault) -> SessionCommand.Disconnect {
    let parts = argument.split(separator: " ", maxSplits: 1)
    guard let code = parts.first.flatMap({ Int($0) }), (1000...4999).contains(code),
      ![1004, 1005, 1006, 1015].contains(code)
    else { throw CommandFault(reason: "a close code is 1000 to 4999, without 1004, 1005, 1006 and 1015") }
    let reason = parts.count > 1 ? String(parts[1]) : ""
    guard reason.utf8.count <= 123 else { throw CommandFault(reason: "a close reason has at most 123 bytes") }
    return .close(code: code, reason: reason)
  }

  // MARK: - Program

  private mutating func performOnProgram(_ command: Command, _ argument: String) throws(CommandFault)
    -> [ConsoleEffect]
  {
    switch command {
    case .help:
      if case .help = overlay { overlay = .none } else { overlay = .help(HelpState()) }
    case .command: return open(.command, "")
    case .theme:
      guard !argument.isEmpty else { return try chooseTheme() }
      guard themes.contains(argument) else {
        throw CommandFault(reason: "no theme \"\(argument)\"; there are \(themes.joined(separator: ", "))")
      }
      return [.setTheme(argument)]
    case .dismiss: problem = nil
    case .back: back()
    case .redraw: return [.redraw]
    case .suspend: return [.suspend]
    case .quit: return [.quit]
    default: break
    }
    return []
  }

  /// One step back: what lies over the panes, then zoom, filter, search, mark and freeze.
  private mutating func back() {
    switch overlay {
    case .help(let help) where !help.find.isEmpty: overlay = .help(HelpState())
    case .message(let message):
      overlay = .none
      if message.resumesFollowing { log.follow() }
    case .editor(let editor):
      unsentMessage = editor.area.isEmpty ? nil : editor.draft
      overlay = .none
    case .disconnect, .themes, .help: overlay = .none
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

import Screen

// The last line: the keys that mean something now, from the key table. `?` and `q` are cut last.
extension Console {
  /// A hint as it stands on the screen, to be drawn and to be clicked.
  struct HintSpot: Sendable {
    let spec: CommandSpec
    let text: StyledText
    let rect: Rect
  }

  func drawHints(on surface: inout Surface, in rect: Rect) {
    guard !rect.isEmpty else { return }
    if let flash, prompt == nil {
      surface.put(StyledText(flash.text, flash.isWarning ? .warning : .good), in: rect.inset(1, 0))
      return
    }
    for spot in hintSpots(in: rect) { surface.put(spot.text, in: spot.rect) }
  }

  /// The hints that find room: `?` at the left end and `q` at the right come first.
  func hintSpots(in rect: Rect) -> [HintSpot] {
    let line = rect.inset(1, 0)
    guard !line.isEmpty else { return [] }
    let offered = CommandTable.all.filter { $0.hintedIn.contains(mode) && isOffered($0) }
    // What Enter does is another thing in every pane: it must not be what a narrow screen leaves out.
    let specs =
      mode == .panes ? offered.filter { $0.command == .open } + offered.filter { $0.command != .open } : offered
    func spot(_ spec: CommandSpec, x: Int?) -> HintSpot? {
      let hint = keys.hint(
        spec.command, in: mode, focus: focus, label: label(spec.command), glyphs: options.glyphs)
      return hint.map { text in
        let width = min(text.columns, line.width)
        return HintSpot(
          spec: spec, text: text, rect: Rect(x: x ?? line.right - width, y: line.y, width: width, height: 1))
      }
    }
    let help = specs.first { $0.command == .help }.flatMap { spot($0, x: line.x) }
    let quit = specs.first { $0.command == .quit }.flatMap { spot($0, x: nil) }
    var spots = [help, quit].compactMap(\.self)
    var x = help.map { $0.rect.right + 2 } ?? line.x
    let end = quit.map { $0.rect.x - 2 } ?? line.right
    for spec in specs where spec.command != .help && spec.command != .quit {
      // A command may have lost its key.
      guard let next = spot(spec, x: x) else { continue }
      guard next.rect.right <= end else { break }
      spots.append(next)
      x = next.rect.right + 2
    }
    return spots
  }

  /// A switch that is on offers to be put off; nil for the table's word.
  private func label(_ command: Command) -> String? {
    switch command {
    case .follow: log.isFrozen ? "follow" : nil
    case .mute: drivenInsight.gate.muted ? "unmute" : nil
    case .talk: drivenInsight.gate.talking ? "stop talking" : nil
    case .zoom: isZoomed ? "unzoom" : nil
    case .open:
      mode == .themes
        ? "keep"
        : mode == .panes && focus != .log ? (focus == .findings ? "evidence" : "messages") : nil
    case .back: mode == .themes ? "restore" : nil
    case .theme: mode == .themes ? "next" : nil
    default: nil
    }
  }

  /// Whether a hint is worth its place now.
  func isOffered(_ spec: CommandSpec) -> Bool {
    if lack(for: spec) != nil { return false }
    if let message = currentMessage, mode == .message {
      switch spec.command {
      case .listen: return message.clip != nil
      case .fold: return message.hasCursor
      case .hex, .write: return message.payload != nil
      case .edit: return message.payload != nil
      default: return true
      }
    }
    guard mode == .panes else { return true }
    switch spec.command {
    case .interrupt, .config, .disconnect: return isUsable
    case .reconnect: return !isUsable && drivenInsight.link.state != nil
    case .talk: return drivenInsight.gate.mode == .ptt
    case .dismiss: return problem != nil
    case .open:
      switch focus {
      case .log: return log.cursor != nil
      case .latency: return latency.newest(in: insight) != nil
      case .transcript: return !insight.turns.isEmpty
      case .findings: return !findings.counts.isEmpty
      case .mic, .agent, .buffers: return false
      }
    case .back: return isZoomed || log.isFrozen || !log.store.filter.isEmpty || log.search != nil || log.mark != nil
    case .theme: return themes.count > 1
    default: return true
    }
  }
}

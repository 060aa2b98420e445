import Filter
import Screen
import Session
import Timeline

// The protocol log: filter, search, mark.
extension Console {
  /// What times in a filter are counted from.
  var filterContext: FilterContext {
    FilterContext(
      now: now, wallClockMs: insight.start?.wallClockMilliseconds, utcOffsetSeconds: options.utcOffsetSeconds)
  }

  /// With an argument from the `:` line, else by a line of its own that starts with the filter in force.
  mutating func askForFilter(_ input: CommandInput) throws(CommandFault) {
    guard input[0] != nil || input.isAnswer else {
      prompt = Prompt(.filter, text: log.store.filter.text)
      return
    }
    log.setFilter(try filter(input.text), filterContext, height: inside(.log).height)
  }

  mutating func search(_ input: CommandInput) throws(CommandFault) {
    guard let text = input[0] else {
      if input.isAnswer { log.search = nil } else { prompt = Prompt(.search, text: log.search?.filter.text ?? "") }
      return
    }
    log.search = LogSearch(try filter(text), filterContext)
    // What is looked for is most often old.
    try searchOn(-1)
  }

  mutating func toggleFollow() {
    if log.isFrozen { log.follow() } else { log.freeze(height: inside(.log).height) }
  }

  /// To the next (+1) or previous (-1) hit.
  mutating func searchOn(_ step: Int) throws(CommandFault) {
    guard log.search != nil else {
      throw CommandFault(reason: "nothing is searched for yet; \(call(.search)) asks for it")
    }
    guard log.cursor != nil else { throw CommandFault(reason: "there is no row to search yet") }
    log.startSearch(step)
    workOnLog()
  }

  mutating func toggleMark() throws(CommandFault) {
    guard log.selected != nil else { throw CommandFault(reason: "there is no row to mark yet") }
    // What is marked must not move away under the cursor.
    log.freeze(height: inside(.log).height)
    log.toggleMark()
    tell(log.mark == nil ? "deltas count from the row before again" : "deltas count from the marked row")
  }

  /// Asks for a note about this moment, which stays the one that is marked however long is typed.
  mutating func mark(_ input: CommandInput) -> [ConsoleEffect] {
    guard input[0] != nil || input.isAnswer else {
      prompt = Prompt(.note)
      notedMoment = now
      return []
    }
    let moment = input.isAnswer ? notedMoment : nil
    notedMoment = nil
    tell("marked")
    return [.command(.mark(input.text, at: moment))]
  }

  /// What the operator has changed of the view is an act, too: whoever reads the timeline later knows what was seen.
  func acts(filterBefore: String, markBefore: Timestamp?) -> [ConsoleEffect] {
    guard powers.contains(.record) else { return [] }
    var acts: [ConsoleEffect] = []
    if log.store.filter.text != filterBefore { acts.append(.command(.filter(log.store.filter.text))) }
    if log.mark?.at != markBefore { acts.append(.command(.countFrom(log.mark?.at))) }
    return acts
  }

  /// A slice of filtering or searching.
  mutating func workOnLog() {
    guard log.hasWork else { return }
    redraw.isUrgent = true
    guard let outcome = log.work(height: inside(.log).height) else { return }
    switch outcome {
    case .found(_, hasWrapped: true): tell("the search went round the end of the log")
    case .found: break
    case .nothing: tell("no row has \(log.search?.filter.text ?? "")", isWarning: true)
    }
  }

  private func filter(_ text: String) throws(CommandFault) -> Filter {
    do {
      return try Filter(parsing: text)
    } catch {
      throw CommandFault(reason: "\(error)", column: error.column)
    }
  }
}

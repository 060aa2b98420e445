import Insight
import Timeline
import Wire

// What entries do to the panes.
extension Console {
  /// What the session says so soon after it was asked for something is its answer.
  private static let answerTime = Duration.milliseconds(250)

  mutating func observe(_ entry: Entry) {
    countGap(before: entry)
    now = max(now, entry.at)
    let reading = readers.observe(entry)
    let isDriven = sources.admits(entry)
    forSource(of: entry) { $0.observePanes(entry, reading) }
    if isDriven, let reading, settings.observe(reading.events), case .form(var form) = overlay {
      form.follow(settings)
      overlay = .form(form)
    }
    let isOnlyCounted = log.store.append(entry, reading)
    switch entry.event {
    case .micFrame, .playout:
      redraw.noteSound()
      return
    case .queue:
      redraw.isFigureDue = true
      return
    // What follows is about the source that the console commands.
    case _ where !isDriven: break
    case .notice(let notice) where notice.severity == .error:
      raise(Problem(severity: .error, source: notice.source.rawValue, text: notice.text, remedy: notice.remedy))
    // Nobody is to be recorded unknowingly.
    case .notice(let notice) where notice.id == .captureIntroduced && problem == nil:
      raise(Problem(severity: .info, source: notice.source.rawValue, text: notice.text, remedy: nil))
    // What the operator has just asked for was not done as asked.
    case .notice(let notice) where notice.severity == .warning:
      let asked = max(drivenInsight.acts.last?.at ?? .zero, listenedAt ?? .zero)
      guard asked > .zero, entry.at - asked < Self.answerTime else { break }
      tell(notice.text + (notice.remedy.map { "; \($0)" } ?? ""), isWarning: true)
    case .notice(let notice) where notice.id == .auditionStarted:
      if let listenedAt, entry.at - listenedAt < Self.answerTime { tell(notice.text) }
    case .message(let message):
      if message.way == .toClient, case .error(let error)? = reading?.events.first {
        let code = error.code.map { "\($0): " } ?? ""
        raise(Problem(severity: .error, source: "server", text: code + error.message, remedy: nil))
      }
      // Audio messages come as often as frames, and change one number.
      if isOnlyCounted {
        redraw.isFigureDue = true
        return
      }
    case .connection(let change) where change.state == .ready:
      // What kept the connection down is over; what the server or a device complained about may not be.
      if problem?.source == "session" { problem = nil }
    case .sessionEnded(let end): ended = end
    default: break
    }
    redraw.isUrgent = true
  }

  /// What the panes of the entry's source make of it.
  private mutating func observePanes(_ entry: Entry, _ reading: Reading?) {
    insight.observe(entry, reading: reading)
    if shown.states.observe(entry, reading) { redraw.isFigureDue = true }
  }

  /// Entries are numbered without gaps, so a gap is what was lost on the way here.
  private mutating func countGap(before entry: Entry) {
    if let nextIndex, entry.index > nextIndex {
      let count = entry.index.subtracting(nextIndex)
      buffers.lost(count)
      log.store.appendGap(count, at: entry.at)
    }
    nextIndex = entry.index.adding(1)
  }
}

import Insight
import Timeline
import Wire

// What entries do to the panes.
extension Console {
  mutating func take(_ entry: Entry) {
    countGap(before: entry)
    now = max(now, entry.at)
    insight.observe(entry)
    if case .sessionStarted(let start) = entry.event { dialect = Dialects.named(start.dialect) ?? dialect }
    let isOnlyCounted = log.store.append(entry, dialect: dialect)
    switch entry.event {
    case .micFrame(let frame):
      mic.observe(frame, at: entry.at)
      redraw.isMeterDue = true
      return
    case .playout(let block):
      agent.observe(block, at: entry.at)
      redraw.isMeterDue = true
      return
    case .queue(let depth):
      buffers.observe(depth, at: entry.at)
      redraw.isMeterDue = true
      return
    case .playoutChange(let change): agent.observe(change, at: entry.at)
    case .notice(let notice) where notice.severity == .error:
      raise(Problem(severity: .error, source: notice.source, text: notice.text, remedy: notice.remedy))
    case .message(let message):
      if let error = serverError(message) {
        raise(Problem(severity: .error, source: "server", text: error, remedy: nil))
      }
      // Audio messages come as often as frames, and change one number.
      if isOnlyCounted {
        redraw.isMeterDue = true
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

  /// The text of an `error` message. Only messages that the log already shows as errors are read again.
  private func serverError(_ message: Message) -> String? {
    guard message.direction == .received, message.kind == .text, log.store.rows.last?.actor == .error else {
      return nil
    }
    for case .error(let error) in dialect.decode(.text(message.payload), from: .server) {
      return (error.code.map { "\($0): " } ?? "") + error.message
    }
    return nil
  }

  /// Entries are numbered without gaps, so a gap is what was lost on the way here.
  private mutating func countGap(before entry: Entry) {
    if let nextIndex, entry.index > nextIndex {
      buffers.lost(entry.index - nextIndex)
      log.store.appendGap(entry.index - nextIndex, at: entry.at)
    }
    nextIndex = entry.index + 1
  }
}

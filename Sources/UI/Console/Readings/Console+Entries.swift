import Insight
import Timeline
import Wire

// What entries do to the console.
extension Console {
  /// What the session says so soon after it was asked for something is its answer.
  private static let answerTime = Duration.milliseconds(250)

  mutating func observe(_ entry: Entry) {
    now = max(now, entry.at)
    let news = readings.observe(entry)
    if news.hasFigure { redraw.isFigureDue = true }
    if news.hasSettings, case .form(var form) = overlay {
      form.follow(settings)
      overlay = .form(form)
    }
    if news.isDriven, case .notice(let notice) = entry.event { tellAnswer(notice, at: entry.at) }
    switch news.change {
    case .sound: redraw.noteSound()
    case .figure: redraw.isFigureDue = true
    case .all: redraw.isUrgent = true
    }
  }

  /// What the operator has just asked for is answered, or was not done as asked.
  private mutating func tellAnswer(_ notice: Notice, at moment: Timestamp) {
    // What was asked in a recording was answered then.
    guard replay == nil else { return }
    if notice.severity == .warning {
      let asked = max(drivenInsight.acts.last?.at ?? .zero, listenedAt ?? .zero)
      guard asked > .zero, moment - asked < Self.answerTime else { return }
      tell(notice.text + (notice.remedy.map { "; \($0)" } ?? ""), isWarning: true)
    } else if notice.id == .auditionStarted, notice.severity != .error {
      if let listenedAt, moment - listenedAt < Self.answerTime { tell(notice.text) }
    }
  }
}

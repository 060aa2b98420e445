import Capture
import Timeline

/// Tells of a session's capture on the session's own timeline: wires `CaptureWatch` to it.
///
/// Owned by the session's thread.
struct CaptureNews {
  private static let interval: Duration = .seconds(1)

  private let capture: SessionCapture
  private var watch: CaptureWatch
  private var next = Timestamp.zero

  init(_ capture: SessionCapture) {
    self.capture = capture
    watch = CaptureWatch(capture.facts)
  }

  /// What is new since the last call: looked for once a second, and at each call until the file is there.
  mutating func take(at now: Timestamp) -> [Notice] {
    guard now >= next || !watch.isSettled else { return [] }
    next = now + Self.interval
    var notices = watch.observe(capture.sink.status, at: now)
    let deleted = capture.takeDeleted()
    if !deleted.isEmpty, let limits = capture.facts.limits { notices.append(CaptureWatch.deleted(deleted, limits)) }
    return notices
  }
}

extension QueueWatch {
  /// How much waits for the capture, and what it has lost.
  mutating func observe(_ capture: SessionCapture) {
    let status = capture.sink.status
    observe(.capture, status.waiting.entries, of: nil, dropped: status.lost.entries, .entries)
    observe(.captureSound, status.waiting.samples, of: nil, dropped: status.lost.samples, .samples)
  }
}

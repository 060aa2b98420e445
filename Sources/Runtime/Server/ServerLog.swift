import Admission
import Logging
import Threads
import Timeline
import WebSockets

/// The server's log with its limits: no client and no stranger can fill it, and what was left out is told. Any thread.
final class ServerLog: Sendable {
  private let log: Logger
  private let clock: TimelineClock
  private let limiter = Locked<LogLimiter>(LogLimiter())
  /// Called when something was left out that has to be told later: whoever sleeps until `deadline` has to look again.
  private let wake: @Sendable () -> Void
  /// Characters of a detail that a peer chose.
  private static let longestDetail = 120

  init(_ log: Logger, clock: TimelineClock, wake: @escaping @Sendable () -> Void) {
    self.log = log
    self.clock = clock
    self.wake = wake
  }

  /// Writes a line, unless there were too many of its kind.
  /// - Parameters:
  ///   - kind: what the line is about, in one of a few words.
  ///   - client: the number of the client, if it has one.
  ///   - address: the peer's.
  func write(
    _ kind: String, of client: Int? = nil, at address: String, _ text: @autoclosure () -> String,
    _ details: Logger.Metadata = [:], level: Logger.Level = .info
  ) {
    let (leftOut, isFirst) = limiter.withLock { limiter in
      let wasQuiet = limiter.deadline == nil
      return (limiter.admit(kind, of: client, at: address, now: clock.now), wasQuiet && limiter.deadline != nil)
    }
    if isFirst { wake() }
    guard let leftOut else { return }
    var details = details
    if let client { details["client"] = "\(client)" }
    if leftOut > 0 { details["left out before"] = "\(leftOut)" }
    log.log(level: level, "\(text())", metadata: details)
  }

  /// When `tellWhatWasLeftOut` has something to tell.
  var deadline: Timestamp? { limiter.withLock { $0.deadline } }

  /// Tells what was left out and not told since.
  func tellWhatWasLeftOut() {
    let now = clock.now
    for one in limiter.withLock({ $0.due(at: now) }) { tell(one) }
  }

  /// The client has gone.
  func forget(_ client: Int) {
    for one in limiter.withLock({ $0.forget(client) }) { tell(one) }
  }

  private func tell(_ left: LogLimiter.LeftOut) {
    var details: Logger.Metadata = ["lines": "\(left.count)"]
    if let client = left.client { details["client"] = "\(client)" } else { details["peer"] = "\(left.address)" }
    log.warning("\(left.kind): lines were left out, because there were too many", metadata: details)
  }

  /// A request that got no WebSocket.
  func refused(_ request: RefusedRequest) {
    let refusal = request.refusal
    var details: Logger.Metadata = ["peer": "\(request.peerAddress)"]
    for (name, value) in request.details { details[name] = "\(value.prefix(Self.longestDetail))" }
    if let remedy = refusal.remedy { details["remedy"] = "\(remedy)" }
    write(
      "refused (\(refusal.kind.rawValue))", at: request.peerAddress, "refused with \(refusal.status): \(refusal.text)",
      details, level: .warning)
  }
}

import Timeline
import Wire

/// Puts events on the timeline: numbers and stamps them, takes secrets out of their words, and hands them to every reader.
///
/// Owned by one thread, the session's, so that indexes have no gaps and times never run backwards.
struct Recorder {
  private var next = 0
  private var last = Timestamp.zero
  private let readers: [@Sendable (Entry) -> Void]
  private let secrets: [String]

  /// - Parameters:
  ///   - readers: called on the session's thread; each must return at once.
  ///   - secrets: what the user gave and must not appear.
  init(readers: [@Sendable (Entry) -> Void], secrets: [String] = []) {
    self.readers = readers
    self.secrets = secrets
  }

  mutating func record(_ event: Entry.Event, at now: Timestamp) {
    last = max(last, now)
    let entry = Entry(index: next, at: last, event: event.hidingSecrets(secrets))
    next += 1
    for reader in readers { reader(entry) }
  }
}

extension Entry {
  /// The same without secrets, as it would be recorded today: recordings of older versions hold some.
  public func withoutSecrets() -> Entry {
    var entry = self
    if case .unknown(var unknown) = event {
      unknown.line = Redaction.hideSecrets(in: unknown.line)
      entry.event = .unknown(unknown)
      return entry
    }
    guard case .message(var message) = event else {
      entry.event = event.hidingSecrets([])
      return entry
    }
    let isOurs = message.way == .toServer
    message.payload =
      message.kind == .text
      ? Redaction.hideSecrets(in: message.payload, isOurs: isOurs)
      : Redaction.hideSecrets(inBinary: message.payload, isOurs: isOurs)
    entry.event = .message(message)
    return entry
  }
}

extension Entry.Event {
  /// The same without secrets in what is said in words. Messages are the session's affair: it knows what the server gave.
  fileprivate func hidingSecrets(_ literals: [String]) -> Entry.Event {
    func hidden(_ text: String) -> String { Redaction.hideSecrets(in: text, literals: literals) }
    switch self {
    case .operatorAct(var act):
      act.argument = Redaction.hideSecrets(in: act.argument, literals: literals, isOurs: true)
      return .operatorAct(act)
    case .injection(var injection):
      injection.name = hidden(injection.name)
      return .injection(injection)
    case .notice(var notice):
      notice.text = hidden(notice.text)
      return .notice(notice)
    case .connection(var change):
      change.reason = change.reason.map(hidden)
      return .connection(change)
    case .device(var change):
      change.text = hidden(change.text)
      return .device(change)
    case .sessionEnded(var end):
      end.reason = hidden(end.reason)
      return .sessionEnded(end)
    default: return self
    }
  }
}

import Timeline

extension Entry {
  /// The same without secrets, as it would be recorded today: recordings of older versions hold some.
  /// - Parameter literals: secrets already known.
  public func withoutSecrets(_ literals: [String] = []) -> Entry {
    var entry = self
    if case .unknown(var unknown) = event {
      unknown.line = Redaction.hideSecrets(in: unknown.line, literals: literals)
      entry.event = .unknown(unknown)
      return entry
    }
    guard case .message(var message) = event else {
      entry.event = event.hidingSecrets(literals)
      return entry
    }
    let isOurs = message.way == .toServer
    let payload =
      message.kind == .text
      ? Redaction.hideSecrets(in: message.payload, literals: literals, isOurs: isOurs)
      : Redaction.hideSecrets(inBinary: message.payload, literals: literals, isOurs: isOurs)
    guard payload != message.payload else { return entry }
    message.payload = payload
    // It was of the payload as it was.
    message.reading = nil
    entry.event = .message(message)
    return entry
  }
}

extension Entry.Event {
  /// The same without secrets in what is said in words. Messages are the session's affair: it knows what the server gave.
  /// - Parameter literals: secrets already known.
  public func hidingSecrets(_ literals: [String]) -> Entry.Event {
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

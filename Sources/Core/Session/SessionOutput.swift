import Timeline
import Wire

/// What the input at hand leads to, and the moment at which it happened. Every part of a session adds to it.
struct SessionOutput: Sendable {
  /// Tokens that are remembered; old ones still open the conversation on some servers that rotate them.
  private static let tokenLimit = 16

  /// The moment of the input at hand; never goes back.
  private(set) var now = Timestamp.zero
  /// What is to be done, in order.
  private var effects: [SessionEffect] = []
  private var limiter = NoticeLimiter()
  private let givenSecrets: [String]
  /// Tokens that the server gave and keys that were sent to it, the newest last.
  private var tokens: [String] = []
  /// What must not reach an entry, wherever it stands.
  private(set) var secrets: [String]

  init(secrets: [String]) {
    givenSecrets = secrets
    self.secrets = secrets
  }

  /// An input has happened.
  mutating func begin(at time: Timestamp) { now = max(now, time) }

  /// What the input has led to.
  mutating func end() -> [SessionEffect] {
    var result: [SessionEffect] = []
    swap(&result, &effects)
    return result
  }

  mutating func order(_ effect: SessionEffect) { effects.append(effect) }

  // MARK: Entries

  mutating func record(_ event: Entry.Event) { effects.append(.record(event)) }

  mutating func notice(
    _ id: NoticeID, _ severity: Notice.Severity, _ source: NoticeSource, _ text: String, remedy: String? = nil
  ) {
    record(.notice(Notice(id, severity, source, hidden(text), remedy: remedy)))
  }

  /// For what a peer can repeat at will.
  /// - Parameter detail: what tells one notice of this kind from another.
  mutating func limitedNotice(
    _ id: NoticeID, of detail: String = "", _ severity: Notice.Severity, _ source: NoticeSource, _ text: String,
    remedy: String? = nil
  ) {
    guard let count = limiter.count("\(id) \(excerpt(detail, 40))", at: now) else { return }
    notice(id, severity, source, count == 1 ? text : "\(text) (\(count) times)", remedy: remedy)
  }

  /// Tells of a number that was left out of a message because it makes no sense, if there is one.
  mutating func ignored(_ what: String?) {
    guard let what else { return }
    limitedNotice(
      .numberIgnored, of: what, .warning, .protocol, "a number that makes no sense was ignored: \(excerpt(what, 60))")
  }

  // MARK: Secrets

  /// - Parameter secret: what the server gave, or what was sent to it: an error may repeat it.
  mutating func remember(secret: String?) {
    guard let secret, !secret.isEmpty, !tokens.contains(secret) else { return }
    if tokens.count == Self.tokenLimit { tokens.removeFirst() }
    tokens.append(secret)
    secrets = givenSecrets + tokens
  }

  /// A text without secrets.
  func hidden(_ text: String, isOurs: Bool = false) -> String {
    Redaction.hideSecrets(in: text, literals: secrets, isOurs: isOurs)
  }

  /// A payload without secrets.
  func hidden(_ message: WireMessage, isOurs: Bool) -> [UInt8] {
    message.isText
      ? Redaction.hideSecrets(in: message.payload, literals: secrets, isOurs: isOurs)
      : Redaction.hideSecrets(inBinary: message.payload, literals: secrets, isOurs: isOurs)
  }

  /// The first characters of a text that a peer chose. Cut after its secrets were taken out: half a key is a secret, too.
  func quote(_ text: String, _ limit: Int = 160) -> String { excerpt(hidden(text), limit) }
}

/// The first characters of a text that a peer chose.
func excerpt(_ text: String, _ limit: Int = 160) -> String {
  guard text.utf8.count > limit else { return text }
  return String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit))) + "…"
}

/// As in `10 s` or `2.5 s`.
func seconds(_ duration: Duration) -> String {
  let tenths = (min(max(duration, .zero), SessionConfiguration.longestDuration).nanoseconds + 50_000_000) / 100_000_000
  return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
}

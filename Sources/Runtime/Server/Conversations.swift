import Agent
import Speech
import Timeline

/// Conversations whose client is gone, kept for a while so that it can come back.
struct Conversations {
  /// A conversation without its client.
  struct Conversation {
    var token: String
    var history: [Utterance]
    /// Holds what the language model remembers beside the history: the pretend flat, its timers.
    var replier: any ReplyGenerator
  }

  private var waiting: [String: (conversation: Conversation, until: Timestamp)] = [:]
  private let lifetime: Duration
  /// Beyond this the oldest is forgotten.
  private static let limit = 64

  init(lifetime: Duration) { self.lifetime = lifetime }

  mutating func keep(_ conversation: Conversation, as id: String, at now: Timestamp) {
    forgetExpired(at: now)
    if waiting.count >= Self.limit, let oldest = waiting.min(by: { $0.value.until < $1.value.until })?.key {
      waiting.removeValue(forKey: oldest)?.conversation.replier.stop()
    }
    waiting[id] = (conversation, now + lifetime)
  }

  /// The conversation, if it is still there and the token is the right one.
  mutating func takeUp(_ id: String, token: String, at now: Timestamp) -> Conversation? {
    forgetExpired(at: now)
    guard let (conversation, _) = waiting[id], Secrets.areEqual(conversation.token, token) else { return nil }
    waiting[id] = nil
    return conversation
  }

  mutating func forgetExpired(at now: Timestamp) {
    for (id, entry) in waiting where entry.until <= now {
      entry.conversation.replier.stop()
      waiting[id] = nil
    }
  }

  mutating func forgetAll() {
    for entry in waiting.values { entry.conversation.replier.stop() }
    waiting = [:]
  }
}

/// Session names and tokens.
enum Secrets {
  /// A random text of 16 · `words` hexadecimal digits from the system's generator.
  static func random(words: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<words).map { _ in
      let digits = String(generator.next(), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  /// Compares without telling by its duration where the difference is.
  static func areEqual(_ a: String, _ b: String) -> Bool {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    var difference = a.count ^ b.count
    for i in 0..<max(a.count, b.count) {
      difference |= Int((i < a.count ? a[i] : 0) ^ (i < b.count ? b[i] : 0))
    }
    return difference == 0
  }
}

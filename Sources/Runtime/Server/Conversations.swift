import Admission
import Timeline
import WebSockets

/// All conversations of a server: those that have their client, and those that wait for it to come back.
///
/// It only keeps the books; who takes a conversation out of them ends its providers. Owned by the server's thread.
struct Conversations {
  /// Conversations without a client. Beyond this one is forgotten: of the address that has most of them the one that has
  /// waited longest, so that nobody can push out those of others.
  static let waitingLimit = 64

  private var bySession: [String: Conversation] = [:]
  private var byLine: [ServerConnectionID: Conversation] = [:]
  private let lifetime: Duration

  /// - Parameter lifetime: how long a conversation waits for its client.
  init(lifetime: Duration) { self.lifetime = lifetime }

  // MARK: Look up

  var all: [Conversation] { Array(bySession.values) }
  /// Conversations that have their client.
  var connectedCount: Int { byLine.count }

  subscript(sessionID: String) -> Conversation? { bySession[sessionID] }
  subscript(line: ServerConnectionID) -> Conversation? { byLine[line] }

  /// The conversation that a returning client asks for, connected or not, if the token is the right one.
  func find(_ sessionID: String, token: String) -> Conversation? {
    guard let conversation = bySession[sessionID], isSameSecret(token, conversation.token) else { return nil }
    return conversation
  }

  // MARK: Clients come and go

  /// A client takes the conversation up, for the first time or again.
  /// - Returns: the line that the conversation had until now, which belongs to nobody any more.
  mutating func connect(_ conversation: Conversation, to line: ClientLine) -> ClientLine? {
    let old = conversation.line
    if let old { byLine[old.id] = nil }
    conversation.line = line
    conversation.keptUntil = nil
    byLine[line.id] = conversation
    bySession[conversation.sessionID] = conversation
    return old
  }

  /// The client has gone; the conversation waits.
  mutating func disconnect(_ conversation: Conversation, at now: Timestamp) {
    if let line = conversation.line { byLine[line.id] = nil }
    conversation.line = nil
    conversation.keptUntil = now + lifetime
  }

  /// Takes out a conversation that nobody can come back to.
  mutating func remove(_ conversation: Conversation) {
    if let line = conversation.line { byLine[line.id] = nil }
    bySession[conversation.sessionID] = nil
  }

  /// Takes out those that have waited too long, and those that are too many.
  mutating func removeExpired(at now: Timestamp) -> [Conversation] {
    guard byLine.count < bySession.count else { return [] }
    var waiting = bySession.values.filter { $0.keptUntil != nil }.sorted { $0.keptUntil! < $1.keptUntil! }
    var gone = Array(waiting.prefix { $0.keptUntil! <= now })
    waiting.removeFirst(gone.count)
    while waiting.count > Self.waitingLimit,
      let victim = FairShare.victim(waiting, owner: { FairShare.owner($0.address) })
    {
      gone.append(waiting.remove(at: victim))
    }
    for conversation in gone { bySession[conversation.sessionID] = nil }
    return gone
  }
}

import Agent
import Speech
import Timeline

/// A conversation, with or without its client. Owned by the server's thread.
///
/// The agent stays the same value from the first connection to the last: its history, settings and timers go on, and
/// so does the numbering of turns, by which late results of an earlier line are told from new ones.
final class Conversation {
  let sessionID: String
  /// What a client has to show to come back. A secret.
  let token: String
  /// Where its client comes from.
  var address: String
  var agent: Agent
  /// Holds what the language model remembers beside the history: the pretend flat, its timers.
  let replier: any ReplyGenerator
  /// The connection to its client; nil while that is gone.
  var line: ClientLine?
  /// Audio messages that were sent, over all its connections.
  var audioMessageCount = 0
  /// Without a client: when nobody needs it any more.
  var keptUntil: Timestamp?

  init(sessionID: String, token: String, address: String = "", agent: Agent, replier: any ReplyGenerator) {
    self.sessionID = sessionID
    self.token = token
    self.address = address
    self.agent = agent
    self.replier = replier
  }
}

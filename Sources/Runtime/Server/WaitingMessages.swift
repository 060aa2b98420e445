import DequeModule
import Wire

/// What a client has said and its agent does not take yet, in order. Bounded: beyond the limit the client is not read, and
/// TCP holds it up.
struct WaitingMessages {
  struct Message {
    var event: VoiceEvent
    /// It came as a binary message.
    var isBinary: Bool
    var byteCount: Int
  }

  /// Messages and bytes beyond which the client is not read; below a quarter of both it is read again. Ten minutes of
  /// small messages: a client whose pings wait behind so much in TCP would give the connection up.
  static let messageLimit = 32_768
  static let byteLimit = 16 << 20

  private var messages: Deque<Message> = []
  private var byteCount = 0
  private(set) var isFull = false

  var first: Message? { messages.first }
  var isEmpty: Bool { messages.isEmpty }

  mutating func append(_ message: Message) {
    messages.append(message)
    byteCount += message.byteCount
    if messages.count > Self.messageLimit || byteCount > Self.byteLimit { isFull = true }
  }

  mutating func removeFirst() {
    byteCount -= messages.removeFirst().byteCount
    if messages.count <= Self.messageLimit / 4, byteCount <= Self.byteLimit / 4 { isFull = false }
  }
}

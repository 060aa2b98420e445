import Timeline
import Wire

/// What a session knows about the agent's responses and their audio.
struct Downlink: Sendable {
  /// Audio of a response that was cut, which came all the same and was not played.
  struct Unplayed: Sendable {
    var messageCount = 0
    var byteCount = 0
  }

  /// Which response a message belongs to, and whether it is still wanted.
  var responses: ResponseTable
  /// Since it was last told.
  var unplayed = Unplayed()
  private(set) var isAudible = false
  /// Where the server wants to know how much was heard.
  var items = ItemLedger()

  init(_ card: DialectCard, timeout: Duration, pause: Duration) {
    responses = ResponseTable(card, timeout: timeout, pause: pause)
  }

  var deadline: Timestamp? { responses.deadline }

  mutating func playoutChanged(_ change: PlayoutChange) {
    switch change.kind {
    case .started, .recovered: isAudible = true
    case .underrun, .flushed, .finished: isAudible = false
    case .format, .undecodable, .decoded: break
    }
  }
}

import Timeline

/// What a session knows about the agent's responses and their audio.
struct Downlink: Sendable {
  /// Audio that still comes after our interrupt: a leftover of the response that was cut.
  struct Leftover: Sendable {
    /// When we stop believing that.
    var deadline: Timestamp
    var messageCount = 0
    var byteCount = 0
  }

  /// The response in progress.
  var response: ResponseID?
  var lastResponse = ResponseID(0)
  /// Set from our interrupt to its confirmation.
  var leftover: Leftover?
  /// Where only a pause tells that a response has ended: when it has.
  var pauseDeadline: Timestamp?
  private(set) var isAudible = false

  var deadline: Timestamp? { [leftover?.deadline, pauseDeadline].compactMap { $0 }.min() }

  /// The response in progress, begun now if there was none.
  mutating func current() -> ResponseID {
    if let response { return response }
    lastResponse = ResponseID(lastResponse.rawValue + 1)
    response = lastResponse
    return lastResponse
  }

  mutating func playoutChanged(_ change: PlayoutChange) {
    switch change.kind {
    case .started, .recovered: isAudible = true
    case .underrun, .flushed, .finished: isAudible = false
    case .format, .undecodable, .decoded: break
    }
  }
}

import DequeModule
import Timeline
import Wire

/// How much audio came of each item of the agent's responses, so that what was heard of one can be told in its own time.
struct ItemLedger: Sendable {
  private struct Item: Sendable {
    var ref: WireRef
    var response: ResponseID
    var ms: Double
  }

  /// More are not playing at a time.
  private static let limit = 64

  private var items: Deque<Item> = []
  private var length = AudioLength()

  init() {}

  /// Audio came that will be played.
  /// - Parameter rate: samples a second, where the message does not say.
  mutating func received(_ payload: AudioPayload, of ref: WireRef, response: ResponseID, rate: Int) {
    let ms = length.read(payload, rate: rate).ms ?? 0
    if let last = items.indices.last, items[last].ref == ref, items[last].response == response {
      items[last].ms += ms
      return
    }
    items.append(Item(ref: ref, response: response, ms: ms))
    if items.count > Self.limit { items.removeFirst() }
  }

  /// What was heard of a response's last item that was begun, once.
  /// - Parameter playedMs: of the response.
  /// - Returns: nil when it was heard to its end, or nothing is known of it.
  mutating func heard(of response: ResponseID, playedMs: Double) -> HeardAudio? {
    defer { items.removeAll { $0.response <= response } }
    var left = max(0, playedMs)
    for item in items where item.response == response {
      // A millisecond is rounding.
      if left < item.ms - 1 { return HeardAudio(of: item.ref, ms: left) }
      left -= item.ms
    }
    return nil
  }
}

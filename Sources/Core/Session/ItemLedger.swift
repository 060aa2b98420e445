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

  /// More are not playing at a time. A name has at most `WireRef.longestName` bytes, so all of it stays below 64 KiB.
  private static let limit = 64

  private var items: Deque<Item> = []
  /// What was forgotten of the oldest response, in milliseconds: it was played before what is kept.
  private var forgotten: (response: ResponseID, ms: Double)?
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
    guard items.count > Self.limit else { return }
    let oldest = items.removeFirst()
    let before = forgotten?.response == oldest.response ? forgotten?.ms ?? 0 : 0
    forgotten = (oldest.response, before + oldest.ms)
  }

  /// What was heard of a response's last item that was begun, once.
  /// - Parameter playedMs: of the response.
  /// - Returns: nil when it was heard to its end, or nothing is known of it.
  mutating func heard(of response: ResponseID, playedMs: Double) -> HeardAudio? {
    defer { items.removeAll { $0.response <= response } }
    var left = max(0, playedMs)
    if let forgotten, forgotten.response == response {
      // What it was of cannot be said any more.
      guard left >= forgotten.ms - 1 else { return nil }
      left -= forgotten.ms
    }
    for item in items where item.response == response {
      // A millisecond is rounding.
      if left < item.ms - 1 { return HeardAudio(of: item.ref, ms: left) }
      left -= item.ms
    }
    return nil
  }
}

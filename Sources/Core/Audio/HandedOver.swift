import DequeModule
import Timeline

/// Which response's audio was handed to the output, and what of it a flush takes back. Times are milliseconds of audio.
///
///     r7 ▓▓▓▓▓▓▓▓▓▓ r8 ▓▓▓▓▓▓   gap   ▓▓▓▓│       what was handed over, the newest last
///                      └─ unheard ────────┘       so much time before the end: of r8, less the gap
struct HandedOver: Sendable {
  /// Audio of one response without a gap in it.
  private struct Run: Sendable {
    /// Nil: of no response.
    var response: ResponseID?
    var ms: Double
    /// Silence that was written behind it, to fill the block.
    var silenceMs: Double
    /// Silence of the device before it.
    var gapMs: Double
    /// When its last sample is heard, the silence included, as far as that was known when it was handed over.
    var end: Timestamp?
  }

  /// Far more runs than a device and a ring hold.
  private static let capacity = 64
  /// Shorter gaps are the unrest of what a device tells. It puts in silence in periods, which last 10 ms.
  private static let leastGapMs = 1.0

  private var runs: Deque<Run> = []
  /// Responses that were handed over to their end, and how long they are.
  private var finished: [(response: ResponseID, ms: Double)] = []

  /// - Parameters:
  ///   - silenceMs: was written behind it.
  ///   - response: nil for audio of no response.
  ///   - start: when its first sample is heard; nil where that is not known.
  mutating func add(_ ms: Double, silenceMs: Double = 0, of response: ResponseID?, heardFrom start: Timestamp?) {
    let gap = runs.last?.end.flatMap { end in start.map { ($0 - end).milliseconds } } ?? 0
    let end = start.map { $0 + .recorded(milliseconds: ms + silenceMs) }
    if let last = runs.last, last.response == response, last.silenceMs == 0, gap < Self.leastGapMs {
      runs[runs.count - 1].ms += ms
      runs[runs.count - 1].silenceMs = silenceMs
      runs[runs.count - 1].end = end
      return
    }
    runs.append(
      Run(response: response, ms: ms, silenceMs: silenceMs, gapMs: gap < Self.leastGapMs ? 0 : gap, end: end))
    guard runs.count > Self.capacity, let oldest = runs.popFirst()?.response else { return }
    // It is heard by now.
    if !runs.contains(where: { $0.response == oldest }) { finished.removeAll { $0.response == oldest } }
  }

  /// A response was handed over to its end.
  mutating func finish(_ response: ResponseID, ms: Double) {
    guard runs.contains(where: { $0.response == response }) else { return }
    finished.append((response, ms))
  }

  /// Everything is flushed: whose audio is taken back, and what of it, the oldest response first.
  /// - Parameter unheardMs: the end of what was handed over is not heard, so much of it, gaps included.
  /// - Returns: for each response, how long it is, if it was handed over to its end, and what is taken back.
  mutating func takeBack(unheardMs: Double) -> [(response: ResponseID, finishedMs: Double?, unheardMs: Double)] {
    var rest = unheardMs
    var taken: [(response: ResponseID, finishedMs: Double?, unheardMs: Double)] = []
    while rest > 0, let run = runs.popLast() {
      let part = min(max(0, rest - run.silenceMs), run.ms)
      rest -= run.silenceMs + run.ms + run.gapMs
      guard let response = run.response, part > 0 else { continue }
      if taken.last?.response == response {
        taken[taken.count - 1].unheardMs += part
      } else {
        taken.append((response, finished.last { $0.response == response }?.ms, part))
      }
    }
    runs.removeAll()
    finished.removeAll()
    return taken.reversed()
  }
}

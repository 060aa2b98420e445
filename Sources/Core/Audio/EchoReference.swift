import DequeModule

/// What the loudspeaker said, delayed to where the microphone hears it: the far end of an `EchoCanceller`.
///
/// Both streams are counted in samples, so that the jitter of the threads which deliver them cannot move them against
/// each other: sample `n` from the microphone is paired with sample `n - delay` of what was handed to the speaker. So
/// hand over everything the speaker gets, silence too. What has not arrived yet reads as silence and is counted.
///
///     handed to the speaker ─► push ──[ delay ]──► pull ─► far, beside near ─► EchoCanceller
public struct EchoReference: Sendable {
  /// From handing a sample to the speaker to hearing it in the microphone, in samples; below 0 where the microphone's
  /// count began earlier than the speaker's. May be changed at any time: the next `pull` reads from the new place.
  public var delay: Int {
    didSet { delay = min(max(delay, -capacity), capacity) }
  }
  /// The most samples of the past that are kept, and so the largest delay, either way.
  public let capacity: Int
  /// Samples handed over, and samples asked for, since the start.
  public private(set) var pushed = 0
  public private(set) var pulled = 0
  /// Samples that were asked for before they had arrived.
  public private(set) var missing = 0

  private var history: Deque<Int16> = []

  /// - Parameters:
  ///   - delay: in samples.
  ///   - capacity: in samples; 2 s of them suits any local sound device.
  public init(delay: Int, capacity: Int) {
    self.capacity = max(capacity, 1)
    self.delay = min(max(delay, -self.capacity), self.capacity)
  }

  /// How far the microphone's count is ahead of the speaker's, in samples. It wavers by a block or so; a steady trend
  /// is the drift of the two clocks against each other.
  public var lead: Int { pulled - pushed }

  /// Samples that can be pulled now without any missing.
  public var available: Int { max(0, pushed - (pulled - delay)) }

  /// These samples were handed to the speaker.
  public mutating func push(_ samples: [Int16]) {
    pushed += samples.count
    history.append(contentsOf: samples)
    // `delay` is at most `capacity`; as much again is for a microphone that lags behind.
    if history.count > 2 * capacity { history.removeFirst(history.count - 2 * capacity) }
  }

  /// The microphone delivered `count` samples: what the speaker said into them.
  public mutating func pull(_ count: Int) -> [Int16] {
    let oldest = pushed - history.count
    let start = pulled - delay
    pulled += count
    var samples = [Int16](repeating: 0, count: count)
    for i in 0..<count where start + i >= max(oldest, 0) {
      guard start + i < pushed else {
        missing += count - i
        break
      }
      samples[i] = history[start + i - oldest]
    }
    return samples
  }

  /// Starts both counts anew, as after a sound device was reopened.
  public mutating func reset() {
    history.removeAll()
    (pushed, pulled) = (0, 0)
  }
}

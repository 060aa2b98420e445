import DequeModule

/// Client audio that the recognizer has no room for yet, in the order in which it came.
///
/// A client that sends faster than it records would fill the recognizer with minutes of audio. Nothing would be lost,
/// but every end of an utterance would be told behind all of it. So the recognizer is kept a little ahead only.
struct AudioIntake: Sendable {
  /// Samples that wait.
  private(set) var count = 0

  private var pieces: Deque<[Int16]> = []
  /// Samples of the first piece that have gone.
  private var gone = 0

  var isEmpty: Bool { count == 0 }

  mutating func append(_ samples: some Collection<Int16>) {
    guard !samples.isEmpty else { return }
    pieces.append(Array(samples))
    count += samples.count
  }

  /// Takes at most so many samples of one piece; empty when none waits.
  mutating func next(atMost limit: Int) -> [Int16] {
    guard let first = pieces.first, limit > 0 else { return [] }
    let taken = Array(first[gone..<min(first.count, gone + limit)])
    gone += taken.count
    count -= taken.count
    if gone == first.count {
      pieces.removeFirst()
      gone = 0
    }
    return taken
  }
}

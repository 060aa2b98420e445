/// How much may be under way to a terminal that cannot be seen. Between us and its screen may lie megabytes, in an ssh
/// connection or a pseudo-terminal, all of them frames of the past.
///
///     frame, "are you well?" ─► … slow link … ─► terminal draws, answers ─► the next question
///
/// The question (DSR 5, ECMA-48) is answered when everything before it was drawn. As long as an answer takes its time,
/// no more than `size` bytes are drawn behind the question; quick answers widen the window, slow ones narrow it, down to
/// one frame for each answer. A terminal that does not answer the first question is not asked again.
struct LinkWindow {
  static let question: [UInt8] = Array("\u{1B}[5n".utf8)
  private static let widest = 16_384
  private static let narrowest = 512
  /// Answers that take longer narrow the window: more would be seen as a delay of each key.
  private static let slow: Int64 = 100_000_000
  /// An answer that has not come by now will not come any more: the terminal was changed under us.
  private static let patience: Int64 = 10_000_000_000

  /// In bytes; 0 while each frame waits for the answer to the one before.
  private(set) var size = 4_096
  private var sinceQuestion = 0
  private var askedAt: Int64?
  private var hasEverAnswered = false

  /// An answer is under way.
  var isAwaitingAnswer: Bool { askedAt != nil && hasEverAnswered }

  /// A frame goes out. True: the question goes with it.
  /// - Parameter now: nanoseconds.
  mutating func sent(_ count: Int, at now: Int64) -> Bool {
    sinceQuestion += count
    if let askedAt, hasEverAnswered, now - askedAt > Self.patience { self.askedAt = nil }
    guard askedAt == nil, !hasEverAnswered || sinceQuestion > size / 2 else { return false }
    (askedAt, sinceQuestion) = (now, 0)
    return true
  }

  mutating func answered(at now: Int64) {
    guard let asked = askedAt else { return }
    (askedAt, hasEverAnswered) = (nil, true)
    if now - asked > Self.slow {
      size = size > Self.narrowest ? size / 2 : 0
    } else {
      size = min(Self.widest, max(Self.narrowest, size * 2))
    }
  }

  /// What is drawn now would be seen too late.
  func isFull(at now: Int64) -> Bool {
    guard hasEverAnswered, let askedAt, now - askedAt <= Self.patience else { return false }
    return sinceQuestion >= size
  }
}

import Timeline

/// Lets a response's audio go at the pace at which it is heard, a little ahead.
///
/// The client is taken to play what it gets at once and without a pause while it has any: `playedBy` is when it will
/// have played everything that was sent. Pieces never span two sentences.
struct SpeechPacer: Sendable {
  /// Samples a second.
  let rate: Int
  /// Samples of a whole piece.
  let pieceCount: Int
  /// How far `playedBy` may be ahead of now.
  let lead: Duration
  /// Samples that went.
  private(set) var sentCount = 0
  /// When everything sent will have been played; nil before the first piece.
  private(set) var playedBy: Timestamp?
  /// Since when nothing goes and nothing is played.
  private var heldSince: Timestamp?

  private var waiting: [Int16] = []
  /// Samples at the front of `waiting` that have gone.
  private var gone = 0
  /// Where sentences end, counted as `sentCount` is, ascending.
  private var sentenceEnds: [Int] = []

  init(rate: Int, piece: Duration, lead: Duration) {
    self.rate = max(1, rate)
    pieceCount = max(1, Int(piece.nanoseconds * Int64(max(1, rate)) / 1_000_000_000))
    self.lead = lead
  }

  /// Samples that wait to be sent.
  var waitingCount: Int { waiting.count - gone }
  /// How long they last.
  var waitingTime: Duration { .samples(waitingCount, rate: rate) }

  mutating func append(_ samples: [Int16]) { waiting.append(contentsOf: samples) }

  /// What has been appended is the end of a sentence: its last piece may be shorter than the others.
  mutating func endSentence() {
    let end = sentCount + waitingCount
    if end > sentCount, sentenceEnds.last != end { sentenceEnds.append(end) }
  }

  /// The next piece, if there is one and it is time for it.
  mutating func next(at now: Timestamp) -> [Int16]? {
    guard heldSince == nil, let count = nextCount else { return nil }
    let start = max(playedBy ?? now, now)
    let end = start + .samples(count, rate: rate)
    // When the client has nothing left, the next piece goes however long it is.
    guard end - now <= lead || start == now else { return nil }
    playedBy = end
    sentCount += count
    let piece = Array(waiting[gone..<gone + count])
    gone += count
    if gone > 32_768 || gone == waiting.count {
      waiting.removeFirst(gone)
      gone = 0
    }
    if sentenceEnds.first == sentCount { sentenceEnds.removeFirst() }
    return piece
  }

  /// When the next piece is to be sent; nil when none waits.
  var deadline: Timestamp? {
    guard heldSince == nil, let count = nextCount, let playedBy else { return nil }
    // Not later than when the client has played everything.
    return min(playedBy, playedBy + .samples(count, rate: rate) - lead)
  }

  /// How many samples have been heard, if playing starts `delay` after sending.
  func heardCount(at now: Timestamp, delay: Duration) -> Int {
    guard let playedBy else { return 0 }
    let left = playedBy + delay - (heldSince ?? now)
    guard left > .zero else { return sentCount }
    return max(0, sentCount - Int(left.nanoseconds * Int64(rate) / 1_000_000_000))
  }

  /// Nothing goes from now on, and the client plays nothing.
  mutating func hold(at now: Timestamp) { heldSince = heldSince ?? now }

  /// All goes on where it was held.
  mutating func release(at now: Timestamp) {
    guard let since = heldSince else { return }
    heldSince = nil
    playedBy = playedBy.map { $0 + (now - since) }
  }

  private var nextCount: Int? {
    let untilEnd = sentenceEnds.first.map { $0 - sentCount }
    if let untilEnd, untilEnd <= pieceCount { return untilEnd }
    return waitingCount >= pieceCount ? pieceCount : nil
  }
}

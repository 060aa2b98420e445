/// Where the audio of an answer went, in milliseconds.
public struct HeardLedger: Sendable, Equatable {
  public var receivedMs: Double
  /// Waits to be played.
  public var queuedMs: Double
  public var playedMs: Double
  /// Thrown away unheard, here or because it came after the cut.
  public var discardedMs: Double
  public init(receivedMs: Double, queuedMs: Double, playedMs: Double, discardedMs: Double) {
    self.receivedMs = receivedMs
    self.queuedMs = queuedMs
    self.playedMs = playedMs
    self.discardedMs = discardedMs
  }
}

extension Turn {
  /// Where its audio went. Received is the sum of the others.
  public var ledger: HeardLedger {
    let rest = max(0, receivedMs - playedMs - discardedMs)
    let isCut = ending == .interrupted || ending == .bargedIn
    // Once the playout is empty nothing waits; what was not thrown away here was refused, or is rounding.
    return HeardLedger(
      receivedMs: receivedMs, queuedMs: isPlayedOut ? 0 : rest, playedMs: playedMs,
      discardedMs: discardedMs + (isPlayedOut && isCut ? rest : 0))
  }
}

extension TranscriptLine {
  /// Where an answer was cut.
  public struct Cut: Sendable, Equatable {
    /// Words that were heard, of all.
    public var heardWords: Int
    public var wordCount: Int
    /// The last word that was heard; nil when none was.
    public var word: String?
    public init(heardWords: Int, wordCount: Int, word: String?) {
      self.heardWords = heardWords
      self.wordCount = wordCount
      self.word = word
    }
  }

  /// The cut, to the nearest word; nil for what was heard whole.
  public var cut: Cut? {
    guard speaker == .agent, let heardShare, heardShare.isFinite else { return nil }
    let words = text.split(whereSeparator: \.isWhitespace)
    let heard = Int((min(1, max(0, heardShare)) * Double(words.count)).rounded())
    return Cut(heardWords: heard, wordCount: words.count, word: heard > 0 ? String(words[heard - 1]) : nil)
  }
}

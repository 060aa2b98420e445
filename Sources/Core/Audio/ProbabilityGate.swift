/// A voice detector's decision has changed.
public struct SpeechEdge: Sendable, Equatable {
  public var isSpeech: Bool
  /// The first or the last voiced sample, counted from the detector's first.
  public var sample: Int
  public init(isSpeech: Bool, sample: Int) {
    self.isSpeech = isSpeech
    self.sample = sample
  }
}

/// Turns the probabilities of a neural voice detector into edges, with hysteresis.
///
/// Speech begins with a block that is speech with a probability of 0.5 or more. It ends when some blocks in a row stay
/// below 0.35. With these numbers, which are the model's authors' own, and an end after 96 ms, the detector found 70
/// utterances in 360 s with no false start, 45 ms late in the middle and 225 ms at p95 (docs/decisions/speech.md).
public struct ProbabilityGate: Sendable {
  /// Samples a second of what the model is given.
  public static let rate = 16_000
  /// Samples of a block: 32 ms.
  public static let block = 512
  public static let onset: Float = 0.5
  public static let release: Float = 0.35
  /// Blocks in a row that end speech.
  public let endBlocks: Int

  public private(set) var isSpeech = false
  /// The last sample that was voiced for certain; while there is speech, the newest one.
  public private(set) var lastVoicedSample = 0
  private var position = 0
  private var quietBlocks = 0

  /// - Parameters:
  ///   - endBlocks: blocks in a row that end speech, 1 at least. Without it three, for who measures silence by itself.
  ///   - isSpeech: somebody speaks already, as far as another detector can tell.
  public init(endBlocks: Int = 3, isSpeech: Bool = false) {
    self.endBlocks = max(1, endBlocks)
    self.isSpeech = isSpeech
  }

  /// What the next block is held against.
  public var threshold: Float { isSpeech ? Self.release : Self.onset }

  /// Takes the probability of the next block; returns the edge that it makes.
  public mutating func take(_ probability: Float) -> SpeechEdge? {
    let start = position
    position += Self.block
    // NaN is no speech: each comparison with it is false.
    if !isSpeech {
      guard probability >= Self.onset else { return nil }
      isSpeech = true
      quietBlocks = 0
      lastVoicedSample = position
      return SpeechEdge(isSpeech: true, sample: start)
    }
    if probability >= Self.release {
      quietBlocks = 0
      lastVoicedSample = position
      return nil
    }
    quietBlocks += 1
    guard quietBlocks >= endBlocks else { return nil }
    isSpeech = false
    lastVoicedSample = position - endBlocks * Self.block
    return SpeechEdge(isSpeech: false, sample: lastVoicedSample)
  }
}

import Timeline

/// How much silence ends the user's turn.
public struct Endpointing: Sendable, Equatable {
  /// After words that tell nothing of whether more comes, and where no words are known.
  public var silence: Duration
  /// After words that are complete by themselves; nil: as after others.
  public var silenceOfComplete: Duration?
  /// After words that lead on to others; nil: as after others.
  public var silenceOfUnfinished: Duration?

  public init(silence: Duration, ofComplete: Duration? = nil, ofUnfinished: Duration? = nil) {
    self.silence = silence
    (silenceOfComplete, silenceOfUnfinished) = (ofComplete, ofUnfinished)
  }

  public static let normal = Endpointing(silence: .milliseconds(500))
  /// A recogniser knows the words some 200 ms after the voice has ended. Nobody is cut off sooner than by `normal` but
  /// after words that are complete.
  public static let adaptive = Endpointing(
    silence: .milliseconds(500), ofComplete: .milliseconds(200), ofUnfinished: .milliseconds(900))
  public static let snappy = Endpointing(silence: .milliseconds(300), ofComplete: .milliseconds(200))

  /// Whether words decide: then it pays to ask for an answer before the turn is over.
  var looksAtWords: Bool { silenceOfComplete != nil }

  /// - Parameter completeness: of the words before the pause; nil while they are not known.
  func silence(after completeness: TurnCompleteness?) -> Duration {
    switch completeness {
    case .complete: silenceOfComplete ?? silence
    case .unfinished: silenceOfUnfinished ?? silence
    case .open, nil: silence
    }
  }
}

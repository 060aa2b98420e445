import Timeline

// Which turn a moment belongs to, and where a turn begins.
extension Turn {
  /// The first that is known of it: its speech, or what came of it; nil for a turn of which nothing has happened yet.
  public var begin: Timestamp? {
    [speechStart, speechEnd, endpointed, final, firstText, firstAudio, firstSound].compactMap(\.self).min()
  }
}

extension Insight {
  /// The turn that was going on at a moment: the last that had begun. Nil before the first.
  public func turn(at moment: Timestamp) -> Turn? {
    turns.last { $0.begin.map { $0 <= moment } ?? false }
  }

  /// A turn by its number; nil when it is not kept.
  public func turn(_ number: Int) -> Turn? { turns.last { $0.number == number } }
}

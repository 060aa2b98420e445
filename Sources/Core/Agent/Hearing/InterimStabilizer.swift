/// Turns hypotheses that change at every look into interim text that settles.
///
/// A hypothesis rewrites its own last words several times a second. Shown are the words that two looks in a row agree
/// on; text is taken back only when they agree on something else, not when they are merely in doubt. Capitals and marks
/// make no difference: they change with every look.
public struct InterimStabilizer: Sendable {
  private var previous: [String] = []
  private var delivered: [String] = []

  public init() {}

  /// Takes the hypothesis of one more look. Returns the new interim text if its words changed.
  public mutating func observe(_ words: [String]) -> String? {
    let keys = words.map(TranscriptText.key)
    let agreed = zip(previous, keys).prefix { $0 == $1 }.map(\.0)
    previous = keys
    guard agreed != delivered, !delivered.starts(with: agreed) else { return nil }
    delivered = agreed
    return words.prefix(agreed.count).joined(separator: " ")
  }

  /// Takes words that are sure: they are shown at once.
  public mutating func settle(_ words: [String]) -> String? {
    let keys = words.map(TranscriptText.key)
    previous = keys
    guard keys != delivered, !keys.isEmpty else { return nil }
    delivered = keys
    return words.joined(separator: " ")
  }
}

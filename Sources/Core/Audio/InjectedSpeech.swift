import Timeline

/// Speech that does not come from the microphone, ready to be spoken into its path.
public struct InjectedSpeech: Sendable {
  /// At the uplink's rate.
  public var samples: [Int16]
  public var source: Injection.Source
  /// The words, or the file's name.
  public var name: String
  /// Added to the microphone, not in its place.
  public var isMixed = false
  /// It passes the gate as the operator's own doing. What is mixed with the microphone does not: a muted microphone
  /// must stay unheard.
  public var isSynthetic = true

  public init(
    samples: [Int16], source: Injection.Source, name: String, isMixed: Bool = false, isSynthetic: Bool = true
  ) {
    self.samples = samples
    self.source = source
    self.name = name
    self.isMixed = isMixed
    self.isSynthetic = isSynthetic
  }
}

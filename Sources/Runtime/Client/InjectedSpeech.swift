import Timeline

/// Speech that does not come from the microphone, ready to be spoken into its path.
struct InjectedSpeech: Sendable {
  /// At the uplink's rate.
  var samples: [Int16]
  var source: Injection.Source
  /// The words, or the file's name.
  var name: String
  /// Added to the microphone, not in its place.
  var isMixed = false
  /// It passes the gate as the operator's own doing. What is mixed with the microphone does not: a muted microphone
  /// must stay unheard.
  var isSynthetic = true
}

extension String {
  /// Of a path: the file's name.
  var lastPart: String { split(separator: "/").last.map(String.init) ?? self }
}

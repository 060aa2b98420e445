import Timeline

/// From where a conversation is seen, and so where an answer begins for whoever measures it.
public enum Vantage: String, Sendable {
  /// The program plays the agent's audio: an answer begins when its first sample is heard.
  case ear
  /// The messages pass by, and somebody else plays them: an answer begins when its first audio message has passed. What its
  /// player adds is not known.
  case wire

  /// Only a client plays what the agent says.
  init(of source: Source) {
    switch source.kind {
    case .server, .proxy: self = .wire
    case .client, .replay, .other: self = .ear
    }
  }
}

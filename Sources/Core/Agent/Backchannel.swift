/// Words that say "I am listening" and ask for nothing, such as "mm-hmm" and "yeah, I see".
enum Backchannel: Sendable {
  /// What was understood of an utterance so far.
  enum Reading: Sendable, Equatable {
    /// No words yet.
    case nothing
    case agreement
    /// A few words that ask for nothing: what a recogniser writes for a sound, too, as "I'm on." for "mm-hmm". How long the
    /// voice was decides.
    case unclear
    /// Something that wants the floor.
    case words
  }

  /// More words are a sentence. Backchannels have one or two words almost always (Jurafsky et al., "Lexical, prosodic, and
  /// syntactic cues for dialog acts", 1998: "uh-huh", "yeah", "right" and "oh" are most of those in Switchboard).
  static let longest = 3

  static func reading(of text: String) -> Reading {
    // A recogniser that writes "♪" or "." has understood no words.
    let words = SpokenWords.fold(text)
    guard !words.isEmpty else { return .nothing }
    guard words.count <= longest else { return .words }
    var rest = words[...]
    while !rest.isEmpty {
      guard let phrase = phrases.first(where: { rest.starts(with: $0) }) else {
        return words.contains(where: wantsTheFloor) ? .words : .unclear
      }
      rest = rest.dropFirst(phrase.count)
    }
    return .agreement
  }

  /// Whether a word by itself asks, orders, refuses or counts.
  private static func wantsTheFloor(_ word: String) -> Bool {
    floorWords.contains(word) || word.contains(where: \.isNumber) || NumberWords.read([word]) != nil
  }
  private static let floorWords: Set<String> = [
    "stop", "wait", "hold", "pause", "quiet", "silence", "enough", "hush", "listen", "look", "excuse", "sorry",
    "pardon",
    "hey", "hello", "hi", "please", "help", "bye", "goodbye", "thanks", "thank",
    "no", "not", "nope", "nah", "never", "but", "actually", "cancel", "wrong", "nevermind",
    "what", "who", "whose", "why", "when", "where", "how", "which", "can", "could", "would", "will", "do", "does", "is",
    "are", "may", "should",
    "set", "tell", "turn", "play", "next", "skip", "repeat", "again", "back", "louder", "slower", "faster", "give",
    "show",
    "make", "start", "go", "say", "call", "send", "read", "add", "open", "close",
  ]

  /// As `SpokenWords` writes them; longer ones first.
  private static let phrases: [[String]] = [
    ["that", "is", "right"], ["that", "is", "true"], ["that", "is", "good"], ["that", "is", "great"],
    ["i", "see"], ["got", "it"], ["gotcha"], ["of", "course"], ["i", "know"], ["i", "understand"], ["makes", "sense"],
    ["go", "on"], ["go", "ahead"], ["very", "good"], ["very", "nice"], ["oh", "my"],
    ["mhm"], ["uhhuh"], ["hm"], ["aha"], ["ah"], ["oh"], ["ooh"], ["huh"], ["wow"], ["ha"], ["haha"],
    ["yeah"], ["yes"], ["yep"], ["yup"], ["ok"], ["okay"], ["right"], ["alright"], ["sure"], ["true"], ["indeed"],
    ["really"], ["exactly"], ["absolutely"], ["definitely"], ["totally"],
    ["cool"], ["nice"], ["good"], ["great"], ["fine"], ["perfect"], ["lovely"], ["amazing"], ["interesting"],
  ]
}

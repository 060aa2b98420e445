/// Whether somebody who has paused seems to be done, by the words alone. English.
///
/// A detector of silence cannot tell a pause for breath from the end of a turn, which is why it waits for half a second.
/// The words often can: people pause after "and", and hardly ever wait for an answer there; "what time is it" is whole.
/// Marks say nothing: recognisers put a full stop behind every piece they are given.
enum TurnCompleteness: Sendable, Equatable {
  /// A question, an order or an answer that needs no more words.
  case complete
  case open
  /// It ends with a word that leads on to another one.
  case unfinished

  init(of text: String) {
    let words = SpokenWords.fold(text)
    guard let last = words.last else {
      self = .open
      return
    }
    if Self.leadingOn.contains(last) {
      self = .unfinished
    } else if Self.answers.contains(words) || Self.isQuestion(words) || Self.isOrder(words) {
      self = .complete
    } else {
      self = .open
    }
  }

  /// "What is two plus two", "can you help me": a word that asks, and at least three more.
  private static func isQuestion(_ words: [String]) -> Bool {
    words.count >= 4 && (askingWords.contains(words[0]) || words.count >= 5 && helpers.contains(words[0]))
  }

  /// "Turn on the light", "please stop the music": a word that orders, and what is to be done.
  private static func isOrder(_ words: [String]) -> Bool {
    let order = words[0] == "please" ? words.dropFirst() : words[...]
    guard let verb = order.first else { return false }
    return orderWords.contains(verb) && order.count >= 3 || loneOrders.contains(verb) && order.count == 1
  }

  private static let askingWords: Set<String> = ["what", "who", "whose", "why", "when", "where", "how", "which"]
  private static let helpers: Set<String> = [
    "can", "could", "would", "will", "do", "does", "did", "is", "are", "was", "were", "may", "should", "have", "has",
  ]
  private static let orderWords: Set<String> = [
    "turn", "set", "play", "stop", "start", "tell", "show", "open", "close", "call", "send", "read", "add", "cancel",
    "remind", "repeat", "switch", "book", "find", "explain", "give", "make", "remember",
  ]
  private static let loneOrders: Set<String> = ["stop", "cancel", "repeat", "continue"]
  /// Whole turns.
  private static let answers: Set<[String]> = [
    ["yes"], ["no"], ["yes", "please"], ["no", "thanks"], ["no", "thank", "you"], ["thank", "you"], ["thanks"],
    ["thank", "you", "very", "much"], ["hello"], ["hi"], ["goodbye"], ["bye"], ["that", "is", "all"],
    ["that", "is", "right"], ["how", "are", "you"], ["never", "mind"],
  ]

  /// Articles, pronouns that own, prepositions, conjunctions, helpers and sounds of thinking: none of them ends a turn,
  /// and those that may ("what are you thinking of") cost a longer wait and nothing else.
  private static let leadingOn: Set<String> = [
    "a", "an", "the", "my", "your", "his", "our", "their", "its", "this", "these", "those", "some", "any", "every",
    "and", "or", "but", "so", "because", "if", "that", "then", "than", "as", "while", "when", "where", "which", "who",
    "whether", "until", "unless", "although", "though", "since",
    "of", "to", "from", "with", "without", "for", "at", "by", "into", "onto", "about", "between", "during", "after",
    "before", "under", "over", "in", "on", "per", "like",
    "is", "are", "was", "were", "am", "be", "been", "will", "would", "can", "could", "should", "shall", "may", "might",
    "must", "has", "have", "had", "do", "does", "did",
    "i", "we", "they", "he", "she",
    "um", "uh", "er", "hm", "well", "actually", "also", "plus", "minus", "times", "very", "more", "another", "next",
    "please", "maybe", "just", "not",
  ]
}

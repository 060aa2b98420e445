/// A word as it is spoken: what flite's front end makes of a text, numbers and abbreviations spelt out.
struct SpokenWord: Equatable {
  /// A sound of the word.
  struct Phone: Equatable {
    /// Its name in the phone set of CMU's dictionary, lower case: `aa`, `th`, `zh`, and `ax` for a reduced vowel.
    var name: String
    /// Whether it belongs to a syllable with primary stress.
    var isStressed: Bool
  }

  /// In lower case, as in `doctor` for "Dr.".
  var text: String
  var phones: [Phone]
  /// The mark that follows it, one of `, . ; : ? !`.
  var mark: Character?

  /// A word that carries no stress in a sentence: a speaker does not pause behind it.
  var isFunctionWord: Bool { Self.functionWords.contains(text) }

  private static let functionWords: Set<String> = [
    "a", "am", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can", "could", "did", "do", "does", "for",
    "from", "had", "has", "have", "he", "her", "him", "his", "i", "if", "in", "is", "it", "its", "may", "me", "might",
    "must", "my", "not", "of", "on", "or", "our", "shall", "she", "should", "so", "than", "that", "the", "their",
    "them", "they", "this", "to", "us", "was", "we", "were", "will", "with", "would", "you", "your",
  ]
}

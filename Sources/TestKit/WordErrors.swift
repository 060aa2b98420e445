import Agent

/// How much of what was said was heard.
public struct WordErrors: Sendable, Equatable {
  /// Words that must be replaced, inserted or left out to turn what was heard into what was said.
  public var errors = 0
  /// Words that were said.
  public var words = 0

  public init() {}
  public init(said: String, heard: String) { add(said: said, heard: heard) }

  /// Percent of the words, the word error rate; not a number where nothing was said.
  public var percent: Double { words == 0 ? .nan : 100 * Double(errors) / Double(words) }

  public mutating func add(said: String, heard: String) {
    errors += Self.count(said: said, heard: heard)
    words += Self.folded(said).count
  }

  public mutating func add(_ other: WordErrors) {
    errors += other.errors
    words += other.words
  }

  /// The fewest words to be replaced, inserted or left out. Capitals, marks, contractions, digits and words that are written
  /// in one or in two are no errors.
  public static func count(said: String, heard: String) -> Int {
    count(said: folded(said), heard: folded(heard))
  }

  static func count(said: [String], heard: [String]) -> Int {
    var row = Array(0...heard.count)
    for i in said.indices {
      var diagonal = row[0]
      row[0] = i + 1
      for j in heard.indices {
        let substituted = diagonal + (said[i] == heard[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[heard.count]
  }

  /// The words as they are compared, whoever wrote them.
  public static func folded(_ text: String) -> [String] {
    var words: [String] = []
    for spoken in SpokenWords.fold(text) {
      // "users" and "user's" sound the same.
      let plain = spoken.filter { $0 != "'" }
      let word = alike[plain] ?? plain
      if let last = words.last, inOne.contains(last + word) {
        words[words.count - 1] = last + word
      } else {
        words.append(word)
      }
    }
    return words
  }

  /// Words with two spellings.
  private static let alike = [
    "mister": "mr", "okay": "ok", "centre": "center", "metres": "meters",
  ]
  /// Words that some write in two.
  private static let inOne: Set<String> = [
    "mailbox", "voicemail", "touchtone", "keypad", "blacklist", "blacklisted", "login", "email", "telemarketers",
    "rerecord",
  ]
}

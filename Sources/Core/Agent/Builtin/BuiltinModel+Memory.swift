/// What was said before: repeating, recalling, going on.
extension BuiltinModel {
  /// "repeat after me …"
  func echo(_ phrase: Phrase, original: String) -> String? {
    // Words are repeated as they were typed: "Repeat after me: Hello, World!"
    let words = original.split(whereSeparator: \.isWhitespace)
    func first(_ wanted: String...) -> Int? {
      words.firstIndex { wanted.contains($0.lowercased().filter(\.isLetter)) }
    }
    let marker: Int
    if phrase.begins("repeat after me", "say after me") {
      marker = first("me") ?? 2
    } else if phrase.begins("say", "repeat"), phrase.words.count > 1, !Self.isRecall(phrase) {
      marker = first("say", "repeat") ?? 0
    } else {
      return nil
    }
    let rest = words.dropFirst(marker + 1).joined(separator: " ")
    return rest.isEmpty ? "What shall I repeat? Say: repeat after me, and then the words." : rest
  }

  mutating func memory(_ phrase: Phrase, _ history: [Utterance]) -> String? {
    let before = history.dropLast()
    if phrase.has("what did i just say", "what did i say", "what have i said", "what i just said") {
      guard let said = before.last(where: { $0.speaker == .user }) else { return "You have not said anything before." }
      return "You said: \(Self.closed(said.text))"
    }
    if Self.isRecall(phrase) {
      guard let said = before.last(where: { $0.speaker == .agent }) else { return "I have not said anything yet." }
      return (said.wasCut ? "I got as far as: " : "I said: ") + Self.closed(said.text)
    }
    if phrase.isJust("go on", "continue", "carry on", "keep going", "go ahead") { return goOn(before) }
    if phrase.has("forget everything", "start over", "start again") {
      flat = Flat()
      (userName, storyCount, jokeCount) = (nil, 0, 0)
      return "All right, from the beginning. What can I do for you?"
    }
    return nil
  }

  /// Asks for the last answer again.
  private static func isRecall(_ phrase: Phrase) -> Bool {
    phrase.has(
      "what did you just say", "what did you say", "say that again", "say it again", "repeat that", "repeat it",
      "come again", "did not understand", "the story again")
      || phrase.isJust("pardon", "sorry", "repeat", "again")
  }

  /// The rest of an answer that was cut, from the beginning of the sentence in which it was.
  private func goOn(_ before: ArraySlice<Utterance>) -> String {
    guard let said = before.last(where: { $0.speaker == .agent }), said.wasCut else { return "I had finished." }
    var chunker = SentenceChunker()
    var rest = (chunker.append(lastText) + chunker.finish())[...]
    var heardCount = said.text.split(separator: " ").count
    while let sentence = rest.first {
      let count = sentence.split(separator: " ").count
      guard count <= heardCount else { break }
      heardCount -= count
      rest.removeFirst()
    }
    return rest.isEmpty ? "I had finished." : rest.joined(separator: " ")
  }

  /// With a full stop at its end.
  private static func closed(_ text: String) -> String {
    text.last.map { ".!?".contains($0) } == true ? text : text + "."
  }
}

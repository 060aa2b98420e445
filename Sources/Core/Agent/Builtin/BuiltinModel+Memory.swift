/// What was said before: repeating, recalling, going on.
extension BuiltinModel {
  /// "repeat after me …"
  func echo(_ phrase: Phrase, original: String) -> String? {
    guard phrase.begins("repeat after me", "say after me") else { return nil }
    let words = original.split(whereSeparator: \.isWhitespace)
    // As it was typed: "Repeat after me: Hello, World!"
    let marker = words.firstIndex { $0.lowercased().filter(\.isLetter) == "me" } ?? 2
    let rest = words.dropFirst(marker + 1).joined(separator: " ")
    return rest.isEmpty ? "What shall I repeat? Say: repeat after me, and then the words." : rest
  }

  func memory(_ phrase: Phrase, _ history: [Utterance]) -> String? {
    let before = history.dropLast()
    if phrase.has("what did i just say", "what did i say", "what have i said", "what i just said") {
      guard let said = before.last(where: { $0.speaker == .user }) else { return "You have not said anything before." }
      return "You said: \(Self.closed(said.text))"
    }
    if phrase.has(
      "what did you just say", "what did you say", "say that again", "say it again", "repeat that", "come again")
      || phrase.isJust("pardon", "sorry", "repeat", "again")
    {
      guard let said = before.last(where: { $0.speaker == .agent }) else { return "I have not said anything yet." }
      return (said.wasCut ? "I got as far as: " : "I said: ") + Self.closed(said.text)
    }
    if phrase.isJust("go on", "continue", "carry on", "keep going", "go ahead") { return goOn(before) }
    return nil
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

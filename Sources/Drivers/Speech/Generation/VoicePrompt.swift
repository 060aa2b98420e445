import Agent

/// What a language model is told, so that its words can be spoken.
enum VoicePrompt {
  static let standard = """
    You are the voice of a spoken conversation. Everything you write is read aloud by a speech synthesizer, and what \
    the user says reaches you through a speech recognizer that makes mistakes: guess what was meant. Answer in one to \
    three short sentences, as people talk. No markdown, lists, headings, emoji, links or stage directions. Write \
    numbers and abbreviations the way they are spoken. An utterance of yours that ends in … was interrupted there: \
    the user has not heard the rest.
    """

  /// The conversation as messages of the usual roles.
  ///
  /// - Parameters:
  ///   - prompt: the system prompt.
  ///   - language: of the answers, as in "en" or "de".
  static func messages(prompt: String, history: [Utterance], language: String) -> [ChatMessage] {
    let isEnglish = language.isEmpty || language.lowercased().hasPrefix("en")
    let system = isEnglish ? prompt : prompt + " Answer in the language with the code \(language)."
    return [ChatMessage(role: "system", content: system)]
      + history.map { utterance in
        switch utterance.speaker {
        case .user: ChatMessage(role: "user", content: utterance.text)
        case .agent: ChatMessage(role: "assistant", content: utterance.text + (utterance.wasCut ? "…" : ""))
        }
      }
  }
}

/// One message of a chat API.
struct ChatMessage: Codable, Equatable {
  var role: String
  var content: String
}

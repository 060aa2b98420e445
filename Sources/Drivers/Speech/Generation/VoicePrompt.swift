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

  /// The system prompt, with the language of the answers, as in "en" or "de".
  static func system(_ prompt: String, language: String) -> String {
    let isEnglish = language.isEmpty || language.lowercased().hasPrefix("en")
    return isEnglish ? prompt : prompt + " Answer in the language with the code \(language)."
  }

  /// The conversation as messages of the usual roles, the system prompt first.
  static func messages(_ question: ReplyQuestion) -> [ChatMessage] {
    [ChatMessage(role: "system", content: question.prompt)] + spoken(question.history)
  }

  /// What was said as messages of the usual roles.
  static func spoken(_ history: [Utterance]) -> [ChatMessage] {
    history.map { utterance in
      switch utterance.speaker {
      case .user: ChatMessage(role: "user", content: utterance.text)
      case .agent: ChatMessage(role: ChatMessage.assistant, content: utterance.text + (utterance.wasCut ? "…" : ""))
      }
    }
  }
}

/// One message of a chat API.
struct ChatMessage: Codable, Equatable {
  static let assistant = "assistant"
  var role: String
  var content: String
}

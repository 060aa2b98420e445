/// Greetings, names, jokes, help.
extension BuiltinModel {
  mutating func smallTalk(_ phrase: Phrase) -> String? {
    if let name = Self.name(in: phrase) {
      let capitalised = name.prefix(3).map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: " ")
      userName = capitalised
      return "Nice to meet you, \(capitalised)."
    }
    if phrase.has("what is my name", "who am i", "do you know my name", "remember my name") {
      return userName.map { "Your name is \($0)." } ?? "You have not told me your name."
    }
    if phrase.has("what can you do", "help", "what can i say", "what can i ask", "what do you know") {
      return Self.help
    }
    if phrase.has("joke", "something funny", "make me laugh") { return nextJoke() }
    if phrase.has("are you a robot", "are you human", "are you real") {
      return "I am a small program, and no human."
    }
    if phrase.has("not funny") { return "I am sorry. I know others." }
    if phrase.has("funny", "i like you", "you are great", "well done", "nice to meet you") {
      return "That is kind of you."
    }
    if phrase.has("who are you", "what are you", "what is your name", "your name") {
      return "I am the demo agent of sidetone. I run on this machine and know a few things by heart."
    }
    if phrase.has("how are you", "how do you do", "how are you doing") { return "I am fine, thank you. And you?" }
    if phrase.has("i am fine", "i am good", "i am well") { return "I am glad to hear that." }
    if phrase.has("thank you", "thanks") { return "You are welcome." }
    if phrase.has("goodbye", "good bye", "bye", "see you", "good night") { return "Goodbye\(addressed)." }
    for part in ["morning", "afternoon", "evening"] where phrase.has("good " + part) {
      return "Good \(part)\(addressed)."
    }
    if phrase.begins("hello", "hi", "hey") { return "Hello\(addressed). What can I do for you?" }
    if phrase.begins(
      "stop", "never mind", "cancel", "quiet", "be quiet", "shut up", "forget it", "wait", "that is wrong")
    {
      return "All right."
    }
    if phrase.isJust(
      "yes", "yeah", "yep", "yes thank you", "yes i do", "sure", "right", "that is right", "mhm", "uhhuh")
    {
      return "Good. What shall I do?"
    }
    if phrase.isJust("okay", "ok", "well", "um", "uh", "hm", "please", "alright") { return "All right." }
    if phrase.isJust("no", "nope", "no thank you", "no i do not", "not now") { return "All right. I am here." }
    return nil
  }

  /// "my name is anna", "call me anna", "i am anna"; but not "i am tired".
  private static func name(in phrase: Phrase) -> [String]? {
    let told = phrase.words(after: "my name is") ?? phrase.words(after: "call me")
    if let told, !told.isEmpty { return told }
    guard phrase.words.count == 3, phrase.begins("i am"), !states.contains(phrase.words[2]) else { return nil }
    return [phrase.words[2]]
  }
  private static let states: Set<String> = [
    "fine", "good", "great", "glad", "tired", "hungry", "thirsty", "sad", "happy", "here", "there", "sorry", "back",
    "cold", "warm", "ready", "done", "busy", "sick", "ill", "lost", "bored", "late", "afraid", "sure", "home", "right",
    "wrong", "not", "old", "young",
  ]

  private var addressed: String { userName.map { ", \($0)" } ?? "" }

  private mutating func nextJoke() -> String {
    defer { jokeCount += 1 }
    return Self.jokes[jokeCount % Self.jokes.count]
  }

  static let help = """
    You can ask me for the time in many cities, the date, or a sum. I can set a timer, turn on the lights, play music, \
    set the temperature, tell a joke or a story, and repeat after you.
    """

  private static let jokes = [
    "Why did the computer go to the doctor? It had a virus.",
    "Why do programmers mix up Halloween and Christmas? Because October thirty one equals December twenty five.",
    "There are ten kinds of people: those who count in binary, and those who do not.",
    "What did the ocean say to the beach? Nothing. It just waved.",
  ]
}

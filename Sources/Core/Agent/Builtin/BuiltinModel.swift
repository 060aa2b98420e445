/// The language model that is built in: a small dialogue domain, answered honestly and always in the same way.
///
///   history ─► Phrase ─► the first topic that knows an answer ─► Reply: text, and timers to start or to cancel
///
/// It listens for words rather than for whole sentences, because a recognizer gets some of them wrong. A conversation
/// has one model of its own: the pretend flat, timers and the user's name live in it.
public struct BuiltinModel: Sendable {
  /// An answer.
  public struct Reply: Sendable, Equatable {
    public var text: String
    public var timers: [TimerOrder] = []
  }
  /// What is to happen to a timer. Ids are never used twice.
  public enum TimerOrder: Sendable, Equatable {
    /// Say the text after that long.
    case start(id: Int, after: Duration, text: String)
    case cancel(id: Int)
  }

  var flat = Flat()
  var timers = Timers()
  var userName: String?
  var storyCount = 0
  var jokeCount = 0
  /// The last answer in full, to go on with it when it was cut.
  var lastText = ""

  public init() {}

  /// Answers the last utterance of the history.
  /// - Parameter now: the wall clock.
  public mutating func reply(to history: [Utterance], now: CivilTime) -> Reply {
    timers.removeDue(at: now)
    guard let last = history.last, last.speaker == .user else { return Reply(text: "I did not hear anything.") }
    var reply = answer(last.text, history, now)
    // Somebody who pauses in the middle of a sentence is taken to have ended it. Put both parts together.
    if reply == nil, history.count > 1, history[history.count - 2].speaker == .user {
      reply = answer(history[history.count - 2].text + " " + last.text, history.dropLast(), now)
    }
    let known = reply ?? Reply(text: Self.fallback(last.text))
    lastText = known.text
    return known
  }

  private mutating func answer(_ text: String, _ history: [Utterance], _ now: CivilTime) -> Reply? {
    let phrase = Phrase(text)
    if let orders = timerReply(phrase, now) { return orders }
    let said =
      echo(phrase, original: text) ?? memory(phrase, history) ?? flat.lights(phrase) ?? flat.music(phrase)
      ?? flat.heating(phrase) ?? stories(phrase) ?? TimeReplies.reply(phrase, now) ?? Arithmetic.reply(phrase)
      ?? smallTalk(phrase)
    return said.map { Reply(text: $0) }
  }

  static func fallback(_ text: String) -> String {
    var heard = text.split(whereSeparator: \.isWhitespace).prefix(12).joined(separator: " ")
    // The sentence has its own end.
    while let last = heard.last, ".,;:?!".contains(last) { heard.removeLast() }
    return "I did not understand: \(heard). You can ask for the time, a sum, a timer, the lights, music or a story."
  }
}

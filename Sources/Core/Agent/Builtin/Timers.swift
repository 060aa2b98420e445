/// The timers of a conversation.
struct Timers: Sendable {
  struct Timer: Sendable {
    let id: Int
    /// Unix time.
    let due: Int
    /// "ten seconds"
    let name: String
  }
  static let capacity = 16

  private(set) var running: [Timer] = []
  private var lastID = 0

  /// A timer that runs out in this very second may not have been announced yet, and can still be cancelled.
  mutating func removeDue(at now: CivilTime) { running.removeAll { $0.due < now.secondsSince1970 } }

  mutating func start(seconds: Int, name: String, at now: CivilTime) -> Int {
    lastID += 1
    running.append(Timer(id: lastID, due: now.secondsSince1970 + seconds, name: name))
    return lastID
  }

  mutating func cancelAll() -> [Timer] {
    defer { running = [] }
    return running
  }
}

extension BuiltinModel {
  private static let longest = 24 * 3600

  mutating func timerReply(_ phrase: Phrase, _ now: CivilTime) -> Reply? {
    guard phrase.has("timer", "timers", "time is left", "how long is left", "wake me up in", "remind me in") else {
      return nil
    }
    if phrase.has("cancel", "stop", "delete", "clear", "remove") { return cancelTimers() }
    if phrase.has("left", "remaining", "how long", "how much", "running") { return Reply(text: timersLeft(now)) }
    guard let seconds = Self.seconds(phrase.words) else {
      return Reply(text: "For how long? Say for example: set a timer for ten seconds.")
    }
    guard (1...Self.longest).contains(seconds) else {
      return Reply(text: "I can set a timer from one second to twenty four hours.")
    }
    guard timers.running.count < Timers.capacity else { return Reply(text: "Too many timers are running.") }
    let name = Self.say(seconds: seconds)
    let id = timers.start(seconds: seconds, name: name, at: now)
    return Reply(
      text: "I set a timer for \(name).",
      timers: [.start(id: id, after: .seconds(seconds), text: "Your timer for \(name) is over.")])
  }

  private mutating func cancelTimers() -> Reply {
    let cancelled = timers.cancelAll()
    let text =
      switch cancelled.count {
      case 0: "No timer is running."
      case 1: "I cancelled the timer for \(cancelled[0].name)."
      default: "I cancelled \(NumberWords.say(cancelled.count, "timer"))."
      }
    return Reply(text: text, timers: cancelled.map { .cancel(id: $0.id) })
  }

  private func timersLeft(_ now: CivilTime) -> String {
    let lines = timers.running.map { timer in
      let left = Self.say(seconds: timer.due - now.secondsSince1970)
      return "The timer for \(timer.name) has \(left) left."
    }
    return lines.isEmpty ? "No timer is running." : lines.joined(separator: " ")
  }

  /// "two minutes and thirty seconds" anywhere in the words; nil when there is no duration.
  static func seconds(_ words: [String]) -> Int? {
    let units = ["second": 1, "sec": 1, "s": 1, "minute": 60, "min": 60, "hour": 3600, "hr": 3600, "h": 3600]
    func unit(_ word: String?) -> Int? {
      word.flatMap { units[$0] ?? units[String($0.dropLast($0.hasSuffix("s") ? 1 : 0))] }
    }
    var total: Ratio?
    var index = 0
    while index < words.count {
      let rest = words[index...]
      let found: (Ratio, Int)? =
        if rest.starts(with: ["half", "an"]) || rest.starts(with: ["half", "a"]) {
          (Ratio(1, 2)!, 2)
        } else if rest.starts(with: ["a"]) || rest.starts(with: ["an"]) {
          (Ratio(1, 1)!, 1)
        } else {
          NumberWords.read(rest).map { ($0.value, $0.count) }
        }
      if let (value, count) = found {
        let after = index + count
        if let factor = unit(after < words.count ? words[after] : nil), let part = value.times(Ratio(factor, 1)!) {
          total = (total ?? Ratio(0, 1)!).plus(part)
          index = after + 1
          // "an hour and a half"
          if words[index...].starts(with: ["and", "a", "half"]) {
            total = Ratio(factor, 2).flatMap { total?.plus($0) }
            index += 3
          }
          continue
        }
      }
      index += 1
    }
    return total?.rounded(to: 1)
  }

  /// "one minute and thirty seconds"
  static func say(seconds: Int) -> String {
    let parts = [(seconds / 3600, "hour"), (seconds / 60 % 60, "minute"), (seconds % 60, "second")]
    let said = parts.filter { $0.0 > 0 }.map { NumberWords.say($0.0, $0.1) }
    return said.isEmpty ? "no time" : Flat.list(said)
  }
}

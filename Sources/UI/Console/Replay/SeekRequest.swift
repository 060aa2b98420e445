import Timeline

/// Where in a recording the operator wants to go, as it was typed.
enum SeekRequest: Equatable {
  case moment(Timestamp)
  case by(Duration)
  /// A share of the whole, 0…1.
  case share(Double)
  case turn(Int)
  case entry(Int)
  /// The next one (+1), or the one before (-1).
  case step(Thing, Int)
  case start, end

  /// What there is one after the other.
  enum Thing: String, CaseIterable {
    case turn, finding, mark, message
  }

  static let expectation =
    "a time as in 1:23, +10s or 50%; turn 4, entry 120, start or end; or turn, finding, mark or message, "
    + "for the next one, and previous before it for the one before"

  /// Nil for what is none of it.
  init?(_ text: String) {
    let words = text.lowercased().split(separator: " ").map(String.init)
    switch words.count {
    case 1:
      if let thing = Thing(rawValue: words[0]) { self = .step(thing, 1) } else { self.init(word: words[0]) }
    case 2:
      let step = ["next": 1, "previous": -1][words[0]]
      if let step, let thing = Thing(rawValue: words[1]) {
        self = .step(thing, step)
      } else if let number = Int(words[1]), number >= 0, words[0] == "turn" || words[0] == "entry" {
        self = words[0] == "turn" ? .turn(number) : .entry(number)
      } else {
        return nil
      }
    default: return nil
    }
  }

  private init?(word: String) {
    switch word {
    case "start": self = .start
    case "end": self = .end
    default:
      if word.last == "%", let percent = Self.number(word.dropLast()), percent <= 100 {
        self = .share(percent / 100)
      } else if let sign = word.first, sign == "+" || sign == "-", let seconds = Self.seconds(word.dropFirst()) {
        self = .by(.recorded(milliseconds: (sign == "-" ? -seconds : seconds) * 1000))
      } else if let seconds = Self.seconds(word[...]) {
        self = .moment(.zero + .recorded(milliseconds: seconds * 1000))
      } else {
        return nil
      }
    }
  }

  /// `1:23`, `1:02:03.5`, `90`, `90s`, `500ms`, `2m`, `1h`.
  private static func seconds(_ text: Substring) -> Double? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count > 1 {
      guard parts.count <= 3 else { return nil }
      var total = 0.0
      for part in parts {
        guard let value = number(part) else { return nil }
        total = total * 60 + value
      }
      return total
    }
    for (unit, length) in [("ms", 0.001), ("s", 1.0), ("m", 60), ("h", 3600)] where text.hasSuffix(unit) {
      return number(text.dropLast(unit.count)).map { $0 * length }
    }
    return number(text)
  }

  /// Digits, with a point among them at most: no sign, no `nan`.
  private static func number(_ text: Substring) -> Double? {
    guard text.first?.isASCII == true, text.allSatisfy({ ("0"..."9").contains($0) || $0 == "." }) else { return nil }
    return Double(text)
  }
}

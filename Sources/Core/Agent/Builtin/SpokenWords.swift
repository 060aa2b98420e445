/// A text as the lower-case words that are spoken for it, whoever wrote it: a recogniser that writes bare words, one that
/// writes capitals, punctuation and digits, or somebody who types. Every reader of the built-in agent reads this form.
///
///   "What's 12.5 × 4?"        what is twelve point five times four
///   "Set it to 50%, please."  set it to fifty percent please
///   "$5, twenty-one, 3:30"    five dollars twenty one three thirty
///
/// Numbers below a million become words; larger ones stay digits, and so do digits that are not a number ("1.2.3").
public struct SpokenWords: Sendable {
  /// The words, in order.
  private(set) var words: [String] = []

  /// Characters that are read of a text.
  static let longest = 4000

  private let characters: [Character]
  private var index = 0
  private var word = ""

  /// - Parameter text: what was said or typed; what is beyond `longest` characters is left out.
  public static func fold(_ text: String) -> [String] {
    var reader = SpokenWords(text)
    reader.read()
    return joinedSounds(reader.words.flatMap { contractions[$0] ?? [sounds[$0] ?? $0] })
  }

  private init(_ text: String) { characters = Array(text.prefix(Self.longest)) }

  // MARK: Tables

  private static let symbols: [Character: String] = [
    "+": "plus", "*": "times", "×": "times", "/": "divided by", "÷": "divided by", "%": "percent", "°": "degrees",
    "&": "and", "#": "number",
  ]
  private static let currencies: [Character: (one: String, many: String)] = [
    "$": ("dollar", "dollars"), "€": ("euro", "euros"), "£": ("pound", "pounds"),
  ]
  private static let contractions: [String: [String]] = [
    "what's": ["what", "is"], "whats": ["what", "is"], "who's": ["who", "is"], "where's": ["where", "is"],
    "when's": ["when", "is"], "how's": ["how", "is"], "it's": ["it", "is"], "that's": ["that", "is"],
    "there's": ["there", "is"], "name's": ["name", "is"], "time's": ["time", "is"], "i'm": ["i", "am"],
    "im": ["i", "am"], "i'd": ["i", "would"], "i'll": ["i", "will"], "i've": ["i", "have"],
    "you're": ["you", "are"], "you've": ["you", "have"], "we're": ["we", "are"], "they're": ["they", "are"],
    "don't": ["do", "not"], "dont": ["do", "not"], "doesn't": ["does", "not"], "didn't": ["did", "not"],
    "isn't": ["is", "not"], "aren't": ["are", "not"], "can't": ["can", "not"], "cannot": ["can", "not"],
    "couldn't": ["could", "not"], "won't": ["will", "not"],
  ]
  /// One spelling of a sound that is no word.
  private static let sounds: [String: String] = [
    "mmhmm": "mhm", "mmhm": "mhm", "mhmm": "mhm", "hmm": "hm", "hmmm": "hm", "mm": "hm", "mmm": "hm",
  ]
  /// Two words that are one.
  private static let pairs: [[String]: String] = [
    ["hm", "hm"]: "mhm", ["m", "hm"]: "mhm", ["um", "hum"]: "mhm", ["um", "huh"]: "mhm", ["uh", "huh"]: "uhhuh",
    ["per", "cent"]: "percent", ["p", "m"]: "pm", ["all", "right"]: "alright",
  ]
  private static let plain: [Character: String] = [
    "á": "a", "à": "a", "â": "a", "ã": "a", "ä": "a", "å": "a", "ç": "c", "é": "e", "è": "e", "ê": "e", "ë": "e",
    "í": "i", "ì": "i", "î": "i", "ï": "i", "ñ": "n", "ó": "o", "ò": "o", "ô": "o", "õ": "o", "ö": "o", "ú": "u",
    "ù": "u", "û": "u", "ü": "u",
  ]

  private static func joinedSounds(_ words: [String]) -> [String] {
    var joined: [String] = []
    for word in words {
      if let last = joined.last, let both = pairs[[last, word]] {
        joined[joined.count - 1] = both
      } else {
        joined.append(word)
      }
    }
    return joined
  }

  // MARK: Reading

  private mutating func read() {
    while let character = at(index) {
      switch character {
      case _ where isDigit(index):
        endWord()
        readNumber()
        continue
      case "." where isDigit(index + 1) && word.isEmpty:
        words += ["zero", "point"] + digits(from: index + 1).map { NumberWords.say($0) }
        index += 1
        while isDigit(index) { index += 1 }
        continue
      case "." where word == "st" && at(index + 1) == " " && at(index + 2)?.isUppercase == true: word = "saint"
      case "-", "−": readDash()
      case "½":
        endWord()
        words += isDigit(index - 1) ? ["and", "a", "half"] : ["half"]
      case _ where Self.currencies[character] != nil && isDigit(index + 1):
        endWord()
        index += 1
        readMoney(Self.currencies[character]!)
        continue
      case "’", "'": word.append("'")
      case _ where character.isLetter || character.isNumber:
        let small = character.lowercased()
        word += small.count == 1 ? Self.plain[small.first!] ?? small : small
      default:
        endWord()
        if let symbol = Self.symbols[character] { words += symbol.split(separator: " ").map(String.init) }
      }
      index += 1
    }
    endWord()
  }

  private mutating func endWord() {
    while word.first == "'" { word.removeFirst() }
    while word.last == "'" { word.removeLast() }
    if !word.isEmpty { words.append(word) }
    word = ""
  }

  /// Between words a hyphen; before a digit or alone, minus.
  private mutating func readDash() {
    endWord()
    let isAlone = at(index - 1) == " " && at(index + 1) == " "
    if isDigit(index + 1) || isAlone { words.append("minus") }
  }

  // MARK: Numbers

  private mutating func readNumber() {
    let (whole, fraction, isNumber) = takeNumber()
    guard isNumber else { return words.append(whole) }
    if fraction.isEmpty, whole.count <= 2, let minute = takeMinute() {
      words += Self.said(whole) + Self.minuteWords(minute)
    } else if fraction.isEmpty, let value = Int(whole), value < 1_000_000, takesOrdinal() {
      words += Self.split(NumberWords.sayOrdinal(value))
    } else {
      words += Self.said(whole, fraction)
    }
  }

  /// "$5", "$1", "$5.50"
  private mutating func readMoney(_ currency: (one: String, many: String)) {
    let (whole, fraction, isNumber) = takeNumber()
    guard isNumber else { return words.append(whole) }
    let isCents = fraction.count == 2
    words +=
      Self.said(whole, isCents ? "" : fraction) + [whole == "1" && fraction.isEmpty ? currency.one : currency.many]
    if isCents, fraction != "00" { words += ["and"] + Self.said(fraction) + ["cents"] }
  }

  /// The number at the reader, without the commas between its thousands. Where a second decimal point follows, it is
  /// none, and all of it is in `whole`.
  private mutating func takeNumber() -> (whole: String, fraction: String, isNumber: Bool) {
    var whole = takeDigits()
    while at(index) == ",", (1...3).allSatisfy({ isDigit(index + $0) }), !isDigit(index + 4) {
      index += 1
      whole += takeDigits()
    }
    guard at(index) == ".", isDigit(index + 1) else { return (whole, "", true) }
    index += 1
    let fraction = takeDigits()
    guard at(index) == ".", isDigit(index + 1) else { return (whole, fraction, true) }
    var all = whole + "." + fraction
    while at(index) == ".", isDigit(index + 1) {
      index += 1
      all += "." + takeDigits()
    }
    return (all, "", false)
  }

  private mutating func takeDigits() -> String {
    let start = index
    while isDigit(index) { index += 1 }
    return String(characters[start..<index])
  }

  /// The minutes of "3:30".
  private mutating func takeMinute() -> Int? {
    guard at(index) == ":", isDigit(index + 1), isDigit(index + 2), !isDigit(index + 3),
      let minute = Int(String(characters[index + 1...index + 2])), minute < 60
    else { return nil }
    index += 3
    return minute
  }

  private static func minuteWords(_ minute: Int) -> [String] {
    minute == 0 ? ["o'clock"] : (minute < 10 ? ["oh"] : []) + split(NumberWords.say(minute))
  }

  private mutating func takesOrdinal() -> Bool {
    guard let first = at(index), let second = at(index + 1), at(index + 2)?.isLetter != true,
      ["st", "nd", "rd", "th"].contains((String(first) + String(second)).lowercased())
    else { return false }
    index += 2
    return true
  }

  /// In words where `NumberWords` can read them back; otherwise in digits.
  private static func said(_ whole: String, _ fraction: String = "") -> [String] {
    guard let value = Int(whole), value < 1_000_000, fraction.count <= 6 else {
      return [fraction.isEmpty ? whole : whole + "." + fraction]
    }
    let decimals = fraction.compactMap { $0.wholeNumberValue.map { NumberWords.say($0) } }
    return split(NumberWords.say(value)) + (decimals.isEmpty ? [] : ["point"] + decimals)
  }

  private static func split(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

  private func digits(from start: Int) -> [Int] {
    characters[start...].prefix { $0.isASCII && $0.isNumber }.compactMap(\.wholeNumberValue)
  }

  private func at(_ position: Int) -> Character? {
    characters.indices.contains(position) ? characters[position] : nil
  }

  private func isDigit(_ position: Int) -> Bool { at(position).map { $0.isASCII && $0.isNumber } ?? false }
}

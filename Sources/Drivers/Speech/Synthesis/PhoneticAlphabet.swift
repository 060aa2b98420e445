/// Writes words in the International Phonetic Alphabet, as espeak-ng writes American English: Piper's voices were taught
/// with that.
enum PhoneticAlphabet {
  /// The words with a space between them and their marks behind them: `həlˈoʊ, wˈɜːld.`
  static func text(of words: some Sequence<SpokenWord>) -> String {
    words.map { word in
      let sounds = word.phones.map { symbols(of: $0, isReduced: word.isFunctionWord) }.joined()
      return sounds + (word.mark.map { String($0) } ?? "")
    }.joined(separator: " ")
  }

  private static func symbols(of phone: SpokenWord.Phone, isReduced: Bool) -> String {
    if let consonant = consonants[phone.name] { return consonant }
    guard let vowel = vowels[phone.name] else { return "" }
    return phone.isStressed && !isReduced ? "ˈ" + vowel.stressed : vowel.unstressed
  }

  private static let consonants: [String: String] = [
    "b": "b", "ch": "tʃ", "d": "d", "dh": "ð", "f": "f", "g": "ɡ", "hh": "h", "jh": "dʒ", "k": "k", "l": "l", "m": "m",
    "n": "n", "ng": "ŋ", "p": "p", "r": "ɹ", "s": "s", "sh": "ʃ", "t": "t", "th": "θ", "v": "v", "w": "w", "y": "j",
    "z": "z", "zh": "ʒ",
  ]

  private static let vowels: [String: (stressed: String, unstressed: String)] = [
    "aa": ("ɑː", "ɑː"), "ae": ("æ", "æ"), "ah": ("ʌ", "ə"), "ao": ("ɔː", "ɔː"), "aw": ("aʊ", "aʊ"), "ax": ("ə", "ə"),
    "axr": ("ɚ", "ɚ"), "ay": ("aɪ", "aɪ"), "eh": ("ɛ", "ɛ"), "er": ("ɜː", "ɚ"), "ey": ("eɪ", "eɪ"), "ih": ("ɪ", "ɪ"),
    "iy": ("iː", "i"), "ow": ("oʊ", "oʊ"), "oy": ("ɔɪ", "ɔɪ"), "uh": ("ʊ", "ʊ"), "uw": ("uː", "uː"),
  ]
}

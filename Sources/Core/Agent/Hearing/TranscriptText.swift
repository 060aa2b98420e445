/// What a neural recognizer writes, made fit for a transcript.
public enum TranscriptText {
  /// The most bytes of one decoded piece of speech: 15 s hold some 50 words.
  static let limit = 2_048

  /// The text without notes of music and control characters, white space folded; empty when nothing was said.
  ///
  /// A model that is given no speech writes "You" or notes of music, ten times of ten on silence, noise, tones, breath and
  /// clicks. What is nothing else is dropped: nobody says "You" alone and waits for an answer.
  public static func cleaned(_ text: String) -> String {
    let words = plain(text).split(separator: " ")
    guard words.contains(where: { !key(String($0)).isEmpty }) else { return "" }
    if words.count == 1, key(String(words[0])) == "you" { return "" }
    return words.joined(separator: " ")
  }

  /// The text without notes of music and control characters, white space folded, and no longer than the limit.
  public static func plain(_ text: String) -> String {
    var kept = ""
    for character in text where kept.utf8.count < limit {
      let isControl = character.unicodeScalars.contains { $0.properties.generalCategory == .control }
      kept.append(isControl || "♪♫♩♬".contains(character) ? " " : character)
    }
    return kept.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// A word without capitals and marks, to compare it by.
  public static func key(_ word: String) -> String {
    String(word.lowercased().filter { $0.isLetter || $0.isNumber || $0 == "'" })
  }
}

/// Session names and tokens of the server.
enum RandomName {
  /// A random text of 16 · `words` hexadecimal digits from the system's generator.
  static func random(words: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<words).map { _ in
      let digits = String(generator.next(), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}

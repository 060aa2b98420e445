/// A peer's words made fit for a screen and a log.
public enum PeerText {
  /// One line of at most `limit` characters: white space joined, control characters, line separators and marks that
  /// turn the direction of text escaped as `\u{…}`.
  public static func shown(_ text: String, limit: Int) -> String {
    var result = ""
    var count = 0
    var isBlank = false
    for scalar in text.unicodeScalars {
      if scalar.value < 0x80, scalar.properties.isWhitespace {
        isBlank = !result.isEmpty
        continue
      }
      if count >= limit { return result + "…" }
      if isBlank { result += " " }
      isBlank = false
      count += 1
      result += isHarmless(scalar) ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
    }
    return result
  }

  private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    // Cc, Cf (direction marks, zero width), Zl and Zp, Cs, Co, Cn.
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
    default: true
    }
  }
}

/// How many columns a character takes, and what is shown in place of characters that must not reach a terminal.
public enum CharacterWidth {
  /// 0 for combining marks and for characters that are not drawn (joiners, variation selectors), 2 for wide
  /// characters, else 1. Agrees with `wcwidth` of glibc 2.36 (Unicode 15) for every character that `visible` lets pass.
  public static func columns(of scalar: Unicode.Scalar) -> Int {
    let value = scalar.value
    if value < 0x7F { return 1 }
    if value < 0x300 { return value == 0xAD ? 0 : 1 }
    // Box drawing, blocks and braille: most of a screen.
    if (0x2500..<0x25FD).contains(value) || (0x2800..<0x2900).contains(value) { return 1 }
    if isMark(scalar) || isInvisible(value) { return 0 }
    return isWide(value) ? 2 : 1
  }

  /// Combining marks, and the vowels and finals of decomposed Hangul: drawn in the cell of the character before.
  static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: !isInvisible(scalar.value)
    default: isJamoPart(scalar.value)
    }
  }

  private static func isJamoPart(_ value: UInt32) -> Bool {
    // U+1171E was a nonspacing mark when the C library's table was made.
    (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FB).contains(value) || value == 0x1171E
  }

  /// Characters that only instruct a renderer. They are left out: a terminal that obeyed them would draw fewer or
  /// more columns than were counted. So an emoji that is joined from several is drawn as those several, and skin tones,
  /// which some terminals draw apart and some do not, are not drawn.
  private static func isInvisible(_ value: UInt32) -> Bool {
    switch value {
    case 0xAD, 0x34F, 0x115F, 0x180B...0x180F, 0x200B...0x200D, 0x2060...0x2064, 0xFE00...0xFE0F, 0xFEFF,
      0x13430...0x1343F, 0x1BCA0...0x1BCA3, 0x1D173...0x1D17A, 0x1F3FB...0x1F3FF, 0xE0000...0xE0FFF:
      true
    default: false
    }
  }

  /// The columns of a whole text, as `Surface.put` would draw it.
  public static func columns(of text: String) -> Int {
    // Most texts are ASCII: as many columns as bytes, controls being shown as one symbol each.
    if isASCII(text) { return text.utf8.count }
    return text.unicodeScalars.reduce(0) { $0 + columns(of: visible($1)) }
  }

  /// Without controls, so that each byte is a character of one column.
  static func isPrintableASCII(_ text: String) -> Bool {
    text.utf8.withContiguousStorageIfAvailable { bytes in bytes.allSatisfy { (0x20..<0x7F).contains($0) } } ?? false
  }

  static func isASCII(_ text: String) -> Bool {
    text.utf8.withContiguousStorageIfAvailable { bytes in bytes.allSatisfy { $0 < 0x80 } } ?? false
  }

  /// The character itself, or a visible stand-in: control pictures for C0 and DEL; `\u{FFFD}` for C1, for
  /// bidirectional controls, and for code points that no terminal knows the width of.
  public static func visible(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0x20..<0x7F: scalar
    case 0..<0x20: Unicode.Scalar(0x2400 + scalar.value)!
    case 0x7F: "\u{2421}"
    case 0x80..<0xA0: "\u{FFFD}"
    case 0xA0..<0x300, 0x2500..<0x25FD, 0x2800..<0x2900: scalar
    case 0x61C, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x206F, 0xFFF9...0xFFFB: "\u{FFFD}"
    default:
      switch scalar.properties.generalCategory {
      case .unassigned, .surrogate, .control: "\u{FFFD}"
      default: scalar
      }
    }
  }

  /// A text with every character made visible: safe to print on a terminal, and what is hidden in it is seen.
  ///
  /// Joiners, variation selectors and skin tones stay where they belong to a script or an emoji; behind Latin letters, and
  /// soft hyphens anywhere, they are left out. Anything else that has no width or is not drawn is `\u{FFFD}`.
  public static func printable(_ text: String) -> String {
    if isPrintableASCII(text) { return text }
    var result = String.UnicodeScalarView()
    var before: Unicode.Scalar = " "
    for scalar in text.unicodeScalars {
      var shown = visible(scalar)
      if isInvisible(shown.value) {
        let isPart = joins(shown.value)
        if shown.value == 0xAD || isPart && before.value < 0x300 { continue }
        if !isPart { shown = "\u{FFFD}" }
      }
      result.append(shown)
      before = shown
    }
    return String(result)
  }

  /// Part of the character before it.
  private static func joins(_ value: UInt32) -> Bool {
    switch value {
    case 0x180B...0x180D, 0x180F, 0x200C, 0x200D, 0xFE00...0xFE0F, 0x1F3FB...0x1F3FF, 0xE0100...0xE01EF: true
    default: false
    }
  }

  /// East Asian Wide and Fullwidth, and emoji presentation (Unicode 15, UAX #11, blocks simplified).
  private static func isWide(_ value: UInt32) -> Bool {
    switch value {
    case 0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x23F0, 0x23F3, 0x25FD...0x25FE,
      0x2614...0x2615, 0x2648...0x2653, 0x267F, 0x2693, 0x26A1, 0x26AA...0x26AB, 0x26BD...0x26BE, 0x26C4...0x26C5,
      0x26CE, 0x26D4, 0x26EA, 0x26F2...0x26F3, 0x26F5, 0x26FA, 0x26FD, 0x2705, 0x270A...0x270B, 0x2728, 0x274C,
      0x274E, 0x2753...0x2755, 0x2757, 0x2795...0x2797, 0x27B0, 0x27BF, 0x2B1B...0x2B1C, 0x2B50, 0x2B55,
      0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x9FFF, 0xA000...0xA4CF, 0xA960...0xA97F,
      0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
      0x16FE0...0x18D08, 0x1AFF0...0x1B2FF, 0x1F004, 0x1F0CF, 0x1F18E, 0x1F191...0x1F19A, 0x1F200...0x1F320,
      0x1F32D...0x1F335, 0x1F337...0x1F37C, 0x1F37E...0x1F393, 0x1F3A0...0x1F3CA, 0x1F3CF...0x1F3D3,
      0x1F3E0...0x1F3F0, 0x1F3F4, 0x1F3F8...0x1F43E, 0x1F440, 0x1F442...0x1F4FC, 0x1F4FF...0x1F53D,
      0x1F54B...0x1F54E, 0x1F550...0x1F567, 0x1F57A, 0x1F595...0x1F596, 0x1F5A4, 0x1F5FB...0x1F64F,
      0x1F680...0x1F6C5, 0x1F6CC, 0x1F6D0...0x1F6D2, 0x1F6D5...0x1F6D7, 0x1F6DC...0x1F6DF, 0x1F6EB...0x1F6EC,
      0x1F6F4...0x1F6FC, 0x1F7E0...0x1F7EB, 0x1F7F0, 0x1F90C...0x1F93A, 0x1F93C...0x1F945, 0x1F947...0x1F9FF,
      0x1FA70...0x1FAFF, 0x20000...0x3FFFD:
      true
    default: false
    }
  }
}

/// The command that shows a capture again.
public enum ReplayHint {
  /// As it is typed into a shell: a path with anything but plain characters is quoted.
  public static func command(_ path: String) -> String {
    let isPlain = !path.isEmpty && path.utf8.allSatisfy(isPlain)
    // Within single quotes nothing is special but their end.
    let parts = path.split(separator: "'", omittingEmptySubsequences: false)
    let word = isPlain ? path : "'" + parts.joined(separator: #"'\''"#) + "'"
    return "sidetone replay \(word)"
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "/._-+,:@%=".utf8.contains(byte)
    }
  }
}

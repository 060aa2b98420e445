/// Whether what was shown is the secret, in a time that depends on the shown text's length only, not on how much of
/// it is right.
public func isSameSecret(_ shown: String, _ secret: String) -> Bool {
  let (a, b) = (Array(shown.utf8), Array(secret.utf8))
  var difference = a.count ^ b.count
  for index in a.indices { difference |= Int(a[index] ^ (b.isEmpty ? 0 : b[index % b.count])) }
  return difference == 0
}

/// What a client shows to be let in.
public enum AccessToken {
  /// Most bytes of one.
  public static let longest = 4096

  /// Why a text cannot be a token, and what to do; nil when it can.
  public static func problem(with token: String) -> String? {
    if token.allSatisfy(\.isWhitespace) {
      return "the token is empty: everybody would have it; leave it out, or give one of 16 characters or more"
    }
    if token.utf8.count > longest { return "the token is longer than \(longest) bytes" }
    guard token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      return "the token has blanks, line ends or letters beyond ASCII, which no header can carry: use letters, digits "
        + "and signs"
    }
    return nil
  }
}

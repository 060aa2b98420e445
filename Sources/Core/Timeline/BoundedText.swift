// Texts from outside, kept to a number of bytes.
extension String {
  /// The beginning of a text, as much of it as has room.
  /// - Parameter limit: in bytes of UTF-8; a character that would be cut in two is left out.
  public func prefix(bytes limit: Int) -> Substring {
    guard utf8.count > limit else { return self[...] }
    var end = utf8.index(startIndex, offsetBy: Swift.max(0, limit))
    while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
    return self[..<end]
  }

  /// The text, or its beginning and how much of it is missing, as in `abc… (12 bytes more)`.
  /// - Parameter limit: in bytes of UTF-8, without the words about what is missing.
  public func cut(toBytes limit: Int) -> String {
    guard utf8.count > limit else { return self }
    let kept = prefix(bytes: limit)
    return "\(kept)… (\(utf8.count - kept.utf8.count) bytes more)"
  }
}

/// Percent-encoding of addresses (RFC 3986 section 2.1).
public enum PercentEncoding {
  /// `%41` becomes `A`; a broken triplet stays as it is. Bytes that are not UTF-8 become U+FFFD.
  public static func decode(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == 0x25, rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

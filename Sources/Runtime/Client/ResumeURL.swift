import WebSockets

extension WebSocketURL {
  /// Adds a query item, percent-encoded.
  mutating func appendQuery(name: String, value: String) {
    path += (path.contains("?") ? "&" : "?") + "\(Self.encode(name))=\(Self.encode(value))"
  }

  /// Everything but the unreserved characters of RFC 3986 as `%XX`.
  private static func encode(_ text: String) -> String {
    text.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        String(UnicodeScalar(byte))
      default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }.joined()
  }
}

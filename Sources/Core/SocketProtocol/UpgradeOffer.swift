/// The request for an upgrade, with what its user wants in it.
public struct UpgradeOffer: Sendable {
  /// A header, as its user gave it.
  public typealias Header = (name: String, value: String)

  /// The value of the Host line: the user's, when there is one.
  public let host: String
  public let path: String
  /// Everything that is offered, best first: what was asked for, then what stands in headers.
  public let subprotocols: [String]
  /// The further headers, without those that the handshake sets itself.
  public let headers: [Header]

  /// Headers that make the request an upgrade. They are the handshake's own.
  private static let own: Set<String> = [
    "upgrade", "connection", "sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions",
    "sec-websocket-accept", "content-length", "transfer-encoding", "expect", "te", "trailer",
  ]

  /// - Parameters:
  ///   - host: as the address says; a Host header replaces it.
  ///   - headers: control characters in them are removed.
  public init(host: String, path: String, headers: [Header] = [], subprotocols: [String] = []) {
    var (hosts, offered, rest) = ([host], subprotocols, [Header]())
    for header in headers {
      let name = String(decoding: header.name.utf8.filter { $0 > 0x20 && $0 != 0x7f && $0 != 0x3a }, as: UTF8.self)
      let value = Self.trimmed(
        String(decoding: header.value.utf8.filter { ($0 >= 0x20 || $0 == 0x09) && $0 != 0x7f }, as: UTF8.self))
      switch name.lowercased() {
      case "": break
      case "host": if !value.isEmpty { hosts.append(value) }
      case "sec-websocket-protocol": offered += value.split(separator: ",").map { Self.trimmed(String($0)) }
      case let lowered where Self.own.contains(lowered): break
      default: rest.append((name, value))
      }
    }
    self.host = hosts.last ?? host
    self.path = path
    var seen: Set<String> = []
    self.subprotocols = offered.filter { !$0.isEmpty && seen.insert($0).inserted }
    self.headers = rest
  }

  /// Why a header cannot be sent; nil when it can.
  public static func fault(inHeader name: String, value: String) -> String? {
    let lowered = trimmed(name).lowercased()
    if !isToken(trimmed(name)) {
      return "“\(PeerText.shown(name, limit: 40))” is no header name: letters, digits and hyphens, then a colon"
    }
    if lowered == "host", trimmed(value).isEmpty { return "the Host header is empty: write a name, or leave it out" }
    if lowered == "sec-websocket-extensions" {
      return "\(name): no extension is understood here, so none can be offered"
    }
    if ["content-length", "transfer-encoding", "expect", "te", "trailer"].contains(lowered) {
      return "\(name): the request for a WebSocket has no body"
    }
    if own.contains(lowered) { return "\(name): the handshake sets it itself; leave it out" }
    return nil
  }

  /// The request as it goes over the wire.
  /// - Parameter key: 16 random bytes in base64.
  public func bytes(key: String) -> [UInt8] {
    var lines = [
      "GET \(path) HTTP/1.1", "Host: \(host)", "Upgrade: websocket", "Connection: Upgrade",
      "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: \(key)",
    ]
    if !subprotocols.isEmpty { lines.append("Sec-WebSocket-Protocol: \(subprotocols.joined(separator: ", "))") }
    lines += headers.map { "\($0.name): \($0.value)" }
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }

  private static func isToken(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }

  static func trimmed(_ text: String) -> String {
    let blanks: Set<Character> = [" ", "\t"]
    return String(text.drop { blanks.contains($0) }.reversed().drop { blanks.contains($0) }.reversed())
  }
}

import SocketProtocol
import Wire

/// A `ws://` or `wss://` address, taken apart.
public struct WebSocketURL: Sendable, Equatable, CustomStringConvertible {
  /// What is wrong with an address, and what to write instead.
  public struct ParseError: Error, Sendable, Equatable, CustomStringConvertible {
    public var description: String
  }

  /// `wss`.
  public var isSecure: Bool
  /// A name or an IP address; IPv6 without its brackets, a zone behind it as in `fe80::1%eth0`.
  public var host: String
  public var port: Int
  /// Path and query as they go into the request line; begins with `/`.
  public var path: String
  /// User info of the address as `user:password`, percent-decoded. A secret.
  public var userInfo: String?

  /// The port when the address names none: 80 or 443.
  public var defaultPort: Int { isSecure ? 443 : 80 }

  /// True for `[::1]` and the like.
  public var isIPv6Literal: Bool { host.contains(":") }

  /// The host without an IPv6 zone, which means something on this machine only (RFC 6874 section 3).
  public var plainHost: String { isIPv6Literal ? String(host.prefix { $0 != "%" }) : host }

  /// The value of the Host header: the port only when it is not the default, and no zone.
  public var hostHeader: String { withPort(isIPv6Literal ? "[\(plainHost)]" : host) }

  private func withPort(_ name: String) -> String { port == defaultPort ? name : "\(name):\(port)" }

  /// Host and port as they stand in the address.
  private var authority: String {
    let zoned = host.split(separator: "%", maxSplits: 1).joined(separator: "%25")
    return withPort(isIPv6Literal ? "[\(zoned)]" : host)
  }

  /// The value of an Authorization header made from the user info.
  public var authorization: String? { userInfo.map { "Basic " + Base64.encode(Array($0.utf8)) } }

  /// The address for people: without user info, secret query values replaced by `…`.
  public var redacted: String { "\(isSecure ? "wss" : "ws")://\(authority)\(Self.redact(path: path))" }

  /// The same as `redacted`, so that a log line cannot leak a secret.
  public var description: String { redacted }

  /// Takes an address apart.
  public static func parse(_ text: String) throws(ParseError) -> WebSocketURL {
    let text = trim(text)
    guard !text.isEmpty else { throw ParseError(description: "the address is empty; write ws://HOST:PORT/PATH") }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw ParseError(
        description: "the address has a space or a character outside ASCII; write %20 for a space in the path, and "
          + "a host name in its xn-- form")
    }
    let (isSecure, rest) = try scheme(of: text)
    let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
    let authority = rest[..<end]
    var path = String(rest[end...])
    if let hash = path.firstIndex(of: "#") { path = String(path[..<hash]) }
    if !path.hasPrefix("/") { path = "/" + path }

    let at = authority.lastIndex(of: "@")
    let userInfo = at.map { PercentEncoding.decode(String(authority[..<$0])) }
    let hostAndPort = at.map { authority[authority.index(after: $0)...] } ?? authority
    let (host, portText) = try split(hostAndPort)
    var port = isSecure ? 443 : 80
    if let portText {
      guard let number = Int(portText), (1...65_535).contains(number) else {
        throw ParseError(
          description: "port “\(portText)” is not a number from 1 to 65535; write \(isSecure ? "wss" : "ws")://\(host):"
            + "8765/…, or leave out “:\(portText)” for the default \(port)")
      }
      port = number
    }
    return WebSocketURL(isSecure: isSecure, host: host, port: port, path: path, userInfo: userInfo)
  }

  private static func scheme(of text: String) throws(ParseError) -> (isSecure: Bool, rest: Substring) {
    let lowered = text.lowercased()
    if lowered.hasPrefix("ws://") { return (false, text.dropFirst(5)) }
    if lowered.hasPrefix("wss://") { return (true, text.dropFirst(6)) }
    for (wrong, right) in [("http://", "ws://"), ("https://", "wss://")] where lowered.hasPrefix(wrong) {
      throw ParseError(
        description: "a WebSocket address begins with \(right), not \(wrong); write \(right)"
          + redactUserInfo(text.dropFirst(wrong.count)))
    }
    if let mark = text.range(of: "://") {
      throw ParseError(
        description: "“\(text[..<mark.lowerBound])://” is no WebSocket scheme; write ws:// or wss:// (with TLS)")
    }
    throw ParseError(description: "the scheme is missing; write ws://\(redactUserInfo(text[...])) or wss://… with TLS")
  }

  /// `fe80::1%25eth0` as an address has it, or `fe80::1%eth0` as people and tools write it.
  private static func zoned(_ host: String) throws(ParseError) -> String {
    guard let mark = host.firstIndex(of: "%") else { return host }
    let behind = host[host.index(after: mark)...]
    let zone =
      behind.hasPrefix("25") && behind.count > 2 ? PercentEncoding.decode(String(behind.dropFirst(2))) : String(behind)
    guard !zone.isEmpty, zone.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x25 }) else {
      throw ParseError(description: "“\(host)” names no network interface; write [fe80::1%25eth0]")
    }
    return host[..<mark] + "%" + zone
  }

  private static func split(_ text: Substring) throws(ParseError) -> (host: String, port: String?) {
    if text.hasPrefix("[") {
      guard let close = text.firstIndex(of: "]") else {
        throw ParseError(description: "the IPv6 address is not closed; write [::1]")
      }
      let host = String(text[text.index(after: text.startIndex)..<close])
      let rest = text[text.index(after: close)...]
      guard host.contains(":"), rest.isEmpty || rest.hasPrefix(":") else {
        throw ParseError(description: "“\(text)” is no IPv6 address with a port; write [::1]:8765")
      }
      return (try zoned(host), rest.isEmpty ? nil : String(rest.dropFirst()))
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2 else {
      throw ParseError(description: "an IPv6 address goes into brackets; write [\(text)]")
    }
    guard let host = parts.first, !host.isEmpty else {
      throw ParseError(description: "the host is missing; write ws://HOST:PORT/PATH")
    }
    return (String(host), parts.count == 2 ? String(parts[1]) : nil)
  }
}

extension WebSocketURL {
  /// Whether a parameter's or header's name says that its value is a secret.
  public static func isSecret(name: String) -> Bool { Redaction.isSecret(name: name) }

  /// A path, or an address, with the values of secret query parameters replaced by `…`.
  public static func redact(path: String) -> String { Redaction.hideSecrets(inPath: path) }

  /// The items of the query whose values are secrets.
  var secretItems: [(name: String, value: String, decodedValue: String)] {
    guard let mark = path.firstIndex(of: "?") else { return [] }
    return path[path.index(after: mark)...].split(separator: "&").compactMap { item in
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[1].isEmpty, Self.isSecret(name: PercentEncoding.decode(parts[0])) else {
        return nil
      }
      return (parts[0], parts[1], PercentEncoding.decode(parts[1]))
    }
  }

  private static func redactUserInfo(_ text: Substring) -> String {
    let end = text.firstIndex { $0 == "/" || $0 == "?" } ?? text.endIndex
    guard let at = text[..<end].lastIndex(of: "@") else { return redact(path: String(text)) }
    return redact(path: "…" + String(text[at...]))
  }

  private static func trim(_ text: String) -> String {
    var part = text[...]
    while let first = part.first, first.isWhitespace { part.removeFirst() }
    while let last = part.last, last.isWhitespace { part.removeLast() }
    return String(part)
  }
}

extension String {
  /// Where `needle` first occurs.
  fileprivate func range(of needle: String) -> Range<String.Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(needle) { return start..<index(start, offsetBy: needle.count) }
      start = index(after: start)
    }
    return nil
  }
}

/// Base64 of RFC 4648, for the Authorization header.
enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for digit in 0..<4 {
        text.append(digit <= group.count ? alphabet[bits >> (18 - 6 * digit) & 63] : 0x3d)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

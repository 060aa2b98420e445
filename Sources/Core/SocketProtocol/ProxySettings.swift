/// A proxy as an address names it.
public struct Proxy: Sendable, Equatable, CustomStringConvertible {
  /// How it is spoken to.
  public enum Kind: String, Sendable, CaseIterable {
    case http, https, socks4, socks4a, socks5, socks5h
  }
  public var kind: Kind
  /// A name or an IP address; IPv6 without its brackets.
  public var host: String
  public var port: Int
  /// `user:password`, percent-decoded. A secret.
  public var userInfo: String?
  /// The environment variable that named it.
  public var variable: String

  /// The address for people, without user and password.
  public var description: String {
    "\(kind.rawValue)://\(userInfo == nil ? "" : "…@")\(host.contains(":") ? "[\(host)]" : host):\(port)"
  }

  /// What is wrong with the address of a proxy.
  public struct Invalid: Error, Sendable, Equatable, CustomStringConvertible {
    public var description: String
  }

  /// Takes an address apart as curl does: without a scheme it is an HTTP proxy, without a port 1080 (443 for https).
  public static func parse(_ text: String, variable: String) throws(Invalid) -> Proxy {
    func invalid(_ why: String) -> Invalid {
      Invalid(description: "\(variable): \(why); write http://HOST:PORT or socks5h://HOST:PORT, or unset it")
    }
    var rest = UpgradeOffer.trimmed(text)[...]
    var kind = Kind.http
    if let mark = rest.firstRange(of: "://") {
      let scheme = rest[..<mark.lowerBound].lowercased()
      guard let known = scheme == "socks" ? .socks5 : Kind(rawValue: scheme) else {
        throw invalid("“\(PeerText.shown(scheme, limit: 20))” is no kind of proxy known here")
      }
      kind = known
      rest = rest[mark.upperBound...]
    }
    rest = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    var userInfo: String?
    if let at = rest.lastIndex(of: "@") {
      userInfo = PercentEncoding.decode(String(rest[..<at]))
      rest = rest[rest.index(after: at)...]
    }
    var (host, portText) = (rest, Substring?.none)
    if rest.hasPrefix("["), let close = rest.firstIndex(of: "]") {
      host = rest[rest.index(after: rest.startIndex)..<close]
      let behind = rest[rest.index(after: close)...]
      portText = behind.hasPrefix(":") ? behind.dropFirst() : nil
    } else if let colon = rest.lastIndex(of: ":") {
      host = rest[..<colon]
      portText = rest[rest.index(after: colon)...]
    }
    guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { throw invalid("it names no host") }
    var port = kind == .https ? 443 : 1080
    if let portText, !portText.isEmpty {
      guard let number = Int(portText), (1...65_535).contains(number) else {
        throw invalid("its port is not a number from 1 to 65535")
      }
      port = number
    }
    return Proxy(kind: kind, host: String(host), port: port, userInfo: userInfo, variable: variable)
  }
}

/// Which proxy a connection goes through, by the variables that curl reads and in its order.
///
/// `ws://`: `ws_proxy`, `WS_PROXY`, `http_proxy` (lower case only: a web server hands a request's `Proxy` header to its
/// programs as `HTTP_PROXY`). `wss://`: `wss_proxy`, `WSS_PROXY`, `https_proxy`, `HTTPS_PROXY`. Then `all_proxy`,
/// `ALL_PROXY`. An empty variable counts as none. `no_proxy` or `NO_PROXY` lists hosts that are reached directly.
public struct ProxySettings: Sendable, Equatable {
  /// Every variable that is looked at.
  public static let variableNames = [
    "ws_proxy", "WS_PROXY", "http_proxy", "wss_proxy", "WSS_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy",
    "ALL_PROXY",
    "no_proxy", "NO_PROXY",
  ]

  private let variables: [String: String]

  /// - Parameter environment: every variable, or at least those named above.
  public init(environment: [String: String]) { variables = environment.filter { !$0.value.isEmpty } }

  /// The variable that says which hosts are reached directly, and its text; nil when there is none.
  public var exceptions: (variable: String, text: String)? {
    for name in ["no_proxy", "NO_PROXY"] { if let text = variables[name] { return (name, text) } }
    return nil
  }

  /// The proxy that a scheme goes through when no exception applies; nil for none.
  public func proxy(isSecure: Bool) throws(Proxy.Invalid) -> Proxy? {
    let names =
      isSecure ? ["wss_proxy", "WSS_PROXY", "https_proxy", "HTTPS_PROXY"] : ["ws_proxy", "WS_PROXY", "http_proxy"]
    for name in names + ["all_proxy", "ALL_PROXY"] {
      if let text = variables[name] { return try Proxy.parse(text, variable: name) }
    }
    return nil
  }

  /// The proxy for a host; nil when it is reached directly.
  public func proxy(for host: String, port: Int, isSecure: Bool) throws(Proxy.Invalid) -> Proxy? {
    isException(host, port: port) ? nil : try proxy(isSecure: isSecure)
  }

  /// Whether the exceptions name a host: itself, a domain that it is in, an address, a range of addresses as in
  /// `10.0.0.0/8`, each with or without a port, or `*` for every host.
  public func isException(_ host: String, port: Int) -> Bool {
    guard let text = exceptions?.text else { return false }
    let host = Self.plain(host)
    let address = IPAddressBytes.parse(host)
    for item in text.split(whereSeparator: { $0 == "," || $0 == " " || $0 == "\t" }) {
      if item == "*" { return true }
      var name = Self.plain(String(item))
      if let (base, itemPort) = Self.splitPort(name) {
        guard itemPort == port else { continue }
        name = Self.plain(base)
      }
      if let address {
        let parts = name.split(separator: "/", maxSplits: 1)
        guard let base = parts.first.flatMap({ IPAddressBytes.parse(String($0)) }), base.count == address.count else {
          continue
        }
        let bits = parts.count == 2 ? Int(parts[1]) ?? -1 : base.count * 8
        if (0...base.count * 8).contains(bits), IPAddressBytes.agree(base, address, bits: bits) { return true }
      } else {
        let domain = name.hasPrefix(".") ? String(name.dropFirst()) : name
        if !domain.isEmpty, host == domain || host.hasSuffix("." + domain) { return true }
      }
    }
    return false
  }

  /// Lower case, without brackets, zone and the final dot.
  private static func plain(_ host: String) -> String {
    var text = host.lowercased()
    if text.hasPrefix("["), text.hasSuffix("]") { text = String(text.dropFirst().dropLast()) }
    if let zone = text.firstIndex(of: "%"), text.contains(":") { text = String(text[..<zone]) }
    return text.count > 1 && text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  private static func splitPort(_ text: String) -> (String, Int)? {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]) else { return nil }
    let base = text[..<colon]
    guard !base.contains(":") || base.hasSuffix("]") else { return nil }
    return (String(base), port)
  }
}

/// IP addresses as bytes: 4 or 16.
enum IPAddressBytes {
  static func parse(_ text: String) -> [UInt8]? { text.contains(":") ? six(text) : four(text) }

  static func agree(_ a: [UInt8], _ b: [UInt8], bits: Int) -> Bool {
    let whole = bits / 8
    guard a.prefix(whole) == b.prefix(whole) else { return false }
    guard bits % 8 > 0 else { return true }
    let mask = UInt8(truncatingIfNeeded: 0xff00 >> (bits % 8))
    return a[whole] & mask == b[whole] & mask
  }

  private static func four(_ text: String) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let bytes = parts.compactMap { $0.allSatisfy(\.isNumber) ? UInt8($0) : nil }
    return parts.count == 4 && bytes.count == 4 ? bytes : nil
  }

  private static func six(_ text: String) -> [UInt8]? {
    func groups(_ part: Substring) -> [UInt8]? {
      guard !part.isEmpty else { return [] }
      var bytes: [UInt8] = []
      for group in part.split(separator: ":", omittingEmptySubsequences: false) {
        if group.contains(".") {
          guard let quad = four(String(group)) else { return nil }
          bytes += quad
        } else {
          guard let value = UInt16(group, radix: 16) else { return nil }
          bytes += [UInt8(value >> 8), UInt8(value & 0xff)]
        }
      }
      return bytes
    }
    guard let gap = text.firstRange(of: "::") else {
      return groups(text[...]).flatMap { $0.count == 16 ? $0 : nil }
    }
    guard let front = groups(text[..<gap.lowerBound]), let back = groups(text[gap.upperBound...]),
      front.count + back.count <= 14
    else { return nil }
    return front + [UInt8](repeating: 0, count: 16 - front.count - back.count) + back
  }
}

/// Where a page comes from, as a browser says it in the `Origin` header (RFC 6454).
public enum WebOrigin: Hashable, Sendable {
  /// `null`: a file, or a page that its own browser has shut away from all others.
  case opaque
  /// A page over HTTP or HTTPS; the port as said or as the scheme has it.
  case page(scheme: String, host: HostName, port: Int)
  /// An extension or an app with a scheme of its own, in lower case as it was said.
  case other(String)

  /// Nil when the text is not an origin, for example several in one header, or one with a path.
  public init?(_ text: some StringProtocol) {
    let text = text.lowercased()
    if text == "null" {
      self = .opaque
      return
    }
    guard text.utf8.count <= 400, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ",") }) else {
      return nil
    }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, Self.isScheme(parts[0]), parts[1].hasPrefix("//") else { return nil }
    let rest = parts[1].dropFirst(2)
    guard !rest.contains(where: { "/\\?#@".contains($0) }) else { return nil }
    guard let port = Self.defaultPort(String(parts[0])) else {
      self = .other(text)
      return
    }
    guard let authority = Authority(rest) else { return nil }
    self = .page(scheme: String(parts[0]), host: authority.host, port: authority.port ?? port)
  }

  /// Whether the page is one of this machine.
  public var isLoopback: Bool {
    if case .page(_, let host, _) = self { host.isLoopback } else { false }
  }

  private static func defaultPort(_ scheme: String) -> Int? {
    switch scheme {
    case "http": 80
    case "https": 443
    default: nil
    }
  }

  private static func isScheme(_ text: Substring) -> Bool {
    text.first?.isLetter == true && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
  }
}

/// `HOST` or `HOST:PORT`, as in a `Host` header.
public struct Authority: Hashable, Sendable {
  public var host: HostName
  /// Nil when none was said.
  public var port: Int?

  /// Nil when the text is not a host and a port.
  public init?(_ text: some StringProtocol) {
    // The colons of an IPv6 address stand in brackets.
    let afterHost = text.lastIndex(of: "]") ?? text.startIndex
    guard let colon = text[afterHost...].lastIndex(of: ":") else {
      guard let host = HostName(text) else { return nil }
      self.host = host
      return
    }
    guard let host = HostName(text[..<colon]) else { return nil }
    self.host = host
    let digits = text[text.index(after: colon)...]
    guard !digits.isEmpty else { return }
    guard digits.utf8.count <= 5, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits),
      (1...65_535).contains(port)
    else { return nil }
    self.port = port
  }
}

/// Whom `--allow-origin` lets in.
public enum AllowedOrigin: Hashable, Sendable {
  /// `*`: pages from anywhere.
  case any
  case exactly(WebOrigin)

  /// What is wrong with it, and how to write it.
  public struct Fault: Error, Equatable, CustomStringConvertible {
    public var description: String
  }

  /// - Parameter text: `https://app.example.org`, `http://10.0.0.5:3000`, `null` for pages opened as files, or `*`.
  public init(_ text: String) throws(Fault) {
    if text == "*" {
      self = .any
      return
    }
    let shown = String(text.prefix(60))
    let isBare = text.hasSuffix("/") && !text.hasSuffix("//")
    guard !text.contains("*") else {
      throw Fault(description: "“\(shown)” has a wildcard: name each origin whole, or write * alone for all of them")
    }
    guard text.contains("://") || text.lowercased() == "null" else {
      throw Fault(description: "“\(shown)” lacks its scheme: write it as in https://app.example.org")
    }
    guard !text.lowercased().hasPrefix("ws") else {
      throw Fault(
        description: "“\(shown)” is a WebSocket address: write the page's origin, as in http://localhost:3000")
    }
    guard let origin = WebOrigin(isBare ? String(text.dropLast()) : text) else {
      throw Fault(
        description:
          "“\(shown)” is no origin: write scheme, host and port without a path, as in https://app.example.org")
    }
    self = .exactly(origin)
  }
}

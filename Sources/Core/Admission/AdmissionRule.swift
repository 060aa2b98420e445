// Admission: whom a server lets in, whom it makes wait, and what of all that it writes down.
//
//   request ─► AdmissionRule ─► let in, or a Refusal        wrong tokens ─► GuessGuard ─► when to answer
//   connections that ask nothing ─► Doorway ─► whom to drop        log lines ─► LogLimiter ─► which to write

/// Decides which requests become WebSockets.
///
/// Who shows the right token is let in, wherever its page comes from. Where no token is asked for, a page must not reach
/// a server on its reader's own machine by itself: it is let in when its origin is the server's own, one of this
/// machine or an allowed one, and the name by which it reached the server (`Host`) stands for this machine and for no
/// other, as it would not after DNS rebinding. A program that is no browser sends no origin and is let in.
public struct AdmissionRule: Sendable {
  /// The endpoint; `/` serves as well.
  public var path: String
  /// More names for the endpoint.
  public var otherPaths: [String]
  /// Nil: no token is asked for.
  public var token: String?
  public var allowedOrigins: [AllowedOrigin]
  /// The host that it was told to listen on, by which it may be called.
  public var listenHost: String
  /// Whether it speaks TLS.
  public var isSecure: Bool
  public var maximumConnections: Int
  /// Connections of one address; nil: as many as there are places.
  public var maximumPerAddress: Int?
  /// A query item that marks who comes back, and whose lost connection may still be counted: with it, twice as many
  /// are let in.
  public var returnItem: String?
  /// The largest head of a request.
  public static let longestHead = 16_384

  public init(
    path: String = "/voice", otherPaths: [String] = [], token: String? = nil, allowedOrigins: [AllowedOrigin] = [],
    listenHost: String = "127.0.0.1", isSecure: Bool = false, maximumConnections: Int = 64,
    maximumPerAddress: Int? = nil, returnItem: String? = nil
  ) {
    self.path = path
    self.otherPaths = otherPaths
    self.token = token
    self.allowedOrigins = allowedOrigins
    self.listenHost = listenHost
    self.isSecure = isSecure
    self.maximumConnections = maximumConnections
    self.maximumPerAddress = maximumPerAddress
    self.returnItem = returnItem
  }

  /// Connections that are open.
  public struct Occupancy: Sendable {
    public var total: Int
    /// Of the address that asks.
    public var ofAddress: Int
    public init(total: Int = 0, ofAddress: Int = 0) {
      self.total = total
      self.ofAddress = ofAddress
    }
  }

  /// Why the request gets no WebSocket; nil when it gets one.
  public func refusal(of request: UpgradeRequest, _ open: Occupancy = Occupancy()) -> Refusal? {
    wrongForm(request) ?? wrongPlace(request) ?? wrongHandshake(request) ?? notAllowed(request) ?? noRoom(request, open)
  }

  /// What a plain request is told when nothing is wrong with it: what this is. Nil for the endpoint, where a plain
  /// request is a mistake.
  public func page(for request: UpgradeRequest) -> String? {
    guard request.upgrade != "websocket", wrongForm(request) == nil else { return nil }
    guard request.path == "/" || request.path == "/healthz" else { return nil }
    return "This is a sidetone voice server: it speaks WebSocket, and has no page to show. Talk to it with "
      + "“sidetone connect \(isSecure ? "wss" : "ws")://…”; the WebSocket endpoint is \(path)"
  }

  // MARK: The request

  private func wrongForm(_ request: UpgradeRequest) -> Refusal? {
    guard request.method == "GET" || (request.method == "HEAD" && request.upgrade != "websocket") else {
      return Refusal(
        .method, 405, "only GET is answered here, and a WebSocket is opened by GET",
        headers: [.init(name: "Allow", value: "GET, HEAD")])
    }
    guard request.headBytes <= Self.longestHead else {
      return Refusal(.tooLarge, 431, "the request's head is larger than \(Self.longestHead) bytes")
    }
    let isOld = request.version == "HTTP/1.0"
    guard isOld || request.version == "HTTP/1.1" else {
      return Refusal(.malformed, 400, "not a request of HTTP/1.1")
    }
    guard request.hosts.count == 1 || (isOld && request.hosts.isEmpty) else {
      return Refusal(.malformed, 400, "the request must have one Host header")
    }
    return nil
  }

  private func wrongPlace(_ request: UpgradeRequest) -> Refusal? {
    guard [path, path + "/", "/"].contains(request.path) || otherPaths.contains(request.path) else {
      return Refusal(.path, 404, "no such path; the WebSocket endpoint is \(path)")
    }
    return nil
  }

  /// RFC 6455 section 4.2.1.
  private func wrongHandshake(_ request: UpgradeRequest) -> Refusal? {
    guard request.upgrade == "websocket" else {
      return Refusal(
        .noUpgrade, 426, "this is a WebSocket endpoint: connect by ws:// or wss://",
        headers: [.init(name: "Upgrade", value: "websocket")],
        remedy: "a proxy in front must hand on the headers Upgrade and Connection")
    }
    guard request.version == "HTTP/1.1" else {
      return Refusal(.malformed, 400, "a WebSocket needs HTTP/1.1")
    }
    guard request.connection.contains("upgrade") else {
      return Refusal(
        .malformed, 400, "the header Connection must say Upgrade",
        remedy: "a proxy in front must hand on the headers Upgrade and Connection")
    }
    guard request.webSocketVersion == "13" else {
      return Refusal(
        .version, 426, "Sec-WebSocket-Version must be 13",
        headers: [.init(name: "Upgrade", value: "websocket"), .init(name: "Sec-WebSocket-Version", value: "13")])
    }
    guard let key = request.key, Self.isKey(key) else {
      return Refusal(.malformed, 400, "Sec-WebSocket-Key must be 16 bytes in base64")
    }
    return nil
  }

  private static func isKey(_ key: String) -> Bool {
    let bytes = Array(key.utf8)
    return bytes.count == 24 && bytes.hasSuffix("==")
      && bytes.dropLast(2).allSatisfy {
        switch $0 {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
          true
        default: false
        }
      }
  }

  // MARK: Who asks

  private func notAllowed(_ request: UpgradeRequest) -> Refusal? {
    if let token {
      guard !request.shows(token) else { return nil }
      let isWrong = request.showsSomeToken
      return Refusal(
        .token, 401,
        isWrong
          ? "the token is wrong: send the server's as Authorization: Bearer TOKEN, or as ?token=TOKEN in the address"
          : "a token is needed: send Authorization: Bearer TOKEN, or ?token=TOKEN in the address",
        headers: [.init(name: "WWW-Authenticate", value: "Bearer realm=\"sidetone\"")],
        remedy: isWrong ? "give the client the token that serve was started with" : "give the client the token")
    }
    guard !allowedOrigins.contains(.any) else { return nil }
    guard let host = request.hosts.first.flatMap({ Authority($0) }) else {
      return Refusal(.malformed, 400, "the Host header is no host and port")
    }
    guard isOurs(host.host) else {
      return Refusal(
        .host, 403, "this server is not known by the name in the Host header",
        remedy: "call it by localhost or 127.0.0.1, or allow the name with --allow-origin "
          + "\(isSecure ? "https" : "http")://NAME, or ask for a --token")
    }
    guard let said = request.origins.first else { return nil }
    guard request.origins.count == 1, let origin = WebOrigin(said) else {
      return Refusal(.origin, 403, "the Origin header is no single origin")
    }
    guard origin.isLoopback || isSame(origin, host) || allowedOrigins.contains(.exactly(origin)) else {
      return Refusal(
        .origin, 403,
        origin == .opaque
          ? "a page without an origin (a file, or a sandboxed frame) may not talk to this server"
          : "pages of this origin may not talk to this server",
        remedy: origin == .opaque
          ? "serve the page from http://localhost, or start serve with --allow-origin null, or with a --token"
          : "start serve with --allow-origin and this origin, or with a --token that the page shows")
    }
    return nil
  }

  /// Whether a host stands for this server whoever else may have made a name for it.
  private func isOurs(_ host: HostName) -> Bool {
    host.isLoopback || host == HostName(address: listenHost)
      || allowedOrigins.contains {
        if case .exactly(.page(_, let allowed, _)) = $0 { allowed == host } else { false }
      }
  }

  private func isSame(_ origin: WebOrigin, _ host: Authority) -> Bool {
    let (scheme, port) = isSecure ? ("https", 443) : ("http", 80)
    return origin == .page(scheme: scheme, host: host.host, port: host.port ?? port)
  }

  // MARK: Whether there is room

  private func noRoom(_ request: UpgradeRequest, _ open: Occupancy) -> Refusal? {
    // libwebsockets' own buffers for the list and for a name; beyond them it would hang up without a word.
    guard request.subprotocols.allSatisfy({ $0.utf8.count < 64 }),
      request.subprotocols.joined(separator: ", ").utf8.count < 127
    else { return Refusal(.subprotocols, 400, "the list of subprotocols is too long: 126 bytes in all, 63 each") }
    let isReturning = returnItem.map { name in request.query.contains { $0.name == name } } ?? false
    let share = isReturning ? 2 : 1
    let later = [Refusal.Header(name: "Retry-After", value: "5")]
    guard open.total < maximumConnections * share else {
      return Refusal(
        .full, 503, "\(maximumConnections) clients are connected, and there is no room for more; try again later",
        headers: later, remedy: "start serve with a higher --max-clients, or with a shorter --idle-limit")
    }
    if let maximumPerAddress, open.ofAddress >= maximumPerAddress * share {
      return Refusal(
        .addressFull, 503,
        "\(maximumPerAddress) clients of this address are connected, and no more may; try again later",
        headers: later, remedy: "start serve with a higher --max-clients-per-address")
    }
    return nil
  }

  // MARK: Heads that are not a request

  /// The answer to bytes that are no HTTP, or a method that nobody knows.
  public static func refusal(ofBytes bytes: some Collection<UInt8>) -> Refusal {
    if bytes.first == 0x16 {
      return Refusal(
        .malformed, 400, "this port speaks ws://, without TLS",
        remedy: "connect by ws://, or give serve a --cert and a --key")
    }
    let word = bytes.prefix { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || $0 == UInt8(ascii: "-") }
    if (1...20).contains(word.count), bytes.dropFirst(word.count).first == 0x20 {
      return Refusal(
        .method, 405, "only GET is answered here, and a WebSocket is opened by GET",
        headers: [.init(name: "Allow", value: "GET, HEAD")])
    }
    return Refusal(.malformed, 400, "this is no HTTP request")
  }

  /// A head that is too large, and was not read to its end. Only the log hears of it.
  public static let beyondMeasure = Refusal(
    .tooLarge, 431, "the request's head is larger than \(longestHead) bytes: the connection has ended without an answer"
  )

  /// Too many requests of an address wait for the answer to their wrong tokens.
  public static let guessing = Refusal(
    .guessing, 429, "too many wrong tokens came from this address; try again later",
    headers: [.init(name: "Retry-After", value: "5")],
    remedy: "somebody at this address guesses; a firewall keeps them out")

  /// The request did not come to its end.
  public static let slow = Refusal(.slow, 408, "the request was not finished in time")

  /// There are too many connections, and it was the one to give way.
  public static let crowd = Refusal(
    .crowd, 503, "too many connections have asked nothing yet, and this one is the oldest of the address with most",
    headers: [.init(name: "Retry-After", value: "5")])

  /// A connection to a port with TLS ended before TLS was there. Only the log hears of it.
  public static let noTLS = Refusal(
    .noTLS, 400, "a connection ended before TLS was agreed on",
    remedy: "the client must speak wss://, and trust the certificate (connect --cacert FILE)")

  public static let stopping = Refusal(.stopping, 503, "the server is going down")
}

extension [UInt8] {
  fileprivate func hasSuffix(_ text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}

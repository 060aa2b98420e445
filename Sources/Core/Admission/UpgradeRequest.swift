/// An HTTP request as it came in: what decides whether it may become a WebSocket.
public struct UpgradeRequest: Sendable {
  /// An item of the query, percent-decoded.
  public struct QueryItem: Sendable, Equatable {
    public var name: String
    public var value: String
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  public var method = "GET"
  /// As in `HTTP/1.1`.
  public var version = "HTTP/1.1"
  /// Percent-decoded, without the query.
  public var path: String
  public var query: [QueryItem]
  public var authorization: String?
  /// The values of every `Host` header.
  public var hosts: [String] = ["localhost"]
  /// The values of every `Origin` header; an empty one counts.
  public var origins: [String] = []
  /// The value of the `Upgrade` header in lower case; nil in a plain request.
  public var upgrade: String?
  /// The items of the `Connection` header in lower case.
  public var connection: [String] = ["upgrade"]
  public var key: String? = "dGhlIHNhbXBsZSBub25jZQ=="
  public var webSocketVersion: String? = "13"
  /// As offered, in order.
  public var subprotocols: [String]
  public var userAgent: String?
  public var peerAddress = ""
  /// Bytes that the whole head took; 0 when nobody knows.
  public var headBytes = 0

  /// A request that is as it should be, but for what is given.
  public init(
    path: String = "/voice", query: [QueryItem] = [], authorization: String? = nil, subprotocols: [String] = [],
    upgrade: String? = "websocket"
  ) {
    self.path = path
    self.query = query
    self.authorization = authorization
    self.subprotocols = subprotocols
    self.upgrade = upgrade
  }

  /// The query without the server's access token, wherever it stands.
  public func query(without token: String?) -> [QueryItem] {
    query.filter { item in token.map { !Self.isToken(item, $0) } ?? true }
  }

  /// Whether it shows the token, as `Authorization: Bearer TOKEN` or as `token=TOKEN` in the query.
  func shows(_ token: String) -> Bool {
    if let authorization, authorization.lowercased().hasPrefix("bearer "),
      isSameSecret(String(authorization.dropFirst(7).drop { $0 == " " }), token)
    {
      return true
    }
    return query.contains { Self.isToken($0, token) }
  }

  /// Whether it shows anything that could have been meant for the token.
  public var showsSomeToken: Bool {
    authorization != nil || query.contains { $0.name == "token" && !$0.value.isEmpty }
  }

  /// libwebsockets decodes `+` in a query as a space.
  private static func isToken(_ item: QueryItem, _ token: String) -> Bool {
    item.name == "token"
      && (isSameSecret(item.value, token) || isSameSecret(item.value, String(token.map { $0 == "+" ? " " : $0 })))
  }

  /// The items of a comma-separated header.
  public static func list(_ text: String) -> [String] {
    text.split(separator: ",").map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
  }
}

/// Why a request gets no WebSocket: the answer, and the line for the log.
public struct Refusal: Sendable, Equatable {
  /// What is counted together in a log.
  public enum Kind: String, Sendable, CaseIterable {
    case malformed, method, path, noUpgrade, version, tooLarge, token, guessing, origin, host, subprotocols, full
    case addressFull, stopping, slow, crowd, noTLS
  }

  /// A line of the answer's head.
  public struct Header: Sendable, Equatable {
    public var name: String
    public var value: String
  }

  public var kind: Kind
  /// The HTTP status.
  public var status: Int
  /// What the client is told, without the peer's own words.
  public var text: String
  public var headers: [Header]
  /// What whoever runs the server can do about it; nil when it is the client's affair alone.
  public var remedy: String?

  public init(_ kind: Kind, _ status: Int, _ text: String, headers: [Header] = [], remedy: String? = nil) {
    self.kind = kind
    self.status = status
    self.text = text
    self.headers = headers
    self.remedy = remedy
  }
}

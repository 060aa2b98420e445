import CWebSockets

/// An HTTP request as it came in, and whether it may become a WebSocket.
struct UpgradeRequest {
  var path: String
  var query: [ServerRequest.QueryItem]
  var authorization: String?
  var headers: [String: String]
  var peerAddress: String
  /// As offered, in order.
  var subprotocols: [String]
  /// The value of the Upgrade header in lower case; nil in a plain request.
  var upgrade: String?

  /// Reads it from libwebsockets, while it keeps the headers.
  init(_ wsi: OpaquePointer) {
    path = HeaderReader.value(wsi, WSI_TOKEN_GET_URI) ?? "/"
    query = HeaderReader.queryItems(wsi).map { item in
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return ServerRequest.QueryItem(name: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : "")
    }
    authorization = HeaderReader.value(wsi, WSI_TOKEN_HTTP_AUTHORIZATION)
    headers = [:]
    for (name, token) in [
      ("host", WSI_TOKEN_HOST), ("user-agent", WSI_TOKEN_HTTP_USER_AGENT), ("origin", WSI_TOKEN_ORIGIN),
    ] {
      headers[name] = HeaderReader.value(wsi, token)
    }
    peerAddress = HeaderReader.peerAddress(wsi)
    subprotocols = Self.list(HeaderReader.value(wsi, WSI_TOKEN_PROTOCOL) ?? "")
    upgrade = HeaderReader.value(wsi, WSI_TOKEN_UPGRADE)?.lowercased()
  }

  init(
    path: String, query: [ServerRequest.QueryItem] = [], authorization: String? = nil, subprotocols: [String] = [],
    upgrade: String? = "websocket"
  ) {
    self.path = path
    self.query = query
    self.authorization = authorization
    self.subprotocols = subprotocols
    self.upgrade = upgrade
    headers = [:]
    peerAddress = ""
  }

  private static func list(_ text: String) -> [String] {
    text.split(separator: ",").map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
  }

  /// The answer when it may not become a WebSocket.
  func rejection(options: ServerOptions, connectionCount: Int) -> HTTPAnswer? {
    guard path == options.path || path == options.path + "/" || path == "/" else {
      return HTTPAnswer(404, "no such path; the WebSocket endpoint is \(options.path)")
    }
    guard upgrade == "websocket" else {
      return HTTPAnswer(
        426, "this is a WebSocket endpoint: connect by ws:// or wss://", [("Upgrade", "websocket")])
    }
    if let token = options.token, !shows(token) {
      return HTTPAnswer(
        401, "a token is needed: send Authorization: Bearer TOKEN, or ?token=TOKEN in the address",
        [("WWW-Authenticate", "Bearer realm=\"sidetone\"")])
    }
    // libwebsockets' own buffers for the list and for a name; beyond them it would hang up without a word.
    guard subprotocols.allSatisfy({ $0.utf8.count < 64 }), subprotocols.joined(separator: ", ").utf8.count < 127
    else { return HTTPAnswer(400, "the list of subprotocols is too long: 126 bytes in all, 63 each") }
    let isReturning = options.returnItem.map { name in query.contains { $0.name == name } } ?? false
    guard connectionCount < options.maximumConnections * (isReturning ? 2 : 1) else {
      return HTTPAnswer(
        503, "\(options.maximumConnections) clients are connected, and there is no room for more; try again later",
        [("Retry-After", "5")])
    }
    return nil
  }

  /// For the server's user. The access token's item is left out, wherever it stands.
  /// - Parameter choose: as in `ServerOptions`.
  func serverRequest(token: String?, choose: (([String]) -> String?)? = nil) -> ServerRequest {
    ServerRequest(
      path: path, query: query.filter { item in token.map { !Self.isToken(item, $0) } ?? true }, headers: headers,
      peerAddress: peerAddress, subprotocol: agreedSubprotocol(choose))
  }

  /// The one that the answer names; always one that was offered.
  func agreedSubprotocol(_ choose: (([String]) -> String?)?) -> String? {
    let chosen = choose?(subprotocols)
    return chosen.flatMap { subprotocols.contains($0) ? $0 : nil } ?? subprotocols.first
  }

  private func shows(_ token: String) -> Bool {
    if let authorization, authorization.lowercased().hasPrefix("bearer "),
      isSameSecret(String(authorization.dropFirst(7).drop { $0 == " " }), token)
    {
      return true
    }
    return query.contains { Self.isToken($0, token) }
  }

  /// libwebsockets decodes `+` in a query as a space.
  private static func isToken(_ item: ServerRequest.QueryItem, _ token: String) -> Bool {
    item.name == "token"
      && (isSameSecret(item.value, token) || isSameSecret(item.value, String(token.map { $0 == "+" ? " " : $0 })))
  }
}

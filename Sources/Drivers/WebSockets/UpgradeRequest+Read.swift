import Admission
import CWebSockets

extension UpgradeRequest {
  /// Reads it from libwebsockets, while it keeps the headers.
  init(_ wsi: OpaquePointer) {
    let (method, path) = Self.methodAndPath(wsi)
    self.init(path: path)
    self.method = method
    version = HeaderReader.value(wsi, WSI_TOKEN_HTTP) ?? ""
    query = HeaderReader.queryItems(wsi).map { item in
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return QueryItem(name: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : "")
    }
    authorization = HeaderReader.value(wsi, WSI_TOKEN_HTTP_AUTHORIZATION)
    hosts = HeaderReader.values(wsi, WSI_TOKEN_HOST)
    origins = HeaderReader.values(wsi, WSI_TOKEN_ORIGIN)
    upgrade = HeaderReader.value(wsi, WSI_TOKEN_UPGRADE)?.lowercased()
    connection = Self.list(HeaderReader.value(wsi, WSI_TOKEN_CONNECTION) ?? "").map { $0.lowercased() }
    key = HeaderReader.value(wsi, WSI_TOKEN_KEY)
    webSocketVersion = HeaderReader.value(wsi, WSI_TOKEN_VERSION)
    subprotocols = Self.list(HeaderReader.value(wsi, WSI_TOKEN_PROTOCOL) ?? "")
    userAgent = HeaderReader.value(wsi, WSI_TOKEN_HTTP_USER_AGENT)
    peerAddress = HeaderReader.peerAddress(wsi)
    headBytes = Self.receivedBytes(wsi) ?? 0
  }

  private static func methodAndPath(_ wsi: OpaquePointer) -> (String, String) {
    for (method, token) in [
      ("GET", WSI_TOKEN_GET_URI), ("HEAD", WSI_TOKEN_HEAD_URI), ("POST", WSI_TOKEN_POST_URI),
      ("OPTIONS", WSI_TOKEN_OPTIONS_URI), ("PUT", WSI_TOKEN_PUT_URI), ("PATCH", WSI_TOKEN_PATCH_URI),
      ("DELETE", WSI_TOKEN_DELETE_URI),
    ] {
      if let path = HeaderReader.value(wsi, token) { return (method, path) }
    }
    return ("", "/")
  }

  /// Bytes that came in so far: one request to a connection, and so its head. TLS adds a handshake of its own, for which
  /// there is room left.
  static func receivedBytes(_ wsi: OpaquePointer) -> Int? {
    var state: Int32 = 0
    var received: UInt64 = 0
    let descriptor = lws_get_socket_fd(wsi)
    guard descriptor >= 0, cws_tcp_info(descriptor, &state, &received) == 0 else { return nil }
    let handshake = lws_get_ssl(wsi) == nil ? 0 : 8192
    return max(0, Int(clamping: received) - handshake)
  }

  /// For the server's user. The access token's item is left out, wherever it stands.
  /// - Parameter choose: as in `ServerOptions`.
  func serverRequest(token: String?, choose: (([String]) -> String?)? = nil) -> ServerRequest {
    var headers: [String: String] = [:]
    headers["host"] = hosts.first
    headers["user-agent"] = userAgent
    headers["origin"] = origins.first
    return ServerRequest(
      path: path, query: query(without: token), headers: headers, peerAddress: peerAddress,
      subprotocol: agreedSubprotocol(choose))
  }

  /// The one that the answer names; always one that was offered.
  func agreedSubprotocol(_ choose: (([String]) -> String?)?) -> String? {
    let chosen = choose?(subprotocols)
    return chosen.flatMap { subprotocols.contains($0) ? $0 : nil } ?? subprotocols.first
  }
}

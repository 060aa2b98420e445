import Admission
import Timeline
import Wire

/// Numbers a server's connections from 1.
public struct ServerConnectionID: RawRepresentable, Hashable, Sendable, Comparable {
  public var rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  public init(_ value: Int) { rawValue = value }
  public static func < (a: ServerConnectionID, b: ServerConnectionID) -> Bool { a.rawValue < b.rawValue }
}

/// What happened on a server's connection. Delivered on the loop's thread: hand it on and return.
public enum ServerEvent: Sendable, Equatable {
  case opened(ServerRequest)
  /// A whole message, its fragments joined. Text is not checked for UTF-8.
  case message([UInt8], isText: Bool)
  /// The answer to a ping asked for by `ping`; the heartbeat's own are not told.
  case pong([UInt8])
  /// Bytes accepted by `send` and not yet handed to the operating system. Reported in steps of 16 KiB, and at 0.
  case backlog(Int)
  /// Messages refused since the connection began because more than the send queue's limit was waiting.
  case refused(total: Int)
  /// The last event. `code` as in `WebSocketEvent.closed`.
  case closed(code: Int, reason: String, by: Closer)
}

/// A request that got no WebSocket.
public struct RefusedRequest: Sendable, Equatable {
  public var refusal: Refusal
  /// The peer's IP address.
  public var peerAddress: String
  /// What of the request tells why; secrets are not in it. Empty when there was no request to read.
  public var details: [String: String]
}

/// The upgrade request that opened a connection.
public struct ServerRequest: Sendable, Equatable, CustomStringConvertible {
  /// Percent-decoded, without the query.
  public var path: String
  /// Items of the query in order, percent-decoded. The server's own access token is withheld; other secrets (a resume
  /// token) are there, because they are meant for the server: show `description`, which hides them.
  public var query: [QueryItem]
  /// Host, User-Agent and Origin, as far as they were sent; names in lower case.
  public var headers: [String: String]
  /// The peer's IP address.
  public var peerAddress: String
  /// The one that the answer names, of those that were offered.
  public var subprotocol: String?

  /// A name and its value.
  public typealias QueryItem = UpgradeRequest.QueryItem

  public init(
    path: String, query: [QueryItem], headers: [String: String], peerAddress: String, subprotocol: String? = nil
  ) {
    self.path = path
    self.query = query
    self.headers = headers
    self.peerAddress = peerAddress
    self.subprotocol = subprotocol
  }

  /// The value of the first item with this name.
  public func value(of name: String) -> String? { query.first { $0.name == name }?.value }

  /// For logs: the path with its query, values of secret items replaced by `…`.
  public var description: String {
    let items = query.map { "\($0.name)=\(WebSocketURL.isSecret(name: $0.name) ? "…" : $0.value)" }
    let shown = path + (items.isEmpty ? "" : "?" + items.joined(separator: "&"))
    return Redaction.hideSecrets(in: shown, isOurs: true) + " from \(peerAddress)"
  }
}

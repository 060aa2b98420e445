import SocketProtocol
import Wire

/// What to connect to, and how.
public struct ConnectRequest: Sendable {
  public var url: WebSocketURL
  /// Further request headers, sent as they are, in order. Line breaks and other control characters are removed. `Host`
  /// replaces the address' own, `Sec-WebSocket-Protocol` counts as an offer; what the handshake sets itself is left out.
  public var headers: [(name: String, value: String)]
  /// Offered to the server, best first.
  public var subprotocols: [String]
  /// A PEM file with certificates to trust beside the system's.
  public var caFile: String?
  /// PEM files with a certificate of our own (its chain behind it) and its key, for a server that wants one. The key may
  /// be in the certificate's file.
  public var certificateFile: String?
  public var keyFile: String?
  /// The proxies that the environment names; nil: every connection is direct.
  public var proxies: ProxySettings?
  /// Accept any certificate: self-signed, expired, for another host.
  public var insecure: Bool
  /// From the call until the connection is open: name lookup, TCP, TLS and upgrade together.
  public var timeout: Duration
  /// A larger message is refused with close code 1009.
  public var maximumMessageBytes: Int

  public init(
    url: WebSocketURL, headers: [(name: String, value: String)] = [], subprotocols: [String] = [],
    caFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil, proxies: ProxySettings? = nil,
    insecure: Bool = false, timeout: Duration = .seconds(10), maximumMessageBytes: Int = WebSocketLimits.messageBytes
  ) {
    self.url = url
    self.headers = headers
    self.subprotocols = subprotocols
    self.caFile = caFile
    self.certificateFile = certificateFile
    self.keyFile = keyFile
    self.proxies = proxies
    self.insecure = insecure
    self.timeout = timeout
    self.maximumMessageBytes = maximumMessageBytes
  }

  /// The request for the upgrade. `Authorization` from the URL is left out when one is given.
  var offer: UpgradeOffer {
    var all = headers
    if let authorization = url.authorization,
      !headers.contains(where: { $0.name.lowercased() == "authorization" })
    {
      all.append(("Authorization", authorization))
    }
    return UpgradeOffer(host: url.hostHeader, path: url.path, headers: all, subprotocols: subprotocols)
  }

  /// Where a credential was given, in words for advice; empty when none was.
  var credentialPlaces: [String] {
    var places: [String] = []
    if url.userInfo != nil { places.append("the address' user and password") }
    for (name, value) in headers where Redaction.isSecret(name: name) {
      if !value.isEmpty { places.append("-H \(name)") }
    }
    places += url.secretItems.map { "the address' item \($0.name)" }
    if SubprotocolSecrets.hidden(offer.subprotocols) != offer.subprotocols { places.append("the subprotocol") }
    return places
  }

  /// What the server may repeat and nobody may see.
  var secrets: [String] {
    RequestSecrets(userInfo: url.userInfo, path: url.path, headers: offer.headers, subprotocols: offer.subprotocols)
      .literals
  }
}

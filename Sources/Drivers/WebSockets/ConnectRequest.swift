/// What to connect to, and how.
public struct ConnectRequest: Sendable {
  public var url: WebSocketURL
  /// Further request headers, sent as they are, in order. Line breaks and other control characters are removed.
  public var headers: [(name: String, value: String)]
  /// Offered to the server, best first.
  public var subprotocols: [String]
  /// A PEM file with certificates to trust beside the system's.
  public var caFile: String?
  /// Accept any certificate: self-signed, expired, for another host.
  public var insecure: Bool
  /// From the call until the connection is open: name lookup, TCP, TLS and upgrade together.
  public var timeout: Duration
  /// A larger message is refused with close code 1009.
  public var maximumMessageBytes: Int

  public init(
    url: WebSocketURL, headers: [(name: String, value: String)] = [], subprotocols: [String] = [],
    caFile: String? = nil, insecure: Bool = false, timeout: Duration = .seconds(10),
    maximumMessageBytes: Int = WebSocketLimits.messageBytes
  ) {
    self.url = url
    self.headers = headers
    self.subprotocols = subprotocols
    self.caFile = caFile
    self.insecure = insecure
    self.timeout = timeout
    self.maximumMessageBytes = maximumMessageBytes
  }

  /// The request's extra header lines, each ended by CRLF. `Authorization` from the URL is left out when one is given.
  var headerLines: [UInt8] {
    var all = headers
    if let authorization = url.authorization,
      !headers.contains(where: { $0.name.lowercased() == "authorization" })
    {
      all.append(("Authorization", authorization))
    }
    var lines: [UInt8] = []
    for (name, value) in all {
      // A header is one line: what could end it, and begin another, does not pass.
      lines += name.utf8.filter { $0 > 0x20 && $0 != 0x7f && $0 != 0x3a }
      lines += [0x3a, 0x20]
      lines += value.utf8.filter { $0 >= 0x20 && $0 != 0x7f }
      lines += [0x0d, 0x0a]
    }
    return lines
  }
}

import CWebSockets
import Glibc

extension ConnectFailure {
  /// The failure that the evidence shows.
  static func explain(_ evidence: ConnectEvidence, request: ConnectRequest) -> ConnectFailure {
    if let cancelled = evidence.cancelled { return ConnectFailure(.cancelled, cancelled, isPermanent: false) }
    if let reason = evidence.caFile { return ConnectFailure(.badCAFile, reason, isPermanent: true) }
    switch evidence.stage {
    case .lookup: return lookup(evidence, request.url, request.timeout)
    case .tcp: return tcp(evidence, request.url, request.timeout)
    case .tls: return tls(evidence, request.url, request.timeout)
    case .upgrade:
      if let status = evidence.status, status != 101 { return http(status, evidence, request.url) }
      return upgrade(evidence, request.url, request.timeout)
    }
  }

  private static func lookup(
    _ evidence: ConnectEvidence, _ url: WebSocketURL, _ timeout: Duration
  ) -> ConnectFailure {
    if evidence.hasTimedOut {
      return ConnectFailure(
        .lookupFailed, "looking up “\(url.host)” took longer than \(text(timeout)): check the network and its DNS",
        isPermanent: false)
    }
    guard let failure = evidence.lookup else {
      return ConnectFailure(.lookupFailed, "looking up “\(url.host)” failed", isPermanent: false)
    }
    if failure.isUnknownName {
      return ConnectFailure(
        .hostNotFound, "host “\(url.host)” not found: check its spelling and the network", isPermanent: false)
    }
    return ConnectFailure(
      .lookupFailed, "looking up “\(url.host)” failed (\(failure.text)): check the network and its DNS",
      isPermanent: false)
  }

  private static func tcp(_ evidence: ConnectEvidence, _ url: WebSocketURL, _ timeout: Duration) -> ConnectFailure {
    let place = place(url, evidence)
    if evidence.hasTimedOut {
      return ConnectFailure(
        .connectTimeout,
        "no answer from \(place) within \(text(timeout)): wrong address, or a firewall in between drops it",
        isPermanent: false)
    }
    switch evidence.probe?.connectError {
    case ECONNREFUSED:
      return ConnectFailure(
        .refused, "\(place) refused the connection: nothing listens there; start the server or check the port",
        isPermanent: false)
    case ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL, ENETDOWN, EHOSTDOWN:
      return ConnectFailure(
        .unreachable, "no way to \(place) (\(errorText(evidence.probe!.connectError))): check the network",
        isPermanent: false)
    case ETIMEDOUT:
      return ConnectFailure(
        .connectTimeout, "no answer from \(place): wrong address, or a firewall in between drops it",
        isPermanent: false)
    case 0:
      return ConnectFailure(
        .refused, "\(place) could not be reached, but is there now: try again", isPermanent: false)
    case let error:
      return ConnectFailure(
        .unreachable, "could not connect to \(place)" + (error.map { " (\(errorText($0)))" } ?? ""),
        isPermanent: false)
    }
  }

  private static func tls(_ evidence: ConnectEvidence, _ url: WebSocketURL, _ timeout: Duration) -> ConnectFailure {
    if evidence.certificateVerdict > 0 { return certificate(Int(evidence.certificateVerdict), url) }
    let place = place(url, evidence)
    if evidence.hasTimedOut {
      return ConnectFailure(
        .silent,
        "\(place) accepted the connection but did not answer the TLS handshake within \(text(timeout)): "
          + "if it is a plain server, write ws://",
        isPermanent: false)
    }
    if let reply = evidence.probe?.httpReply, !reply.isEmpty {
      return ConnectFailure(
        .notTLS, "\(place) does not speak TLS (it answers “\(printable(reply))”): write ws:// instead of wss://",
        isPermanent: true)
    }
    return ConnectFailure(
      .tlsHandshake,
      "the TLS handshake with \(place) failed: it may be a plain server (write ws://), want a client certificate, or "
        + "share no TLS version with us",
      isPermanent: false)
  }

  private static func certificate(_ verdict: Int, _ url: WebSocketURL) -> ConnectFailure {
    let of = "the certificate of “\(url.host)”"
    switch verdict {
    case Int(CWS_CERT_SELF_SIGNED):
      return ConnectFailure(
        .selfSigned, "\(of) is self-signed: trust it by --cacert FILE, or accept any by --insecure", isPermanent: true)
    case Int(CWS_CERT_SELF_SIGNED_IN_CHAIN), Int(CWS_CERT_NO_ISSUER), Int(CWS_CERT_NO_ISSUER_FOR_LEAF):
      return ConnectFailure(
        .unknownAuthority,
        "\(of) is signed by an unknown authority: give the authority's certificate by --cacert FILE, or accept any "
          + "by --insecure",
        isPermanent: true)
    case Int(CWS_CERT_EXPIRED):
      return ConnectFailure(
        .expired,
        "\(of) has expired: the server needs a new one (check this machine's clock, too); accept it by "
          + "--insecure", isPermanent: true)
    case Int(CWS_CERT_NOT_YET_VALID):
      return ConnectFailure(
        .expired, "\(of) is not valid yet: check this machine's clock; accept it by --insecure", isPermanent: true)
    case Int(CWS_CERT_WRONG_HOST), Int(CWS_CERT_WRONG_ADDRESS):
      return ConnectFailure(
        .wrongHost, "\(of) is for another host: connect by the name it was made for, or accept it by --insecure",
        isPermanent: true)
    default:
      let why = X509_verify_cert_error_string(verdict).map { String(cString: $0) } ?? "error \(verdict)"
      return ConnectFailure(
        .badCertificate,
        "\(of) was not accepted (\(why)): trust its authority by --cacert FILE, or accept any by "
          + "--insecure", isPermanent: true)
    }
  }

  private static func http(_ status: Int, _ evidence: ConnectEvidence, _ url: WebSocketURL) -> ConnectFailure {
    let place = place(url, evidence)
    let path = WebSocketURL.redact(path: url.path)
    let retry = evidence.retryAfter.flatMap { Int($0) }
    func failure(_ text: String, isPermanent: Bool) -> ConnectFailure {
      ConnectFailure(
        .httpStatus, text, isPermanent: isPermanent, httpStatus: status,
        retryAfterSeconds: retry.flatMap { $0 >= 0 ? $0 : nil })
    }
    let wait = retry.map { ", in \($0) s" } ?? evidence.retryAfter.map { " (\(printable(Array($0.utf8))))" } ?? ""
    switch status {
    case 200..<300:
      return failure(
        "\(place) answered like a web page (HTTP \(status)): \(path) is no WebSocket endpoint; check the path",
        isPermanent: true)
    case 300..<400:
      let target = evidence.location.map { " to “\(printable(Array(WebSocketURL.redact(path: $0).utf8), limit: 200))”" }
      return failure(
        "\(place) redirects\(target ?? "") (HTTP \(status)): connect there, with ws:// or wss://", isPermanent: true)
    case 401:
      let scheme = evidence.challenge.map { "; it asks for “\(printable(Array($0.utf8)))”" } ?? ""
      return failure(
        "\(place) wants a credential (HTTP 401\(scheme)): give one by -H 'Authorization: Bearer TOKEN', or check it",
        isPermanent: true)
    case 403:
      return failure(
        "\(place) forbids it (HTTP 403): check the credential, and the Origin header when the server checks it",
        isPermanent: true)
    case 404:
      return failure("\(place) knows no path \(path) (HTTP 404): check the path", isPermanent: true)
    case 429:
      return failure("\(place) has had too many requests (HTTP 429): try again later\(wait)", isPermanent: false)
    case 408, 425:
      return failure("\(place) asks to try again (HTTP \(status))\(wait)", isPermanent: false)
    case 400, 426:
      return failure(
        "\(place) did not take the upgrade at \(path) (HTTP \(status)): check the path, the subprotocol and the headers",
        isPermanent: true)
    case 503:
      return failure("\(place) is overloaded or starting (HTTP 503): try again later\(wait)", isPermanent: false)
    case 500...:
      return failure(
        "\(place) failed (HTTP \(status)): look at the server's log, or at the proxy in front of it\(wait)",
        isPermanent: false)
    default:
      return failure("\(place) refused the upgrade at \(path) (HTTP \(status))", isPermanent: true)
    }
  }

  private static func upgrade(
    _ evidence: ConnectEvidence, _ url: WebSocketURL, _ timeout: Duration
  ) -> ConnectFailure {
    let place = place(url, evidence)
    if evidence.hasTimedOut {
      return ConnectFailure(
        .silent,
        "\(place) accepted the connection but did not answer the upgrade within \(text(timeout)): it hangs, or is no "
          + "WebSocket server" + (url.isSecure ? "" : "; if it wants TLS, write wss://"),
        isPermanent: false)
    }
    if evidence.probe?.answersTLS == true {
      return ConnectFailure(
        .needsTLS, "\(place) speaks TLS: write wss:// instead of ws://", isPermanent: true)
    }
    if evidence.log.contains(where: { $0.contains("header data space") || $0.contains("header too long") }) {
      return ConnectFailure(
        .notWebSocket, "\(place) answered with more than 16 KiB of headers: that is no usable upgrade",
        isPermanent: true)
    }
    if evidence.status == 101 {
      return ConnectFailure(
        .notWebSocket,
        "\(place) agreed to the upgrade with a broken handshake (\(handshakeFault(evidence.text))): it is no proper "
          + "WebSocket server, or a proxy in between changed the headers", isPermanent: true)
    }
    if evidence.text.contains("parsing") || evidence.text.contains("HS:") {
      let reply = evidence.probe?.httpReply ?? []
      return ConnectFailure(
        .notWebSocket,
        "\(place) is no WebSocket server: its answer is not HTTP"
          + (reply.isEmpty ? "" : " (“\(printable(reply))”)") + "; check the port", isPermanent: true)
    }
    return ConnectFailure(
      .hungUp,
      "\(place) ended the connection before it had answered the upgrade: it is no WebSocket server, or just going "
        + "down; look at its log", isPermanent: false)
  }

  /// libwebsockets' short names for what is wrong with a 101, in words.
  private static func handshakeFault(_ text: String) -> String {
    if text.contains("ACCEPT") { return "no Sec-WebSocket-Accept" }
    if text.contains("Accept hash") { return "a wrong Sec-WebSocket-Accept" }
    if text.contains("PROTOCOL") { return "a subprotocol that was not offered" }
    if text.contains("EXT") || text.contains("ext") { return "an extension that was not offered" }
    if text.contains("UPGRADE") || text.contains("Upgrade") { return "no proper Upgrade and Connection headers" }
    return printable(Array(text.utf8))
  }

  private static func place(_ url: WebSocketURL, _ evidence: ConnectEvidence) -> String {
    let name = url.isIPv6Literal ? "[\(url.host)]:\(url.port)" : "\(url.host):\(url.port)"
    let others = evidence.addresses.filter { $0 != url.host }
    return others.isEmpty ? name : "\(name) (\(others.joined(separator: ", ")))"
  }

  private static func errorText(_ code: Int32) -> String { String(cString: strerror(code)) }

  private static func text(_ duration: Duration) -> String {
    let milliseconds = ServiceLoop.nanoseconds(duration) / 1_000_000
    return milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds) ms"
  }

  /// A peer's text, fit for a message: the first line, printable ASCII, everything else a dot.
  static func printable(_ bytes: [UInt8], limit: Int = 60) -> String {
    let line = bytes.prefix { $0 != 0x0a && $0 != 0x0d }
    let shown = line.prefix(limit).map { (0x20..<0x7f).contains($0) ? Character(Unicode.Scalar($0)) : "·" }
    return String(shown) + (line.count > limit ? "…" : "")
  }
}

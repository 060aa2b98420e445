import SocketProtocol

// What was answered to the upgrade, in words.

extension ConnectFailure {
  static func http(_ head: AnswerHead, _ evidence: ConnectEvidence, _ request: ConnectRequest) -> ConnectFailure {
    let (status, url) = (head.status, request.url)
    let place = place(url, evidence)
    let path = WebSocketURL.redact(path: url.path)
    let retry = head.value("retry-after").flatMap(seconds)
    let wait =
      retry.map { ", in \($0) s" } ?? head.value("retry-after").map { " (\(PeerText.shown($0, limit: 60)))" } ?? ""
    let words = RefusalWords.find(in: head, body: evidence.answer.body, secrets: request.secrets)
    let id = RefusalWords.requestID(head).map { " [\($0)]" } ?? ""
    // The server's own words come before the advice: what is cut for lack of room is cut from the end.
    func failure(
      as kind: Kind = .httpStatus, _ fact: String, _ advice: String, isPermanent: Bool
    ) -> ConnectFailure {
      let said = words.map { ": it says “\($0)”\(id); " } ?? "\(id): "
      var failure = ConnectFailure(
        kind, fact + said + advice, isPermanent: isPermanent, httpStatus: status, retryAfterSeconds: retry)
      failure.peerWords = words
      return failure
    }
    if saysTLS(words) {
      return failure(as: .needsTLS, "\(place) speaks TLS", "write wss:// instead of ws://", isPermanent: true)
    }
    let certificate =
      evidence.tls.wantsCertificate && request.certificateFile == nil
      ? "; it asked for a client certificate, too: --cert FILE and --key FILE give one" : ""
    let places = request.credentialPlaces.joined(separator: ", ")
    switch status {
    case 200..<300:
      return failure(
        "\(place) answered like a web page (HTTP \(status))", "\(path) is no WebSocket endpoint; check the path",
        isPermanent: true)
    case 300..<400:
      let target = head.value("location").map { WebSocketURL.redact(path: PeerText.shown($0, limit: 200)) }
      let there = target.flatMap { webSocket($0, url) } ?? "there, with ws:// or wss://"
      return failure(
        "\(place) redirects\(target.map { " to “\($0)”" } ?? "") (HTTP \(status))", "connect \(there)",
        isPermanent: true)
    case 401:
      let scheme = head.value("www-authenticate").map { "; it asks for “\(PeerText.shown($0, limit: 100))”" } ?? ""
      // Who has given a credential is not told to give one.
      return places.isEmpty
        ? failure(
          "\(place) wants a credential (HTTP 401\(scheme))",
          "give one by -H 'Authorization: Bearer TOKEN', or as the server wants it\(certificate)", isPermanent: true)
        : failure(
          "\(place) did not accept the credential (HTTP 401\(scheme))",
          "check \(places), or give it where the server looks for it\(certificate)", isPermanent: true)
    case 403:
      return failure(
        "\(place) forbids it (HTTP 403)",
        "check the credential\(places.isEmpty ? "" : " (\(places))"), and the Origin header when the server checks it"
          + certificate, isPermanent: true)
    case 404: return failure("\(place) knows no path \(path) (HTTP 404)", "check the path", isPermanent: true)
    case 429:
      return failure(
        "\(place) has had too many requests (HTTP 429)", "try again later\(wait)", isPermanent: false)
    case 408, 425:
      return failure("\(place) did not wait for the request (HTTP \(status))", "try again\(wait)", isPermanent: false)
    case 400, 426:
      let version = head.value("sec-websocket-version").map {
        "; it speaks version \(PeerText.shown($0, limit: 20)) of WebSocket, and we 13"
      }
      return failure(
        "\(place) did not take the upgrade at \(path) (HTTP \(status))",
        "check the path, the subprotocol and the headers\(version ?? "")\(certificate)", isPermanent: true)
    case 407:
      return failure(
        "a proxy that was not asked for stands in front of \(place) and wants a credential (HTTP 407)",
        "check the network", isPermanent: true)
    case 431:
      return failure(
        "\(place) finds the request's headers too large (HTTP 431)", "shorten them", isPermanent: true)
    case 503:
      return failure(
        "\(place) is overloaded or starting (HTTP 503)", "try again later\(wait)", isPermanent: false)
    case 500...:
      return failure(
        "\(place) failed (HTTP \(status))", "look at the server's log, or at the proxy in front of it\(wait)",
        isPermanent: false)
    default:
      return failure(
        "\(place) refused the upgrade (HTTP \(status))", "check the address and the headers", isPermanent: true)
    }
  }

  /// Seconds of Retry-After. A date is shown as it is.
  private static func seconds(_ text: String) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text).map { min($0, 31_536_000) } ?? 31_536_000
  }

  /// Where a redirection leads, as an address to connect to; nil when it is no such address.
  private static func webSocket(_ target: String, _ url: WebSocketURL) -> String? {
    let lowered = target.lowercased()
    for (scheme, own) in [("http://", "ws://"), ("https://", "wss://"), ("ws://", "ws://"), ("wss://", "wss://")]
    where lowered.hasPrefix(scheme) {
      return "to \(own)\(target.dropFirst(scheme.count)) instead"
    }
    guard target.hasPrefix("/"), !target.hasPrefix("//") else { return nil }
    return "to \(url.isSecure ? "wss" : "ws")://\(url.hostHeader)\(target) instead"
  }

  /// What nginx, Apache, Go and others answer to a plain request at a TLS port.
  private static func saysTLS(_ words: String?) -> Bool {
    guard let words = words?.lowercased() else { return false }
    return [
      "plain http request was sent to https port", "http request to an https server", "speaking plain http to an ssl",
      "client sent an http request to an https", "requires tls", "this port requires https",
    ].contains { words.contains($0) }
  }

  // MARK: - No refusal, and no upgrade

  static func upgrade(_ evidence: ConnectEvidence, _ request: ConnectRequest) -> ConnectFailure {
    let (url, answer) = (request.url, evidence.answer)
    let place = place(url, evidence)
    if let fault = evidence.handshakeFault {
      return ConnectFailure(
        .notWebSocket,
        "\(place) agreed to the upgrade with a broken handshake (\(fault)): it is no proper WebSocket server, or a "
          + "proxy in between changed the headers", isPermanent: true)
    }
    switch answer.state {
    case .tooLong:
      return ConnectFailure(
        .notWebSocket,
        "\(place) answered with more than \(AnswerReader.headLimit / 1024) KiB of headers: that is no usable upgrade",
        isPermanent: true)
    case .broken:
      return ConnectFailure(
        .notWebSocket,
        "\(place) is no WebSocket server: its answer is broken HTTP (“\(printable(answer.beginning))”); check the port",
        isPermanent: true)
    case .notHTTP:
      let bytes = answer.beginning
      // A TLS record: an alert, or a handshake.
      if bytes.count >= 2, bytes[0] == 0x15 || bytes[0] == 0x16, bytes[1] == 3 {
        return ConnectFailure(.needsTLS, "\(place) speaks TLS: write wss:// instead of ws://", isPermanent: true)
      }
      return ConnectFailure(
        .notWebSocket,
        "\(place) is no WebSocket server: its answer is not HTTP (“\(printable(bytes))”); check the port",
        isPermanent: true)
    case .head, .body, .complete, .switched: break
    }
    if evidence.hasTimedOut {
      return ConnectFailure(
        .silent,
        "\(place) accepted the connection but did not answer the upgrade within \(text(request.timeout)): it hangs, or "
          + "is no WebSocket server" + (url.isSecure ? "" : "; if it wants TLS, write wss://"),
        isPermanent: false)
    }
    if let failure = ownCertificate(evidence, request) { return failure }
    if evidence.probe?.answersTLS == true {
      return ConnectFailure(.needsTLS, "\(place) speaks TLS: write wss:// instead of ws://", isPermanent: true)
    }
    let alert = evidence.alert.map { ", with TLS alert \($0)" } ?? ""
    let certificate = evidence.tls.wantsCertificate ? "; it asked for a client certificate, and may not like ours" : ""
    return ConnectFailure(
      .hungUp,
      "\(place) ended the connection before it had answered the upgrade\(alert): it is no WebSocket server, or just "
        + "going down; look at its log\(certificate)", isPermanent: false)
  }

  // MARK: - Proxies

  /// What went wrong before the way through the proxy was open; nil when it was.
  static func throughProxy(
    _ proxy: Proxy, _ evidence: ConnectEvidence, _ request: ConnectRequest
  ) -> ConnectFailure? {
    let name = "the proxy \(proxy) (\(proxy.variable))"
    let target = "\(request.url.plainHost):\(request.url.port)"
    let around = "list the host in NO_PROXY to go around it"
    switch evidence.stage {
    case .lookup:
      guard evidence.isProxyLookup || (evidence.hasTimedOut && !proxy.wantsAddress) else { return nil }
      let why = evidence.lookup.map { " (\($0.text))" } ?? ""
      return ConnectFailure(
        .proxyUnreachable, "the host of \(name) was not found\(why): check the address, or \(around)",
        isPermanent: false)
    case .tcp:
      let why =
        evidence.hasTimedOut
        ? "did not answer within \(text(request.timeout))"
        : "could not be reached (\(errorText(evidence.connectError)))"
      return ConnectFailure(.proxyUnreachable, "\(name) \(why): start it, or \(around)", isPermanent: false)
    case .proxy: break
    case .tls, .upgrade: return nil
    }
    func refused(_ text: String, isPermanent: Bool, _ head: AnswerHead? = nil) -> ConnectFailure {
      ConnectFailure(.proxyRefused, text, isPermanent: isPermanent, httpStatus: head?.status)
    }
    switch evidence.proxyRefusal {
    case .credential(let isGiven):
      let advice = isGiven ? "did not accept the user and password that it was given" : "wants a user and a password"
      return refused(
        "\(name) \(advice)\(proxy.isSOCKS ? "" : " (HTTP 407)"): write them into \(proxy.variable) as "
          + "\(proxy.kind.rawValue)://USER:PASSWORD@HOST:PORT", isPermanent: true)
    case .status(let head, let body):
      let secrets = proxy.userInfo.map { [$0] + $0.split(separator: ":").dropFirst().map(String.init) } ?? []
      let said = RefusalWords.find(in: head, body: body, secrets: secrets + request.secrets).map {
        ". It says: “\($0)”"
      }
      let (meaning, isPermanent): (String, Bool) =
        switch head.status {
        case 401, 403: ("does not allow a connection to \(target)", true)
        case 404, 502, 503: ("could not reach \(target)", false)
        case 504: ("got no answer from \(target)", false)
        case 405, 501: ("knows no CONNECT: it is no proxy for WebSockets", true)
        case 400: ("did not understand the request for \(target)", true)
        case 429: ("has had too many requests", false)
        default: ("refused the way to \(target)", head.status < 500)
        }
      return refused("\(name) \(meaning) (HTTP \(head.status))\(said ?? "")", isPermanent: isPermanent, head)
    case .words(let words): return refused("\(name) did not open the way to \(target): \(words)", isPermanent: false)
    case .notAProxy(let bytes):
      return refused(
        "\(name) is no such proxy: it answered “\(printable(bytes))”; check its address and kind", isPermanent: true)
    case nil:
      return refused(
        evidence.hasTimedOut
          ? "\(name) did not open the way to \(target) within \(text(request.timeout))"
          : "\(name) ended the connection instead of opening the way to \(target)", isPermanent: false)
    }
  }
}

import Glibc
import SocketProtocol

extension ConnectFailure {
  /// The failure that the evidence shows.
  static func explain(_ evidence: ConnectEvidence, request: ConnectRequest) -> ConnectFailure {
    if let cancelled = evidence.cancelled { return ConnectFailure(.cancelled, cancelled, isPermanent: false) }
    if let file = evidence.file { return ConnectFailure(file.kind, file.text, isPermanent: true) }
    if let fault = evidence.proxyFault { return ConnectFailure(.badProxy, fault, isPermanent: true) }
    if let proxy = evidence.proxy, let failure = throughProxy(proxy, evidence, request) { return failure }
    switch evidence.stage {
    case .lookup: return lookup(evidence, request.url, request.timeout)
    case .tcp, .proxy: return tcp(evidence, request.url, request.timeout)
    case .tls: return tls(evidence, request)
    case .upgrade:
      if let head = evidence.answer.head, head.status != 101 { return http(head, evidence, request) }
      return upgrade(evidence, request)
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
    switch evidence.connectError {
    case ECONNREFUSED:
      return ConnectFailure(
        .refused, "\(place) refused the connection: nothing listens there; start the server or check the port",
        isPermanent: false)
    case ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL, ENETDOWN, EHOSTDOWN:
      return ConnectFailure(
        .unreachable, "no way to \(place) (\(errorText(evidence.connectError))): check the network",
        isPermanent: false)
    case ETIMEDOUT:
      return ConnectFailure(
        .connectTimeout, "no answer from \(place): wrong address, or a firewall in between drops it",
        isPermanent: false)
    case let error:
      return ConnectFailure(
        .unreachable,
        "could not connect to \(place)" + (error == 0 ? "" : " (\(errorText(error)))")
          + ": check the address and the network",
        isPermanent: false)
    }
  }

  static func place(_ url: WebSocketURL, _ evidence: ConnectEvidence) -> String {
    let name = url.isIPv6Literal ? "[\(url.host)]:\(url.port)" : "\(url.host):\(url.port)"
    let others = evidence.addresses.filter { $0 != url.host }
    return others.isEmpty ? name : "\(name) (\(others.joined(separator: ", ")))"
  }

  static func errorText(_ code: Int32) -> String { String(cString: strerror(code)) }

  static func text(_ duration: Duration) -> String {
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

import SocketProtocol

/// Why a connection never opened.
public struct ConnectFailure: Error, Sendable, Equatable {
  /// The kinds that can be told apart.
  public enum Kind: String, Sendable, CaseIterable {
    /// The name has no address, or the lookup itself failed or took too long.
    case hostNotFound, lookupFailed
    /// Nothing listens there; no way there; no answer to TCP.
    case refused, unreachable, connectTimeout
    /// TCP was accepted, and then nothing came.
    case silent
    /// TCP was accepted and ended before the answer was complete.
    case hungUp
    /// It speaks HTTP and says no (see `httpStatus`), or it speaks something else.
    case httpStatus, notWebSocket
    /// The certificate: self-signed, of an unknown authority, without the certificate between it and an authority, expired
    /// or not yet valid, for another host.
    case selfSigned, unknownAuthority, missingIntermediate, expired, wrongHost, badCertificate
    /// The server wants a certificate of ours, or does not take the one that was given.
    case certificateWanted, certificateRefused
    /// TLS spoken to a plain port, plain spoken to a TLS port, or any other failure of the handshake.
    case notTLS, needsTLS, tlsHandshake
    /// The file given for trusted certificates cannot be used.
    case badCAFile
    /// The file given for our own certificate or its key cannot be used.
    case badCertificateFile
    /// The proxy: its address cannot be used, it cannot be reached, it did not open the way.
    case badProxy, proxyUnreachable, proxyRefused
    /// Given up by this side before it was open.
    case cancelled
  }

  public var kind: Kind
  /// In words, with what to do about it. Text of the peer in it has no control characters.
  public var reason: String
  /// The status when the peer answered the upgrade with HTTP and not with 101.
  public var httpStatus: Int?
  /// What the peer said of its refusal, harmless and bounded; it is in `reason`, too.
  public var peerWords: String?
  /// Seconds that the server asked to wait (Retry-After), when it did.
  public var retryAfterSeconds: Int?
  /// Trying again cannot help: the address, the path, a credential or a certificate is wrong.
  public var isPermanent: Bool

  public init(
    _ kind: Kind, _ reason: String, isPermanent: Bool, httpStatus: Int? = nil, retryAfterSeconds: Int? = nil
  ) {
    self.kind = kind
    self.reason = reason
    self.isPermanent = isPermanent
    self.httpStatus = httpStatus
    self.retryAfterSeconds = retryAfterSeconds
  }
}

/// What is known about an attempt that failed. Facts; the words are made from them in one place.
struct ConnectEvidence: Sendable {
  /// How far it came.
  enum Stage: Int, Sendable, Comparable {
    case lookup, tcp, proxy, tls, upgrade
    static func < (a: Stage, b: Stage) -> Bool { a.rawValue < b.rawValue }
  }
  var stage = Stage.lookup
  var hasTimedOut = false
  /// Given up by this side, in words.
  var cancelled: String?
  /// From getaddrinfo; of the proxy's name where that is what failed.
  var lookup: Resolver.Failure?
  var isProxyLookup = false
  /// A file for TLS that cannot be used.
  var file: TLSFileFault?
  /// The proxy in between, or what is wrong with its address.
  var proxy: Proxy?
  var proxyFault: String?
  var proxyRefusal: ProxyHandshake.Refusal?
  /// The addresses tried, in order.
  var addresses: [String] = []
  /// The errno of the last connect that failed; 0 for none.
  var connectError: Int32 = 0
  var tls = TLSFacts()
  /// The alert by which the peer ended TLS, and OpenSSL's name for what went wrong.
  var alert: Int?
  var tlsText = ""
  /// The peer's answer to the upgrade, as far as it came, and what is wrong with a 101.
  var answer = AnswerReader()
  var handshakeFault: String?
  var probe: Probe.Outcome?
}

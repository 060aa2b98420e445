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
    /// The certificate: self-signed, of an unknown authority, expired or not yet valid, for another host.
    case selfSigned, unknownAuthority, expired, wrongHost, badCertificate
    /// TLS spoken to a plain port, plain spoken to a TLS port, or any other failure of the handshake.
    case notTLS, needsTLS, tlsHandshake
    /// The file given for trusted certificates cannot be used.
    case badCAFile
    /// Given up by this side before it was open.
    case cancelled
  }

  public var kind: Kind
  /// In words, with what to do about it. Text of the peer in it has no control characters.
  public var reason: String
  /// The status when the peer answered the upgrade with HTTP and not with 101.
  public var httpStatus: Int?
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
    case lookup, tcp, tls, upgrade
    static func < (a: Stage, b: Stage) -> Bool { a.rawValue < b.rawValue }
  }
  var stage = Stage.lookup
  var hasTimedOut = false
  /// Given up by this side, in words.
  var cancelled: String?
  /// From getaddrinfo.
  var lookup: Resolver.Failure?
  /// The file of trusted certificates cannot be used, and why.
  var caFile: String?
  /// The addresses tried, in order.
  var addresses: [String] = []
  /// What libwebsockets called it.
  var text = ""
  /// Its last log lines.
  var log: [String] = []
  /// The peer's answer to the upgrade.
  var status: Int?
  var location: String?
  var retryAfter: String?
  var challenge: String?
  /// OpenSSL's X509_V_… code; -1 without TLS.
  var certificateVerdict = -1
  var probe: Probe.Outcome?
}

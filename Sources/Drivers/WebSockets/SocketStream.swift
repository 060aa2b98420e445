import CLinux
import CWebSockets
import Glibc
import SocketProtocol

/// Bytes over a TCP socket that does not block, plain or through TLS. libwebsockets watches the descriptor and closes it.
final class SocketStream {
  /// What a step came to.
  enum Outcome: Equatable {
    case bytes(Int)
    /// Nothing at this moment: the loop will say when it goes on.
    case wait
    /// The peer has ended its side.
    case end
    /// Reset, or a broken TLS record; `alert` when the peer said why.
    case failed(alert: Int?)
  }

  let descriptor: Int32
  /// What the TLS handshake showed. Its address is known to OpenSSL.
  private let facts: UnsafeMutablePointer<cws_tls_facts>
  private var tls: OpaquePointer?
  /// What the last failure of TLS was called.
  private(set) var failure = ""
  /// TLS cannot go on before the socket takes bytes.
  private(set) var wantsWriting = false

  init(descriptor: Int32) {
    self.descriptor = descriptor
    facts = .allocate(capacity: 1)
    facts.initialize(to: cws_tls_facts())
  }

  deinit {
    if let tls { SSL_free(tls) }
    facts.deinitialize(count: 1)
    facts.deallocate()
  }

  var isEncrypted: Bool { tls != nil }
  var tlsFacts: TLSFacts { TLSFacts(facts.pointee) }

  /// A socket that is connecting, or the errno of what failed at once.
  static func connect(to address: String, port: Int) -> Result<Int32, ConnectError> {
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST
    hints.ai_socktype = CLINUX_SOCK_STREAM
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(address, String(port), &hints, &list) == 0, let entry = list?.pointee else {
      return .failure(ConnectError(code: EINVAL))
    }
    defer { freeaddrinfo(list) }
    let descriptor = socket(entry.ai_family, CLINUX_SOCK_STREAM | CLINUX_SOCK_CLOEXEC | CLINUX_SOCK_NONBLOCK, 0)
    guard descriptor >= 0 else { return .failure(ConnectError(code: errno)) }
    // A message waits for no other one to fill a packet.
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    guard Glibc.connect(descriptor, entry.ai_addr, entry.ai_addrlen) == 0 || errno == EINPROGRESS else {
      let error = ConnectError(code: errno)
      Glibc.close(descriptor)
      return .failure(error)
    }
    return .success(descriptor)
  }

  /// An errno.
  struct ConnectError: Error, Equatable {
    var code: Int32
  }

  /// The errno of a connect that has ended; 0 when it succeeded.
  var connectError: Int32 {
    var error: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno
  }

  // MARK: - TLS

  /// Prepares the handshake. False: OpenSSL has no memory.
  /// - Parameter host: the name that the certificate must be for, or an IP address without a zone.
  func beginTLS(_ context: OpaquePointer, host: String, isAddress: Bool, acceptsAny: Bool) -> Bool {
    tls = cws_tls_begin(context, descriptor, host, isAddress ? 1 : 0, acceptsAny ? 1 : 0, facts)
    return tls != nil
  }

  /// Goes on with the handshake; `bytes` when it is done.
  func shakeHands() -> Outcome {
    guard let tls else { return .failed(alert: nil) }
    return outcome(cws_tls_handshake(tls))
  }

  /// Bytes that TLS has decrypted, or holds encrypted, and the descriptor will not announce again.
  var holdsBytes: Bool { tls.map { SSL_has_pending($0) != 0 } ?? false }

  // MARK: - Bytes

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Outcome {
    if let tls { return outcome(cws_tls_read(tls, buffer.baseAddress!, Int32(clamping: buffer.count))) }
    let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
    if count > 0 { return .bytes(count) }
    if count == 0 { return .end }
    return errno == EAGAIN || errno == EINTR ? .wait : .failed(alert: nil)
  }

  func write(_ bytes: UnsafeRawBufferPointer) -> Outcome {
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return .bytes(0) }
    if let tls { return outcome(cws_tls_write(tls, base, Int32(clamping: bytes.count))) }
    let count = send(descriptor, base, bytes.count, Int32(MSG_NOSIGNAL))
    if count >= 0 { return .bytes(count) }
    return errno == EAGAIN || errno == EINTR ? .wait : .failed(alert: nil)
  }

  /// Nothing more will be sent. What still comes can be read.
  func endWriting() {
    if let tls {
      ERR_clear_error()
      SSL_shutdown(tls)
    }
    shutdown(descriptor, Int32(SHUT_WR))
  }

  private func outcome(_ result: Int32) -> Outcome {
    wantsWriting = result == CWS_TLS_WANTS_WRITE
    switch result {
    case 1...: return .bytes(Int(result))
    case CWS_TLS_WANTS_READ, CWS_TLS_WANTS_WRITE: return .wait
    case CWS_TLS_END: return .end
    default:
      failure = cws_tls_reason().map { String(cString: $0) } ?? ""
      let alert = cws_tls_alert()
      return .failed(alert: alert >= 0 ? Int(alert) : nil)
    }
  }
}

/// What a TLS handshake showed of the server.
struct TLSFacts: Sendable, Equatable {
  /// It asked for a certificate of ours.
  var wantsCertificate = false
  /// OpenSSL's X509_V_… code of the first fault; 0 when there was none, or none was looked for.
  var verdict = 0
  /// How far up the chain the fault is; 0 is the server's own certificate.
  var depth = 0
  /// How many certificates it sent.
  var sentCount = 0
  /// The certificate with the fault says where its issuer's can be had, as those of public authorities do.
  var hasIssuerURL = false
  /// Whether the issuer of that certificate was issued by another one, as far as the certificate says so.
  var issuerIsIntermediate: Bool?
  var subject = ""
  var issuer = ""
  var notBefore = ""
  var notAfter = ""
  /// The names and addresses that the server's certificate is for, as far as there was room.
  var names = ""

  init() {}

  init(_ facts: cws_tls_facts) {
    wantsCertificate = facts.wants_certificate != 0
    verdict = Int(facts.verdict)
    depth = Int(facts.depth)
    sentCount = Int(facts.sent)
    hasIssuerURL = facts.has_issuer_url != 0
    issuerIsIntermediate = facts.issuer_is_intermediate == 0 ? nil : facts.issuer_is_intermediate == 1
    subject = Self.text(facts.subject)
    issuer = Self.text(facts.issuer)
    notBefore = Self.text(facts.not_before)
    notAfter = Self.text(facts.not_after)
    names = Self.text(facts.names)
  }

  /// A C array of characters. It came from the server.
  private static func text<Characters>(_ characters: Characters) -> String {
    let bytes = withUnsafeBytes(of: characters) { Array($0.prefix { $0 != 0 }) }
    return PeerText.shown(String(decoding: bytes, as: UTF8.self), limit: 200)
  }
}

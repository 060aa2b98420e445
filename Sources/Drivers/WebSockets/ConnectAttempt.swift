import CWebSockets
import Threads
import Timeline

/// A client connection's way from an address to an open connection: lookup, then each address in turn, then, when it
/// failed, a second look to say why. Only the loop's thread touches it.
final class ConnectAttempt {
  let request: ConnectRequest
  private unowned let loop: ClientLoop
  private unowned let connection: Connection
  private let totalDeadline: Int64
  /// When `deadlinePassed` wants to be called, in monotonic nanoseconds.
  private(set) var deadline: Int64

  private var addresses: [String] = []
  private var nextAddress = 0
  private var stages: [ConnectStage] = []
  private var stageStart: Int64
  private var evidence = ConnectEvidence()
  private var subprotocol: String?
  /// Inside lws_client_connect_via_info, which may call back and even let go of its wsi before it returns.
  private var isStarting = false
  private var isReleased = false
  private var isDiagnosing = false

  init(_ request: ConnectRequest, connection: Connection, loop: ClientLoop) {
    self.request = request
    self.connection = connection
    self.loop = loop
    stageStart = monotonicNanoseconds()
    totalDeadline = stageStart + ServiceLoop.nanoseconds(request.timeout)
    deadline = totalDeadline
  }

  /// Why it failed, as far as it is known.
  var failure: ConnectFailure { .explain(evidence, request: request) }

  // MARK: - Steps

  func begin() {
    loop.schedule(at: deadline)
    if let caFile = request.caFile, let problem = CertificateFile.problem(with: caFile) {
      evidence.caFile = problem
      loop.finish(connection)
      return
    }
    // Now, so that reading certificates is not counted as a stage of connecting. What fails here fails again in its place.
    if request.url.isSecure {
      _ = loop.secureHost(trusting: request.caFile)
      stageStart = monotonicNanoseconds()
    }
    if case .success(let addresses) = Resolver.lookUp(request.url.host, isNumeric: true) {
      found(addresses)
      return
    }
    let (host, id, loop) = (request.url.host, connection.id, loop)
    let isTaken = loop.resolver.submit {
      let result = Resolver.lookUp(host)
      loop.post { loop.attempt(id)?.lookedUp(result) }
    }
    if !isTaken {
      evidence.lookup = Resolver.Failure(isUnknownName: false, text: "too many lookups at a time")
      loop.finish(connection)
    }
  }

  private func lookedUp(_ result: Result<[String], Resolver.Failure>) {
    guard evidence.stage == .lookup, !isDiagnosing else { return }
    switch result {
    case .success(let addresses):
      endStage("dns")
      found(addresses)
    case .failure(let failure):
      evidence.lookup = failure
      loop.finish(connection)
    }
  }

  private func found(_ addresses: [String]) {
    self.addresses = addresses
    connectNext()
  }

  private func connectNext() {
    let now = monotonicNanoseconds()
    let address = addresses[nextAddress]
    nextAddress += 1
    evidence.addresses.append(address)
    evidence.stage = .tcp
    evidence.hasTimedOut = false
    // What is left is shared by the addresses that are left: one that swallows packets does not use it all up.
    deadline = now + (totalDeadline - now) / Int64(addresses.count - nextAddress + 1)
    loop.schedule(at: deadline)
    isStarting = true
    isReleased = false
    let isStarted = loop.start(connection, request, address: address)
    isStarting = false
    if !isStarted || isReleased { released() }
  }

  /// lws has let go of the wsi, or never had one.
  func released() {
    if isStarting {
      isReleased = true
      return
    }
    if evidence.cancelled != nil { return loop.finish(connection) }
    if evidence.stage == .tcp, nextAddress < addresses.count, monotonicNanoseconds() < totalDeadline {
      return connectNext()
    }
    guard let question else { return loop.finish(connection) }
    isDiagnosing = true
    deadline = monotonicNanoseconds() + 3_000_000_000
    loop.schedule(at: deadline)
    let (address, port, id, loop) = (addresses[nextAddress - 1], request.url.port, connection.id, loop)
    let isTaken = loop.resolver.submit {
      let outcome = Probe.look(at: address, port: port, question)
      loop.post { loop.attempt(id)?.looked(outcome) }
    }
    if !isTaken { loop.finish(connection) }
  }

  private func looked(_ outcome: Probe.Outcome) {
    evidence.probe = outcome
    loop.finish(connection)
  }

  /// What to ask the peer to learn why it failed; nil when that is known.
  private var question: Probe.Question? {
    guard !evidence.hasTimedOut, !loop.isStopping else { return nil }
    switch evidence.stage {
    case .lookup: return nil
    case .tcp: return []
    case .tls: return evidence.certificateVerdict > 0 ? nil : .http
    case .upgrade: return evidence.status != nil || request.url.isSecure ? nil : [.tls, .http]
    }
  }

  func deadlinePassed() {
    if isDiagnosing { return loop.finish(connection) }
    evidence.hasTimedOut = true
    // Should lws not let go at once, it is asked again.
    deadline = monotonicNanoseconds() + 1_000_000_000
    loop.drop(connection)
  }

  /// Given up by this side.
  func cancel(_ why: String) {
    evidence.cancelled = why
    loop.drop(connection)
  }

  // MARK: - From libwebsockets

  func tcpConnected() {
    guard evidence.stage == .tcp else { return }
    endStage("tcp")
    evidence.stage = request.url.isSecure ? .tls : .upgrade
    // Past TCP there is no other address to keep time for.
    deadline = totalDeadline
    loop.schedule(at: deadline)
  }

  /// The request line and headers are about to go out: TLS, if any, is done. Room for `capacity` bytes.
  func appendHeaders(to buffer: UnsafeMutablePointer<UInt8>, capacity: Int) -> Int {
    if request.url.isSecure { endStage("tls") }
    evidence.stage = .upgrade
    let lines = request.headerLines
    guard lines.count <= capacity else {
      evidence.cancelled = "the request headers take \(lines.count) bytes; \(capacity) fit: shorten them"
      return -1
    }
    for (offset, byte) in lines.enumerated() { buffer[offset] = byte }
    return lines.count
  }

  func agreed(subprotocol: String?) { self.subprotocol = subprotocol }

  func opened(_ wsi: OpaquePointer) {
    endStage("upgrade")
    connection.opened(
      wsi, stages: stages, subprotocol: subprotocol, isEncrypted: request.url.isSecure, pingInterval: nil)
  }

  /// lws' own account of the failure, while the answer's headers are still there to be read.
  func failed(_ wsi: OpaquePointer, text: String, log: [String]) {
    evidence.text = text
    evidence.log = log
    evidence.certificateVerdict = evidence.stage == .tls ? Int(cws_certificate_verdict(wsi)) : -1
    guard evidence.stage == .upgrade else { return }
    let status = Int(lws_http_client_http_response(wsi))
    evidence.status = status > 0 ? status : nil
    evidence.location = HeaderReader.value(wsi, WSI_TOKEN_HTTP_LOCATION)
    evidence.retryAfter = HeaderReader.value(wsi, WSI_TOKEN_HTTP_RETRY_AFTER)
    evidence.challenge = HeaderReader.value(wsi, WSI_TOKEN_HTTP_WWW_AUTHENTICATE)
  }

  private func endStage(_ name: String) {
    let now = monotonicNanoseconds()
    stages.append(ConnectStage(name: name, ms: Double(now - stageStart) / 1e6))
    stageStart = now
  }
}

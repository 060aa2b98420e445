import CWebSockets
import Glibc
import SocketProtocol
import Threads
import Timeline

/// A client connection's way from an address to an open connection: lookup, then each address in turn, a proxy, TLS, the
/// upgrade; and where it failed without a word, a second look to say why. Only the loop's thread touches it.
final class ConnectAttempt {
  let request: ConnectRequest
  private unowned let loop: ClientLoop
  private unowned let connection: ClientConnection
  private let totalDeadline: Int64
  /// When `deadlinePassed` wants to be called, in monotonic nanoseconds.
  private(set) var deadline: Int64

  private var addresses: [String] = []
  private var nextAddress = 0
  private var stages: [ConnectStage] = []
  private var stageStart: Int64
  private var evidence = ConnectEvidence()
  private var isDiagnosing = false

  private var stream: SocketStream?
  private var context: OpaquePointer?
  /// What the socket has not taken yet of a request.
  private var unsent: ArraySlice<UInt8> = []
  private var proxy: ProxyHandshake?
  private let offer: UpgradeOffer
  private var accept = ""
  private var answer = AnswerReader()

  /// How long the rest of an answer that is a refusal already is waited for.
  private static let bodyTime: Int64 = 1_000_000_000

  init(_ request: ConnectRequest, connection: ClientConnection, loop: ClientLoop) {
    self.request = request
    self.connection = connection
    self.loop = loop
    offer = request.offer
    stageStart = monotonicNanoseconds()
    totalDeadline = stageStart + ServiceLoop.nanoseconds(request.timeout)
    deadline = totalDeadline
  }

  /// Why it failed, as far as it is known.
  var failure: ConnectFailure { .explain(evidence, request: request) }

  // MARK: - Lookup

  func begin() {
    loop.schedule(at: deadline)
    if request.url.isSecure {
      // Now, so that reading certificates is not counted as a stage of connecting.
      switch loop.tlsContext(for: request) {
      case .success(let context): self.context = context
      case .failure(let fault):
        evidence.file = fault
        return loop.finish(connection)
      }
      stageStart = monotonicNanoseconds()
    }
    let url = request.url
    do {
      evidence.proxy = try request.proxies?.proxy(for: url.host, port: url.port, isSecure: url.isSecure)
    } catch {
      evidence.proxyFault = error.description
      return loop.finish(connection)
    }
    guard let proxy = evidence.proxy else { return lookUp(url.host, target: nil) }
    guard ProxyHandshake.speaks(proxy.kind) else {
      evidence.proxyFault =
        "\(proxy.variable) names \(proxy), and \(proxy.kind.rawValue) proxies are not spoken here: give an http:// or "
        + "socks5h:// proxy, or list the host in NO_PROXY"
      return loop.finish(connection)
    }
    lookUp(proxy.host, target: proxy.wantsAddress ? url.host : nil)
  }

  /// - Parameter target: what has to be looked up, too, because the proxy wants an address.
  private func lookUp(_ host: String, target: String?) {
    if target == nil, case .success(let addresses) = Resolver.lookUp(host, isNumeric: true) {
      return found(addresses, target: nil)
    }
    let (id, loop) = (connection.id, loop)
    let isTaken = loop.resolver.submit {
      let result = Resolver.lookUp(host)
      let targets = target.map { Resolver.lookUp($0) }
      loop.post { loop.attempt(id)?.lookedUp(result, targets: targets) }
    }
    if !isTaken {
      evidence.lookup = Resolver.Failure(isUnknownName: false, text: "too many lookups at a time")
      loop.finish(connection)
    }
  }

  private func lookedUp(
    _ result: Result<[String], Resolver.Failure>, targets: Result<[String], Resolver.Failure>?
  ) {
    guard evidence.stage == .lookup, !isDiagnosing else { return }
    switch (result, targets) {
    case (.failure(let failure), _):
      evidence.lookup = failure
      evidence.isProxyLookup = evidence.proxy != nil
      loop.finish(connection)
    case (_, .failure(let failure)?):
      evidence.lookup = failure
      loop.finish(connection)
    case (.success(let addresses), let targets):
      endStage(.dns)
      found(addresses, target: (try? targets?.get())?.first)
    }
  }

  private func found(_ addresses: [String], target: String?) {
    self.addresses = addresses
    if let proxy = evidence.proxy {
      self.proxy = ProxyHandshake(proxy, host: target ?? request.url.plainHost, port: request.url.port)
    }
    connectNext()
  }

  // MARK: - TCP

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
    switch SocketStream.connect(to: address, port: evidence.proxy?.port ?? request.url.port) {
    case .failure(let error):
      evidence.connectError = error.code
      released()
    case .success(let descriptor):
      stream = SocketStream(descriptor: descriptor)
      if !loop.watch(descriptor, for: connection) {
        evidence.connectError = ENOMEM
        released()
      }
    }
  }

  /// lws has let go of the socket, or never had one.
  func released() {
    stream = nil
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

  /// What to ask the peer to learn why it failed; nil when that is known, or a proxy stands between.
  private var question: Probe.Question? {
    guard !evidence.hasTimedOut, !loop.isStopping, evidence.proxy == nil else { return nil }
    switch evidence.stage {
    case .lookup, .tcp, .proxy: return nil
    // A certificate, or an alert, says enough.
    case .tls: return evidence.tls.verdict != 0 || evidence.alert != nil ? nil : .http
    case .upgrade:
      return !evidence.answer.beginning.isEmpty || evidence.answer.head != nil || request.url.isSecure ? nil : .tls
    }
  }

  func deadlinePassed() {
    if isDiagnosing { return loop.finish(connection) }
    // An answer that is a refusal already is no silence.
    evidence.hasTimedOut = evidence.answer.state == .head
    // Should lws not let go at once, it is asked again.
    deadline = monotonicNanoseconds() + 1_000_000_000
    loop.drop(connection)
  }

  /// Given up by this side.
  func cancel(_ why: String) {
    evidence.cancelled = why
    loop.drop(connection)
  }

  // MARK: - The socket

  /// It is going, and can still be asked.
  func socketClosing() {
    guard evidence.stage == .tcp, evidence.connectError == 0, let stream else { return }
    evidence.connectError = stream.connectError
  }

  /// `-1` tells lws to let go of it.
  func writable() -> Int32 {
    guard let stream else { return 0 }
    if evidence.stage == .tcp {
      evidence.connectError = stream.connectError
      guard evidence.connectError == 0 else { return -1 }
      endStage(.tcp)
      // Past TCP there is no other address to keep time for.
      deadline = totalDeadline
      loop.schedule(at: deadline)
      guard let proxy else { return beginTLS() }
      evidence.stage = .proxy
      unsent = proxy.opening(base64: Base64.encode)[...]
    }
    if evidence.stage == .tls { return shakeHands() }
    return flush()
  }

  func readable() -> Int32 {
    switch evidence.stage {
    case .lookup, .tcp: return 0
    case .tls: return shakeHands()
    case .proxy, .upgrade: break
    }
    let buffer = loop.readBuffer
    while let stream {
      switch stream.read(into: buffer) {
      case .bytes(let count):
        let bytes = Array(buffer[..<count])
        if evidence.stage == .proxy {
          let result = readProxyAnswer(bytes)
          if result != 0 || evidence.stage != .proxy { return result }
        } else if let result = readAnswer(bytes) {
          return result
        }
      case .wait: return 0
      case .end: return -1
      case .failed(let alert):
        evidence.alert = alert
        evidence.tls = stream.tlsFacts
        return -1
      }
    }
    return 0
  }

  private func flush() -> Int32 {
    while let stream, !unsent.isEmpty {
      switch unsent.withUnsafeBytes({ stream.write($0) }) {
      case .bytes(let count): unsent = unsent.dropFirst(count)
      case .wait:
        wantWritable()
        return 0
      case .end, .failed:
        // The peer may have said why before it hung up.
        unsent = []
        return readable()
      }
    }
    return 0
  }

  private func wantWritable() { loop.wantWritable(connection) }

  // MARK: - Proxy, TLS, upgrade

  private func readProxyAnswer(_ bytes: [UInt8]) -> Int32 {
    guard let step = proxy?.read(bytes) else { return -1 }
    switch step {
    case .wait:
      // What is known of a refusal has to do, should its body never end.
      evidence.proxyRefusal = proxy?.pendingRefusal
      if case .status? = evidence.proxyRefusal { boundBody() }
      return 0
    case .send(let more):
      unsent += more
      return flush()
    case .open(let rest):
      evidence.proxyRefusal = nil
      endStage(.proxy)
      let result = beginTLS()
      return result == 0 && !rest.isEmpty && !request.url.isSecure ? readAnswer(rest) ?? 0 : result
    case .refused(let refusal):
      evidence.proxyRefusal = refusal
      return -1
    }
  }

  private func beginTLS() -> Int32 {
    guard request.url.isSecure else { return beginUpgrade() }
    evidence.stage = .tls
    let host = request.url.plainHost
    let isAddress = if case .success = Resolver.lookUp(host, isNumeric: true) { true } else { false }
    guard let stream, let context,
      stream.beginTLS(context, host: host, isAddress: isAddress, acceptsAny: request.insecure)
    else { return -1 }
    return shakeHands()
  }

  private func shakeHands() -> Int32 {
    guard let stream else { return 0 }
    switch stream.shakeHands() {
    case .bytes:
      evidence.tls = stream.tlsFacts
      endStage(.tls)
      return beginUpgrade()
    case .wait:
      if stream.wantsWriting { wantWritable() }
      return 0
    case .end: evidence.tls = stream.tlsFacts
    case .failed(let alert):
      evidence.alert = alert
      evidence.tls = stream.tlsFacts
      evidence.tlsText = stream.failure
    }
    return -1
  }

  private func beginUpgrade() -> Int32 {
    evidence.stage = .upgrade
    var random = [UInt8](repeating: 0, count: 16)
    RAND_bytes(&random, 16)
    let key = Base64.encode(random)
    accept = Self.accept(key)
    unsent = offer.bytes(key: key)[...]
    return flush()
  }

  /// The value that Sec-WebSocket-Accept must have (RFC 6455 section 4.2.2).
  static func accept(_ key: String) -> String {
    let text = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
    var digest = [UInt8](repeating: 0, count: 20)
    SHA1(text, text.count, &digest)
    return Base64.encode(digest)
  }

  /// Nil: more has to come.
  private func readAnswer(_ bytes: [UInt8]) -> Int32? {
    answer.read(bytes)
    evidence.answer = answer
    switch answer.state {
    case .head: return nil
    case .switched: return checkUpgrade()
    case .body: break
    case .notHTTP:
      // Its first line is worth waiting for; an answer that is not text has no lines.
      if answer.rest.contains(0x0a) || answer.rest.count >= 80
        || answer.rest.first.map({ $0 < 0x20 || $0 > 0x7e }) == true
      {
        return -1
      }
    case .complete, .tooLong, .broken: return -1
    }
    boundBody()
    return nil
  }

  /// It is a refusal, whatever else comes.
  private func boundBody() {
    deadline = min(deadline, monotonicNanoseconds() + Self.bodyTime)
    loop.schedule(at: deadline)
  }

  private func checkUpgrade() -> Int32 {
    guard let head = answer.head, let stream else { return -1 }
    if let fault = UpgradeCheck.fault(in: head, offered: offer.subprotocols, accept: accept) {
      evidence.handshakeFault = RefusalWords.hide(request.secrets, in: fault)
      return -1
    }
    endStage(.upgrade)
    connection.opened(
      stream, stages: stages, subprotocol: head.value("sec-websocket-protocol"), rest: answer.rest)
    return 0
  }

  private func endStage(_ name: StageName) {
    let now = monotonicNanoseconds()
    stages.append(ConnectStage(name, ms: Double(now - stageStart) / 1e6))
    stageStart = now
  }
}

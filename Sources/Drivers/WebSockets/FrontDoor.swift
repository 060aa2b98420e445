import Admission
import CWebSockets
import Glibc
import Threads
import Timeline

/// Connections of the server that are no WebSockets, or not yet: it asks the rule about each request, answers those that
/// are refused (wrong tokens late), and drops who asks nothing. Only the loop's thread touches it.
///
/// A request that is refused stays HTTP: libwebsockets compares the text of the `Upgrade` header after it has asked us,
/// so that text is made another one. Then the answer can be given in its own time, in `LWS_CALLBACK_HTTP` or after it.
final class FrontDoor {
  private struct Visitor {
    var wsi: OpaquePointer
    var address: String
    /// Decided, but not told yet.
    var refusal: Refusal?
    /// When the answer may be given; nil: at once.
    var heldUntil: Timestamp?
    /// Its answer comes later.
    var isWaiting = false
    /// A request came: TLS, where it is spoken, is there.
    var hasAsked = false
    var isAnswered = false
  }

  private let rule: AdmissionRule
  private let isSecure: Bool
  private let report: (RefusedRequest) -> Void
  private var doorway: Doorway
  private var guesses: GuessGuard
  private var visitors: [UInt: Visitor] = [:]
  /// Of the connection that libwebsockets takes in just now. When its TLS fails at once, it is gone without having arrived.
  private var newcomer: String?
  /// How long a peer may take to end a connection whose answer it has.
  private static let lingerSeconds: Int32 = 2

  init(_ options: ServerOptions, report: @escaping (RefusedRequest) -> Void) {
    rule = options.admission
    isSecure = rule.isSecure
    doorway = Doorway(patience: options.requestPatience)
    guesses = GuessGuard(shortest: options.guessDelay)
    self.report = report
  }

  private static func key(_ wsi: OpaquePointer) -> UInt { UInt(bitPattern: wsi) }
  private var now: Timestamp { Timestamp(nanoseconds: monotonicNanoseconds()) }

  /// In monotonic nanoseconds.
  var deadline: Int64? {
    [doorway.deadline, visitors.values.lazy.compactMap(\.heldUntil).min()].compactMap { $0?.nanoseconds }.min()
  }

  // MARK: Coming and going

  /// A connection was accepted on this descriptor: libwebsockets takes it in before it returns to its loop.
  func accepted(descriptor: Int32) { newcomer = HeaderReader.peerAddress(descriptor: descriptor) }

  func arrived(_ wsi: OpaquePointer) {
    newcomer = nil
    let address = HeaderReader.peerAddress(wsi)
    visitors[Self.key(wsi)] = Visitor(wsi: wsi, address: address)
    if let dropped = doorway.arrived(Self.key(wsi), from: address, at: now), let visitor = visitors[dropped] {
      end(visitor, AdmissionRule.crowd)
    }
  }

  /// Ends the connection of a visitor who was not quick enough, with an answer where there is none yet.
  private func end(_ visitor: Visitor, _ other: Refusal) {
    if !visitor.isAnswered {
      // It was as slow as it could, and guessed then: that is answered, and was told.
      let refusal = visitor.refusal ?? other
      if visitor.refusal == nil {
        report(RefusedRequest(refusal: refusal, peerAddress: visitor.address, details: [:]))
      }
      visitors[Self.key(visitor.wsi)]?.isAnswered = true
      // Over TLS there may be no session yet to say it in.
      if !isSecure { _ = HTTPAnswer(refusal).write(to: visitor.wsi) }
    }
    cws_kill_async(visitor.wsi)
  }

  /// It is gone.
  func gone(_ wsi: OpaquePointer) {
    if let visitor = visitors[Self.key(wsi)] {
      if !visitor.hasAsked, !visitor.isAnswered { endedBeforeTLS(visitor.address) }
    } else if let newcomer {
      endedBeforeTLS(newcomer)
    }
    newcomer = nil
    left(wsi)
  }

  private func endedBeforeTLS(_ address: String) {
    guard isSecure else { return }
    report(RefusedRequest(refusal: AdmissionRule.noTLS, peerAddress: address, details: [:]))
  }

  /// It has become a WebSocket, or is gone.
  func left(_ wsi: OpaquePointer) {
    visitors[Self.key(wsi)] = nil
    doorway.left(Self.key(wsi))
  }

  /// libwebsockets has let a connection go whose socket still exists. A head that is larger than what it reads it drops
  /// without a word, and has ended our side of TCP before it tells: only the log can hear of it.
  func letGo(_ wsi: OpaquePointer) {
    guard let visitor = visitors[Self.key(wsi)], !visitor.hasAsked, !visitor.isAnswered, visitor.refusal == nil,
      let headBytes = UpgradeRequest.receivedBytes(wsi), headBytes > AdmissionRule.longestHead
    else { return }
    visitors[Self.key(wsi)]?.isAnswered = true
    report(RefusedRequest(refusal: AdmissionRule.beyondMeasure, peerAddress: visitor.address, details: [:]))
  }

  // MARK: Requests

  /// Before an upgrade.
  /// - Parameter upgrade: the text of the `Upgrade` header, in libwebsockets' own buffer.
  /// - Returns: the request when it is let in; nil when it is not, and stays HTTP.
  func admits(
    _ wsi: OpaquePointer, upgrade: UnsafeMutableRawPointer?, isStopping: Bool, _ open: AdmissionRule.Occupancy
  ) -> UpgradeRequest? {
    // A second request on a connection that was refused: what libwebsockets kept of the first is not whole any more.
    if let visitor = visitors[Self.key(wsi)], visitor.isAnswered || visitor.refusal != nil { return nil }
    visitors[Self.key(wsi)]?.hasAsked = true
    let request = UpgradeRequest(wsi)
    // Something else is a plain request, and told so.
    guard request.upgrade == "websocket" else {
      upgrade?.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self)
      return nil
    }
    guard let refusal = decide(wsi, request, isStopping: isStopping, open) else { return request }
    visitors[Self.key(wsi), default: Visitor(wsi: wsi, address: request.peerAddress)].refusal = refusal
    upgrade?.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self)
    return nil
  }

  private func decide(
    _ wsi: OpaquePointer, _ request: UpgradeRequest, isStopping: Bool, _ open: AdmissionRule.Occupancy
  ) -> Refusal? {
    var refusal: Refusal?
    if isStopping {
      refusal = AdmissionRule.stopping
    } else if rule.token != nil, guesses.isBusy(request.peerAddress, at: now) {
      refusal = AdmissionRule.guessing
    } else {
      refusal = rule.refusal(of: request, open)
    }
    guard let refusal else { return nil }
    tell(refusal, request)
    if refusal.kind == .token, request.showsSomeToken {
      let wait = guesses.wrong(from: request.peerAddress, at: now)
      visitors[Self.key(wsi), default: Visitor(wsi: wsi, address: request.peerAddress)].heldUntil = now + wait
    }
    return refusal
  }

  private func tell(_ refusal: Refusal, _ request: UpgradeRequest) {
    var details = ["path": request.path]
    if request.method != "GET" { details["method"] = request.method }
    if !request.origins.isEmpty { details["origin"] = request.origins.joined(separator: ", ") }
    if refusal.kind == .host || refusal.kind == .origin { details["host"] = request.hosts.joined(separator: ", ") }
    report(RefusedRequest(refusal: refusal, peerAddress: request.peerAddress, details: details))
  }

  /// A request that asks for no upgrade, or was refused one.
  /// - Returns: what libwebsockets is to be told: -1 hangs up.
  func answer(_ wsi: OpaquePointer, isStopping: Bool) -> Int32 {
    // A second request on a connection that has had its answer, or waits for it.
    guard let visitor = visitors[Self.key(wsi)], !visitor.isAnswered, !visitor.isWaiting else { return -1 }
    if visitor.heldUntil != nil {
      visitors[Self.key(wsi)]?.isWaiting = true
      // The doorway's patience is what limits it.
      lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0)
      return 0
    }
    visitors[Self.key(wsi)]?.hasAsked = true
    let request = UpgradeRequest(wsi)
    let isHead = request.method == "HEAD"
    if let refusal = visitor.refusal { return write(HTTPAnswer(refusal), to: wsi, isHead: isHead) }
    if !isStopping, let page = rule.page(for: request) { return write(HTTPAnswer(200, page), to: wsi, isHead: isHead) }
    let refusal = isStopping ? AdmissionRule.stopping : rule.refusal(of: request)
    guard let refusal else { return -1 }
    tell(refusal, request)
    return write(HTTPAnswer(refusal), to: wsi, isHead: isHead)
  }

  /// A head that libwebsockets could not read as a request.
  func answer(_ wsi: OpaquePointer, bytes: UnsafeRawBufferPointer) -> Int32 {
    // More of it.
    guard let visitor = visitors[Self.key(wsi)], !visitor.isAnswered else { return 0 }
    let refusal = AdmissionRule.refusal(ofBytes: bytes)
    report(RefusedRequest(refusal: refusal, peerAddress: visitor.address, details: [:]))
    return write(HTTPAnswer(refusal), to: wsi)
  }

  /// Writes the answer and ends our side. The peer's end is waited for a little: to close before everything it sends was
  /// read would reset the connection, and the answer with it.
  private func write(_ answer: HTTPAnswer, to wsi: OpaquePointer, isHead: Bool = false) -> Int32 {
    visitors[Self.key(wsi)]?.isAnswered = true
    visitors[Self.key(wsi)]?.heldUntil = nil
    guard answer.write(to: wsi, isHead: isHead), !isSecure else { return -1 }
    shutdown(lws_get_socket_fd(wsi), Int32(SHUT_WR))
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, Self.lingerSeconds)
    return 0
  }

  // MARK: Time

  func tick(at nanoseconds: Int64) {
    let now = Timestamp(nanoseconds: nanoseconds)
    for (key, visitor) in visitors {
      guard let until = visitor.heldUntil, until <= now, let refusal = visitor.refusal else { continue }
      visitors[key]?.heldUntil = nil
      if write(HTTPAnswer(refusal), to: visitor.wsi) != 0 { cws_kill_async(visitor.wsi) }
    }
    for key in doorway.overdue(at: now) {
      if let visitor = visitors[key] { end(visitor, AdmissionRule.slow) }
    }
  }
}

import CWebSockets
import SocketProtocol
import Threads
import Timeline

/// One WebSocket connection of the server, whose frames libwebsockets reads and writes: reassembly, the send queue, the
/// close handshake, the heartbeat.
final class Connection: Channel {
  /// The close handshake begun by this side.
  private struct Closing {
    var code: Int
    var reason: String
    var isSent = false
    /// Bytes received until the close frame went out.
    var receivedBefore: UInt64 = 0
    var deadline: Int64
    var hasTimedOut = false
  }
  /// Close codes that say that the peer's bytes were wrong (RFC 6455 section 7.4.1): its answer is not waited for.
  private static let faultCodes: Set<Int> = [1002, 1003, 1007, 1009]

  private(set) var isOpen = false
  private(set) var outbox = Outbox()
  private var reassembly: Reassembly
  private var closing: Closing?
  private var peerClose: (code: Int, reason: String)?
  /// What the peer must not do, in words.
  private var violation: String?
  /// Our close frame was sent past libwebsockets, which is to let the connection go.
  private var isEnded = false
  private var abortReason: String?
  private var isStalled = false
  private var isReading = true
  /// Bytes that came in until libwebsockets let go; looked at while the socket still exists.
  private var receivedAtEnd: UInt64?
  private var isEncrypted = false
  private(set) var heartbeat: ServerHeartbeat?

  override init(
    id: Int, side: Side, loop: ServiceLoop, maximumMessageBytes: Int, emit: @escaping (WebSocketEvent) -> Void
  ) {
    reassembly = Reassembly(limit: maximumMessageBytes)
    super.init(id: id, side: side, loop: loop, maximumMessageBytes: maximumMessageBytes, emit: emit)
  }

  override var deadline: Int64? {
    [closing.flatMap { $0.hasTimedOut ? nil : $0.deadline }, beats ? heartbeat?.deadline : nil].compactMap { $0 }.min()
  }

  private var beats: Bool { isOpen && closing == nil && !isStalled && isReading }

  // MARK: - Orders

  func opened(
    _ wsi: OpaquePointer, stages: [ConnectStage], subprotocol: String?, isEncrypted: Bool, pingInterval: Duration?
  ) {
    self.wsi = wsi
    self.isEncrypted = isEncrypted
    isOpen = true
    if let pingInterval {
      heartbeat = ServerHeartbeat(interval: ServiceLoop.nanoseconds(pingInterval), now: monotonicNanoseconds())
      loop.schedule(at: heartbeat!.deadline)
    }
    emit(.opened(stages: stages, subprotocol: subprotocol))
  }

  func send(_ bytes: [UInt8], isText: Bool) {
    // Before it is open, or after a close was asked for, there is nothing to send on.
    guard isOpen, closing == nil, let wsi else { return }
    guard outbox.append(bytes, isText: isText) else {
      emit(.refused(total: outbox.refused))
      return
    }
    reportBacklog()
    if !isStalled { lws_callback_on_writable(wsi) }
  }

  /// The loop's inbox was full.
  func refuse() {
    outbox.refuse()
    emit(.refused(total: outbox.refused))
  }

  func ping(_ payload: [UInt8]) {
    guard isOpen, closing == nil, let wsi else { return }
    outbox.appendPing(payload)
    if !isStalled { lws_callback_on_writable(wsi) }
  }

  override func close(code: Int, reason: String) {
    guard isOpen, closing == nil, let wsi else { return }
    closing = Closing(
      code: code, reason: reason,
      deadline: monotonicNanoseconds() + ServiceLoop.nanoseconds(WebSocketLimits.closeTimeout))
    loop.schedule(at: closing!.deadline)
    lws_callback_on_writable(wsi)
  }

  /// TCP reset. `why` goes into the terminal event.
  func abort(_ why: String) {
    guard isOpen, let wsi else { return }
    if abortReason == nil { abortReason = why }
    let descriptor = lws_get_socket_fd(wsi)
    if descriptor >= 0 { _ = cws_abort_tcp(descriptor) }
    cws_kill_async(wsi)
  }

  func setStalled(_ stalled: Bool) {
    guard isOpen, stalled != isStalled, let wsi else { return }
    isStalled = stalled
    if !stalled { lws_callback_on_writable(wsi) }
    flowChanged(wsi)
  }

  func setReading(_ reads: Bool) {
    guard isOpen, reads != isReading, let wsi else { return }
    isReading = reads
    flowChanged(wsi)
  }

  private func flowChanged(_ wsi: OpaquePointer) {
    let reads = isReading && !isStalled
    lws_rx_flow_control(wsi, reads ? 1 : 0)
    guard reads else { return }
    // A heartbeat that this side could not hear is not held against the peer.
    heartbeat?.restart(at: monotonicNanoseconds())
    if let heartbeat { loop.schedule(at: heartbeat.deadline) }
  }

  // MARK: - From libwebsockets

  override func handle(_ reason: lws_callback_reasons, _ data: UnsafeMutableRawPointer?, _ length: Int) -> Int32? {
    let bytes = UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : length)
    switch reason {
    case LWS_CALLBACK_RECEIVE: received(bytes)
    case LWS_CALLBACK_RECEIVE_PONG: pongReceived(Array(bytes))
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: return peerClosed(bytes)
    case LWS_CALLBACK_SERVER_WRITEABLE: return writable()
    case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL: letGo()
    case LWS_CALLBACK_CLOSED: inspectEnd()
    default: return nil
    }
    return 0
  }

  private func received(_ bytes: UnsafeRawBufferPointer) {
    guard let wsi, closing == nil else { return }
    heartbeat?.heard()
    let remaining = lws_remaining_packet_payload(wsi)
    switch reassembly.append(bytes, remaining: remaining, isFinal: lws_is_final_fragment(wsi) != 0) {
    case .incomplete: break
    case .whole(let message): emit(.message(message, isText: lws_frame_is_binary(wsi) == 0))
    case .tooLarge:
      // Not `return -1` from here: lws would lose its place in the frame and never see the answer to the close.
      outbox.removeAll()
      close(code: 1009, reason: "message larger than \(maximumMessageBytes) bytes")
    }
  }

  private func pongReceived(_ payload: [UInt8]) {
    if heartbeat?.handlePong(payload) != true { emit(.pong(payload)) }
  }

  /// `-1` tells lws to close.
  private func peerClosed(_ bytes: UnsafeRawBufferPointer) -> Int32 {
    guard peerClose == nil else { return 0 }
    let payload = ClosePayload(Array(bytes))
    var reason = payload.shownReason
    if payload.code == 1002 { reason += (reason.isEmpty ? "" : " ") + Self.hiddenCodes }
    peerClose = (payload.shownCode, reason)
    // libwebsockets would send it back as it is. When our own close frame is out, this one is the answer.
    guard payload.fault != nil, closing?.isSent != true else { return 0 }
    end(payload.answer)
    return -1
  }

  /// libwebsockets overwrites these codes before it shows them.
  private static let hiddenCodes = "(1002, or a code that the library hides: below 1000, 1004 to 1006, 1012 to 2999)"

  /// Sends a close frame, whose answer is not waited for.
  private func end(_ payload: [UInt8]) {
    guard let wsi, !isEnded else { return }
    isEnded = true
    outbox.removeAll()
    (loop as! ServerLoop).end(self, wsi, payload: payload)
  }

  /// libwebsockets lets the connection go, and has said nothing yet. Of many violations it would say nothing, after the
  /// others it would wait 5 s for an answer.
  private func letGo() {
    guard isOpen, !isEnded, closing?.isSent != true, closing?.hasTimedOut != true, peerClose == nil,
      abortReason == nil, !loop.isStopping, let wsi, let what = Self.violation(of: wsi, tcpState: tcpInfo()?.state)
    else { return }
    violation = what
    end([0x03, 0xea] + Self.reasonBytes(what))
  }

  /// Why libwebsockets lets a connection go that nobody has ended; nil when TCP or TLS has ended.
  private static func violation(of wsi: OpaquePointer, tcpState: Int32?) -> String? {
    let count = Int(lws_get_close_length(wsi))
    guard count > 2, let payload = lws_get_close_payload(wsi) else {
      guard tcpState == CWS_TCP_ESTABLISHED, cws_can_say(wsi) != 0 else { return nil }
      return "a control frame of more than 125 bytes, or a frame length of 2^63 or more"
    }
    let said = String(decoding: UnsafeRawBufferPointer(start: payload + 2, count: count - 2), as: UTF8.self)
    return switch said {
    case "frag ctl": "a fragmented control frame"
    case "bad opc": "a reserved opcode"
    case "rsv bits": "reserved bits are set, and no compression was agreed on"
    case "bad cont", "bad fin": "a continuation frame without a beginning, or a message within another one"
    default: said
    }
  }

  /// `-1` tells lws to close.
  private func writable() -> Int32 {
    guard let wsi, isOpen else { return 0 }
    if isStalled, abortReason == nil { return 0 }
    if let closing, outbox.isEmpty {
      // Only at the start of a round: with anything of ours half written, lws would close without a close frame.
      guard !closing.isSent else { return 0 }
      self.closing?.isSent = true
      self.closing?.receivedBefore = tcpInfo()?.received ?? 0
      let code = UInt16(clamping: closing.code)
      if Self.faultCodes.contains(closing.code) {
        end([UInt8(code >> 8), UInt8(code & 0xff)] + Self.reasonBytes(closing.reason))
        return -1
      }
      var reason = Self.reasonBytes(closing.reason)
      lws_close_reason(wsi, lws_close_status(UInt32(code)), &reason, reason.count)
      return -1
    }
    var round = 0
    while round < 32, let outgoing = outbox.popFirst() {
      var buffer = outgoing.buffer
      let count = buffer.count - Int(CWS_PRE)
      let written = buffer.withUnsafeMutableBufferPointer {
        cws_write(wsi, $0.baseAddress! + Int(CWS_PRE), count, outgoing.flags)
      }
      guard written >= count else { return -1 }
      round += 1
      // Asking costs a call to the kernel; with nothing more to send the answer is of no use.
      if outbox.isEmpty || lws_send_pipe_choked(wsi) != 0 { break }
    }
    reportBacklog()
    if !outbox.isEmpty || closing != nil { lws_callback_on_writable(wsi) }
    return 0
  }

  /// The connection is going; its socket is still there to be asked.
  private func inspectEnd() {
    guard isOpen, receivedAtEnd == nil else { return }
    receivedAtEnd = tcpInfo()?.received
  }

  override func tick(at now: Int64) {
    if let closing, !closing.hasTimedOut, now >= closing.deadline {
      self.closing?.hasTimedOut = true
      loop.drop(self)
    }
    guard beats, heartbeat != nil, now >= heartbeat!.deadline else { return }
    switch heartbeat!.advance(to: now) {
    case .ping(let payload): ping(payload)
    case .missed: abort("no answer to a ping for \(heartbeat!.text): the peer is gone or stalled")
    }
  }

  // MARK: - The end

  override func finish() {
    if isOpen {
      isOpen = false
      let (code, reason, by) = verdict()
      emit(.closed(code: code, reason: reason, by: by))
    }
    outbox.removeAll()
  }

  private func verdict() -> (code: Int, reason: String, by: Closer) {
    if let abortReason { return (1006, abortReason, heartbeat?.hasMissed == true ? .network : Closer(side)) }
    if let violation { return (1002, "the peer broke the WebSocket protocol (\(violation))", Closer(side)) }
    if let peerClose { return (peerClose.code, peerClose.reason, Closer(side.other)) }
    if let closing, closing.hasTimedOut {
      return (1006, "the close frame (\(closing.code)) was not answered within 5 s: dropped", .network)
    }
    if let closing, closing.isSent {
      // A close frame has 2 bytes at least, a FIN counts as one. TLS hides it: there an end is taken as an answer.
      if !isEnded, !isEncrypted, let receivedAtEnd, receivedAtEnd < closing.receivedBefore + 2 {
        return (1006, "the peer ended TCP without answering the close frame (\(closing.code))", .network)
      }
      return (closing.code, closing.reason, Closer(side))
    }
    return (1006, "the connection was lost: TCP ended without a close frame", .network)
  }

  private func tcpInfo() -> (state: Int32, received: UInt64)? {
    guard let wsi else { return nil }
    var state: Int32 = 0
    var received: UInt64 = 0
    let descriptor = lws_get_socket_fd(wsi)
    guard descriptor >= 0, cws_tcp_info(descriptor, &state, &received) == 0 else { return nil }
    return (state, received)
  }

  private func reportBacklog() {
    if let byteCount = outbox.changedByteCount() { emit(.backlog(byteCount)) }
  }
}

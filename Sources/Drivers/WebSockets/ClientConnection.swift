import CWebSockets
import DequeModule
import SocketProtocol
import Threads
import Timeline

/// One WebSocket connection of the client, from its first attempt to its end. Frames are read and written here;
/// libwebsockets only says when the socket can be read and written.
final class ClientConnection: Channel {
  /// The close handshake begun by this side.
  private struct Closing {
    var code: Int
    var reason: String
    var isSent = false
    var isAnswered = false
    var deadline: Int64
    var hasTimedOut = false
  }

  /// How long TCP may stay open when both sides have said all they will, or the peer has broken the protocol.
  private static let lingering: Int64 = 1_000_000_000
  /// Pongs that may wait; beyond them the oldest is not sent (RFC 6455 section 5.5.3 wants the latest answered).
  private static let pongLimit = 256
  /// Bytes that are read before others have their turn.
  private static let readBudget = 262_144

  /// The way to an open connection.
  var attempt: ConnectAttempt?
  private var stream: SocketStream?
  private(set) var isOpen = false
  private var reader: FrameReader
  private var outbox = Outbox()
  /// Pongs and answers to a close, as they go over the wire.
  private var controls: Deque<[UInt8]> = []
  /// What the socket did not take yet of a frame that has begun.
  private var unsent: (bytes: [UInt8], offset: Int, isClose: Bool)?
  private var closing: Closing?
  private var peerClose: ClosePayload?
  private var violation: ProtocolViolation?
  private var abortReason: String?
  private var isStalled = false
  private var isReading = true
  /// Everything was said: what still comes is dropped, and TCP ends at `endDeadline` at the latest.
  private var isLingering = false
  private var endDeadline: Int64?

  init(id: Int, loop: ClientLoop, maximumMessageBytes: Int, emit: @escaping (WebSocketEvent) -> Void) {
    reader = FrameReader(limit: maximumMessageBytes)
    super.init(id: id, side: .client, loop: loop, maximumMessageBytes: maximumMessageBytes, emit: emit)
  }

  override var deadline: Int64? {
    [attempt?.deadline, closing.flatMap { $0.hasTimedOut ? nil : $0.deadline }, endDeadline].compactMap { $0 }.min()
  }

  private var reads: Bool { isReading && !isStalled }

  // MARK: - Orders

  /// The upgrade is done; `rest` came behind it.
  func opened(_ stream: SocketStream, stages: [ConnectStage], subprotocol: String?, rest: [UInt8]) {
    self.stream = stream
    isOpen = true
    attempt = nil
    emit(.opened(stages: stages, subprotocol: subprotocol))
    rest.withUnsafeBytes { handle($0) }
    if stream.holdsBytes { wantWritable() }
  }

  func send(_ bytes: [UInt8], isText: Bool) {
    // Before it is open, or after its end has begun, there is nothing to send on.
    guard takesMessages else { return }
    guard outbox.append(bytes, isText: isText) else {
      emit(.refused(total: outbox.refused))
      return
    }
    reportBacklog()
    wantWritable()
  }

  /// The loop's inbox was full.
  func refuse() {
    outbox.refuse()
    emit(.refused(total: outbox.refused))
  }

  func ping(_ payload: [UInt8]) {
    guard takesMessages else { return }
    outbox.appendPing(payload)
    wantWritable()
  }

  override func close(code: Int, reason: String) {
    guard takesMessages else {
      attempt?.cancel("closed before it was open")
      return
    }
    closing = Closing(
      code: code, reason: reason,
      deadline: monotonicNanoseconds() + ServiceLoop.nanoseconds(WebSocketLimits.closeTimeout))
    loop.schedule(at: closing!.deadline)
    wantWritable()
  }

  /// TCP reset. `why` goes into the terminal event.
  func abort(_ why: String) {
    if let attempt { return attempt.cancel("aborted before it was open") }
    guard isOpen, let wsi, let stream else { return }
    if abortReason == nil { abortReason = why }
    _ = cws_abort_tcp(stream.descriptor)
    cws_kill_async(wsi)
  }

  func setStalled(_ stalled: Bool) {
    guard isOpen, stalled != isStalled else { return }
    isStalled = stalled
    flowChanged()
  }

  func setReading(_ reads: Bool) {
    guard isOpen, reads != isReading else { return }
    isReading = reads
    flowChanged()
  }

  override func abandon() {
    if let attempt { attempt.cancel("stopped before it was open") } else { loop.drop(self) }
  }

  private var takesMessages: Bool {
    isOpen && closing == nil && peerClose == nil && violation == nil && wsi != nil
  }

  private func flowChanged() {
    guard let wsi else { return }
    lws_rx_flow_control(wsi, reads || isLingering ? 1 : 0)
    wantWritable()
  }

  private func wantWritable() {
    if !isStalled { loop.wantWritable(self) }
  }

  // MARK: - The socket

  override func handle(_ reason: lws_callback_reasons, _ data: UnsafeMutableRawPointer?, _ length: Int) -> Int32? {
    switch reason {
    case LWS_CALLBACK_RAW_RX_FILE: return attempt?.readable() ?? readable()
    case LWS_CALLBACK_RAW_WRITEABLE_FILE: return attempt?.writable() ?? writable()
    case LWS_CALLBACK_RAW_CLOSE_FILE:
      attempt?.socketClosing()
      return 0
    default: return nil
    }
  }

  /// `-1` tells lws to let go of the socket.
  private func readable() -> Int32 {
    guard isOpen, let stream, abortReason == nil else { return 0 }
    let buffer = (loop as! ClientLoop).readBuffer
    var budget = Self.readBudget
    while reads || isLingering {
      switch stream.read(into: buffer) {
      case .bytes(let count):
        if !isLingering { handle(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
        budget -= count
        // A descriptor is announced again; what TLS holds is not.
        if !stream.isEncrypted || budget <= 0 {
          if stream.holdsBytes { wantWritable() }
          return 0
        }
      case .wait:
        if stream.wantsWriting { wantWritable() }
        return 0
      case .end, .failed: return -1
      }
    }
    return 0
  }

  private func writable() -> Int32 {
    guard isOpen, let stream else { return 0 }
    if isStalled, abortReason == nil { return 0 }
    if stream.holdsBytes || stream.wantsWriting, readable() != 0 { return -1 }
    var round = 0
    while round < 32, !isLingering, takeNext() {
      switch flush(stream) {
      case .bytes: round += 1
      case .wait:
        reportBacklog()
        wantWritable()
        return 0
      case .end, .failed: return -1
      }
    }
    reportBacklog()
    if !isLingering, hasMore { wantWritable() }
    return 0
  }

  /// Sees to it that `unsent` holds the next frame; false when there is none.
  private func takeNext() -> Bool {
    if unsent != nil { return true }
    if let control = controls.popFirst() {
      unsent = (control, 0, control[0] & 0x0f == 8)
      return true
    }
    if let outgoing = outbox.popFirst() {
      unsent = Self.frame(outgoing)
      return true
    }
    guard let closing, !closing.isSent else { return false }
    let code = closing.code == 1005 ? 1000 : UInt16(clamping: closing.code)
    let payload = [UInt8(code >> 8), UInt8(code & 0xff)] + Self.reasonBytes(closing.reason)
    unsent = (ClientFrame.control(opcode: 8, payload, key: .random(in: 0 ... .max)), 0, true)
    self.closing?.isSent = true
    return true
  }

  private var hasMore: Bool {
    unsent != nil || !controls.isEmpty || !outbox.isEmpty || closing.map { !$0.isSent } ?? false
  }

  /// Header and mask go into the room in front of the payload.
  private static func frame(_ outgoing: Outbox.Outgoing) -> (bytes: [UInt8], offset: Int, isClose: Bool) {
    var bytes = outgoing.buffer
    let key = UInt32.random(in: 0 ... .max)
    let room = Int(CWS_PRE)
    let opcode: UInt8 = outgoing.flags == CWS_TEXT ? 1 : outgoing.flags == CWS_PING ? 9 : 2
    let header = ClientFrame.header(opcode: opcode, count: bytes.count - room, key: key)
    bytes.withUnsafeMutableBytes { storage in
      ClientFrame.mask(UnsafeMutableRawBufferPointer(rebasing: storage[room...]), with: key)
      for (index, byte) in header.enumerated() { storage[room - header.count + index] = byte }
    }
    return (bytes, room - header.count, false)
  }

  private func flush(_ stream: SocketStream) -> SocketStream.Outcome {
    while let frame = unsent {
      let outcome = frame.bytes.withUnsafeBytes { stream.write(UnsafeRawBufferPointer(rebasing: $0[frame.offset...])) }
      guard case .bytes(let count) = outcome else { return outcome }
      if frame.offset + count < frame.bytes.count {
        unsent!.offset += count
        continue
      }
      unsent = nil
      if frame.isClose { closeFrameSent() }
    }
    return .bytes(0)
  }

  // MARK: - Frames

  private func handle(_ bytes: UnsafeRawBufferPointer) {
    reader.read(bytes) { handle($0) }
  }

  private func handle(_ event: FrameReader.Event) {
    switch event {
    case .message(let bytes, let isText):
      if closing == nil { emit(.message(bytes, isText: isText)) }
    case .ping(let payload):
      if controls.count >= Self.pongLimit { controls.removeFirst() }
      control(10, payload)
    case .pong(let payload):
      if closing == nil { emit(.pong(payload)) }
    case .close(let payload):
      peerClose = payload
      if closing?.isSent == true {
        closing?.isAnswered = true
        // Our own frame may still be on its way out.
        if unsent == nil { linger() } else { boundEnd() }
      } else {
        endWith(payload.answer)
      }
    case .tooLarge:
      outbox.removeAll()
      close(code: 1009, reason: "message larger than \(maximumMessageBytes) bytes")
    case .violation(let what):
      violation = what
      endWith([0x03, 0xea] + Self.reasonBytes(what.description))
    }
  }

  private func control(_ opcode: UInt8, _ payload: [UInt8]) {
    controls.append(ClientFrame.control(opcode: opcode, payload, key: .random(in: 0 ... .max)))
    wantWritable()
  }

  /// Nothing of ours is worth sending any more but this close frame.
  private func endWith(_ payload: [UInt8]) {
    outbox.removeAll()
    if closing?.isSent == true {
      linger()
    } else {
      closing = nil
      boundEnd(ServiceLoop.nanoseconds(WebSocketLimits.closeTimeout))
      control(8, payload)
    }
  }

  private func closeFrameSent() {
    if peerClose != nil || violation != nil { linger() }
  }

  /// Says that nothing more will come, and waits a moment for the peer to end TCP: what it has not read yet would be lost
  /// by a reset otherwise.
  private func linger() {
    guard !isLingering else { return }
    isLingering = true
    outbox.removeAll()
    controls.removeAll()
    stream?.endWriting()
    boundEnd()
    flowChanged()
  }

  private func boundEnd(_ time: Int64 = lingering) {
    endDeadline = min(endDeadline ?? .max, monotonicNanoseconds() + time)
    loop.schedule(at: endDeadline!)
  }

  override func tick(at now: Int64) {
    if let attempt, now >= attempt.deadline { attempt.deadlinePassed() }
    if let closing, !closing.hasTimedOut, now >= closing.deadline {
      self.closing?.hasTimedOut = true
      if endDeadline == nil { loop.drop(self) }
    }
    if let end = endDeadline, now >= end {
      endDeadline = nil
      loop.drop(self)
    }
  }

  // MARK: - The end

  override func finish() {
    if isOpen {
      isOpen = false
      let (code, reason, by) = verdict()
      emit(.closed(code: code, reason: reason, by: by))
    } else if let attempt {
      self.attempt = nil
      emit(.failed(attempt.failure))
    }
    stream = nil
    outbox.removeAll()
  }

  private func verdict() -> (code: Int, reason: String, by: Closer) {
    if let abortReason { return (1006, abortReason, .client) }
    if let violation { return (1002, "the peer broke the WebSocket protocol (\(violation))", .client) }
    if let closing, closing.isAnswered { return (closing.code, closing.reason, .client) }
    if let peerClose { return (peerClose.shownCode, peerClose.shownReason, .server) }
    if let closing, closing.hasTimedOut {
      return (1006, "the close frame (\(closing.code)) was not answered within 5 s: dropped", .network)
    }
    if let closing, closing.isSent {
      return (1006, "the peer ended TCP without answering the close frame (\(closing.code))", .network)
    }
    return (1006, "the connection was lost: TCP ended without a close frame", .network)
  }

  private func reportBacklog() {
    if let byteCount = outbox.changedByteCount() { emit(.backlog(byteCount)) }
  }
}

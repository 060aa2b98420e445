import CWebSockets
import DequeModule

/// Messages that wait for the socket. Bounded: when it is full the newest is refused and counted.
struct Outbox {
  /// A frame's payload behind the room that libwebsockets wants in front of it.
  struct Outgoing {
    var buffer: [UInt8]
    var flags: Int32
  }

  private var queue: Deque<Outgoing> = []
  private var reportedByteCount = 0
  /// Payload bytes handed to the socket since the last report.
  private var takenSinceReport = 0
  /// Payload bytes that wait.
  private(set) var byteCount = 0
  /// Messages refused since the connection began.
  private(set) var refused = 0

  var isEmpty: Bool { queue.isEmpty }

  /// Returns false, and counts it, when there was no room. A message larger than the limit finds room only in an
  /// empty queue: it is the caller's will to send it at all.
  mutating func append(_ bytes: [UInt8], isText: Bool) -> Bool {
    guard queue.count < WebSocketLimits.sendQueueMessages,
      byteCount == 0 || byteCount + bytes.count <= WebSocketLimits.sendQueueBytes
    else {
      refused += 1
      return false
    }
    byteCount += bytes.count
    queue.append(Self.outgoing(bytes, isText ? CWS_TEXT : CWS_BINARY))
    return true
  }

  /// Pings go first: a round trip that includes our own queue would measure the wrong thing. At most 125 bytes. One
  /// that still waits is replaced; only the latest needs an answer (RFC 6455 section 5.5.3).
  mutating func appendPing(_ payload: [UInt8]) {
    if let first = queue.first, first.flags == CWS_PING { popFirst() }
    let payload = payload.prefix(125)
    byteCount += payload.count
    queue.prepend(Self.outgoing(Array(payload), CWS_PING))
  }

  mutating func refuse() { refused += 1 }

  @discardableResult
  mutating func popFirst() -> Outgoing? {
    guard let first = queue.popFirst() else { return nil }
    let count = first.buffer.count - Int(CWS_PRE)
    byteCount -= count
    takenSinceReport += count
    return first
  }

  mutating func removeAll() {
    queue.removeAll()
    byteCount = 0
  }

  /// The bytes that wait, when they differ noticeably from what was last told, or when noticeably many have gone since:
  /// whoever adds up what it handed over must hear that it went, also where it never had to wait.
  mutating func changedByteCount() -> Int? {
    let isEmptied = byteCount == 0 && reportedByteCount != 0
    let isMoved = max(abs(byteCount - reportedByteCount), takenSinceReport) >= WebSocketLimits.backlogStep
    guard isEmptied || isMoved else { return nil }
    (reportedByteCount, takenSinceReport) = (byteCount, 0)
    return byteCount
  }

  private static func outgoing(_ payload: [UInt8], _ flags: Int32) -> Outgoing {
    let prefix = Int(CWS_PRE)
    let buffer = [UInt8](unsafeUninitializedCapacity: prefix + payload.count) { storage, count in
      storage.baseAddress!.initialize(repeating: 0, count: prefix)
      payload.withUnsafeBufferPointer {
        if let base = $0.baseAddress { (storage.baseAddress! + prefix).initialize(from: base, count: $0.count) }
      }
      count = prefix + payload.count
    }
    return Outgoing(buffer: buffer, flags: flags)
  }
}

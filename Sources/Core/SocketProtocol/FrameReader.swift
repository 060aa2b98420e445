// SocketProtocol: the WebSocket protocol of RFC 6455 as a client sees it, and the HTTP before it, as machines over bytes.
//
//   bytes ──► AnswerReader ──► UpgradeCheck ──► (open) bytes ──► FrameReader ──► messages, pings, the close frame
//
// No socket, no clock: the driver moves the bytes, these say what they mean.

/// Takes a server's frames apart.
public struct FrameReader: Sendable {
  /// What the bytes held.
  public enum Event: Sendable, Equatable {
    /// A whole message, its fragments joined. Text is not checked for UTF-8.
    case message([UInt8], isText: Bool)
    case ping([UInt8])
    case pong([UInt8])
    /// The close frame. Nothing is read after it.
    case close(ClosePayload)
    /// A message beyond the limit, told once; the rest of it is dropped as it comes.
    case tooLarge
    /// What the server must not do. Nothing is read after it.
    case violation(ProtocolViolation)
  }

  private var head: [UInt8] = []
  private var frame: Frame?
  private var control: [UInt8] = []
  private var reassembly: Reassembly
  /// Whether the message that has begun and not ended is text; nil between messages.
  private var messageIsText: Bool?
  /// A close frame or a violation came.
  public private(set) var isOver = false

  private struct Frame: Sendable {
    var opcode: UInt8
    var isFinal: Bool
    /// Payload bytes still to come.
    var remaining: Int
  }

  /// - Parameter limit: the largest message, in bytes.
  public init(limit: Int) { reassembly = Reassembly(limit: limit) }

  /// Takes the next bytes and tells what they complete, in order.
  public mutating func read(_ bytes: UnsafeRawBufferPointer, _ emit: (Event) -> Void) {
    var rest = bytes[...]
    while !isOver {
      if frame == nil {
        guard takeHead(&rest, emit) else { return }
      } else if rest.isEmpty, frame!.remaining > 0 {
        return
      }
      if !isOver { takePayload(&rest, emit) }
    }
  }

  /// Collects a frame's header. False: it is not whole yet.
  private mutating func takeHead(_ rest: inout Slice<UnsafeRawBufferPointer>, _ emit: (Event) -> Void) -> Bool {
    while head.count < 2 || head.count < Self.headLength(head[1]) {
      guard let byte = rest.popFirst() else { return false }
      head.append(byte)
      if head.count == 2, let violation = faultInStart() {
        isOver = true
        emit(.violation(violation))
        return true
      }
    }
    let opcode = head[0] & 0x0f
    let long = head.dropFirst(2).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let length = head.count == 2 ? UInt64(head[1]) : long
    head.removeAll(keepingCapacity: true)
    guard let count = Int(exactly: length) else {
      isOver = true
      emit(.violation(.lengthTooLarge))
      return true
    }
    frame = Frame(opcode: opcode, isFinal: isFinalStart, remaining: count)
    return true
  }

  private var isFinalStart = false

  private static func headLength(_ second: UInt8) -> Int {
    switch second & 0x7f {
    case 126: 4
    case 127: 10
    default: 2
    }
  }

  /// What is wrong with a frame's first two bytes.
  private mutating func faultInStart() -> ProtocolViolation? {
    let (opcode, length) = (head[0] & 0x0f, head[1] & 0x7f)
    isFinalStart = head[0] & 0x80 != 0
    if (3...7).contains(opcode) || opcode > 10 { return .reservedOpcode(opcode) }
    if head[0] & 0x70 != 0 { return .reservedBits(head[0] >> 4 & 7) }
    if head[1] & 0x80 != 0 { return .masked }
    if opcode >= 8 {
      if !isFinalStart { return .fragmentedControl(opcode) }
      if length > 125 { return .longControl(opcode) }
      return nil
    }
    if opcode == 0 {
      if messageIsText == nil { return .continuationOfNothing }
    } else {
      if messageIsText != nil { return .messageWithinMessage }
      messageIsText = opcode == 1
    }
    return nil
  }

  private mutating func takePayload(_ rest: inout Slice<UnsafeRawBufferPointer>, _ emit: (Event) -> Void) {
    guard var current = frame else { return }
    let count = min(current.remaining, rest.count)
    let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(count))
    rest = rest.dropFirst(count)
    current.remaining -= count
    frame = current.remaining == 0 ? nil : current
    if current.opcode >= 8 {
      control += piece
      if frame == nil { finishControl(current.opcode, emit) }
      return
    }
    let isText = messageIsText == true
    let isWhole = current.isFinal && frame == nil
    if isWhole { messageIsText = nil }
    switch reassembly.append(piece, remaining: current.remaining, isFinal: isWhole) {
    case .incomplete: break
    case .whole(let message): emit(.message(message, isText: isText))
    case .tooLarge: emit(.tooLarge)
    }
  }

  private mutating func finishControl(_ opcode: UInt8, _ emit: (Event) -> Void) {
    let payload = control
    control.removeAll(keepingCapacity: true)
    switch opcode {
    case 9: emit(.ping(payload))
    case 10: emit(.pong(payload))
    default:
      isOver = true
      emit(.close(ClosePayload(payload)))
    }
  }
}

/// What a server did that RFC 6455 forbids.
public enum ProtocolViolation: Sendable, Equatable, CustomStringConvertible {
  case masked
  /// Three bits, RSV1 the highest.
  case reservedBits(UInt8)
  case reservedOpcode(UInt8)
  case fragmentedControl(UInt8)
  case longControl(UInt8)
  case continuationOfNothing
  case messageWithinMessage
  case lengthTooLarge

  /// In words, short enough for a close frame's reason.
  public var description: String {
    switch self {
    case .masked: "a masked frame: a server must not mask"
    case .reservedBits(let bits):
      (bits & 4 != 0 ? "reserved bit RSV1 is set, as in a compressed message; " : "reserved bits are set: ")
        + (bits & 4 != 0 ? "no compression was agreed on" : Self.names(of: bits))
    case .reservedOpcode(let opcode): "reserved opcode \(opcode)"
    case .fragmentedControl(let opcode): "a fragmented \(Self.name(of: opcode)) frame: control frames are whole"
    case .longControl(let opcode): "a \(Self.name(of: opcode)) frame of more than 125 bytes"
    case .continuationOfNothing: "a continuation frame without a message that it continues"
    case .messageWithinMessage: "a new message before the fragmented one before it was complete"
    case .lengthTooLarge: "a frame length of 2^63 or more"
    }
  }

  private static func name(of opcode: UInt8) -> String {
    switch opcode {
    case 8: "close"
    case 9: "ping"
    default: "pong"
    }
  }

  private static func names(of bits: UInt8) -> String {
    [(4, "RSV1"), (2, "RSV2"), (1, "RSV3")].filter { bits & $0.0 != 0 }.map(\.1).joined(separator: ", ")
  }
}

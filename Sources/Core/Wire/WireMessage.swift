/// A WebSocket message's payload, either way.
public enum WireMessage: Sendable, Equatable {
  /// A text message. The bytes ought to be UTF-8, but need not be.
  case text([UInt8])
  case binary([UInt8])

  /// A text message of a Swift string.
  public static func string(_ text: String) -> WireMessage { .text(Array(text.utf8)) }

  public var payload: [UInt8] {
    switch self {
    case .text(let bytes), .binary(let bytes): bytes
    }
  }
  public var isText: Bool {
    if case .text = self { return true }
    return false
  }
}

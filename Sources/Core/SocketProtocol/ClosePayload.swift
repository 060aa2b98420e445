/// What a close frame said, as it stood on the wire.
public struct ClosePayload: Sendable, Equatable {
  /// As sent; nil when the frame had fewer than two bytes.
  public var code: Int?
  /// Decoded as UTF-8; bytes that are none become U+FFFD.
  public var reason: String
  /// What RFC 6455 section 7.4 has against it, in words; nil when it is as it should be.
  public var fault: String?
  private var isUTF8 = true

  /// Takes a close frame's payload apart.
  public init(_ bytes: [UInt8]) {
    guard bytes.count >= 2 else {
      (code, reason) = (nil, "")
      if let byte = bytes.first {
        fault = "a close frame of one byte, \(byte): a code has two bytes"
      }
      return
    }
    let code = Int(bytes[0]) << 8 | Int(bytes[1])
    self.code = code
    reason = String(decoding: bytes.dropFirst(2), as: UTF8.self)
    isUTF8 = reason.utf8.elementsEqual(bytes.dropFirst(2))
    fault = Self.fault(inCode: code) ?? (isUTF8 ? nil : "the reason is not UTF-8")
  }

  /// The code for people: 1005 when there was none (RFC 6455 section 7.1.5).
  public var shownCode: Int { code ?? 1005 }

  /// The reason, with what is wrong with the frame behind it.
  public var shownReason: String {
    guard let fault else { return reason }
    return reason.isEmpty ? fault : "\(reason) (\(fault))"
  }

  /// The payload of the close frame that answers it: the same code and reason (peers show what came back), 1002 to a code
  /// that must not be sent, 1007 to a reason that is not UTF-8, nothing to nothing.
  public var answer: [UInt8] {
    if fault != nil { return isUTF8 ? [0x03, 0xea] : [0x03, 0xef] }
    guard let code else { return [] }
    return [UInt8(code >> 8 & 0xff), UInt8(code & 0xff)] + Array(reason.utf8)
  }

  /// Codes of RFC 6455 section 7.4 and the IANA registry (1012 to 1014), or of libraries and applications.
  private static func fault(inCode code: Int) -> String? {
    switch code {
    case 1000...1003, 1007...1014, 3000...4999: nil
    case 1005, 1006, 1015: "\(code) must not be sent: it stands for what was never said"
    case ..<1000: "\(code) is no close code: they begin at 1000"
    case 5000...: "\(code) is no close code: they end at 4999"
    default: "\(code) is a reserved close code"
    }
  }
}

/// A client's frame header and mask (RFC 6455 section 5.2).
public enum ClientFrame {
  /// The longest header, in bytes.
  public static let longestHeader = 14

  /// The header of an unfragmented frame, its masking key at the end.
  public static func header(opcode: UInt8, count: Int, key: UInt32) -> [UInt8] {
    var bytes: [UInt8] = [0x80 | opcode]
    switch count {
    case ..<126: bytes.append(0x80 | UInt8(count))
    case ..<65_536: bytes += [0x80 | 126, UInt8(count >> 8), UInt8(count & 0xff)]
    default: bytes += [0x80 | 127] + (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - 8 * $0)) }
    }
    return bytes + (0..<4).map { UInt8(truncatingIfNeeded: key >> (24 - 8 * $0)) }
  }

  /// Masks a payload in place, eight bytes at a time.
  public static func mask(_ payload: UnsafeMutableRawBufferPointer, with key: UInt32) {
    let word = UInt64(key.bigEndian) << 32 | UInt64(key.bigEndian)
    var index = 0
    while index + 8 <= payload.count {
      let masked = payload.loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ word
      payload.storeBytes(of: masked, toByteOffset: index, as: UInt64.self)
      index += 8
    }
    while index < payload.count {
      payload[index] ^= UInt8(truncatingIfNeeded: key >> (24 - 8 * (index % 4)))
      index += 1
    }
  }

  /// A whole control frame.
  public static func control(opcode: UInt8, _ payload: [UInt8], key: UInt32) -> [UInt8] {
    var masked = Array(payload.prefix(125))
    masked.withUnsafeMutableBytes { mask($0, with: key) }
    return header(opcode: opcode, count: masked.count, key: key) + masked
  }
}

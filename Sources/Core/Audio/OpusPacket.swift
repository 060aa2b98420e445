/// The outside of an Opus packet (RFC 6716, section 3): enough to tell whether bytes can be one.
public enum OpusPacket {
  /// The longest frame, and what a packet of 48 of them could take.
  private static let longestFrame = 1_275

  /// Whether the bytes obey the rules of section 3.4. Random bytes often do; several messages of one configuration
  /// seldom.
  public static func isWellFormed(_ bytes: some RandomAccessCollection<UInt8>) -> Bool {
    guard let toc = bytes.first else { return false }
    let body = bytes.dropFirst()
    switch toc & 3 {
    case 0: return body.count <= longestFrame
    case 1: return body.count % 2 == 0 && body.count / 2 <= longestFrame
    case 2:
      guard let (length, used) = frameLength(body) else { return false }
      return length <= body.count - used && body.count - used - length <= longestFrame
    default: return isWellFormedCodeThree(body, duration: frameDuration(toc))
    }
  }

  /// Whether these are the messages of one stream: well-formed packets with one configuration and one number of channels,
  /// so many that chance is out of the question.
  public static func isStream(_ messages: [ArraySlice<UInt8>]) -> Bool {
    guard let toc = messages.first?.first, messages.count >= 4 else { return false }
    let hasSizes = Set(messages.map(\.count)).count > 1
    guard hasSizes || messages.count >= 6 else { return false }
    return messages.allSatisfy { ($0.first ?? 0) >> 2 == toc >> 2 && $0.count <= 1_500 && isWellFormed($0) }
  }

  /// How long a packet lasts, in milliseconds; nil for bytes that are none.
  public static func duration(_ bytes: some RandomAccessCollection<UInt8>) -> Double? {
    guard isWellFormed(bytes), let toc = bytes.first else { return nil }
    let frames = [1, 2, 2, bytes.dropFirst().first.map { Int($0 & 0x3F) } ?? 0][Int(toc & 3)]
    return Double(frames * frameDuration(toc)) / 10
  }

  private static func isWellFormedCodeThree(_ body: some RandomAccessCollection<UInt8>, duration: Int) -> Bool {
    guard let count = body.first else { return false }
    let frames = Int(count & 0x3F)
    // 120 ms at most, in units of 0.1 ms.
    guard frames > 0, frames * duration <= 1_200 else { return false }
    var rest = Array(body.dropFirst())[...]
    var padding = 0
    if count & 0x40 != 0 {
      while true {
        guard let byte = rest.popFirst() else { return false }
        padding += byte == 255 ? 254 : Int(byte)
        if byte != 255 { break }
      }
    }
    guard padding <= rest.count else { return false }
    rest = rest.dropLast(padding)
    guard count & 0x80 != 0 else { return rest.count % frames == 0 && rest.count / frames <= longestFrame }
    var lengths = 0
    for _ in 1..<max(frames, 1) {
      guard let (length, used) = frameLength(rest) else { return false }
      lengths += length
      rest = rest.dropFirst(used)
    }
    return lengths <= rest.count && rest.count - lengths <= longestFrame
  }

  private static func frameLength(_ bytes: some RandomAccessCollection<UInt8>) -> (length: Int, used: Int)? {
    guard let first = bytes.first else { return nil }
    if first < 252 { return (Int(first), 1) }
    guard let second = bytes.dropFirst().first else { return nil }
    return (Int(second) * 4 + Int(first), 2)
  }

  /// Of one frame, in units of 0.1 ms (table 2 of the RFC).
  private static func frameDuration(_ toc: UInt8) -> Int {
    let config = Int(toc >> 3)
    if config < 12 { return [100, 200, 400, 600][config & 3] }
    if config < 16 { return [100, 200][config & 1] }
    return [25, 50, 100, 200][config & 3]
  }
}

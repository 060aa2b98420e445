import Audio
import FoundationEssentials

/// Audio messages without Codable: the one message that comes a hundred times a second, and nearly always in its
/// plainest form, an object of strings without escapes and of numbers.
///
/// What is not of that form is left to the decoder and the encoder, by nil; where both can, they agree. Measured live,
/// JSON was a fifth of what the console took of a core.
enum AudioMessage {
  /// The payload of an audio message; nil where the decoder has to decide.
  static func parse(_ bytes: [UInt8]) -> AudioPayload? {
    bytes.withUnsafeBufferPointer { bytes in
      var scanner = PlainObjectScanner(bytes)
      var fields = Fields()
      while let (key, value) = scanner.nextMember() {
        guard fields.take(key, value) else { return nil }
      }
      guard scanner.isAtEnd, fields.isAudio, let base64 = fields.data ?? fields.audio,
        let audio = Data(base64Encoded: Data(base64))
      else { return nil }
      // What makes no sense is told by the decoder.
      if let rate = fields.rate, !Resampler.supportedRates.contains(rate) { return nil }
      return AudioPayload(
        bytes: Array(audio), format: fields.format, rate: fields.rate, sequence: fields.sequence,
        sentAtMs: fields.sentAtMs, reference: fields.response.flatMap { WireRef(response: $0) })
    }
  }

  /// The message's text, members in the order of their names; nil where the encoder has to say it.
  /// - Parameter member: of the audio: `audio` from a client, `data` from a server.
  static func text(_ payload: AudioPayload, member: String) -> [UInt8]? {
    var text = "{\"\(member)\":\"\(Data(payload.bytes).base64EncodedString())\""
    if let format = payload.format {
      guard format.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }) else { return nil }
      text += ",\"format\":\"\(format)\""
    }
    if let rate = payload.rate { text += ",\"rate\":\(rate)" }
    if let response = payload.reference?.response {
      guard response.utf8.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != 0x22 && $0 != 0x5C }) else { return nil }
      text += ",\"responseId\":\"\(response)\""
    }
    if let sequence = payload.sequence { text += ",\"seq\":\(sequence)" }
    if let sentAt = payload.sentAtMs {
      guard let whole = Int(exactly: sentAt), abs(whole) < 1 << 50 else { return nil }
      text += ",\"ts\":\(whole)"
    }
    return Array((text + ",\"type\":\"audio\"}").utf8)
  }

  /// The members that mean something, each at most once.
  private struct Fields {
    var isAudio = false
    var audio: UnsafeBufferPointer<UInt8>?
    var data: UnsafeBufferPointer<UInt8>?
    var format: String?
    var rate: Int?
    var sequence: Int?
    var sentAtMs: Double?
    var response: String?
    private var seen: [UnsafeBufferPointer<UInt8>] = []

    /// False for what the decoder has to look at.
    mutating func take(_ key: UnsafeBufferPointer<UInt8>, _ value: PlainObjectScanner.Value) -> Bool {
      // A handful of members.
      guard seen.count < 16, !seen.contains(where: { $0.elementsEqual(key) }) else { return false }
      seen.append(key)
      switch (String(decoding: key, as: UTF8.self), value) {
      case ("type", .string(let text)): isAudio = String(decoding: text, as: UTF8.self) == "audio"
      case ("audio", .string(let text)): audio = text
      case ("data", .string(let text)): data = text
      case ("format", .string(let text)): format = String(decoding: text, as: UTF8.self)
      case ("rate", .integer(let number)): rate = number
      case ("seq", .integer(let number)): sequence = number
      case ("ts", .integer(let number)): sentAtMs = Double(number)
      case ("responseId", .string(let text)): response = String(decoding: text, as: UTF8.self)
      // Two names for one thing, and a number for a name, are the decoder's affair.
      case ("responseId", _), ("response_id", _): return false
      case ("channels", _), ("type", _), ("audio", _), ("data", _), ("format", _), ("rate", _), ("seq", _), ("ts", _):
        return false
      default: break
      }
      return true
    }
  }
}

/// Walks through `{"name":"text","name":12}`: names and texts of printable ASCII without backslashes, whole numbers of
/// at most 15 digits, spaces between. Stops before anything else.
private struct PlainObjectScanner {
  enum Value {
    case string(UnsafeBufferPointer<UInt8>)
    case integer(Int)
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private var next = 0
  private var isClosed = false
  private var isFirst = true

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// The object was closed and nothing follows it.
  var isAtEnd: Bool { isClosed && next == bytes.count }

  /// Nil at the end, and at what is not plain.
  mutating func nextMember() -> (key: UnsafeBufferPointer<UInt8>, value: Value)? {
    guard !isClosed, take(isFirst ? "{" : ",") else {
      if !isFirst, take("}") { isClosed = true }
      return nil
    }
    isFirst = false
    guard let key = string(), take(":") else { return nil }
    skipSpaces()
    guard next < bytes.count else { return nil }
    if bytes[next] == UInt8(ascii: "\"") { return string().map { (key, .string($0)) } }
    return integer().map { (key, .integer($0)) }
  }

  private mutating func skipSpaces() { while next < bytes.count, bytes[next] == 0x20 { next += 1 } }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpaces()
    guard next < bytes.count, bytes[next] == UInt8(ascii: character) else { return false }
    next += 1
    return true
  }

  private mutating func string() -> UnsafeBufferPointer<UInt8>? {
    guard take("\"") else { return nil }
    let start = next
    while next < bytes.count, bytes[next] != UInt8(ascii: "\"") {
      guard (0x20..<0x7F).contains(bytes[next]), bytes[next] != UInt8(ascii: "\\") else { return nil }
      next += 1
    }
    guard next < bytes.count else { return nil }
    next += 1
    return UnsafeBufferPointer(rebasing: bytes[start..<next - 1])
  }

  private mutating func integer() -> Int? {
    let start = next
    var value = 0
    while next < bytes.count, (0x30...0x39).contains(bytes[next]), next - start < 16 {
      value = value * 10 + Int(bytes[next] - 0x30)
      next += 1
    }
    // Leading zeros are no JSON; a point or an exponent may follow, and then this is not whole.
    let count = next - start
    guard (1...15).contains(count), count == 1 || bytes[start] != 0x30 else { return nil }
    guard next < bytes.count, [0x20, UInt8(ascii: ","), UInt8(ascii: "}")].contains(bytes[next]) else { return nil }
    return value
  }
}

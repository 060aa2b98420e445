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
        guard fields.accept(key, value) else { return nil }
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
      guard format.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D }) else {
        return nil
      }
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
    mutating func accept(_ key: UnsafeBufferPointer<UInt8>, _ value: PlainObjectScanner.Value) -> Bool {
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

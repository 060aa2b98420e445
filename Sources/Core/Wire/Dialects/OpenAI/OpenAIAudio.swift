import FoundationEssentials
import Timeline

/// An audio message, without a JSON decoder: nearly all messages are of this kind, in their plainest form.
struct OpenAIAudio: Sendable, Equatable {
  var type: String
  var bytes: [UInt8]
  var reference: WireRef?

  /// - Returns: nil when the message is not audio of that side, or has an escape, an object within, or a name twice.
  static func parse(_ message: [UInt8], from side: Side) -> OpenAIAudio? {
    message.withUnsafeBufferPointer { bytes in
      var scanner = PlainObjectScanner(bytes)
      var (type, audio): (String?, UnsafeBufferPointer<UInt8>?)
      var (response, item, part): (String?, String?, Int?)
      let member = side == .client ? "audio" : "delta"
      var seen: [UnsafeBufferPointer<UInt8>] = []
      while let (key, value) = scanner.nextMember() {
        guard seen.count < 16, !seen.contains(where: { $0.elementsEqual(key) }) else { return nil }
        seen.append(key)
        switch (String(decoding: key, as: UTF8.self), value) {
        case ("type", .string(let text)):
          type = String(decoding: text, as: UTF8.self)
          guard isAudio(type, side) else { return nil }
        case (member, .string(let text)): audio = text
        case ("response_id", .string(let text)): response = String(decoding: text, as: UTF8.self)
        case ("item_id", .string(let text)): item = String(decoding: text, as: UTF8.self)
        case ("content_index", .integer(let number)): part = number
        case ("type", _), (member, _), ("response_id", _), ("item_id", _), ("content_index", _): return nil
        default: break
        }
      }
      guard scanner.isAtEnd, let type, let audio, let data = Data(base64Encoded: Data(audio)) else { return nil }
      return OpenAIAudio(
        type: type, bytes: Array(data), reference: WireRef(response: response, item: item, part: part))
    }
  }

  static func isAudio(_ type: String?, _ side: Side) -> Bool {
    side == .client
      ? type == "input_audio_buffer.append"
      : type == "response.output_audio.delta" || type == "response.audio.delta"
  }

  /// The message of a client.
  static func append(_ bytes: [UInt8]) -> WireMessage {
    .string("{\"type\":\"input_audio_buffer.append\",\"audio\":\"\(Data(bytes).base64EncodedString())\"}")
  }

  /// The message of a server; nil when a name of it needs an escape.
  static func delta(
    _ bytes: [UInt8], type: String, event: String, response: String, item: String, outputIndex: Int
  ) -> WireMessage? {
    guard
      [response, item].allSatisfy({ $0.utf8.allSatisfy { (0x20..<0x7F).contains($0) && $0 != 0x22 && $0 != 0x5C } })
    else { return nil }
    return .string(
      "{\"type\":\"\(type)\",\"event_id\":\"\(event)\",\"response_id\":\"\(response)\","
        + "\"item_id\":\"\(item)\",\"output_index\":\(outputIndex),\"content_index\":0,"
        + "\"delta\":\"\(Data(bytes).base64EncodedString())\"}")
  }
}

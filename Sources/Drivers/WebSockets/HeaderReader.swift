import CWebSockets

/// Reads what libwebsockets keeps of a request or an answer, while it keeps it.
enum HeaderReader {
  /// The value of a header that lws knows; nil when it is absent.
  static func value(_ wsi: OpaquePointer, _ token: lws_token_indexes) -> String? {
    let length = Int(lws_hdr_total_length(wsi, token))
    guard length > 0 else { return nil }
    var buffer = [CChar](repeating: 0, count: length + 2)
    let copied = lws_hdr_copy(wsi, &buffer, Int32(buffer.count), token)
    return copied < 0 ? nil : text(buffer, Int(copied))
  }

  /// The values of every header of this name, an empty one included.
  static func values(_ wsi: OpaquePointer, _ token: lws_token_indexes) -> [String] {
    var values: [String] = []
    var buffer = [CChar](repeating: 0, count: Int(lws_hdr_total_length(wsi, token)) + 2)
    while true {
      let copied = lws_hdr_copy_fragment(wsi, &buffer, Int32(buffer.count), token, Int32(values.count))
      guard copied >= 0 else { return values }
      // libwebsockets puts a blank before all but the first.
      values.append(String(text(buffer, Int(copied)).drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()))
    }
  }

  /// The items of the query as `name=value`, percent-decoded.
  static func queryItems(_ wsi: OpaquePointer) -> [String] {
    var items: [String] = []
    var buffer = [CChar](repeating: 0, count: 16_384)
    while true {
      let copied = lws_hdr_copy_fragment(
        wsi, &buffer, Int32(buffer.count), WSI_TOKEN_HTTP_URI_ARGS, Int32(items.count))
      guard copied >= 0 else { return items }
      items.append(text(buffer, Int(copied)))
    }
  }

  static func peerAddress(_ wsi: OpaquePointer) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    return lws_get_peer_simple(wsi, &buffer, buffer.count) == nil ? "" : address(buffer)
  }

  static func peerAddress(descriptor: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    return lws_get_peer_simple_fd(descriptor, &buffer, buffer.count) == nil ? "" : address(buffer)
  }

  private static func address(_ buffer: [CChar]) -> String {
    let address = text(buffer, buffer.firstIndex(of: 0) ?? buffer.count)
    return address.hasPrefix("::ffff:") ? String(address.dropFirst(7)) : address
  }

  private static func text(_ buffer: [CChar], _ count: Int) -> String {
    String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

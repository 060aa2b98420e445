import Wire

/// Whether a text that was typed is a JSON object, and where it stops being one.
enum JSONCheck {
  /// - Throws: a fault whose place counts characters of `text`.
  static func object(_ text: String) throws(CommandFault) {
    let bytes = Array(text.utf8)
    var scanner = JSONScanner(bytes)
    var isObject = false
    do throws(JSONScanner.Fault) {
      isObject = try scanner.next()?.kind == .openObject
      while isObject, try scanner.next() != nil {}
    } catch {
      let before = String(decoding: bytes[..<min(scanner.position, bytes.count)], as: UTF8.self).count
      let end = min(before + 1, text.count)
      throw CommandFault(reason: "not valid JSON: \(error.reason)", at: min(before, end)..<end)
    }
    guard isObject else { throw CommandFault(reason: "a config message is a JSON object: {\"key\": value}") }
    // The scanner looks at the structure alone.
    do { _ = try JSONValue(parsing: bytes) } catch { throw CommandFault(reason: "\(error)") }
  }
}

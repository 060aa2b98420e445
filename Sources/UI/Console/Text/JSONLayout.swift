/// JSON with other white space: the tokens stay as they are written, secrets and long strings too.
enum JSONLayout {
  /// Each member on its own line; nil for what is no JSON.
  static func indented(_ text: String) -> String? {
    var (result, depth, previous) = ("", 0, JSONScanner.Token.Kind.comma)
    let bytes = Array(text.utf8)
    func line() -> String { "\n" + String(repeating: "  ", count: min(depth, 40)) }
    let isJSON = forEachToken(bytes) { token in
      let opens = token.kind == .openObject || token.kind == .openArray
      let closes = token.kind == .closeObject || token.kind == .closeArray
      let followsOpening = previous == .openObject || previous == .openArray
      if closes { depth -= 1 }
      if closes != followsOpening { result += line() }
      result += token.text(in: bytes)
      if token.kind == .comma { result += line() }
      if token.kind == .colon { result += " " }
      if opens { depth += 1 }
      previous = token.kind
    }
    return isJSON ? result : nil
  }

  /// On one line, without any space between tokens; nil for what is no JSON.
  static func compact(_ text: String) -> String? {
    var result = ""
    let bytes = Array(text.utf8)
    return forEachToken(bytes) { result += $0.text(in: bytes) } ? result : nil
  }

  /// False when the bytes are no JSON.
  private static func forEachToken(_ bytes: [UInt8], _ body: (JSONScanner.Token) -> Void) -> Bool {
    var scanner = JSONScanner(bytes)
    do {
      while let token = try scanner.next() { body(token) }
      return true
    } catch {
      return false
    }
  }
}

import FoundationEssentials

/// Base64 in the dresses in which peers send it: the standard alphabet or that of URLs, with padding or without, wrapped
/// into lines, and as a `data:` URI.
enum Base64Text {
  /// The bytes, and the type that a `data:` URI declares.
  struct Decoded {
    var bytes: [UInt8]
    var mediaType: String?
  }

  /// Why a text is none, in words.
  struct Problem: Error {
    var reason: String
  }

  static func decode(_ text: String) -> Result<Decoded, Problem> {
    if let data = Data(base64Encoded: text) { return .success(Decoded(bytes: Array(data))) }
    var characters = Array(text.utf8)[...]
    var mediaType: String?
    if characters.prefix(5).elementsEqual("data:".utf8) {
      guard let comma = characters.firstIndex(of: UInt8(ascii: ",")), comma <= 300 else {
        return .failure(Problem(reason: "a data: URI without a comma"))
      }
      let head = String(decoding: characters[5..<comma], as: UTF8.self)
      guard head.hasSuffix(";base64") else { return .failure(Problem(reason: "a data: URI that is not base64")) }
      mediaType = head.count > 7 ? String(head.dropLast(7)) : nil
      characters = characters[(comma + 1)...]
    }
    var clean: [UInt8] = []
    clean.reserveCapacity(characters.count + 2)
    var padding = 0
    for (i, character) in characters.enumerated() {
      switch character {
      case 0x09...0x0D, 0x20: continue
      case UInt8(ascii: "="): padding += 1
      case _ where padding > 0:
        return .failure(Problem(reason: "wrong base64 (goes on after its padding, at character \(i + 1))"))
      case UInt8(ascii: "-"): clean.append(UInt8(ascii: "+"))
      case UInt8(ascii: "_"): clean.append(UInt8(ascii: "/"))
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "/"): clean.append(character)
      default:
        return .failure(Problem(reason: "wrong base64 (character \(i + 1) of \(characters.count) is none of it)"))
      }
    }
    guard clean.count % 4 != 1, padding <= 3 else {
      return .failure(Problem(reason: "wrong base64 (\(clean.count) characters are no whole number of bytes)"))
    }
    clean += [UInt8](repeating: UInt8(ascii: "="), count: (4 - clean.count % 4) % 4)
    guard let data = Data(base64Encoded: Data(clean)) else {
      return .failure(Problem(reason: "wrong base64 (\(characters.count) characters)"))
    }
    return .success(Decoded(bytes: Array(data), mediaType: mediaType))
  }
}

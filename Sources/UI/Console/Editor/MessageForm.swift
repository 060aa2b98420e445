import FoundationEssentials
import Wire

/// How what is typed becomes a message.
enum MessageForm: String, Sendable, CaseIterable {
  /// A text message of exactly these characters, valid or not.
  case text
  /// A binary message, in hexadecimal digits or in base64.
  case hex, base64
  /// A binary message: the bytes of the file whose path this is.
  case file

  /// What is to be sent.
  enum Outgoing: Sendable, Equatable {
    case frame(WireMessage)
    case file(path: String)
  }

  var next: MessageForm {
    let all = Self.allCases
    return all[(all.firstIndex(of: self)! + 1) % all.count]
  }

  func outgoing(_ text: String) throws(CommandFault) -> Outgoing {
    switch self {
    case .text: return .frame(.string(text))
    case .hex: return .frame(.binary(try Self.bytes(hex: text)))
    case .base64:
      let packed = text.filter { !$0.isWhitespace }
      guard let data = Data(base64Encoded: packed) else {
        throw CommandFault(reason: "not base64: \(packed.count) characters, of A-Z a-z 0-9 + / and = at the end")
      }
      return .frame(.binary(Array(data)))
    case .file:
      let path = String(text.drop(while: \.isWhitespace).prefix { !$0.isNewline })
      guard !path.isEmpty else { throw CommandFault(reason: "the path of a file is wanted") }
      return .file(path: path)
    }
  }

  /// `hex:00ff`, `base64:AP8=` or `@FILE`, as on the command line.
  static func binary(_ argument: String) throws(CommandFault) -> Outgoing {
    if argument.hasPrefix("@") { return try MessageForm.file.outgoing(String(argument.dropFirst())) }
    for form in [MessageForm.hex, .base64] where argument.hasPrefix("\(form.rawValue):") {
      return try form.outgoing(String(argument.dropFirst(form.rawValue.count + 1)))
    }
    throw CommandFault(reason: "a binary message is hex:00FF, base64:AP8= or @FILE")
  }

  /// Pairs of digits; spaces and line breaks anywhere.
  private static func bytes(hex text: String) throws(CommandFault) -> [UInt8] {
    var digits: [UInt8] = []
    for (i, character) in text.enumerated() where !character.isWhitespace {
      guard let digit = character.hexDigitValue else {
        throw CommandFault(reason: "character \(i + 1), \"\(character)\", is no hexadecimal digit")
      }
      digits.append(UInt8(digit))
    }
    guard digits.count.isMultiple(of: 2) else {
      throw CommandFault(reason: "\(digits.count) hexadecimal digits: two make a byte")
    }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}

import Console
import Screen

/// How a line of words is written: plain, or in the colours of a theme for those who ask for them.
public struct PlainInk: Sendable {
  /// Nil for no escape sequences at all.
  private let colours: (theme: Theme, depth: ColorDepth)?

  /// Plain.
  public init() { colours = nil }
  /// Plain with `mono`.
  public init(_ theme: Theme, _ depth: ColorDepth) { colours = depth > .mono ? (theme, depth) : nil }

  /// The line with its line feed.
  func bytes(_ line: PlainLine) -> [UInt8] {
    guard let (theme, depth) = colours else { return Array("\(line.text)\n".utf8) }
    let style = theme.resolve(Style(line.role), depth: depth)
    return Array("\u{1B}[\(Self.parameters(style, depth))m\(line.text)\u{1B}[0m\n".utf8)
  }

  /// The parameters of SGR (ECMA-48, 8.3.117): the foreground and bold. The background stays the terminal's.
  private static func parameters(_ style: ResolvedStyle, _ depth: ColorDepth) -> String {
    let color = style.foreground
    let code: String
    switch depth {
    case _ where color < 0: code = "39"
    case .direct:
      let rgb = RGB(UInt32(color))
      code = "38;2;\(rgb.red);\(rgb.green);\(rgb.blue)"
    case .indexed: code = "38;5;\(color)"
    default: code = "\(color < 8 ? 30 + color : 82 + color)"
    }
    return style.emphasis.contains(.bold) ? "1;\(code)" : code
  }
}

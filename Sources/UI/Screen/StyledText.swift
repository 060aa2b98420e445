/// A piece of text in one style.
public struct Span: Sendable, Hashable {
  public var text: String
  public var style: Style
  public init(_ text: String, _ style: Style = .plain) {
    self.text = text
    self.style = style
  }
  public var columns: Int { CharacterWidth.columns(of: text) }
}

/// Text in several styles on one line.
public struct StyledText: Sendable, Hashable {
  public var spans: [Span]

  public init(_ spans: [Span] = []) { self.spans = spans }
  public init(_ text: String, _ style: Style = .plain) { spans = text.isEmpty ? [] : [Span(text, style)] }
  public init(_ text: String, _ role: Role, _ emphasis: Style.Emphasis = []) {
    self.init(text, Style(role, emphasis))
  }

  public var isEmpty: Bool { spans.allSatisfy(\.text.isEmpty) }
  public var columns: Int { spans.reduce(0) { $0 + $1.columns } }
  /// The text without its styles.
  public var plain: String { spans.map(\.text).joined() }

  public mutating func append(_ text: String, _ style: Style = .plain) {
    guard !text.isEmpty else { return }
    if let last = spans.last, last.style == style {
      spans[spans.count - 1].text += text
    } else {
      spans.append(Span(text, style))
    }
  }
  public static func + (left: StyledText, right: StyledText) -> StyledText { StyledText(left.spans + right.spans) }
  public static func += (left: inout StyledText, right: StyledText) { left.spans += right.spans }
}

extension StyledText: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self.init(value) }
}

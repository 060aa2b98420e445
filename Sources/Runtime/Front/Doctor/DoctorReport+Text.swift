import Screen

extension DoctorReport {
  /// How the report is written.
  public struct Style: Sendable {
    /// Columns; lines are broken to fit, down to 40.
    public var width: Int
    /// Escape sequences for colours.
    public var usesColor: Bool
    /// ✓ – ✗ →; ASCII otherwise.
    public var usesUnicode: Bool

    public init(width: Int = 100, usesColor: Bool = false, usesUnicode: Bool = true) {
      self.width = max(40, width)
      self.usesColor = usesColor
      self.usesUnicode = usesUnicode
    }
  }

  /// The report for people, with a line feed at its end.
  public func text(_ style: Style) -> String {
    let names = groups.flatMap { $0.rows.map { CharacterWidth.columns(of: Self.shown($0.name, style)) } }
    let nameColumns = min(24, names.max() ?? 0)
    var lines: [String] = []
    for group in groups where !group.rows.isEmpty {
      if !lines.isEmpty { lines.append("") }
      lines.append(Self.painted(Self.shown(group.title, style), "1", style))
      for row in group.rows { lines += Self.lines(row, nameColumns, style) }
    }
    lines += ["", verdict(style)]
    return lines.joined(separator: "\n") + "\n"
  }

  private func verdict(_ style: Style) -> String {
    let count = groups.reduce(0) { $0 + $1.rows.count { $0.mark == .missing } }
    guard count > 0 else { return Self.painted("A session can run.", "32", style) }
    let what = count == 1 ? "1 thing is missing" : "\(count) things are missing"
    return Self.painted("A session cannot run: \(what), see \(Mark.missing.sign(style)) above.", "31", style)
  }

  private static func lines(_ row: Row, _ nameColumns: Int, _ style: Style) -> [String] {
    let name = shown(row.name, style)
    // A long name stands on a line of its own: the texts stay in their column.
    let isLong = CharacterWidth.columns(of: name) > nameColumns
    let indent = 2 + 2 + nameColumns + 2
    let pad = String(repeating: " ", count: indent)
    let first = "  \(painted(row.mark.sign(style), row.mark.color, style)) \(name)"
    var lines = isLong ? [first] : []
    for (index, line) in TextWrap.lines(shown(row.text, style), width: style.width - indent).enumerated() {
      if index == 0, !isLong {
        lines.append(first + String(repeating: " ", count: indent - 4 - CharacterWidth.columns(of: name)) + line)
      } else {
        lines.append(pad + line)
      }
    }
    guard let remedy = row.remedy else { return lines }
    let arrow = style.usesUnicode ? "→ " : "-> "
    let hanging = String(repeating: " ", count: arrow.count)
    for (index, line) in TextWrap.lines(shown(remedy, style), width: style.width - indent - arrow.count).enumerated() {
      lines.append(pad + painted((index == 0 ? arrow : hanging) + line, "2", style))
    }
    return lines
  }

  /// Names of devices, paths and servers' words are data: no control characters, and ASCII where that is all there is.
  private static func shown(_ text: String, _ style: Style) -> String {
    let text = CharacterWidth.printable(text)
    guard !style.usesUnicode else { return text }
    return text.unicodeScalars.map { scalar in
      switch scalar {
      case "…": "..."
      case "×": "x"
      case "–": "-"
      case "’": "'"
      default: scalar.isASCII ? String(scalar) : "?"
      }
    }.joined()
  }

  /// - Parameter code: the parameter of an SGR sequence, as `31` for red.
  private static func painted(_ text: String, _ code: String, _ style: Style) -> String {
    style.usesColor ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}

extension DoctorReport.Mark {
  fileprivate func sign(_ style: DoctorReport.Style) -> String {
    switch self {
    case .here: style.usesUnicode ? "✓" : "+"
    case .absent: style.usesUnicode ? "–" : "-"
    case .missing: style.usesUnicode ? "✗" : "x"
    }
  }

  fileprivate var color: String {
    switch self {
    case .here: "32"
    case .absent: "33"
    case .missing: "31"
    }
  }
}

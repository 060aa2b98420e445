import Timeline

// The spelling of an expression; read again, it gives the same expression.
extension FilterExpression: CustomStringConvertible {
  public var description: String { text(within: .alternatives) }

  /// How tightly the place binds in which an expression stands.
  private enum Place: Int {
    case alternatives, terms, negation
  }

  private func text(within place: Place) -> String {
    switch self {
    case .condition(let condition): return condition.description
    case .not(let inner): return "not \(inner.text(within: .negation))"
    case .and(let parts):
      let text = parts.map { $0.text(within: .negation) }.joined(separator: " ")
      return place.rawValue > Place.alternatives.rawValue ? "(\(text))" : text
    case .or(let parts):
      let text = parts.map { $0.text(within: .terms) }.joined(separator: " or ")
      return place.rawValue > Place.alternatives.rawValue ? "(\(text))" : text
    }
  }
}

extension FilterCondition: CustomStringConvertible {
  public var description: String {
    switch self {
    case .way(let way): "dir:\(way == .toClient ? "in" : "out")"
    case .kind(let kind): "kind:\(kind.rawValue)"
    case .type(let names): "type:\(FilterSpelling.value(names.joined(separator: ",")))"
    case .source(let names): "source:\(FilterSpelling.value(names.joined(separator: ",")))"
    case .size(let range): range.text("size")
    case .connection(let range): range.text("conn")
    case .since(let moment): "since:\(moment)"
    case .until(let moment): "until:\(moment)"
    case .text(let text): FilterSpelling.word(text)
    case .pattern(let pattern): "\(pattern)"
    }
  }
}

extension FilterRange {
  fileprivate func text(_ key: String) -> String {
    switch (least, most) {
    case (let least?, let most?): least == most ? "\(key):\(least)" : "\(key):\(least)..\(most)"
    case (let least?, nil): "\(key)>=\(least)"
    case (nil, let most?): "\(key)<=\(most)"
    case (nil, nil): "\(key)>=0"
    }
  }
}

extension FilterMoment: CustomStringConvertible {
  public var description: String {
    switch self {
    case .before(let ms): return "-\(FilterQuantity.text(milliseconds: ms))"
    case .elapsed(let ms): return FilterQuantity.text(milliseconds: ms)
    case .clock(let ms):
      let whole = "\(padded(ms / 3_600_000, 2)):\(padded(ms / 60_000 % 60, 2)):\(padded(ms / 1000 % 60, 2))"
      return ms % 1000 == 0 ? whole : "\(whole).\(padded(ms % 1000, 3))"
    }
  }

  private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

/// When a text needs quotes.
enum FilterSpelling {
  /// A text as a primary of its own.
  static func word(_ text: String) -> String {
    let isKeyword = ["and", "or", "not"].contains(text.lowercased())
    let opensOther = text.first == "/" || text.first == "!" || text.contains(where: isComparison)
    return isKeyword || opensOther || mayContinueValue(text) ? quoted(text) : value(text)
  }

  /// A text behind a key.
  static func value(_ text: String) -> String {
    text.isEmpty || text.contains(where: FilterScanner.endsWord) ? quoted(text) : text
  }

  /// What the scanner would take for the rest of a value before it.
  private static func mayContinueValue(_ text: String) -> Bool {
    if text.hasPrefix(",") || text.hasPrefix("..") || text.lowercased() == "ago" { return true }
    let asUnit = "1\(text)"
    return text.allSatisfy(\.isLetter)
      && (FilterQuantity.parse(asUnit[...]) != nil || FilterQuantity.milliseconds(asUnit[...]) != nil)
  }

  private static func isComparison(_ character: Character) -> Bool {
    FilterScanner.beginsWithComparison(String(character))
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for character in text {
      switch character {
      case "\"", "\\": result += "\\\(character)"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default: result.append(character)
      }
    }
    return result + "\""
  }
}

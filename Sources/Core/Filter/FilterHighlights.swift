import Timeline

/// Where a filter's texts and patterns occur, to be shown. What must *not* occur is not shown.
public struct FilterHighlights: Sendable {
  private var needles: [ByteNeedle] = []
  private var automata: [PatternAutomaton] = []

  public init(_ filter: Filter) { if let expression = filter.expression { collect(expression) } }

  public var isEmpty: Bool { needles.isEmpty && automata.isEmpty }

  private mutating func collect(_ expression: FilterExpression) {
    switch expression {
    case .and(let parts), .or(let parts): for part in parts { collect(part) }
    case .not: break
    case .condition(.text(let text)): needles.append(ByteNeedle(text))
    case .condition(.pattern(let pattern)): automata.append(PatternAutomaton(pattern.program, isAnchored: true))
    case .condition: break
    }
  }

  /// Ranges of bytes in the UTF-8 of a text; they may overlap, and begin and end at characters.
  public mutating func ranges(in text: String) -> [Range<Int>] {
    guard !isEmpty else { return [] }
    var result: [Range<Int>] = []
    let bytes = Array(text.utf8)
    bytes.withUnsafeBufferPointer { bytes in
      for needle in needles {
        var start = 0
        while let range = needle.first(in: bytes, from: start) {
          result.append(range)
          start = range.upperBound
        }
      }
      for i in automata.indices {
        var start = 0
        while start < bytes.count {
          if let end = automata[i].longestMatch(bytes, from: start), end > start {
            result.append(start..<end)
            start = end
          } else {
            start += 1
            while start < bytes.count, bytes[start] & 0xC0 == 0x80 { start += 1 }
          }
        }
      }
    }
    return result
  }
}

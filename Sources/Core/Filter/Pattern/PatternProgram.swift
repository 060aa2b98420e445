/// A regular expression as steps over bytes (Thompson's construction).
struct PatternProgram: Sendable, Hashable {
  enum Step: Sendable, Hashable {
    /// Takes a byte of this range.
    case byte(ClosedRange<UInt8>, next: Int)
    case split(Int, Int)
    case assertion(PatternNode.Assertion, next: Int)
    case match
  }

  /// Counted repetitions are written out; a pattern larger than this is refused.
  static let stepLimit = 4_000

  private(set) var steps: [Step] = [.match]
  private(set) var start = 0

  init(_ node: PatternNode) throws(TextPatternError) { start = try add(node, then: 0) }

  /// Adds the steps of a node that go on to `next`, and says where they begin.
  private mutating func add(_ node: PatternNode, then next: Int) throws(TextPatternError) -> Int {
    switch node {
    case .nothing: return next
    case .assertion(let assertion): return try append(.assertion(assertion, next: next))
    case .scalar(let ranges):
      var sequences = ranges.flatMap(PatternSet.byteSequences)
      // A set that holds no scalar matches nothing: a byte that UTF-8 has not.
      if sequences.isEmpty { sequences = [[0xFF...0xFF]] }
      var start: Int?
      for sequence in sequences.reversed() {
        var at = next
        for range in sequence.reversed() { at = try append(.byte(range, next: at)) }
        start = try start.map { other throws(TextPatternError) in try append(.split(at, other)) } ?? at
      }
      return start!
    case .sequence(let parts):
      var at = next
      for part in parts.reversed() { at = try add(part, then: at) }
      return at
    case .alternatives(let branches):
      var start: Int?
      for branch in branches.reversed() {
        let at = try add(branch, then: next)
        start = try start.map { other throws(TextPatternError) in try append(.split(at, other)) } ?? at
      }
      return start!
    case .repeated(let inner, let least, let most):
      var at = next
      if let most {
        for _ in least..<most {
          let body = try add(inner, then: at)
          at = try append(.split(body, next))
        }
      } else {
        let loop = try append(.split(next, next))
        let body = try add(inner, then: loop)
        steps[loop] = .split(body, next)
        at = loop
      }
      for _ in 0..<least { at = try add(inner, then: at) }
      return at
    }
  }

  private mutating func append(_ step: Step) throws(TextPatternError) -> Int {
    guard steps.count < Self.stepLimit else {
      throw TextPatternError(offset: 0, reason: "too large: its repetitions multiply to more than can be kept")
    }
    steps.append(step)
    return steps.count - 1
  }
}

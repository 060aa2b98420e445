/// What a regular expression says, as a tree.
indirect enum PatternNode: Sendable, Hashable {
  enum Assertion: UInt8, Sendable {
    case start, end, wordBoundary, noWordBoundary
  }
  case nothing
  /// One scalar out of these; sorted, apart from each other.
  case scalar([ClosedRange<UInt32>])
  case assertion(Assertion)
  case sequence([PatternNode])
  case alternatives([PatternNode])
  /// `most` is nil for any number.
  case repeated(PatternNode, least: Int, most: Int?)
}

/// Recursive descent over the scalars of a regular expression.
struct PatternParser {
  /// Groups within each other, and repetitions of one thing.
  static let depthLimit = 64
  static let repetitionLimit = 1000

  private let scalars: [Unicode.Scalar]
  private let ignoresCase: Bool
  private var position = 0
  private var depth = 0

  init(_ source: String, ignoresCase: Bool) {
    scalars = Array(source.unicodeScalars)
    self.ignoresCase = ignoresCase
  }

  mutating func parse() throws(TextPatternError) -> PatternNode {
    guard !scalars.isEmpty else { throw fault("nothing stands between the slashes") }
    let node = try alternatives()
    if position < scalars.count { throw fault("nothing is open that this ) could close") }
    return node
  }

  private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  private mutating func alternatives() throws(TextPatternError) -> PatternNode {
    var branches = [try sequence()]
    while next == "|" {
      position += 1
      branches.append(try sequence())
    }
    return branches.count == 1 ? branches[0] : .alternatives(branches)
  }

  private mutating func sequence() throws(TextPatternError) -> PatternNode {
    var parts: [PatternNode] = []
    while let scalar = next, scalar != "|", scalar != ")" {
      let start = position
      let atom = try atom()
      parts.append(try repetition(of: atom, from: start))
    }
    return parts.isEmpty ? .nothing : parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private mutating func repetition(of atom: PatternNode, from start: Int) throws(TextPatternError) -> PatternNode {
    let (least, most): (Int, Int?)
    switch next {
    case "*": (least, most) = (0, nil)
    case "+": (least, most) = (1, nil)
    case "?": (least, most) = (0, 1)
    case "{":
      guard let counts = try counts() else { return atom }
      (least, most) = counts
      position -= 1
    default: return atom
    }
    if case .assertion = atom { throw fault("there is nothing here to repeat") }
    position += 1
    // Lazy or greedy: whether something matches is the same.
    if next == "?" { position += 1 }
    if let scalar = next, ["*", "+", "?"].contains(scalar) { throw fault("a repetition of a repetition; use (…)") }
    return .repeated(atom, least: least, most: most)
  }

  /// `{2}`, `{2,}`, `{2,5}`; nil for a brace that is none of these and so stands for itself.
  private mutating func counts() throws(TextPatternError) -> (Int, Int?)? {
    let start = position
    var numbers: [Int?] = [nil]
    var i = position + 1
    while i < scalars.count, scalars[i] != "}" {
      switch scalars[i] {
      case "0"..."9":
        let number = min((numbers[numbers.count - 1] ?? 0) * 10 + Int(scalars[i].value - 0x30), 1_000_000)
        numbers[numbers.count - 1] = number
      case "," where numbers.count == 1: numbers.append(nil)
      default: return nil
      }
      i += 1
    }
    guard i < scalars.count, let least = numbers[0] else { return nil }
    let most = numbers.count == 1 ? least : numbers[1]
    guard least <= Self.repetitionLimit, most ?? 0 <= Self.repetitionLimit else {
      throw TextPatternError(offset: start, reason: "more than \(Self.repetitionLimit) repetitions")
    }
    if let most, most < least { throw TextPatternError(offset: start, reason: "the numbers are the wrong way round") }
    position = i + 1
    return (least, most)
  }

  private mutating func atom() throws(TextPatternError) -> PatternNode {
    guard let scalar = next else { return .nothing }
    switch scalar {
    case "(": return try group()
    case "[": return .scalar(try set())
    case ".":
      position += 1
      return .scalar(PatternSet.complement([0x0A...0x0A]))
    case "^":
      position += 1
      return .assertion(.start)
    case "$":
      position += 1
      return .assertion(.end)
    case "*", "+", "?": throw fault("there is nothing before this \(scalar) to repeat; \\\(scalar) stands for itself")
    case "\\": return try escape()
    default:
      position += 1
      return literal(scalar)
    }
  }

  private mutating func group() throws(TextPatternError) -> PatternNode {
    let start = position
    depth += 1
    if depth > Self.depthLimit { throw fault("more than \(Self.depthLimit) levels deep") }
    position += 1
    if next == "?" {
      position += 1
      guard next == ":" else { throw fault("look-around and named groups are not supported; (?:…) and (…) are") }
      position += 1
    }
    let inner = try alternatives()
    guard next == ")" else { throw TextPatternError(offset: start, reason: "the ( here is not closed") }
    position += 1
    depth -= 1
    return inner
  }

  private mutating func escape() throws(TextPatternError) -> PatternNode {
    position += 1
    guard let scalar = next else {
      throw TextPatternError(offset: position - 1, reason: "a \\ with nothing behind it")
    }
    switch scalar {
    case "b", "B":
      position += 1
      return .assertion(scalar == "b" ? .wordBoundary : .noWordBoundary)
    default:
      if let set = try escapedSet() { return .scalar(set) }
      return literal(try escapedScalar())
    }
  }

  /// `\d`, `\w`, `\s` and their opposites, without the backslash; nil for another scalar, which stays.
  private mutating func escapedSet() throws(TextPatternError) -> [ClosedRange<UInt32>]? {
    let set: [ClosedRange<UInt32>]
    switch next {
    case "d": set = PatternSet.digits
    case "D": set = PatternSet.complement(PatternSet.digits)
    case "w": set = PatternSet.word
    case "W": set = PatternSet.complement(PatternSet.word)
    case "s": set = PatternSet.space
    case "S": set = PatternSet.complement(PatternSet.space)
    default: return nil
    }
    position += 1
    return set
  }

  private mutating func escapedScalar() throws(TextPatternError) -> Unicode.Scalar {
    guard let scalar = next else { throw fault("a \\ with nothing behind it") }
    position += 1
    switch scalar {
    case "n": return "\n"
    case "t": return "\t"
    case "r": return "\r"
    case "a"..."z", "A"..."Z", "0"..."9":
      throw TextPatternError(offset: position - 2, reason: "\\\(scalar) is not supported")
    default: return scalar
    }
  }

  private func literal(_ scalar: Unicode.Scalar) -> PatternNode {
    let range = [scalar.value...scalar.value]
    return .scalar(ignoresCase ? PatternSet.withBothCases(range) : range)
  }

  /// `[a-z_]`, `[^"]`.
  private mutating func set() throws(TextPatternError) -> [ClosedRange<UInt32>] {
    let start = position
    position += 1
    let isNegated = next == "^"
    if isNegated { position += 1 }
    var ranges: [ClosedRange<UInt32>] = []
    // A bracket that comes first stands for itself.
    while let scalar = next, scalar != "]" || ranges.isEmpty {
      if scalar == "\\" {
        position += 1
        if let set = try escapedSet() {
          ranges += set
          continue
        }
        position -= 1
      }
      let low = try setScalar()
      guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
        ranges.append(low.value...low.value)
        continue
      }
      position += 1
      let high = try setScalar()
      guard low <= high else { throw fault("the range \(low)-\(high) is the wrong way round") }
      ranges.append(low.value...high.value)
    }
    guard next == "]" else { throw TextPatternError(offset: start, reason: "the [ here is not closed") }
    position += 1
    if ignoresCase { ranges = PatternSet.withBothCases(ranges) }
    let set = PatternSet.normalized(ranges)
    return isNegated ? PatternSet.complement(set) : set
  }

  private mutating func setScalar() throws(TextPatternError) -> Unicode.Scalar {
    guard let scalar = next else { throw fault("a set that does not end") }
    position += 1
    return scalar == "\\" ? try escapedScalar() : scalar
  }

  private func fault(_ reason: String) -> TextPatternError { TextPatternError(offset: position, reason: reason) }
}

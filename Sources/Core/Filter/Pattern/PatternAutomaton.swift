/// Runs a pattern over bytes, one table look-up each, whatever the pattern is.
///
/// A deterministic automaton that is built as far as it is used (as RE2 does): a state is the set of steps that a search
/// may be at. Assertions need the byte behind them, so whether a state matches is known one symbol later; behind the
/// last byte comes a symbol of its own. States beyond a limit are forgotten and built again: memory is bounded, and the
/// time stays proportional to the bytes.
struct PatternAutomaton: Sendable {
  private struct State: Hashable {
    /// Steps, ascending, with assertions not yet decided.
    var steps: [Int32]
    var isAtStart: Bool
    var isBehindWord: Bool
  }

  private static let stateLimit = 2_000
  private static let keptStepLimit = 200_000
  private static let unknown: Int32 = -1
  /// Set in a table's cell when the pattern had matched before the symbol.
  private static let matched: Int32 = 1 << 30

  private let program: PatternProgram
  private let isAnchored: Bool
  /// Bytes that no step tells apart share a class; the last symbol is the end of the text.
  private let classOfByte: [UInt8]
  private let byteOfClass: [UInt8]
  private let symbolCount: Int
  private var states: [State] = []
  private var numbers: [State: Int32] = [:]
  private var table: [Int32] = []
  private var keptSteps = 0
  /// Steps looked at to build states: what a search costs beyond a look-up for each byte.
  private(set) var builtSteps = 0

  /// States that are kept now.
  var stateCount: Int { states.count }

  /// - Parameter isAnchored: a match begins where the search begins, rather than anywhere.
  init(_ program: PatternProgram, isAnchored: Bool) {
    self.program = program
    self.isAnchored = isAnchored
    var begins = [Bool](repeating: false, count: 257)
    func mark(_ range: ClosedRange<UInt8>) {
      begins[Int(range.lowerBound)] = true
      begins[Int(range.upperBound) + 1] = true
    }
    for case .byte(let range, _) in program.steps { mark(range) }
    for range in PatternSet.word { mark(UInt8(range.lowerBound)...UInt8(range.upperBound)) }
    var (classes, firsts): ([UInt8], [UInt8]) = ([], [0])
    for byte in 0..<256 {
      if byte > 0, begins[byte] { firsts.append(UInt8(byte)) }
      classes.append(UInt8(firsts.count - 1))
    }
    (classOfByte, byteOfClass, symbolCount) = (classes, firsts, firsts.count + 1)
  }

  /// Whether the pattern matches somewhere in the text (anchored: at its beginning).
  mutating func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var state = initial(isAtStart: true, isBehindWord: false)
    for byte in text {
      let cell = step(state, Int(classOfByte[Int(byte)]))
      if cell & Self.matched != 0 { return true }
      state = cell
    }
    return step(state, symbolCount - 1) & Self.matched != 0
  }

  /// Where the longest match that begins at `start` ends; nil when none does. For an anchored automaton.
  mutating func longestMatch(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    var state = initial(isAtStart: start == 0, isBehindWord: start > 0 && Self.isWord(text[start - 1]))
    var end: Int?
    for i in start..<text.count {
      let cell = step(state, Int(classOfByte[Int(text[i])]))
      if cell & Self.matched != 0 { end = i }
      state = cell & ~Self.matched
      if states[Int(state)].steps.isEmpty { return end }
    }
    if step(state, symbolCount - 1) & Self.matched != 0 { end = text.count }
    return end
  }

  private mutating func initial(isAtStart: Bool, isBehindWord: Bool) -> Int32 {
    number(State(steps: [Int32(program.start)], isAtStart: isAtStart, isBehindWord: isBehindWord))
  }

  @inline(__always)
  private mutating func step(_ state: Int32, _ symbol: Int) -> Int32 {
    let cell = table[Int(state) * symbolCount + symbol]
    return cell == Self.unknown ? build(state, symbol) : cell
  }

  private mutating func build(_ number: Int32, _ symbol: Int) -> Int32 {
    let state = states[Int(number)]
    let byte = symbol < byteOfClass.count ? byteOfClass[symbol] : nil
    var reached = [Bool](repeating: false, count: program.steps.count)
    var pending = state.steps.map(Int.init)
    var next: Set<Int32> = []
    var isMatch = false
    while let at = pending.popLast() {
      guard !reached[at] else { continue }
      reached[at] = true
      builtSteps += 1
      switch program.steps[at] {
      case .match: isMatch = true
      case .split(let a, let b): pending += [a, b]
      case .assertion(let assertion, let target):
        if holds(assertion, state, byte) { pending.append(target) }
      case .byte(let range, let target):
        if let byte, range.contains(byte) { next.insert(Int32(target)) }
      }
    }
    if !isAnchored { next.insert(Int32(program.start)) }
    let target = self.number(
      State(steps: next.sorted(), isAtStart: false, isBehindWord: byte.map(Self.isWord) ?? false))
    let cell = isMatch ? target | Self.matched : target
    // The states may just have been forgotten, and this one with them.
    if Int(number) < states.count, states[Int(number)] == state { table[Int(number) * symbolCount + symbol] = cell }
    return cell
  }

  private func holds(_ assertion: PatternNode.Assertion, _ state: State, _ byte: UInt8?) -> Bool {
    switch assertion {
    case .start: state.isAtStart
    case .end: byte == nil
    case .wordBoundary: state.isBehindWord != (byte.map(Self.isWord) ?? false)
    case .noWordBoundary: state.isBehindWord == (byte.map(Self.isWord) ?? false)
    }
  }

  private mutating func number(_ state: State) -> Int32 {
    if let number = numbers[state] { return number }
    if states.count >= Self.stateLimit || keptSteps > Self.keptStepLimit {
      (states, numbers, table, keptSteps) = ([], [:], [], 0)
    }
    keptSteps += state.steps.count
    let number = Int32(states.count)
    states.append(state)
    numbers[state] = number
    table += Array(repeating: Self.unknown, count: symbolCount)
    return number
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
    default: false
    }
  }
}

import Timeline

/// What a filter looks at. The texts are given as bytes of UTF-8, so that a million subjects cost no million strings.
public protocol FilterSubject {
  /// When it happened; of something that lasted, when it began and when it ended.
  var at: Timestamp { get }
  var lastAt: Timestamp { get }
  /// Nil for what is no message.
  var way: Way? { get }
  var kind: FilterKind { get }
  /// Nil for what belongs to no connection.
  var link: LinkID? { get }
  /// Whose doing it is, by number and by name.
  var source: SourceID { get }
  var sourceName: String { get }
  /// Payload bytes; nil for what is no message.
  var byteCount: Int? { get }
  /// Calls `body` with the type's name, and returns what it returns.
  func withType(_ body: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool
  /// Calls `body` with each text that may be searched, until it returns true; says whether it did.
  func anyText(_ body: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool
}

/// What the moments in a filter are counted from.
public struct FilterContext: Sendable, Hashable {
  public var now: Timestamp
  /// Wall clock at timestamp zero, in milliseconds since 1970-01-01 UTC; nil while it is not known.
  public var wallClockMs: Int64?
  /// Seconds east of UTC.
  public var utcOffsetSeconds: Int
  public init(now: Timestamp, wallClockMs: Int64? = nil, utcOffsetSeconds: Int = 0) {
    self.now = now
    self.wallClockMs = wallClockMs
    self.utcOffsetSeconds = utcOffsetSeconds
  }

  func timestamp(of moment: FilterMoment) -> Timestamp {
    switch moment {
    case .before(let ms): return now - .milliseconds(ms)
    case .elapsed(let ms): return .zero + .milliseconds(ms)
    case .clock(let ms):
      // What a clock on the wall shows at `now`; wrapping, for a recording may claim any time.
      let offset = (wallClockMs ?? 0) &+ (wallClockMs == nil ? 0 : Int64(utcOffsetSeconds) * 1000)
      let day: Int64 = 86_400_000
      let shown = ((now.nanoseconds / 1_000_000 &+ offset) % day + day) % day
      var away = Int64(ms) - shown
      if away > day / 2 { away -= day }
      if away < -day / 2 { away += day }
      // The clock shows whole milliseconds; so does the moment.
      return Timestamp(nanoseconds: (now.nanoseconds / 1_000_000 &+ away) &* 1_000_000)
    }
  }
}

/// A filter made ready to be asked. What costs little is asked first.
///
/// A value; asking changes what it has learnt of its patterns, so it is asked by one thread.
public struct FilterMatcher: Sendable {
  private indirect enum Node: Sendable {
    case way(Way)
    case kind(FilterKind)
    case type([Glob])
    case size(FilterRange)
    case source([SourceID], [Glob])
    case connection(FilterRange)
    case since(Timestamp)
    case until(Timestamp)
    case text(ByteNeedle)
    /// Index into `automata`.
    case pattern(Int)
    case not(Node)
    case and([Node])
    case or([Node])

    /// Sorts the cheap before the dear: fields, then names, then texts.
    var cost: Int {
      switch self {
      case .way, .kind, .size, .connection, .since, .until: 0
      case .type, .source: 1
      case .text: 2
      case .pattern: 3
      case .not(let node): node.cost
      case .and(let nodes), .or(let nodes): nodes.map(\.cost).max() ?? 0
      }
    }
  }

  private var automata: [PatternAutomaton] = []
  private var root: Node?
  /// What was done so far: bytes of text looked at, and steps of patterns put together. Slices of work are measured in it.
  public private(set) var work = 0

  public init(_ filter: Filter, _ context: FilterContext) {
    root = filter.expression.map { node($0, context) }
  }

  /// Whether the subject passes.
  public mutating func matches(_ subject: borrowing some FilterSubject) -> Bool {
    guard let root else { return true }
    return holds(root, subject)
  }

  private mutating func node(_ expression: FilterExpression, _ context: FilterContext) -> Node {
    switch expression {
    case .not(let inner): return .not(node(inner, context))
    case .and(let parts): return .and(ordered(parts.map { node($0, context) }))
    case .or(let parts): return .or(ordered(parts.map { node($0, context) }))
    case .condition(let condition):
      switch condition {
      case .way(let way): return .way(way)
      case .kind(let kind): return .kind(kind)
      case .type(let names): return .type(names.map(Glob.init))
      case .size(let range): return .size(range)
      case .source(let names):
        return .source(names.compactMap { UInt16($0).map { SourceID($0) } }, names.map(Glob.init))
      case .connection(let range): return .connection(range)
      case .since(let moment): return .since(context.timestamp(of: moment))
      case .until(let moment): return .until(context.timestamp(of: moment))
      case .text(let text): return .text(ByteNeedle(text))
      case .pattern(let pattern):
        automata.append(PatternAutomaton(pattern.program, isAnchored: false))
        return .pattern(automata.count - 1)
      }
    }
  }

  private func ordered(_ nodes: [Node]) -> [Node] { nodes.sorted { $0.cost < $1.cost } }

  private mutating func holds(_ node: Node, _ subject: borrowing some FilterSubject) -> Bool {
    switch node {
    case .way(let way): return subject.way == way
    case .kind(let kind): return subject.kind == kind
    case .type(let globs):
      return subject.withType { name in globs.contains { $0.matches(name) } }
    case .source(let numbers, let globs):
      if numbers.contains(subject.source) { return true }
      var name = subject.sourceName
      return name.withUTF8 { name in globs.contains { $0.matches(name) } }
    case .size(let range): return subject.byteCount.map(range.contains) ?? false
    case .connection(let range): return subject.link.map { range.contains($0.rawValue) } ?? false
    case .since(let moment): return subject.lastAt >= moment
    case .until(let moment): return subject.at <= moment
    case .text(let needle):
      var count = 0
      let found = subject.anyText { bytes in
        count += bytes.count
        return needle.occurs(in: bytes)
      }
      work += count
      return found
    case .pattern(let index):
      var count = -automata[index].builtSteps
      let found = subject.anyText { bytes in
        count += bytes.count
        return automata[index].matches(bytes)
      }
      work += count + automata[index].builtSteps
      return found
    case .not(let inner): return !holds(inner, subject)
    case .and(let nodes):
      for node in nodes where !holds(node, subject) { return false }
      return true
    case .or(let nodes):
      for node in nodes where holds(node, subject) { return true }
      return false
    }
  }
}

/// What the events of an answer mean.
protocol EventReading: Sendable {
  init()
  /// - Parameter data: of one event, its `data` lines joined.
  mutating func read(_ data: String) -> [ReplyPiece]
  /// What it means that the body ends here, when no event has ended the answer.
  var atTheEnd: ReplyPiece { get }
}

/// The answer as a `text/event-stream`, cut anywhere. Only `data` fields count; comments, event names and retry times are
/// passed over.
struct EventStream<Reading: EventReading>: ReplyStream {
  private var lines = LineSplitter()
  private var data: [String] = []
  private var dataCount = 0
  private var reading = Reading()
  private var isOver = false

  mutating func process(_ bytes: [UInt8]) -> [ReplyPiece] {
    guard !isOver else { return [] }
    var pieces: [ReplyPiece] = []
    for line in lines.process(bytes) where !isOver { pieces += take(line) }
    if lines.isOverlong, !isOver { pieces += end(.failed("a line of its answer has no end")) }
    return pieces
  }

  mutating func finish() -> [ReplyPiece] {
    guard !isOver else { return [] }
    var pieces: [ReplyPiece] = []
    if let line = lines.finish() { pieces += take(line) }
    // What has come without an empty line behind it is an event, too.
    if !isOver { pieces += take("") }
    return isOver ? pieces : pieces + end(reading.atTheEnd)
  }

  private mutating func end(_ piece: ReplyPiece) -> [ReplyPiece] {
    isOver = true
    return [piece]
  }

  private mutating func take(_ line: String) -> [ReplyPiece] {
    if line.isEmpty {
      guard !data.isEmpty else { return [] }
      let pieces = reading.read(data.joined(separator: "\n"))
      (data, dataCount) = ([], 0)
      isOver = pieces.contains(where: \.isEnd)
      return pieces
    }
    guard line.hasPrefix("data:") else { return [] }
    dataCount += line.utf8.count
    guard dataCount <= LineSplitter.limit else { return end(.failed("an event of its answer has no end")) }
    let value = line.dropFirst(5)
    data.append(String(value.first == " " ? value.dropFirst() : value))
    return []
  }
}

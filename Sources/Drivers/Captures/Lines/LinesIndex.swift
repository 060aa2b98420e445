import Capture
import Glibc
import Timeline

/// Where the lines of a recording are, as far as it was looked at: one mark for each 64 KiB, which is less than a byte for
/// each line, and what holds for the lines behind a place.
///
///     recording ─► [ part 0: version 1                     ][ part 1: version 0, behind part 0 ]
///                  mark · · · 64 KiB · · · mark · · · mark · · ·
///
/// A part is one session: files are put together. Its version, and how far its indexes and moments are moved, stand with the part, so a
/// page is read without what lies before it.
struct LinesIndex: Sendable {
  struct Part: Sendable {
    /// Of its first line.
    var offset: Int
    /// The version of its lines.
    var version: Int
    /// What is added to its indexes and moments, so that they go on where those of the part before end.
    var indexShift = 0
    var timeShift: Duration = .zero

    /// The entry as it stands among those of all parts.
    func place(_ entry: Entry) -> Entry {
      guard indexShift != 0 || timeShift != .zero else { return entry }
      var entry = entry
      entry.index = entry.index.adding(indexShift)
      entry.at += timeShift
      switch entry.event {
      case .message(var message):
        guard let replaced = message.replaces else { break }
        message.replaces = replaced.adding(indexShift)
        entry.event = .message(message)
      case .delivery(var delivery):
        delivery.of = delivery.of.adding(indexShift)
        entry.event = .delivery(delivery)
      case .sessionStarted(var start):
        // The time of day of its entries stays what it was.
        start.wallClockMilliseconds = start.wallClockMilliseconds.subtracting(
          timeShift.nanoseconds.dividedDown(by: 1_000_000))
        entry.event = .sessionStarted(start)
      default: break
      }
      return entry
    }
  }

  private(set) var parts: [Part]
  /// Offsets of lines, ascending, the first line's first.
  private(set) var marks: [Int]
  /// Offsets of the lines that say how messages are to be read.
  private(set) var declarations: [Int] = []
  /// All whole lines before this are known; a line begins here.
  private(set) var end: Int

  static let markSpacing = 64 << 10
  /// Bytes that are looked at in one go.
  private static let piece = 1 << 20
  /// Sessions in a file that are told apart, and lines that name a dialect: a file may hold any number.
  private static let mostParts = 10_000
  private static let mostDeclarations = 10_000
  /// Bytes of a line that tell whether it may begin a part: `{"at":1234.567891,"capture":` is shorter.
  private static let headLength = 64
  /// Lines that begin a part are shorter.
  private static let longestDeclaration = 64 << 10

  /// - Parameter offset: of the first line.
  init(offset: Int, version: Int) {
    parts = [Part(offset: offset, version: version)]
    marks = [offset]
    end = offset
  }

  /// The part that a line belongs to.
  func part(at offset: Int) -> Part {
    var (low, high) = (0, parts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if parts[middle].offset <= offset { low = middle } else { high = middle }
    }
    return parts[low]
  }

  // MARK: Looking further

  /// Looks at the lines of a further megabyte.
  /// - Returns: false when there is no further whole line.
  mutating func extend(_ file: LinesFile, byteCount: Int) throws(CaptureReadError) -> Bool {
    var offset = end
    var buffer: [UInt8] = []
    var longHead: [UInt8]?
    while offset < byteCount {
      try file.read(at: offset, into: &buffer, limit: min(Self.piece, byteCount - offset))
      guard !buffer.isEmpty else { return false }
      let (starts, candidates, rest) = Self.lines(in: buffer, longHead)
      if let rest {
        let before = end
        for place in starts { addMark(place == 0 ? before : offset + place) }
        for place in candidates { try addDeclaration(place == 0 ? before : offset + place, file) }
        end = offset + rest
        return true
      }
      // A line that is longer than what is looked at in one go.
      longHead = longHead ?? Array(buffer.prefix(Self.headLength))
      offset += buffer.count
    }
    return false
  }

  /// - Parameter head: the first bytes of the line that goes on in the buffer; nil when a line begins with it.
  /// - Returns: where lines begin that a newline ends, those among them that may say how to read others, and where the
  ///   line behind them begins; nil when there is no newline.
  private static func lines(in buffer: [UInt8], _ head: [UInt8]?) -> (starts: [Int], candidates: [Int], rest: Int?) {
    buffer.withUnsafeBytes { bytes in
      var starts: [Int] = []
      var candidates: [Int] = []
      var start = 0
      while let newline = memchr(bytes.baseAddress! + start, 0x0A, bytes.count - start) {
        let next = UnsafeRawPointer(newline) - bytes.baseAddress! + 1
        if starts.isEmpty || start - starts[starts.count - 1] >= markSpacing { starts.append(start) }
        let isDeclaration =
          if start == 0, let head {
            head.withUnsafeBytes { mayDeclare($0) }
          } else {
            mayDeclare(UnsafeRawBufferPointer(rebasing: bytes[start..<next].prefix(headLength)))
          }
        if isDeclaration { candidates.append(start) }
        start = next
        if start == bytes.count { break }
      }
      return (starts, candidates, start > 0 ? start : nil)
    }
  }

  /// Whether a line begins as one does that has `capture` or `dialect`: members are in the order of the alphabet.
  private static func mayDeclare(_ line: UnsafeRawBufferPointer) -> Bool {
    var at = 0
    func skip(_ text: StaticString) -> Bool {
      guard line.count - at >= text.utf8CodeUnitCount,
        memcmp(line.baseAddress! + at, text.utf8Start, text.utf8CodeUnitCount) == 0
      else { return false }
      at += text.utf8CodeUnitCount
      return true
    }
    func skipSpaces() { while at < line.count, line[at] == 0x20 { at += 1 } }
    guard skip("{\"at\":") else { return false }
    skipSpaces()
    while at < line.count, line[at] != UInt8(ascii: ",") { at += 1 }
    guard skip(",") else { return false }
    skipSpaces()
    return skip("\"capture\"") || skip("\"dialect\"")
  }

  private mutating func addMark(_ offset: Int) {
    if let last = marks.last, offset - last >= Self.markSpacing { marks.append(offset) }
  }

  private mutating func addDeclaration(_ offset: Int, _ file: LinesFile) throws(CaptureReadError) {
    var walk = LineWalk(file, from: offset, to: offset.adding(Self.longestDeclaration))
    guard let line = try walk.nextLine(), line.isWhole else { return }
    // Whatever the version, such a line tells of its own.
    var reader = CaptureReader(version: CaptureFormat.version)
    guard let entry = try? reader.read(line.bytes) else { return }
    switch entry.event {
    case .sessionStarted:
      declare(offset)
      guard offset > parts[0].offset, parts.count < Self.mostParts else { return }
      var part = Part(offset: offset, version: reader.version ?? CaptureFormat.version)
      if let last = try lastEntry(before: offset, file) {
        part.indexShift = entry.index > last.index ? 0 : last.index.adding(1).subtracting(entry.index)
        part.timeShift = max(.zero, last.at - entry.at)
      }
      parts.append(part)
    case .sourceStarted: declare(offset)
    default: break
    }
  }

  private mutating func declare(_ offset: Int) {
    if declarations.count < Self.mostDeclarations { declarations.append(offset) }
  }

  // MARK: Reading

  /// The first entry of a stretch that can be read; nil when none can.
  func firstEntry(from offset: Int, to end: Int, _ file: LinesFile) throws(CaptureReadError) -> Entry? {
    var walk = EntryWalk(file, self, from: offset, to: end)
    while let step = try walk.next() {
      if let entry = step.entry { return entry }
    }
    return nil
  }

  /// The last entry that begins before an offset, as far back as two marks; nil when none can be read there.
  func lastEntry(before offset: Int, _ file: LinesFile) throws(CaptureReadError) -> Entry? {
    var high = offset
    for mark in marks.reversed().lazy.filter({ $0 < offset }).prefix(2) {
      var walk = EntryWalk(file, self, from: mark, to: high)
      var last: Entry?
      while let step = try walk.next() { last = step.entry ?? last }
      if let last { return last }
      high = mark
    }
    return nil
  }

  /// The last mark at or before which an entry is earlier than what is looked for: from there it is looked for by line.
  func mark(_ file: LinesFile, before isReached: (Entry) -> Bool) throws(CaptureReadError) -> Int {
    var (low, high) = (0, marks.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if let first = try firstEntry(from: marks[middle], to: high < marks.count ? marks[high] : end, file),
        !isReached(first)
      {
        low = middle
      } else {
        high = middle
      }
    }
    return marks[low]
  }
}

/// Walks through the entries of a recording.
struct EntryWalk {
  /// A line that is not blank.
  struct Step {
    var line: FileLine
    /// Nil when it cannot be read; then why.
    var entry: Entry?
    var fault: String?
  }
  private let index: LinesIndex
  private var lines: LineWalk
  private var part: LinesIndex.Part
  private var reader: CaptureReader
  private var nextPart: Int?

  /// - Parameter offset: where a line begins.
  init(_ file: LinesFile, _ index: LinesIndex, from offset: Int, to end: Int) {
    self.index = index
    lines = LineWalk(file, from: offset, to: end)
    part = index.part(at: offset)
    reader = CaptureReader(version: part.version)
    nextPart = index.parts.first { $0.offset > offset }?.offset
  }

  mutating func next() throws(CaptureReadError) -> Step? {
    while let line = try lines.nextLine() {
      if line.isBlank { continue }
      if let nextPart, line.offset >= nextPart {
        part = index.part(at: line.offset)
        self.nextPart = index.parts.first { $0.offset > line.offset }?.offset
        reader = CaptureReader(version: part.version)
      }
      do {
        return Step(line: line, entry: part.place(try reader.read(line.bytes)))
      } catch {
        return Step(line: line, fault: line.isTooLong ? "longer than an entry can be" : error.reason)
      }
    }
    return nil
  }
}

import Capture
import Threads
import Timeline

/// Reads a recording of JSON lines of any version as a capture without sound: a finished one, one that was cut off, one that is
/// being written.
///
/// It stands beside `CaptureFileReader`, because both answer the same questions with the same errors.
/// Nothing is loaded whole: lines are read where they are, and a mark is kept for each 64 KiB of them. Opening reads the
/// first lines only; the first question about the end looks for the lines once, at the speed of reading.
///
/// Lines are looked for by the indexes and moments that they hold, which grow from line to line, as in all files that this
/// program writes; lines that were taken out leave a gap. Of a file that was put together from several, each goes on
/// where the one before ends, in its indexes and its moments.
/// A last line that is cut off does not count: it is the next entry, once it is whole.
/// Any thread; one question at a time.
public final class LinesCapture: RecordedLines {
  /// Where the file is.
  public let path: String
  public let header: CaptureHeader
  /// The version of the format that the first line has; may be above the one that is known here.
  public let version: Int
  private let file: LinesFile
  private let firstOffset: Int
  private let faults: LinesFaults
  private let state: Locked<State>

  private struct State: Sendable {
    var index: LinesIndex
    /// Where pages begin that are the next of ones that were given: offsets, by index.
    var continuations: [Int: Int] = [:]
    var lastExtent: (byteCount: Int, extent: CaptureExtent)?
  }

  /// Bytes in which there has to be an entry.
  private static let headLimit = 1 << 20
  /// A page holds no more bytes of lines than this, unless its first entry does.
  private static let pageByteLimit = 8 << 20
  private static let mostContinuations = 64
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// Opens a recording.
  /// - Parameter faults: what is noted of lines that cannot be read; several readers of a file may share it.
  /// - Throws: `CaptureReadError`: `foreign` when none of its first lines is an entry that is known, `empty` when there is
  ///   no whole line yet.
  public init(path: String, faults: LinesFaults = LinesFaults()) throws(CaptureReadError) {
    self.path = path
    self.faults = faults
    file = try LinesFile(path)
    var head: [UInt8] = []
    try file.read(at: 0, into: &head, limit: 3)
    firstOffset = head == Self.byteOrderMark ? 3 : 0
    let byteCount = try file.byteCount()
    var walk = LineWalk(file, from: firstOffset, to: min(byteCount, firstOffset + Self.headLimit))
    var reader = CaptureReader()
    var isAllBlank = true
    var first: Entry?
    while let line = try walk.nextLine() {
      if line.isBlank { continue }
      isAllBlank = isAllBlank && !line.isWhole && line.bytes.first == UInt8(ascii: "{")
      guard let entry = try? reader.read(line.bytes) else { continue }
      if case .unknown = entry.event { continue }
      first = entry
      break
    }
    guard let first else { throw isAllBlank ? .empty : .foreign }
    version = reader.version ?? CaptureFormat.version
    state = Locked(State(index: LinesIndex(offset: firstOffset, version: version)))
    guard case .sessionStarted(let start) = first.event else {
      header = CaptureHeader(programVersion: "", wallClockMilliseconds: 0)
      return
    }
    header = CaptureHeader(programVersion: start.version, wallClockMilliseconds: start.wallClockMilliseconds)
  }

  /// Begins anew where the file has become shorter: another one was written in its place.
  /// - Returns: how long it is.
  private func refresh(_ state: inout State) throws(CaptureReadError) -> Int {
    let byteCount = try file.byteCount()
    if byteCount < state.index.end { state = State(index: LinesIndex(offset: firstOffset, version: version)) }
    return byteCount
  }

  // MARK: Entries

  public func firstIndex(at time: Timestamp) throws(CaptureReadError) -> Int? {
    try state.withLock { state throws(CaptureReadError) in
      let byteCount = try refresh(&state)
      while try state.index.extend(file, byteCount: byteCount) {}
      let mark = try state.index.mark(file) { $0.at >= time }
      var walk = EntryWalk(file, state.index, from: mark, to: byteCount)
      while let step = try walk.next() {
        if let entry = step.entry, entry.at >= time { return entry.index }
      }
      return nil
    }
  }

  public func entries(from index: Int, limit: Int) throws(CaptureReadError) -> CapturePage {
    let page = try lines(from: index, limit: limit)
    return CapturePage(entries: page.lines.map(\.entry), unreadable: page.unreadable, next: page.next)
  }

  public func lines(from index: Int, limit: Int) throws(CaptureReadError) -> LinesPage {
    try state.withLock { state throws(CaptureReadError) in
      let byteCount = try refresh(&state)
      var offset = try start(of: index, &state, byteCount)
      // What goes on where a page has ended has it all, even where the indexes of a file are in no order.
      var isReached = state.continuations[index] != nil
      let isContinuation = isReached
      var page = LinesPage()
      var byteLimit = Self.pageByteLimit
      while byteLimit > 0, page.lines.count < max(1, limit) {
        // Where parts begin is known of what was looked at.
        if offset >= state.index.end { _ = try state.index.extend(file, byteCount: byteCount) }
        let known = offset < state.index.end ? state.index.end : byteCount
        var walk = EntryWalk(file, state.index, from: offset, to: known)
        var isAtEnd = known == byteCount
        while byteLimit > 0, page.lines.count < max(1, limit), let step = try walk.next() {
          guard let entry = step.entry else {
            if !step.line.isWhole {
              // It is being written, or its writer was killed.
              faults.noteCutOff()
              isAtEnd = true
              break
            }
            byteLimit -= step.line.end - step.line.offset
            page.unreadable += 1
            faults.note(.damaged, at: step.line.offset, step.fault ?? "")
            offset = step.line.end
            continue
          }
          if case .unknown(let event) = entry.event { faults.note(.unknown, at: step.line.offset, event.reason) }
          byteLimit -= step.line.bytes.count
          offset = step.line.end
          isReached = isReached || entry.index >= index
          if isReached {
            page.lines.append(RecordedLine(entry: entry, bytes: step.line.bytes))
          } else {
            // Before what was asked for.
            (page.unreadable, byteLimit) = (0, Self.pageByteLimit)
          }
        }
        if byteLimit > 0, page.lines.count < max(1, limit) {
          if isAtEnd { break }
          offset = max(offset, known)
        }
      }
      let following = max(page.lines.last?.entry.index ?? .min, index == .min ? .min : index.subtracting(1)).adding(1)
      if isContinuation || !page.lines.isEmpty {
        if state.continuations.count >= Self.mostContinuations { state.continuations = [:] }
        state.continuations[following] = offset
      }
      if byteLimit <= 0 || page.lines.count == max(1, limit) { page.next = following }
      return page
    }
  }

  /// Where the lines of a page begin: not behind its first entry.
  private func start(of index: Int, _ state: inout State, _ byteCount: Int) throws(CaptureReadError) -> Int {
    if let offset = state.continuations[index] { return offset }
    guard index > 0 else { return firstOffset }
    // As far as it has to be known.
    while true {
      let mark = state.index.marks[state.index.marks.count - 1]
      let last = try state.index.firstEntry(from: mark, to: state.index.end, file)
      if let last, last.index >= index { break }
      guard try state.index.extend(file, byteCount: byteCount) else { break }
    }
    return try state.index.mark(file) { $0.index >= index }
  }

  public func extent() throws(CaptureReadError) -> CaptureExtent {
    try state.withLock { state throws(CaptureReadError) in
      let byteCount = try refresh(&state)
      if let last = state.lastExtent, last.byteCount == byteCount { return last.extent }
      while try state.index.extend(file, byteCount: byteCount) {}
      let first = try state.index.firstEntry(from: firstOffset, to: byteCount, file)
      let last = try state.index.lastEntry(before: byteCount, file)
      let isFinished = if case .sessionEnded? = last?.event { true } else { false }
      let extent = CaptureExtent(
        first: first.map { .init(index: $0.index, at: $0.at) },
        last: (last ?? first).map { .init(index: $0.index, at: $0.at) },
        isFinished: isFinished, lost: CaptureCounts())
      state.lastExtent = (byteCount, extent)
      return extent
    }
  }

  /// What of the lines that were read so far, here and by those that share the faults, could not be read or is not known
  /// here, as a sentence with the file's path; nil for nothing.
  public func remark() -> String? { faults.remark(path, file, version: version) }

  // MARK: Sound and words

  /// - Returns: none: lines hold no sound.
  public func tracks() -> [CapturedTrack] { [] }

  public func audio(of track: TrackID, in range: Range<Int64>) -> [AudioBlock] { [] }

  /// Looks at the lines, so it takes the longer the further away the last hit is. Most lines without the words are not
  /// read, so where a dialect's messages mean something else after others, the words are those of a message by itself.
  public func search(_ text: String, from index: Int, limit: Int) throws(CaptureReadError) -> [Int] {
    guard limit > 0, var words = WordSearch(text) else { return [] }
    for entry in try declarations(before: index) { words.observe(entry) }
    var found: [Int] = []
    var next: Int? = index
    while let from = next, found.count < limit {
      let page = try lines(from: from, limit: WordSearch.slice)
      found += try words.hits(in: page.lines)
      next = page.next
    }
    return Array(found.prefix(limit))
  }

  /// What says how the messages from an index on are to be read.
  private func declarations(before index: Int) throws(CaptureReadError) -> [Entry] {
    try state.withLock { state throws(CaptureReadError) in
      let byteCount = try refresh(&state)
      let end = try start(of: index, &state, byteCount)
      var entries: [Entry] = []
      for offset in state.index.declarations where offset < end {
        var walk = EntryWalk(file, state.index, from: offset, to: byteCount)
        if let entry = try walk.next()?.entry { entries.append(entry) }
      }
      return entries
    }
  }
}

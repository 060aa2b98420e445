import Capture
import Captures
import Console
import Filter
import Glibc
import Threads
import Timeline
import Wire

/// Writes the entries of a recording that a filter lets pass, a line each, page by page: nothing is kept of what was
/// written.
public struct ShowRun {
  /// What a line looks like.
  public enum Form: Sendable {
    /// For a reader and for grep.
    case words
    /// As it was recorded.
    case json
    /// Comma-separated values under a line of names.
    case values
  }

  public struct Options: Sendable {
    public var filter = Filter.everything
    public var form = Form.words
    /// Also what is too frequent for the log.
    public var isComplete = false
    /// Seconds east of UTC.
    public var utcOffsetSeconds = 0
    public var usesUnicode = true
    public init() {}
  }

  public struct Outcome: Sendable, Equatable {
    /// Entries that passed.
    public var shown = 0
    /// Entries that are there and cannot be read.
    public var unreadable = 0
    /// Why not all of it was written; nil when it was, and when its reader has gone.
    public var failure: String?
    /// Its reader has gone, and misses nothing.
    public var isAbandoned = false
  }

  /// Entries that are looked at between two writes.
  private static let slice = 1000

  private let source: any RecordedLines
  private let options: Options
  private let text: ListingText

  public init(_ source: any RecordedLines, _ options: Options) {
    self.source = source
    self.options = options
    text = ListingText(utcOffsetSeconds: options.utcOffsetSeconds, usesUnicode: options.usesUnicode)
  }

  /// Writes all of it, unless the reader goes.
  /// - Parameter descriptor: what it writes to.
  /// - Throws: `CaptureReadError`.
  public func run(_ descriptor: Int32) throws -> Outcome {
    let output = BoundedOutput(descriptor)
    var listing = EntryListing(options.filter, try context(), isComplete: options.isComplete)
    var outcome = Outcome()
    var bytes: [UInt8] = []
    if options.form == .values { bytes += "\(ListingText.header)\n".utf8 }
    var next: Int? = .min
    while let from = next {
      let page = try source.lines(from: from, limit: Self.slice)
      outcome.unreadable += page.unreadable
      for line in page.lines {
        let entry = line.entry.withoutSecrets()
        guard let row = listing.row(entry) else { continue }
        outcome.shown += 1
        switch options.form {
        case .words: bytes += text.line(row, wallClockMs: listing.wallClockMs).utf8
        case .values: bytes += text.values(row, wallClockMs: listing.wallClockMs).utf8
        case .json: bytes += Self.json(line, entry)
        }
        bytes.append(UInt8(ascii: "\n"))
      }
      switch output.write(bytes, while: { true }) {
      case .written, .gaveUp: break
      case .refused(let error):
        if error == EPIPE {
          outcome.isAbandoned = true
        } else {
          outcome.failure = String(cString: strerror(error))
        }
        return outcome
      }
      bytes.removeAll(keepingCapacity: bytes.count < 1 << 20)
      next = page.next
    }
    return outcome
  }

  /// What the filter's moments are counted from: the end of the recording.
  private func context() throws -> FilterContext {
    let wallClock = source.header.wallClockMilliseconds
    return FilterContext(
      now: try source.extent().last?.at ?? .zero, wallClockMs: wallClock == 0 ? nil : wallClock,
      utcOffsetSeconds: options.utcOffsetSeconds)
  }

  /// As it was recorded, unless that would show a secret, as recordings of older versions may.
  private static func json(_ line: RecordedLine, _ entry: Entry) -> [UInt8] {
    if entry == line.entry { return EntryLine.printable(line.bytes) }
    let isFirst = if case .sessionStarted = entry.event { true } else { false }
    return EntryLine.encode(entry, isFirst: isFirst)
  }
}

import Timeline

/// Walks through the entries of a capture, a page at a time. A value: a copy goes its own way.
public struct CaptureWalk: Sendable {
  private let source: any CaptureSource
  private let pageSize: Int
  private var page: [Entry] = []
  private var taken = 0
  private var pageStart: Int
  /// Where the page after this one begins; nil at the end of what is recorded so far.
  private var following: Int?
  /// Where what comes behind the end will begin.
  private var end: Int
  /// Entries that are there and could not be read, of all pages so far.
  public private(set) var unreadable = 0

  /// - Parameter index: where the first page begins.
  public init(_ source: any CaptureSource, from index: Int, pageSize: Int = 256) {
    self.source = source
    self.pageSize = max(1, pageSize)
    (following, end, pageStart) = (index, index, index)
  }

  /// Where another walk would begin to see the entry that `peek` has shown; nil within a page.
  public var startOfPage: Int? { taken == 0 ? pageStart : nil }

  /// A walk through the same capture from another index on.
  public func moved(to index: Int) -> CaptureWalk { CaptureWalk(source, from: index, pageSize: pageSize) }

  /// The next entry, which stays; nil at the end.
  /// - Throws: `CaptureReadError`; another call tries again.
  public mutating func peek() throws -> Entry? {
    while taken >= page.count {
      guard let start = following else { return nil }
      let read = try source.entries(from: start, limit: pageSize)
      (page, taken, pageStart) = (read.entries, 0, start)
      unreadable = unreadable.adding(read.unreadable)
      // A number of a file may be anything, and no walk may be without end.
      following = read.next.flatMap { $0 > start ? $0 : nil }
      if following == nil { end = max(start, read.entries.last?.index.adding(1) ?? start) }
    }
    return page[taken]
  }

  /// Passes the entry that `peek` has shown.
  public mutating func advance() { if taken < page.count { taken += 1 } }

  /// At the end: looks again whether more was recorded meanwhile.
  public mutating func lookAgain() { if following == nil { following = end } }
}

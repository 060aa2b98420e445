import Timeline

/// Reads the messages of all sources of a timeline, each source in its own dialect. A value: observe entries in order.
public struct SourceReaders: Sendable {
  /// How many sources have a reader of their own; those after them share the last one's place, and are read as well as
  /// one can without their past.
  private static let limit = 16

  private var fresh: DialectReader
  private var readers: [(source: SourceID, reader: DialectReader)] = []

  /// - Parameters:
  ///   - dialect: how messages are read, until a `sessionStarted` or `sourceStarted` entry names another.
  ///   - table: where the name is looked up.
  public init(_ dialect: any Dialect = VoiceDialect(), among table: DialectTable = .builtIn) {
    fresh = DialectReader(dialect, among: table)
  }

  /// How a source's messages are read, by its card and from now on.
  public subscript(_ source: SourceID) -> DialectReader {
    readers.first { $0.source == source }?.reader ?? fresh
  }

  /// Takes the next entry.
  /// - Returns: what its message means; nil for other entries.
  public mutating func observe(_ entry: Entry) -> Reading? {
    switch entry.event {
    case .message(let message): return readers[place(of: entry.source)].reader.read(message)
    case .sessionStarted(let start):
      // Of the program: the dialect of every source that names no other.
      fresh.started(start)
      readers = []
    case .sourceStarted(let source): readers[place(of: entry.source)].reader.started(source)
    default: break
    }
    return nil
  }

  private mutating func place(of source: SourceID) -> Int {
    if let i = readers.firstIndex(where: { $0.source == source }) { return i }
    if readers.count == Self.limit { readers.removeLast() }
    readers.append((source, fresh))
    return readers.count - 1
  }
}

import Capture
import Timeline

/// An entry with the line that it stands in.
public struct RecordedLine: Sendable, Equatable {
  public var entry: Entry
  /// As it was recorded, JSON without the newline, in whatever version.
  public var bytes: [UInt8]

  public init(entry: Entry, bytes: [UInt8]) {
    self.entry = entry
    self.bytes = bytes
  }
}

/// Some lines of a recording, in order.
public struct LinesPage: Sendable, Equatable {
  public var lines: [RecordedLine] = []
  /// Entries that are there and cannot be read.
  public var unreadable = 0
  /// Where the next page begins: an index. Nil at the end of what is recorded so far.
  public var next: Int?
}

/// A capture of which the lines can be had as they were recorded.
public protocol RecordedLines: CaptureSource {
  /// The lines of the entries that `entries(from:limit:)` gives.
  /// - Throws: `CaptureReadError`.
  func lines(from index: Int, limit: Int) throws -> LinesPage
}

/// Whatever a session was recorded in.
public enum Recordings {
  /// Opens a capture, or a recording of JSON lines.
  /// - Parameter patience: how long it waits for another program that has the file locked.
  /// - Throws: `CaptureReadError`: `foreign` when it is neither.
  public static func open(
    _ path: String, patience: Duration = .milliseconds(500)
  ) throws(CaptureReadError) -> any RecordedLines {
    do {
      // First, because it alone may look at a capture that is open in this program.
      return try CaptureFileReader(path: path, patience: patience)
    } catch {
      guard error == .jsonLines || error == .foreign else { throw error }
      return try LinesCapture(path: path)
    }
  }
}

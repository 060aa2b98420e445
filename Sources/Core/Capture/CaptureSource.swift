import Timeline

/// A track of a capture that is read.
public struct CapturedTrack: Sendable, Equatable {
  public var id: TrackID
  public var track: AudioTrack
  /// The positions between which it has samples; nil without any.
  public var extent: Range<Int64>?

  public init(id: TrackID, track: AudioTrack, extent: Range<Int64>?) {
    self.id = id
    self.track = track
    self.extent = extent
  }
}

/// How far a capture goes, and whether it is whole.
public struct CaptureExtent: Sendable, Equatable {
  /// The indexes and moments of the first and the last entry; nil without any.
  public var first: Moment?
  public var last: Moment?
  /// It was closed in order: nothing more comes, and the end is not missing.
  public var isFinished: Bool
  /// What was not kept, as far as the file says.
  public var lost: CaptureCounts

  public struct Moment: Sendable, Equatable {
    public var index: Int
    public var at: Timestamp
    public init(index: Int, at: Timestamp) {
      self.index = index
      self.at = at
    }
  }

  public init(first: Moment?, last: Moment?, isFinished: Bool, lost: CaptureCounts) {
    self.first = first
    self.last = last
    self.isFinished = isFinished
    self.lost = lost
  }
}

/// Some entries of a capture, in order.
public struct CapturePage: Sendable, Equatable {
  public var entries: [Entry]
  /// Entries that are there and cannot be read.
  public var unreadable: Int
  /// Where the next page begins: an index. Nil at the end of what is recorded so far.
  public var next: Int?

  public init(entries: [Entry], unreadable: Int = 0, next: Int?) {
    self.entries = entries
    self.unreadable = unreadable
    self.next = next
  }
}

/// A capture that is read: a finished one, one whose program was killed, or one that is being written.
public protocol CaptureSource: Sendable {
  /// What it says about itself.
  var header: CaptureHeader { get }

  /// The index of the first entry at or after a moment; nil when there is none.
  /// - Throws: `CaptureReadError`, as all the others do.
  func firstIndex(at time: Timestamp) throws -> Int?

  /// Entries from an index on, in order.
  /// - Parameter limit: how many at most. A page is shorter when its entries are large.
  func entries(from index: Int, limit: Int) throws -> CapturePage

  /// The audio tracks.
  func tracks() throws -> [CapturedTrack]

  /// What a track holds of a stretch, as blocks in order; positions between them have no samples.
  func audio(of track: TrackID, in range: Range<Int64>) throws -> [AudioBlock]

  /// The indexes of entries whose words hold all words of a text, in order. A word matches words that begin with it;
  /// capitals and accents do not matter.
  /// - Parameters:
  ///   - index: where the search begins.
  ///   - limit: how many at most.
  func search(_ text: String, from index: Int, limit: Int) throws -> [Int]

  /// How far it goes, and whether it is whole.
  func extent() throws -> CaptureExtent
}

/// Why a capture, or a part of it, cannot be read: a sentence each, and what can be done.
public enum CaptureReadError: Error, Sendable, Equatable, CustomStringConvertible {
  /// There is no such file.
  case missing
  /// It is there, and may not be read.
  case forbidden(String)
  /// It is a folder.
  case folder
  /// Nothing was recorded in it: the program ended while it made the file.
  case empty
  /// It is something else than a capture.
  case foreign
  /// It is a recording of JSON lines.
  case jsonLines
  /// A later version of the program has written it.
  case newer(version: Int, known: Int)
  /// Its end is missing.
  case truncated
  /// Its bytes were changed.
  case damaged(String)
  /// Another program has it locked.
  case locked
  /// It was not closed in order, and what was written last can be taken up only where its folder may be written to.
  case unfinished
  /// Any other reason, in the words of the system.
  case other(String)

  public var description: String {
    switch self {
    case .missing: "there is no such file"
    case .forbidden(let reason): "the file may not be read (\(reason)); ask its owner, or copy it as its owner"
    case .folder: "that is a folder; name a file in it"
    case .empty: "the file holds no capture yet: the program that made it ended before it wrote anything"
    case .foreign: "that is no capture of sidetone"
    case .jsonLines: "that is a recording of JSON lines, not a capture"
    case .newer(let version, let known):
      "the capture has format \(version), and this version of sidetone reads formats up to \(known); take a newer sidetone"
    case .truncated:
      "the end of the file is missing: copy it again from where it came; `sqlite3 FILE .recover` saves the rest"
    case .damaged(let detail): "the file is damaged (\(detail)); `sqlite3 FILE .recover` saves what can be read"
    case .locked: "another program has the file locked; end that program, or wait for it"
    case .unfinished:
      "the capture was not closed, and its folder may not be written to; copy NAME.sidetone and NAME.sidetone-wal to a "
        + "folder that may"
    case .other(let reason): reason
    }
  }
}

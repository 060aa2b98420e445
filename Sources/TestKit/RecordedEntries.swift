import Capture
import Timeline

/// Entries in memory as a capture, without sound. Their places are counted from 0, whatever their own numbers are.
public struct RecordedEntries: CaptureSource {
  private let all: [Entry]
  public let header: CaptureHeader

  public init(_ entries: [Entry], header: CaptureHeader? = nil) {
    all = entries
    self.header = header ?? CaptureHeader(programVersion: "", settings: "{}", wallClockMilliseconds: 0)
  }

  public func firstIndex(at time: Timestamp) -> Int? { all.firstIndex { $0.at >= time } }

  public func entries(from index: Int, limit: Int) -> CapturePage {
    guard index < all.count else { return CapturePage(entries: [], next: nil) }
    let start = max(0, index)
    let end = min(all.count, start.adding(max(1, limit)))
    return CapturePage(entries: Array(all[start..<end]), next: end < all.count ? end : nil)
  }

  public func tracks() -> [CapturedTrack] { [] }
  public func audio(of track: TrackID, in range: Range<Int64>) -> [AudioBlock] { [] }

  /// Looks through the words of each entry: there is no index of them. Accents matter here.
  public func search(_ text: String, from index: Int, limit: Int) -> [Int] {
    let wanted = Self.words(text)
    guard !wanted.isEmpty else { return [] }
    var columns = ColumnReader()
    var found: [Int] = []
    for (place, entry) in all.enumerated() where found.count < limit {
      guard let text = columns.read(entry).text, place >= index else { continue }
      let words = Self.words(text)
      if wanted.allSatisfy({ part in words.contains { $0.hasPrefix(part) } }) { found.append(place) }
    }
    return found
  }

  private static func words(_ text: String) -> [Substring] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "_" }
  }

  /// The latest moment is the end: in a damaged recording it need not be the last entry's.
  public func extent() -> CaptureExtent {
    let latest = all.map(\.at).max()
    return CaptureExtent(
      first: all.first.map { CaptureExtent.Moment(index: 0, at: $0.at) },
      last: latest.map { CaptureExtent.Moment(index: all.count - 1, at: $0) },
      isFinished: true, lost: CaptureCounts(entries: 0, samples: 0))
  }
}

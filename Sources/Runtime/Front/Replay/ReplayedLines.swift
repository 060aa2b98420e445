import Capture
import Captures
import Threads
import Timeline

/// A recording of JSON lines as a replay reads it: without secrets, and with a last entry more that says what could not be
/// read of it, where there is something to say.
final class ReplayedLines: CaptureSource {
  private let lines: LinesCapture
  /// The highest index that was read; nil before the first.
  private let highest = Locked<Int?>(nil)

  init(_ lines: LinesCapture) { self.lines = lines }

  var header: CaptureHeader { lines.header }

  func firstIndex(at time: Timestamp) throws -> Int? { try lines.firstIndex(at: time) }

  func entries(from index: Int, limit: Int) throws -> CapturePage {
    var page = try lines.entries(from: index, limit: limit)
    page.entries = page.entries.map { $0.withoutSecrets() }
    let last = page.entries.map(\.index).max()
    let highest = highest.withLock { highest in
      highest = [highest, last].compactMap(\.self).max()
      return highest
    }
    // Behind that notice there is nothing.
    guard page.next == nil, let end = try lines.extent().last, index <= max(highest ?? end.index, end.index).adding(1),
      let remark = lines.remark()
    else { return page }
    let notice = Notice(.recordingIncomplete, .warning, .replay, remark)
    let place = page.entries.last?.index.adding(1) ?? max(index, end.index.adding(1))
    page.entries.append(Entry(index: place, at: page.entries.last?.at ?? end.at, event: .notice(notice)))
    return page
  }

  func tracks() -> [CapturedTrack] { [] }
  func audio(of track: TrackID, in range: Range<Int64>) -> [AudioBlock] { [] }

  func search(_ text: String, from index: Int, limit: Int) throws -> [Int] {
    try lines.search(text, from: index, limit: limit)
  }

  /// What is written to the file later is not waited for.
  func extent() throws -> CaptureExtent {
    var extent = try lines.extent()
    extent.isFinished = true
    return extent
  }
}

import Capture
import Timeline
import Wire

/// What the thread of a capture has in hand: the file, once it is there, and the batch that is to be written next.
struct CaptureWork {
  private let path: String
  private let header: CaptureHeader
  private let secrets: [String]
  private var database: CaptureDatabase?
  private var batch: CaptureBatch?
  private var columns = ColumnReader()
  private var tracks: [TrackID: (track: AudioTrack, builder: AudioBlockBuilder)] = [:]
  private var isFirst = true

  init(path: String, header: CaptureHeader, options: CaptureFileWriter.Options) {
    self.path = path
    self.header = header
    secrets = options.secrets
  }

  /// The file is there, and no batch waits.
  var isIdle: Bool { database != nil && batch == nil }

  /// Makes the file, unless that was done.
  mutating func open() throws(CaptureFault) {
    guard database == nil else { return }
    var header = header
    header.settings = Redaction.hideSecrets(in: header.settings, literals: secrets, isOurs: true)
    database = try CaptureDatabase(creating: path, header)
  }

  /// Makes the next batch. Everything that costs time is done here, once, however often the writing fails.
  /// - Returns: how many samples cannot be kept.
  mutating func prepare(
    _ items: [CaptureFileWriter.Item], _ newTracks: [(id: TrackID, track: AudioTrack)]
  ) -> Int {
    var next = CaptureBatch()
    next.tracks = newTracks
    var refused = 0
    var blocks: [AudioBlock] = []
    for (id, track) in newTracks { tracks[id] = (track, AudioBlockBuilder(id, track)) }
    let before = tracks.values.reduce(0) { $0.adding($1.builder.refused) }
    for item in items {
      switch item {
      case .entry(let entry):
        next.rows.append(CaptureBatch.Row(entry.withoutSecrets(secrets), isFirst: isFirst, columns: &columns))
        isFirst = false
      case .audio(let samples, let position, let track):
        guard tracks[track] != nil else {
          refused = refused.adding(samples.count)
          continue
        }
        blocks += tracks[track]?.builder.add(samples, at: position) ?? []
      }
    }
    // What waits for a longer block would be lost with a kill.
    for id in tracks.keys.sorted() {
      if let block = tracks[id]?.builder.flush() { blocks.append(block) }
    }
    for block in blocks {
      guard let track = tracks[block.track]?.track else { continue }
      next.blocks.append(CaptureBatch.Block(block, of: track))
    }
    next.counts = CaptureCounts(
      entries: next.rows.count, samples: blocks.reduce(0) { $0.adding($1.samples.count) })
    batch = next
    let after = tracks.values.reduce(0) { $0.adding($1.builder.refused) }
    return refused.adding(after - before)
  }

  /// Writes the batch, if there is one.
  /// - Parameter lost: what was not kept so far.
  /// - Returns: what is in the file now, and how many entries were left out, because their indexes were taken.
  mutating func commit(lost: CaptureCounts) throws(CaptureFault) -> (kept: CaptureCounts, leftOut: Int) {
    guard let batch, let database else { return (CaptureCounts(), 0) }
    let leftOut = try database.write(batch, lost: lost)
    self.batch = nil
    return (CaptureCounts(entries: batch.counts.entries - leftOut, samples: batch.counts.samples), leftOut)
  }

  /// Drops the batch.
  /// - Returns: what was in it.
  mutating func abandon() -> CaptureCounts {
    defer { batch = nil }
    return batch?.counts ?? CaptureCounts()
  }

  /// Closes the file for good.
  func finish(lost: CaptureCounts) throws(CaptureFault) { try database?.finish(lost: lost) }
}

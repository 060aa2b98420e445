import Timeline

/// Takes a session as it happens: entries and sound. Any thread may call it, and no call waits for a disk.
public protocol CaptureSink: Sendable {
  /// Keeps an entry. Entries come in the order of their indexes.
  /// - Returns: false when there was no room for it; it is counted as lost.
  @discardableResult
  func write(_ entry: Entry) -> Bool

  /// Begins a track. What is written to a track before a later one begins belongs to it still.
  func addTrack(_ track: AudioTrack) -> TrackID

  /// Keeps samples of a track.
  /// - Parameters:
  ///   - samples: of all channels, alternating.
  ///   - position: of the first of them; at or behind the end of what the track has, with silence between.
  /// - Returns: false when there was no room for them; they are counted as lost.
  @discardableResult
  func write(_ samples: [Int16], at position: Int64, on track: TrackID) -> Bool

  /// How it goes.
  var status: CaptureStatus { get }

  /// Writes what waits, and ends. What comes later is lost.
  func close()
}

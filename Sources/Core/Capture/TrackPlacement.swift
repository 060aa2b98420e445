import Timeline

/// Where on a track the pieces of a live stream go, as a machine.
///
///     piece, and where its moment says that it belongs ─► behind the one before, unless that is too far away
///
/// Each piece comes with a measured moment, and measurements are restless. Pieces of one stream follow each other without a
/// gap in truth, so they do on the track, until the measured place is further away than what is tolerated: because the
/// device's clock runs at another speed, because samples were lost, or because it is another device. Then the piece goes
/// where it belongs.
public struct TrackPlacement: Sendable {
  private let track: AudioTrack
  /// Behind the last sample that was placed; nil before the first.
  private var end: Int64?

  public init(_ track: AudioTrack) { self.track = track }

  /// Places a piece.
  /// - Parameters:
  ///   - count: of its samples, of one channel.
  ///   - measured: the position of its first sample, by its moment; nil while that is not known.
  ///   - tolerance: how far the measured place may be away from the end of the piece before.
  /// - Returns: where it goes, and how many of its first samples are left out, because the track has others for their
  ///   moments; all of them, when it has nothing new.
  public mutating func place(
    _ count: Int, measured: Int64?, tolerance: Duration
  ) -> (position: Int64, skipped: Int) {
    let expected = end ?? max(0, measured ?? 0)
    let off = (measured ?? expected).subtracting(expected)
    let limit = end == nil ? 0 : track.samples(in: tolerance)
    var (position, skipped) = (expected, 0)
    if off > limit {
      position = expected.adding(off)
    } else if off < -limit {
      skipped = Int(min(Int64(count), off == .min ? .max : -off))
    }
    end = position.adding(Int64(count - skipped))
    return (position, skipped)
  }
}

extension AudioTrack {
  /// Samples of one channel in a time.
  func samples(in duration: Duration) -> Int64 {
    position(at: start + max(.zero, duration))
  }
}

/// Samples of a track with their place.
public struct TapedSound: Sendable, Equatable {
  /// Of the first sample.
  public var position: Int64
  public var samples: [Int16]

  public init(at position: Int64, _ samples: [Int16]) {
    self.position = position
    self.samples = samples
  }
}

import Audio
import Timeline

/// What the microphone gave, frame by frame, as pieces of a track.
///
/// The clock of a sound card differs from ours, by 100 ppm and less as a rule. What that amounts to is made up for in a
/// pause, where nobody hears it, and in speech only when there is no pause for long.
public struct MicrophoneTape: Sendable {
  /// So far a frame may be away from its moment, in a pause and in speech.
  public static let tolerance: (quiet: Duration, loud: Duration) = (.milliseconds(5), .milliseconds(20))
  /// A frame below this level is a pause, in dBFS.
  private static let quietDB = -50.0

  public let track: AudioTrack
  private var placement: TrackPlacement
  private var hasBegun = false

  /// - Parameter rate: samples a second.
  public init(rate: Int) {
    track = AudioTrack(.user, rate: rate, start: .zero)
    placement = TrackPlacement(track)
  }

  /// - Parameter end: when the frame's last sample was captured; nil while that is not known, and then it follows the one
  ///   before.
  /// - Returns: nil when the track has samples for all of its moments.
  public mutating func add(_ frame: [Int16], capturedAt end: Timestamp?, now: Timestamp) -> TapedSound? {
    let moment = end ?? (hasBegun ? nil : now)
    hasBegun = true
    let measured = moment.map { track.position(at: $0).subtracting(Int64(frame.count)) }
    let isQuiet = Level(of: frame).rmsDB < Self.quietDB
    let (position, skipped) = placement.place(
      frame.count, measured: measured, tolerance: isQuiet ? Self.tolerance.quiet : Self.tolerance.loud)
    guard skipped < frame.count else { return nil }
    return TapedSound(at: position, skipped == 0 ? frame : Array(frame[skipped...]))
  }
}

import Capture
import Timeline

/// Puts the sound of both sides on the tracks of a session's capture: wires the tapes to it.
///
/// Owned by the session's thread; no audio thread knows of it.
struct CaptureSound {
  private let sink: any CaptureSink
  private var microphone: MicrophoneTape
  private let user: TrackID
  private var agent: TrackID?

  /// - Returns: nil where sound is not captured.
  init?(_ capture: SessionCapture?, inputRate: Int) {
    guard let capture, capture.facts.keepsAudio else { return nil }
    sink = capture.sink
    microphone = MicrophoneTape(rate: inputRate)
    user = sink.addTrack(microphone.track)
  }

  /// What is sent, or would be, if the gate let it through.
  mutating func heard(_ frame: [Int16], capturedAt end: Timestamp?, now: Timestamp) {
    guard let piece = microphone.add(frame, capturedAt: end, now: now) else { return }
    sink.write(piece.samples, at: piece.position, on: user)
  }

  /// The output is there.
  mutating func begin(_ track: AudioTrack?) { agent = track.map { sink.addTrack($0) } }

  func played(_ pieces: [TapedSound]) {
    guard let agent else { return }
    for piece in pieces { sink.write(piece.samples, at: piece.position, on: agent) }
  }
}

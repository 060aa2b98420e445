import CPocketSphinx

/// Finds where speech begins and ends, with sphinxbase's front end: signal over tracked noise in mel bands.
///
/// It reports fast (50 ms after a beginning, 100 ms after an end) and back-dates the edge to the voiced frame itself;
/// how much silence ends an utterance is somebody else's rule. 3100 times faster than real time, no model, 10 ms
/// frames at 16 kHz. Belongs to one thread.
final class VoiceEdgeDetector {
  /// A change of the decision. `sample`: of the first or the last voiced one, counted from the detector's first.
  struct Edge: Equatable {
    var isSpeech: Bool
    var sample: Int
  }

  /// Voiced frames in a row that begin speech, and unvoiced ones that end it.
  private static let startFrames = 5
  private static let endFrames = 10
  private static let frameShift = 160
  /// From the middle of the newest frame to the newest sample. A frame's window is 410 samples and begins at a
  /// multiple of the shift, so that the newest whole one began 480 ago; its middle dates it best.
  private static let frameCentreLag = 480 - 205
  /// At a beginning the front end hands out its backlog at once: 20 frames, and a few more.
  private static let outputFrames = 64

  private let frontEnd: OpaquePointer
  private let configuration: OpaquePointer
  private let cepstra: UnsafeMutablePointer<mfcc_t>
  private let rows: UnsafeMutablePointer<UnsafeMutablePointer<mfcc_t>?>
  private var position = 0
  private var rest: [Int16] = []
  private(set) var isSpeech = false
  /// The last sample that was voiced for certain; while there is speech, the newest one.
  private(set) var lastVoicedSample = 0

  init() {
    err_set_logfp(nil)
    let arguments = [
      "frontend", "-vad_startspeech", String(Self.startFrames), "-vad_postspeech", String(Self.endFrames),
      // Both settings of the acoustic model, so that this detector and the decoder's hear alike.
      "-lowerf", "130", "-upperf", "6800", "-nfilt", "25",
    ]
    guard let configuration = CommandLineArguments(arguments).parsed(with: fe_get_args()),
      let frontEnd = fe_init_auto_r(configuration)
    else { preconditionFailure("sphinxbase refused a fixed configuration") }
    self.configuration = configuration
    self.frontEnd = frontEnd
    let width = Int(fe_get_output_size(frontEnd))
    cepstra = .allocate(capacity: width * Self.outputFrames)
    cepstra.initialize(repeating: 0, count: width * Self.outputFrames)
    rows = .allocate(capacity: Self.outputFrames)
    for row in 0..<Self.outputFrames { (rows + row).initialize(to: cepstra + row * width) }
    fe_start_stream(frontEnd)
    fe_start_utt(frontEnd)
  }

  deinit {
    fe_free(frontEnd)
    cmd_ln_free_r(configuration)
    rows.deallocate()
    cepstra.deallocate()
  }

  /// Looks at more audio; returns the edges found in it, in order.
  func process(_ samples: ArraySlice<Int16>) -> [Edge] {
    rest.append(contentsOf: samples)
    var edges: [Edge] = []
    var start = 0
    // One frame at a time: the decision is known for the end of a call only.
    while rest.count - start >= Self.frameShift {
      step(rest[start..<start + Self.frameShift])
      start += Self.frameShift
      position += Self.frameShift
      if let edge = edgeAtPosition() { edges.append(edge) }
    }
    rest.removeFirst(start)
    return edges
  }

  private func step(_ frame: ArraySlice<Int16>) {
    frame.withUnsafeBufferPointer { buffer in
      var next = buffer.baseAddress
      var left = buffer.count
      while left > 0 {
        var frames = Int32(Self.outputFrames)
        var index: Int32 = 0
        guard fe_process_frames(frontEnd, &next, &left, rows, &frames, &index) >= 0 else { return }
      }
    }
  }

  private func edgeAtPosition() -> Edge? {
    let decision = fe_get_vad_state(frontEnd) != 0
    let frameCentre = max(0, position - Self.frameCentreLag)
    if decision { lastVoicedSample = frameCentre }
    guard decision != isSpeech else { return nil }
    isSpeech = decision
    let frames = decision ? Self.startFrames - 1 : Self.endFrames
    let sample = max(0, frameCentre - frames * Self.frameShift)
    if !decision { lastVoicedSample = sample }
    return Edge(isSpeech: decision, sample: sample)
  }
}

import Agent
import Audio
import CPocketSphinx

/// Finds where speech begins and ends, with sphinxbase's front end: signal over tracked noise in mel bands.
///
/// It reports fast (50 ms after a beginning, 100 ms after an end) and back-dates the edge to the voiced frame itself;
/// how much silence ends an utterance is somebody else's rule. 3100 times faster than real time, no model, 10 ms
/// frames at 16 kHz. Belongs to one thread.
///
/// The front end needs up to 0.8 s to learn a noise and takes it for speech until then; so speech must also reach a
/// level, which keeps a quiet room from interrupting the agent the moment a microphone opens.
final class VoiceEdgeDetector: VoiceDetector {
  /// Voiced frames in a row that begin speech, and unvoiced ones that end it.
  private static let startFrames = 5
  private static let endFrames = 10
  private static let frameShift = 160
  /// From the middle of the newest frame to the newest sample. A frame's window is 410 samples and begins at a
  /// multiple of the shift, so that the newest whole one began 480 ago; its middle dates it best.
  private static let frameCentreLag = 480 - 205
  /// A frame of speech reaches this level: −50 dBFS, as the client's own detector has it.
  private static let minimumDB = -50.0
  /// Above the tracked floor by this much, a frame is voice whatever the front end says.
  private static let marginDB = 10.0
  /// Frames without such a one before an end is told: the closure before a final t or k.
  private static let releaseFrames = 6
  /// How long before the first frame of that level speech may have begun: a soft consonant.
  private static let softOnset = 3 * frameShift
  /// At a beginning the front end hands out its backlog at once: 20 frames, and a few more.
  private static let outputFrames = 64

  private let frontEnd: OpaquePointer
  private let configuration: OpaquePointer
  private let cepstra: UnsafeMutablePointer<mfcc_t>
  private let rows: UnsafeMutablePointer<UnsafeMutablePointer<mfcc_t>?>
  private var position = 0
  private var rest: [Int16] = []
  /// Where the front end's own decision for speech began; nil while it is for noise.
  private var onset: Int?
  /// Where the speech that is going on began: no end is dated before it.
  private var speechBegan = 0
  /// Where the front end's decision for speech ended, while its end is held back.
  private var frontEndEnd: Int?
  /// The end of the newest frame above the minimum, and the beginning of the run of such frames it belongs to.
  private var lastLoud = -1_000_000
  private var loudSince = 0
  /// The end of the newest frame that is well above the floor too.
  private var lastClear = -1_000_000
  private var floorDB = -60.0
  private(set) var isSpeech = false
  /// The last sample that was voiced for certain; while there is speech, the newest one.
  private(set) var lastVoicedSample = 0

  init() {
    let arguments = [
      "frontend", "-vad_startspeech", String(Self.startFrames), "-vad_postspeech", String(Self.endFrames),
      // Both settings of the acoustic model, so that this detector and the decoder's hear alike.
      "-lowerf", "130", "-upperf", "6800", "-nfilt", "25",
    ]
    (configuration, frontEnd) = SphinxLibraries.make {
      guard let configuration = CommandLineArguments(arguments).parsed(with: fe_get_args()),
        let frontEnd = fe_init_auto_r(configuration)
      else { preconditionFailure("sphinxbase refused a fixed configuration") }
      return (configuration, frontEnd)
    }
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
  func process(_ samples: ArraySlice<Int16>) -> [SpeechEdge] {
    rest.append(contentsOf: samples)
    var edges: [SpeechEdge] = []
    var start = 0
    // One frame at a time: the decision is known for the end of a call only.
    while rest.count - start >= Self.frameShift {
      let frame = rest[start..<start + Self.frameShift]
      step(frame)
      start += Self.frameShift
      position += Self.frameShift
      if let edge = edge(levelDB: Level(of: frame).rmsDB) { edges.append(edge) }
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

  private func edge(levelDB: Double) -> SpeechEdge? {
    let isVoicedByFrontEnd = fe_get_vad_state(frontEnd) != 0
    // The floor falls fast and rises slowly, slower still while there is speech.
    let rate = levelDB < floorDB ? 0.2 : isVoicedByFrontEnd ? 0.0005 : 0.02
    floorDB += (levelDB - floorDB) * rate
    if levelDB >= Self.minimumDB {
      if position - lastLoud > Self.startFrames * Self.frameShift { loudSince = position - Self.frameShift }
      lastLoud = position
      if levelDB >= floorDB + Self.marginDB { lastClear = position }
    }
    return isVoicedByFrontEnd ? start() : end()
  }

  private func start() -> SpeechEdge? {
    let newest = max(0, position - Self.frameCentreLag)
    let began = onset ?? max(0, newest - (Self.startFrames - 1) * Self.frameShift)
    onset = began
    frontEndEnd = nil
    // The front end decides five frames late: a loud frame since then counts.
    guard isSpeech || position - lastLoud <= Self.startFrames * Self.frameShift else { return nil }
    lastVoicedSample = newest
    guard !isSpeech else { return nil }
    isSpeech = true
    speechBegan = max(began, loudSince - Self.softOnset)
    return SpeechEdge(isSpeech: true, sample: speechBegan)
  }

  /// The front end gives up on the soft end of a word, and holds on to a noise that it has not learned. The level
  /// corrects both: a clear frame is still voice, one below the minimum is not.
  private func end() -> SpeechEdge? {
    onset = nil
    guard isSpeech else { return nil }
    let heard = frontEndEnd ?? max(0, position - Self.frameCentreLag - Self.endFrames * Self.frameShift)
    frontEndEnd = heard
    guard position - lastClear > Self.releaseFrames * Self.frameShift else { return nil }
    isSpeech = false
    frontEndEnd = nil
    let half = Self.frameShift / 2
    lastVoicedSample = max(speechBegan, min(heard, lastLoud - half), lastClear - half)
    return SpeechEdge(isSpeech: false, sample: lastVoicedSample)
  }
}

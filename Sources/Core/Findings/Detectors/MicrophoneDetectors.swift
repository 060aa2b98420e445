import Audio
import Timeline

/// Samples at full scale, again and again.
struct MicrophoneClipping: Detector {
  static let interests: Interests = .micFrame
  /// Frames with clipped samples within a second.
  static let enough = 5
  private var began: (index: Int, at: Timestamp)?
  private var frames = 0
  private var samples = 0

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    guard let frame = read.micFrame, frame.clipped > 1, !frame.isSynthetic else { return nil }
    if let began, read.at - began.at > .seconds(1) { self.began = nil }
    if began == nil { (began, frames, samples) = ((read.index, read.at), 0, 0) }
    frames += 1
    samples = samples.adding(frame.clipped)
    guard frames == Self.enough, let began else { return nil }
    return Evidence([began.index, read.index], "\(samples) samples at full scale within a second")
  }
}

/// The waveform does not lie around zero.
struct MicrophoneOffset: Detector {
  static let interests: Interests = .micFrame
  /// A hundredth of full scale, over two seconds.
  static let limit = 328.0
  static let windowMs = 2000.0
  private var first: Int?
  private var lengthMs = 0.0
  private var sum = 0.0
  private var count = 0
  private var isTold = false

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    // Speech leans to one side; the pauses show where zero is.
    guard let frame = read.micFrame, !frame.isSynthetic, !frame.isSpeech else { return nil }
    first = first ?? read.index
    for peak in frame.peaks { sum += (Double(peak.low) + Double(peak.high)) / 2 }
    count += frame.peaks.count
    lengthMs += Double(frame.sampleCount) * 1000 / Double(max(1, frame.rate))
    guard lengthMs >= Self.windowMs, count > 0, let from = first else { return nil }
    let mean = sum / Double(count)
    (first, lengthMs, sum, count) = (nil, 0, 0, 0)
    guard abs(mean) > Self.limit else {
      isTold = false
      return nil
    }
    guard !isTold else { return nil }
    isTold = true
    let percent = (mean / 32_768 * 1000).rounded() / 10
    return Evidence([from, read.index], "the microphone's zero lies at \(percent) % of full scale")
  }
}

/// A microphone that gives digital silence, and never gave speech.
///
/// After speech, digital silence is what a noise gate makes: gated headsets and noise filters give it in each pause.
struct DeadMicrophone: Detector {
  static let interests: Interests = [.micFrame, .other]
  static let patience = Duration.seconds(5)
  /// No room and no converter is so quiet.
  static let silenceDB = -90.0
  /// So much speech, above this level, shows that the microphone works; a click at its opening does not.
  static let enoughSpeechMs = 100.0
  static let speechDB = -60.0
  private var began: (index: Int, at: Timestamp)?
  private var speechMs = 0.0
  private var isHeld = false
  private var isTold = false

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    // While the agent is heard, silence may stand in the microphone's place.
    if case .echo(let echo) = read.event { isHeld = echo.isHolding }
    // What comes back may be another device.
    if case .device(let change) = read.event, change.role == .mic, [.failed, .lost, .recovered].contains(change.state) {
      (began, speechMs) = (nil, 0)
    }
    guard let frame = read.micFrame else { return nil }
    if frame.isSpeech, !frame.isSynthetic, frame.rmsDB > Self.speechDB {
      speechMs += Double(frame.sampleCount) * 1000 / Double(max(1, frame.rate))
    }
    guard speechMs < Self.enoughSpeechMs else { return nil }
    let isHeard = read.context.hearsMicrophone && !isHeld && !frame.isSynthetic && frame.fate != .muted
    guard isHeard, frame.rmsDB <= Self.silenceDB else {
      began = nil
      if frame.rmsDB > Self.silenceDB { isTold = false }
      return nil
    }
    guard let start = began else {
      began = (read.index, read.at)
      return nil
    }
    guard !isTold, read.at - start.at >= Self.patience else { return nil }
    isTold = true
    return Evidence(
      [start.index, read.index], "nothing but digital silence for \(ms((read.at - start.at).milliseconds))")
  }
}

/// Speech that is too loud to leave room for what is louder.
struct HotMicrophone: Detector {
  static let interests: Interests = .micFrame
  /// Speech at a good level is at -30 to -18 dBFS.
  static let limitDB = -9.0
  static let windowMs = 1000.0
  private var first: Int?
  private var lengthMs = 0.0
  private var sumDB = 0.0

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    guard let frame = read.micFrame, frame.isSpeech, !frame.isSynthetic else { return nil }
    let frameMs = Double(frame.sampleCount) * 1000 / Double(max(1, frame.rate))
    first = first ?? read.index
    lengthMs += frameMs
    sumDB += frame.rmsDB * frameMs
    guard lengthMs >= Self.windowMs, let from = first else { return nil }
    let mean = sumDB / lengthMs
    (first, lengthMs, sumDB) = (nil, 0, 0)
    guard mean > Self.limitDB else { return nil }
    return Evidence([from, read.index], "a second of speech at \(whole(mean)) dBFS")
  }
}

/// The microphone hears the agent, and it is sent.
struct AgentEcho: Detector {
  static let interests: Interests = [.micFrame, .playout]
  /// Frames between two looks, and looks in a row that have to agree.
  static let interval = 16
  static let enough = 2
  private var witness = EchoWitness()
  private var heardUntil = Timestamp.zero
  private var heardIndex: Int?
  private var frames = 0
  private var agreeing = 0
  private var toldAt: Timestamp?

  mutating func observe(_ read: ReadEntry) -> Evidence? {
    if case .playout(let block) = read.event {
      guard block.response != nil else { return nil }
      let start = read.at + .recorded(milliseconds: block.deviceDelayMs)
      let length = Duration.samples(block.sampleCount, rate: block.rate)
      witness.heard(rmsDB: block.rmsDB, from: start, lasting: length)
      (heardUntil, heardIndex) = (start + length, read.index)
      return nil
    }
    guard let frame = read.micFrame else { return nil }
    witness.captured(
      rmsDB: frame.rmsDB, until: frame.end(at: read.at), lasting: .samples(frame.sampleCount, rate: frame.rate))
    guard frame.fate == .sent, !frame.isSynthetic, read.at <= heardUntil else {
      (frames, agreeing) = (0, 0)
      return nil
    }
    frames += 1
    guard frames % Self.interval == 0 else { return nil }
    agreeing = witness.isEcho ? agreeing + 1 : 0
    // One echo lasts as long as the agent speaks.
    guard agreeing == Self.enough, toldAt.map({ read.at - $0 > .seconds(10) }) ?? true else { return nil }
    toldAt = read.at
    let percent = whole((witness.correlation ?? 0) * 100)
    return Evidence([heardIndex, read.index], "the microphone's loudness follows the agent's by \(percent) %")
  }
}

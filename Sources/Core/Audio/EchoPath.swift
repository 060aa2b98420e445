import Timeline

/// What is known of the speaker besides what it has played.
public struct SpeakerReport: Sendable, Equatable {
  /// How often its stream has stood still and gone on: it may be heard from another device since then.
  public var standstills: Int
  /// What lies behind its buffer, in samples at the microphone's rate.
  public var behind: Int
  public init(standstills: Int = 0, behind: Int = 0) {
    self.standstills = standstills
    self.behind = behind
  }
}

/// Takes the agent's voice, as the speaker played it, and noise out of what the microphone heard; and keeps the agent
/// from interrupting itself with what is left.
///
///     microphone ─► waiting ─┬─► EchoCanceller ─► EchoGuard ─► MicrophonePath
///     speaker ─► EchoReference┘       paired by StreamAlignment
///
/// The reference is what has left the speaker's buffer, so it is paired with what the microphone heard at the same
/// moment, and the echo lies in the canceller's past, by what lies behind the buffer and the way through the room. A
/// microphone frame waits until the speaker's thread has told what was played in it: 10 to 20 ms.
///
/// `process` is called at each wake-up, with all that the microphone has delivered and all that the speaker has played.
struct EchoPath {
  /// By how much the echo is allowed to seem early: the canceller cannot look ahead. Covers the error of the alignment.
  private static let margin: Duration = .milliseconds(8)
  /// Up to here, a change of the alignment is left to the canceller's filter: moving it means learning anew.
  private static let tolerance: Duration = .milliseconds(5)
  /// How far the two streams may lie apart. A new stream of a sound server may stand still for 3 s before it moves.
  private static let reachSeconds = 4
  /// What leaves the speaker is sound above this level, and is in the room, or on its way there, for this long.
  private static let soundDB = -50.0
  private static let soundMemory: Duration = .milliseconds(300)
  /// A microphone frame does not wait longer for the speaker.
  private static let patience: Duration = .milliseconds(100)

  private let canceller: EchoCanceller
  private var far: Far?
  private var waiting: [Int16] = []
  /// There is no microphone: what comes is silence that stands in for one.
  private var isDeaf = false

  /// What is known of the speaker.
  private struct Far {
    var reference: EchoReference
    var alignment: StreamAlignment
    var echoGuard: EchoGuard
    var isAligned = false
    var hasBegun = false
    var mustBeginAnew = false
    /// As the speaker has counted them.
    var standstills = 0
    /// What has left the speaker since the last sound, in samples. Where nothing leaves it, as while a server moves the
    /// stream, it stays as it is: nobody knows what is heard then.
    var silence: Int?
  }

  /// - Parameter hearsSpeaker: the agent's voice is in what the microphone hears; else noise alone is suppressed.
  init(hearsSpeaker: Bool, rate: Int) {
    if hearsSpeaker {
      far = Far(
        reference: EchoReference(delay: 0, capacity: rate * Self.reachSeconds),
        alignment: StreamAlignment(rate: rate), echoGuard: EchoGuard(rate: rate))
    }
    canceller = EchoCanceller(rate: rate, mode: far == nil ? .noiseSuppressionOnly : .echoAndNoise)
  }

  /// What it is doing; nil while noise alone is suppressed.
  var state: EchoState? {
    far.map {
      EchoState(
        phase: $0.echoGuard.gate.isArmed ? .ready : .learning, isHolding: $0.echoGuard.isHolding,
        erleDB: canceller.erleDB, isUnsure: $0.echoGuard.gate.isUnsure ? true : nil)
    }
  }

  /// How much later what `process` has returned last was captured than what it was given last would say: what waits in
  /// here.
  var held: Duration {
    isDeaf ? .zero : .samples(waiting.count + canceller.waitingCount, rate: canceller.rate) + canceller.latency
  }

  /// - Parameters:
  ///   - near: what the microphone has delivered since the last call; may be empty.
  ///   - played: what the speaker has played since then, at the microphone's rate.
  /// - Returns: what is left of it, later and in other portions; over time as many samples as went in.
  mutating func process(
    _ near: [Int16], played: [Int16], speaker: SpeakerReport, at now: Timestamp
  ) -> [Int16] {
    // Silence holds neither echo nor noise. What is played meanwhile goes unheard; it will be learnt anew.
    guard !isDeaf else {
      defer { waiting = [] }
      return waiting + near
    }
    guard far != nil else { return canceller.process(near: near, far: []) }
    hear(near.count, played, speaker, at: now)
    waiting += near
    let ready = min(waiting.count, max(far!.reference.available, waiting.count - samples(Self.patience)))
    // In whole frames of the canceller, so that nothing waits in there, and all that goes in comes out at once.
    let count = ready / canceller.frameCount * canceller.frameCount
    guard count > 0 else { return [] }
    let behind = far!.reference.pull(count)
    let residual = canceller.process(near: waiting[..<count], far: behind[...])
    let isPlaying = far!.silence.map { $0 < samples(Self.soundMemory) } ?? false
    let changes = far!.echoGuard.pathChanges
    let output = far!.echoGuard.process(
      residual: residual[...], far: behind[...], near: waiting[..<count], taken: canceller.taken[...],
      isPlaying: isPlaying)
    waiting.removeFirst(count)
    if far!.echoGuard.pathChanges != changes { canceller.forget() }
    return output
  }

  /// A device's stream may have moved against the other's. After a loss it has, and the room may be another one; an
  /// xrun is made up for with silence, so that what was learnt may still hold.
  mutating func deviceChanged(_ change: DeviceChange) {
    if change.role == .mic, change.state != .xrun { isDeaf = change.state.isMissing }
    switch change.state {
    case .open, .ended: return
    case .failed, .lost, .recovered: far?.mustBeginAnew = true
    case .xrun: far?.alignment.restart()
    }
  }

  /// Until the new places are known, what was played last goes with what was heard last: the guard must know at once
  /// that the agent is heard.
  private mutating func beginAnew(at now: Timestamp) {
    far!.mustBeginAnew = false
    far!.isAligned = false
    far!.reference.reset()
    far!.reference.delay = 0
    far!.alignment = StreamAlignment(rate: canceller.rate)
    far!.alignment.read(near: waiting.count, far: 0, at: now)
    relearn()
  }

  private mutating func relearn() {
    far!.echoGuard.relearn()
    canceller.forget()
  }

  /// Takes what was played, and follows the two streams' places.
  private mutating func hear(_ nearCount: Int, _ played: [Int16], _ speaker: SpeakerReport, at now: Timestamp) {
    far!.silence = isSound(played) ? 0 : far!.silence.map { $0.adding(played.count) }
    if speaker.standstills != far!.standstills {
      far!.standstills = speaker.standstills
      far!.mustBeginAnew = true
    }
    if far!.mustBeginAnew { beginAnew(at: now) }
    if far!.hasBegun {
      far!.reference.push(played)
      far!.alignment.read(near: nearCount, far: played.count, at: now)
    } else {
      // What was played before the first look is of unknown age.
      far!.hasBegun = true
      far!.alignment.read(near: nearCount, far: 0, at: now)
    }
    guard let offset = far!.alignment.offset else { return }
    let wanted = offset + speaker.behind - samples(Self.margin)
    // Out of reach: both are counted anew.
    guard abs(wanted) < far!.reference.capacity else { return far!.mustBeginAnew = true }
    guard !far!.isAligned || abs(wanted - far!.reference.delay) > samples(Self.tolerance) else { return }
    far!.reference.delay = wanted
    if far!.isAligned { relearn() }
    far!.isAligned = true
  }

  /// In pieces of 20 ms at most: a short sound in a long silence counts, too.
  private func isSound(_ samples: [Int16]) -> Bool {
    stride(from: 0, to: samples.count, by: canceller.rate / 50).contains {
      Level(of: samples[$0..<min($0 + canceller.rate / 50, samples.count)]).rmsDB > Self.soundDB
    }
  }

  private func samples(_ duration: Duration) -> Int {
    Int(duration.nanoseconds * Int64(canceller.rate) / 1_000_000_000)
  }
}

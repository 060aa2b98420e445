import Timeline

/// Keeps the agent from interrupting itself: while it is heard, what the echo canceller has left of it is replaced by
/// silence, until the operator speaks over it.
///
///     residual ─► BargeInGate ─┬─ the agent is not heard ────────────────► residual
///        far ────►             ├─ the operator speaks, and 500 ms more ──► residual, with the 200 ms before
///                              └─ else ──────────────────────────────────► silence
///
/// The 200 ms are handed on at once when the gate opens, so that no beginning of a word is lost and nothing has to be
/// delayed for it; the next silence is as much shorter. What opens the gate and is the agent nonetheless, by its waveform
/// (`EchoLikeness`), has taken a way that the canceller does not know: the gate is shut until it has learnt that way, too.
/// As long as the waveform does not tell, for 200 ms at most, it stays shut. And it is shut when what the canceller takes out
/// is not in the microphone (`EchoLikeness.presenceOfTaken`), or the residual is louder than the microphone: the canceller
/// takes out an echo that is not there any more.
///
/// "Silence" is noise at the level of the room's, as is usual after echo cancellers: a voice activity detector behind must
/// not take the return of the room for speech.
public struct EchoGuard: Sendable {
  /// What is heard from before the gate opened.
  public static let preRoll: Duration = .milliseconds(200)
  /// How long after the operator's last loud frame the gate stays open: the gaps between words.
  public static let hangover: Duration = .milliseconds(500)
  /// Between which levels noise stands for silence, as RMS of the samples: -90 and -45 dBFS.
  private static let noiseRange = 1.0...184.0
  /// Frames of 20 ms for which the gate stays shut in doubt, and after which a doubt is forgotten.
  private static let doubtFrames = 10
  private static let doubtMemory = 25
  /// By how much the residual has to be louder than the microphone, in dB. At changed sinks it was by 4 to 102 dB, where the
  /// old way had ended and the new one not begun.
  private static let addedDB = 3.0

  public private(set) var gate: BargeInGate
  /// The agent is heard and the operator is not: silence goes out.
  public private(set) var isHolding = false

  private let frame: Int
  private var residual: [Int16] = []
  private var far: [Int16] = []
  private var near: [Int16] = []
  private var taken: [Int16] = []
  private var held: [Int16] = []
  /// Samples that went out beyond those that came in: the pre-rolls.
  private var surplus = 0
  private var hangoverLeft: Duration = .zero
  private var noiseRMS = EchoGuard.noiseRange.lowerBound
  private var noise = ComfortNoise()
  private var likeness: EchoLikeness
  /// Frames since it was undecided first whether what opens the gate is the agent; 0: it is not.
  private var doubt = 0
  /// In which of the last frames the residual was louder than the microphone, and would open the gate: the newest in the
  /// lowest bit.
  private var additions: UInt64 = 0
  private var lastNearDB = Level.silenceDB
  /// How often the agent was recognised in what the canceller had left.
  public private(set) var pathChanges = 0

  public init(rate: Int) {
    gate = BargeInGate(rate: rate)
    likeness = EchoLikeness(rate: gate.rate)
    frame = gate.rate / 50
  }

  /// - Parameters:
  ///   - newResidual: what the echo canceller returned, any length.
  ///   - newFar: what it was given as far end for the same samples.
  ///   - newNear: what the microphone heard in them; nil where that is not known, and the residual stands for it.
  ///   - newTaken: what the canceller took out of them (`EchoCanceller.taken`); nil where that is not known.
  ///   - isPlaying: sound leaves the speaker at about this time, whether or not its place is in these samples. When it is
  ///     not, as after an xrun, until the two streams' places are known again, nobody can say what the microphone hears.
  /// - Returns: whole frames of 20 ms; over time as many samples as went in.
  public mutating func process(
    residual newResidual: [Int16], far newFar: [Int16], near newNear: [Int16]? = nil, taken newTaken: [Int16]? = nil,
    isPlaying: Bool = false
  ) -> [Int16] {
    process(
      residual: newResidual[...], far: newFar[...], near: (newNear ?? newResidual)[...], taken: (newTaken ?? [])[...],
      isPlaying: isPlaying)
  }

  /// The same of parts of arrays.
  mutating func process(
    residual newResidual: ArraySlice<Int16>, far newFar: ArraySlice<Int16>, near newNear: ArraySlice<Int16>,
    taken newTaken: ArraySlice<Int16>, isPlaying: Bool
  ) -> [Int16] {
    residual += newResidual
    near += newNear.prefix(newResidual.count)
    near += repeatElement(0, count: residual.count - near.count)
    taken += newTaken.prefix(newResidual.count)
    taken += repeatElement(0, count: residual.count - taken.count)
    far += newFar.prefix(newResidual.count)
    far += repeatElement(0, count: residual.count - far.count)
    var output: [Int16] = []
    var start = 0
    while residual.count - start >= frame {
      let range = start..<start + frame
      likeness.add(near: near[range], residual: residual[range], far: far[range], taken: taken[range])
      step(residual[range], far[range], near: near[range], isPlaying: isPlaying, &output)
      start += frame
    }
    residual.removeFirst(start)
    far.removeFirst(start)
    near.removeFirst(start)
    taken.removeFirst(start)
    return output
  }

  /// The canceller has to learn anew: for 2 s of the agent's voice nobody can speak over it.
  public mutating func relearn() {
    gate.relearn()
    hangoverLeft = .zero
    doubt = 0
  }

  private mutating func step(
    _ residual: ArraySlice<Int16>, _ far: ArraySlice<Int16>, near: ArraySlice<Int16>, isPlaying: Bool,
    _ output: inout [Int16]
  ) {
    let wasOpen = gate.isOpen
    let hasOpened = gate.process(residual: residual, far: far)
    note(near: near)
    let isUnplaced = isPlaying && !gate.isFarHeard && !wasOpen && hangoverLeft == .zero
    if isUnplaced { gate.close() }
    if doubt > 0 { doubt = doubt < Self.doubtMemory ? doubt + 1 : 0 }
    if hasOpened, gate.isFarHeard { judge() }
    hangoverLeft = gate.isOpen ? Self.hangover : max(.zero, hangoverLeft - .milliseconds(20))
    isHolding = isUnplaced || gate.isFarHeard && hangoverLeft == .zero
    guard isHolding else {
      if !held.isEmpty, gate.isFarHeard {
        output += held
        surplus += held.count
      }
      held = []
      followNoise(residual)
      output += residual
      return
    }
    held += residual
    let most = Int(Self.preRoll.nanoseconds * Int64(gate.rate) / 1_000_000_000)
    if held.count > most { held.removeFirst(held.count - most) }
    let repaid = min(surplus, residual.count)
    surplus -= repaid
    noise.append(residual.count - repaid, rms: noiseRMS, to: &output)
  }

  /// Whether the canceller makes louder what it hears. It lags by half a frame, so the frame before counts, too.
  private mutating func note(near: ArraySlice<Int16>) {
    let nearDB = Level(of: near).rmsDB
    let adds = gate.residualDB > max(gate.thresholdDB, max(nearDB, lastNearDB) + Self.addedDB)
    additions = additions << 1 | (adds ? 1 : 0)
    lastNearDB = nearDB
  }

  /// The gate has opened while the agent is heard: for the operator?
  private mutating func judge() {
    // Who takes out an echo that is not there makes it: the way has changed. Nobody who speaks makes the residual louder
    // than the microphone.
    if additions & 0b11111 != 0 {
      pathChanges += 1
      return relearn()
    }
    switch likeness.verdict(inDoubt: doubt > 0) {
    case .stranger: doubt = 0
    case .undecided where doubt <= Self.doubtFrames:
      doubt = max(doubt, 1)
      gate.putOff()
    case .undecided(leansToAgent: false): doubt = 0
    case .agent, .undecided:
      pathChanges += 1
      relearn()
    }
  }

  /// Falls at once, rises by 2.5 dB a second: speech is too short to lift it far.
  private mutating func followNoise(_ samples: ArraySlice<Int16>) {
    let power = samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(samples.count)
    let least = min(power.squareRoot(), noiseRMS * 1.005_773)
    noiseRMS = min(max(least, Self.noiseRange.lowerBound), Self.noiseRange.upperBound)
  }
}

/// White noise without a system's random numbers: the same each time.
private struct ComfortNoise: Sendable {
  private var state: UInt32 = 0x2545_F491

  mutating func append(_ count: Int, rms: Double, to samples: inout [Int16]) {
    // Uniform noise has an RMS of its bound divided by √3.
    let bound = rms * 1.732
    for _ in 0..<count {
      // xorshift32 (Marsaglia, 2003).
      state ^= state << 13
      state ^= state >> 17
      state ^= state << 5
      samples.append(Int16(bound * (Double(state) / Double(UInt32.max) * 2 - 1)))
    }
  }
}

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
/// (`EchoLikeness`), has taken a way that the canceller does not know: the gate is shut until it has learnt that way, too. "Silence" is noise at the level of the room's, as is usual
/// after echo cancellers: a voice activity detector behind must not take the return of the room for speech.
public struct EchoGuard: Sendable {
  /// What is heard from before the gate opened.
  public static let preRoll: Duration = .milliseconds(200)
  /// How long after the operator's last loud frame the gate stays open: the gaps between words.
  public static let hangover: Duration = .milliseconds(500)
  /// Between which levels noise stands for silence, as RMS of the samples: -90 and -45 dBFS.
  private static let noiseRange = 1.0...184.0

  public private(set) var gate: BargeInGate
  /// The agent is heard and the operator is not: silence goes out.
  public private(set) var isHolding = false

  private let frame: Int
  private var residual: [Int16] = []
  private var far: [Int16] = []
  private var near: [Int16] = []
  private var held: [Int16] = []
  /// Samples that went out beyond those that came in: the pre-rolls.
  private var surplus = 0
  private var hangoverLeft: Duration = .zero
  private var noiseRMS = EchoGuard.noiseRange.lowerBound
  private var noise = ComfortNoise()
  private var likeness: EchoLikeness
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
  /// - Returns: whole frames of 20 ms; over time as many samples as went in.
  public mutating func process(
    residual newResidual: [Int16], far newFar: [Int16], near newNear: [Int16]? = nil
  ) -> [Int16] {
    residual += newResidual
    near += (newNear ?? newResidual).prefix(newResidual.count)
    near += repeatElement(0, count: residual.count - near.count)
    far += newFar.prefix(newResidual.count)
    far += repeatElement(0, count: residual.count - far.count)
    var output: [Int16] = []
    var start = 0
    while residual.count - start >= frame {
      let range = start..<start + frame
      step(Array(residual[range]), Array(far[range]), near: Array(near[range]), &output)
      start += frame
    }
    residual.removeFirst(start)
    far.removeFirst(start)
    near.removeFirst(start)
    return output
  }

  /// The canceller has to learn anew: for 2 s of the agent's voice nobody can speak over it.
  public mutating func relearn() {
    gate.relearn()
    hangoverLeft = .zero
  }

  private mutating func step(_ residual: [Int16], _ far: [Int16], near: [Int16], _ output: inout [Int16]) {
    likeness.add(near: near, residual: residual, far: far)
    if gate.process(residual: residual, far: far), gate.isFarHeard, likeness.isEcho {
      pathChanges += 1
      relearn()
    }
    hangoverLeft = gate.isOpen ? Self.hangover : max(.zero, hangoverLeft - .milliseconds(20))
    isHolding = gate.isFarHeard && hangoverLeft == .zero
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

  /// Falls at once, rises by 2.5 dB a second: speech is too short to lift it far.
  private mutating func followNoise(_ samples: [Int16]) {
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

/// Tells by the waveform whether what the echo canceller has left is the agent after all, by another way than it has
/// learnt: the sound goes to another loudspeaker, or comes later than before.
///
///     microphone, last 80 ms  ─┐
///                              ├─ each correlated at each delay of 0 to 300 ms ──► the larger ones, 0 to 1
///     residual, last 120 ms   ─┤
///     far end, last 420 ms    ─┘
///
/// It is the agent when the microphone is hardly anything else (`enough`), and the residual is not strange to it
/// (`enoughOfResidual`): the canceller takes the old echo out of the new one, so the residual alone is a mixture of two
/// echoes. The operator is in both: the louder, the less the microphone is like the agent. Where the residual is not
/// strange, but the microphone is not the agent alone, it is undecided: while a stream is moved, the window holds two
/// delays, a gap, or an echo that the canceller takes out although it has ended. Some frames later it is clear.
///
/// At 8 kHz, flattened by two first differences, so that voices of the same pitch are not alike because of it. Measured on
/// 24 synthetic voices in windows of 100 ms: strangers 0.20 in the middle and 0.40 for one in twenty; an echo in a
/// furnished room 0.97, and 0.91 for the worst twentieth; in one with a long reverberation 0.2 to 0.45, where a change is
/// not seen.
///
/// Not cheap: about four million multiplications for each question. Ask when it matters, as when speech seems to begin.
public struct EchoLikeness: Sendable {
  public static let enough = 0.75
  public static let enoughOfResidual = 0.35
  /// Measured where a server moved a stream: the residual 0.45 to 0.79, the microphone 0.5 to 0.75 until it was clear.
  static let enoughInDoubt = 0.45
  static let half = 0.5
  /// Less of what is taken out is in the microphone: the way has changed.
  static let leastPresence = 0.4
  /// As much of it is there: the old way still holds, and what is left is judged by itself.
  static let enoughPresence = 0.7
  /// How much more energy than what is taken out the microphone may have: 12 dB.
  static let loudestNear: Float = 16
  /// Samples a second that are compared.
  static let comparedRate = 8_000
  static let nearCount = comparedRate * 80 / 1_000
  static let residualCount = comparedRate * 120 / 1_000
  static let reachCount = comparedRate * 300 / 1_000

  private let step: Int
  private var near = FlatTrack()
  private var residual = FlatTrack()
  private var far = FlatTrack()
  private var taken = FlatTrack()

  /// - Parameter rate: samples a second, of all three.
  public init(rate: Int) { step = max(1, rate / Self.comparedRate) }

  /// What the microphone heard, what the canceller left of it, the far end, and what the canceller took for its echo, of
  /// the same samples.
  public mutating func add(
    near newNear: [Int16], residual newResidual: [Int16], far newFar: [Int16], taken newTaken: [Int16] = []
  ) {
    add(near: newNear[...], residual: newResidual[...], far: newFar[...], taken: newTaken[...])
  }

  /// The same of parts of arrays.
  mutating func add(
    near newNear: ArraySlice<Int16>, residual newResidual: ArraySlice<Int16>, far newFar: ArraySlice<Int16>,
    taken newTaken: ArraySlice<Int16>
  ) {
    near.add(newNear, step: step, keeping: Self.nearCount)
    taken.add(newTaken, step: step, keeping: Self.nearCount)
    residual.add(newResidual, step: step, keeping: Self.residualCount)
    far.add(newFar, step: step, keeping: Self.residualCount + Self.reachCount)
  }

  /// How much the microphone, and what is left of it, are the far end of some time before: 0 to 1. 0 while there is too
  /// little of either.
  public var ofNear: Double { likeness(near.samples, count: Self.nearCount) }
  public var ofResidual: Double { likeness(residual.samples, count: Self.residualCount) }

  /// The microphone hears the agent, by a way that the canceller does not know.
  public var isEcho: Bool { verdict() == .agent }

  /// What the microphone hears besides what the canceller has taken out.
  public enum Verdict: Sendable, Equatable {
    case agent
    /// Somebody else, or nothing.
    case stranger
    /// It cannot be told from these samples; `leansToAgent`: there is more of the agent in both than of anybody else.
    case undecided(leansToAgent: Bool)
  }

  /// - Parameter inDoubt: it was undecided some frames ago. Asked again and again, strangers are alike by chance, too: more
  ///   of the residual has to be the agent.
  public func verdict(inDoubt: Bool = false) -> Verdict {
    let presence = presenceOfTaken
    if let presence, presence < Self.leastPresence { return .agent }
    let (ofNear, ofResidual) = (ofNear, ofResidual)
    // Two ways at once: the one that is known is taken out, the other is left.
    if let presence, presence >= Self.enoughPresence, ofResidual >= Self.enough { return .agent }
    guard ofResidual >= Self.enoughOfResidual else { return .stranger }
    let isClear = ofResidual >= Self.enoughInDoubt
    if ofNear >= Self.enough, isClear || !inDoubt { return .agent }
    return .undecided(leansToAgent: isClear && ofNear >= Self.half)
  }

  /// How much of what the canceller takes out is in the microphone: the factor by which it has to be multiplied to come
  /// closest to what the microphone heard. 1: it is there, whoever speaks besides, because nobody else's speech goes with
  /// it. 0: it is not there, so the canceller adds it. Nil where it is too little beside the microphone to tell.
  ///
  /// This is the orthogonality that detectors of double talk use (Benesty, Morgan and Cho, 2000), over the last 80 ms.
  /// The 640 samples count as about 400 independent ones after the flattening, so a speaker who is 12 dB louder than the
  /// echo moves the result by 0.2.
  public var presenceOfTaken: Double? {
    guard near.samples.count == Self.nearCount, taken.samples.count == Self.nearCount else { return nil }
    var (product, takenEnergy, nearEnergy): (Float, Float, Float) = (0, 0, 0)
    for (near, taken) in zip(near.samples, taken.samples) {
      product += near * taken
      takenEnergy += taken * taken
      nearEnergy += near * near
    }
    guard takenEnergy > Float(Self.nearCount), takenEnergy * Self.loudestNear > nearEnergy else { return nil }
    return Double(product / takenEnergy)
  }

  private func likeness(_ samples: [Float], count window: Int) -> Double {
    let reach = Self.reachCount
    guard samples.count == window, far.samples.count >= window + reach else { return 0 }
    return samples.withUnsafeBufferPointer { near in
      far.samples.withUnsafeBufferPointer { all in
        let far = all.extracting((all.count - window - reach)...)
        // Starts with the energy of the window that is furthest back, and moves on by one sample each.
        var energy: Float = 0
        var nearEnergy: Float = 0
        for i in 0..<window {
          energy += far[i] * far[i]
          nearEnergy += near[i] * near[i]
        }
        // Below one step of 16 bit there is nothing to compare.
        guard nearEnergy > Float(window) else { return 0 }
        var best: Float = 0
        for start in 0...reach {
          if energy > Float(window) {
            var product: Float = 0
            for i in 0..<window { product += near[i] * far[start + i] }
            best = max(best, product * product / energy)
          }
          guard start < reach else { break }
          energy += far[start + window] * far[start + window] - far[start] * far[start]
        }
        return min(1, Double((best / nearEnergy).squareRoot()))
      }
    }
  }
}

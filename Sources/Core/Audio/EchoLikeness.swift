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
  /// Samples a second that are compared.
  static let comparedRate = 8_000
  static let nearCount = comparedRate * 80 / 1_000
  static let residualCount = comparedRate * 120 / 1_000
  static let reachCount = comparedRate * 300 / 1_000

  private let step: Int
  private var near = Track()
  private var residual = Track()
  private var far = Track()

  /// - Parameter rate: samples a second, of all three.
  public init(rate: Int) { step = max(1, rate / Self.comparedRate) }

  /// What the microphone heard, what the canceller left of it, and the far end, of the same samples.
  public mutating func add(near newNear: [Int16], residual newResidual: [Int16], far newFar: [Int16]) {
    near.add(newNear, step: step, keeping: Self.nearCount)
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
    let (ofNear, ofResidual) = (ofNear, ofResidual)
    guard ofResidual >= Self.enoughOfResidual else { return .stranger }
    let isClear = ofResidual >= Self.enoughInDoubt
    if ofNear >= Self.enough, isClear || !inDoubt { return .agent }
    return .undecided(leansToAgent: isClear && ofNear >= Self.half)
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

  /// A stream at the compared rate, flattened.
  private struct Track: Sendable {
    var samples: [Float] = []
    private var rest: [Int16] = []
    private var previous: Float = 0
    private var previousDifference: Float = 0

    mutating func add(_ new: [Int16], step: Int, keeping count: Int) {
      rest += new
      var start = 0
      while rest.count - start >= step {
        var sum = 0
        for i in start..<start + step { sum += Int(rest[i]) }
        let mean = Float(sum) / Float(step)
        let difference = mean - 0.95 * previous
        samples.append(difference - 0.95 * previousDifference)
        (previous, previousDifference) = (mean, difference)
        start += step
      }
      rest.removeFirst(start)
      if samples.count > count { samples.removeFirst(samples.count - count) }
    }
  }
}

/// Says how likely audio is speech, block by block: a neural model, which is outside of the machines. One stream of audio;
/// belongs to one thread.
public protocol SpeechModel: AnyObject {
  /// - Parameter block: the next `ProbabilityGate.block` samples at `ProbabilityGate.rate`.
  /// - Returns: 0 to 1; nil when the model has failed.
  func probability(of block: ArraySlice<Int16>) -> Float?
}

/// Gives a speech model audio of any rate, in its blocks, and collects what it says. Belongs to one thread.
///
/// Another rate is resampled once, here. The resampler's latency (2.5 ms) makes a block whole later, not its moment wrong.
public struct SpeechMeter {
  private let model: any SpeechModel
  private let resampler: Resampler
  private var rest: [Int16] = []

  /// - Parameter rate: samples a second of what is measured.
  public init(_ model: any SpeechModel, rate: Int) {
    self.model = model
    resampler = Resampler(from: rate, to: ProbabilityGate.rate)
  }

  /// Measures the next samples.
  /// - Returns: the probability of each block that they made whole, in order; nil when the model has failed, which is
  ///   then of no more use.
  public mutating func measure(_ samples: [Int16]) -> [Float]? {
    rest += resampler.process(samples)
    var probabilities: [Float] = []
    var start = 0
    while rest.count - start >= ProbabilityGate.block {
      guard let probability = model.probability(of: rest[start..<start + ProbabilityGate.block]) else {
        rest = []
        return nil
      }
      probabilities.append(probability)
      start += ProbabilityGate.block
    }
    rest.removeFirst(start)
    return probabilities
  }
}

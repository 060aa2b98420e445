/// Says how likely audio is speech, block by block: a neural model, which is outside of the machines. One stream of audio;
/// belongs to one thread.
public protocol SpeechModel: AnyObject {
  /// - Parameter block: the next `ProbabilityGate.block` samples at `ProbabilityGate.rate`.
  /// - Returns: 0 to 1; nil when the model has failed.
  func probability(of block: ArraySlice<Int16>) -> Float?
}

/// Cuts audio into the blocks of a speech model, as it comes.
public struct SpeechBlocks: Sendable {
  private var rest: [Int16] = []

  public init() {}

  /// Takes the next samples, at `ProbabilityGate.rate`.
  /// - Returns: the blocks that they made whole, in order.
  public mutating func cut(_ samples: some Sequence<Int16>) -> [ArraySlice<Int16>] {
    rest += samples
    let whole = rest.count - rest.count % ProbabilityGate.block
    guard whole > 0 else { return [] }
    let blocks = stride(from: 0, to: whole, by: ProbabilityGate.block).map { rest[$0..<$0 + ProbabilityGate.block] }
    rest = Array(rest[whole...])
    return blocks
  }
}

/// Gives a speech model audio of any rate, in its blocks, and collects what it says. Belongs to one thread.
///
/// Another rate is resampled once, here. The resampler's latency (2.5 ms) makes a block whole later, not its moment wrong.
public struct SpeechMeter {
  private let model: any SpeechModel
  private let resampler: Resampler
  private var blocks = SpeechBlocks()

  /// - Parameter rate: samples a second of what is measured.
  public init(_ model: any SpeechModel, rate: Int) {
    self.model = model
    resampler = Resampler(from: rate, to: ProbabilityGate.rate)
  }

  /// Measures the next samples.
  /// - Returns: the probability of each block that they made whole, in order; nil when the model has failed, which is
  ///   then of no more use.
  public mutating func measure(_ samples: [Int16]) -> [Float]? {
    var probabilities: [Float] = []
    for block in blocks.cut(resampler.process(samples)) {
      guard let probability = model.probability(of: block) else {
        blocks = SpeechBlocks()
        return nil
      }
      probabilities.append(probability)
    }
    return probabilities
  }
}

import Timeline

/// What tells when somebody speaks into the microphone.
public enum MicrophoneDetectorKind: String, Sendable, Hashable, CaseIterable {
  /// The speech model of that name.
  case silero
  case energy
}

/// The microphone's detector of speech: a speech model decides where there is one, energy elsewhere.
///
///     samples ───────► VoiceActivityDetector ─┬─ no model: decides
///                                             └─ a model: dates its edges
///     probabilities ─► ProbabilityGate ───────── decides
///
/// The model knows what is speech, and knows it for blocks of 32 ms; energy knows the millisecond at which a sound begins and
/// ends, and takes any sound for speech. So an edge of the model has the moment of the energy's edge that is near it. Energy
/// decides until the model is there, and again when it has failed. What is speech to the energy when the model comes ends as
/// soon as the model has called nine blocks in a row no speech.
public struct MicrophoneDetector: Sendable {
  public typealias Edge = VoiceActivityDetector.Edge

  /// Silence that ends speech of the model, in blocks: 288 ms, as near as blocks come to the energy's 300 ms.
  static let endBlocks = 9
  /// How far the energy's beginning may lie before the model's: p95 of how late a soft consonant is noticed.
  static let earliestStart: Duration = .milliseconds(250)
  /// How far the energy's end may lie before and after the model's.
  static let endWindow: Duration = .milliseconds(200)

  public private(set) var energy: VoiceActivityDetector
  /// The decision, hangover included.
  public private(set) var isSpeech = false
  /// What the model says; nil while energy decides.
  public private(set) var probability: SpeechProbability?

  private let rate: Int
  /// Samples processed.
  private var position = 0
  /// Where the energy's speech began last.
  private var energyOnset: Int?
  private var model: Model?

  /// What is known of a model's stream.
  private struct Model: Sendable {
    /// The position of its first sample.
    var start: Int
    var gate = ProbabilityGate(endBlocks: endBlocks)
    /// Blocks taken, and those that wait for their samples.
    var blockCount = 0
    var waiting: [Float] = []
    /// Where its speech began last.
    var onset: Int?
    var newest: SpeechProbability?
  }

  public init(rate: Int, settings: VoiceActivityDetector.Settings = .init()) {
    self.rate = rate
    energy = VoiceActivityDetector(rate: rate, settings: settings)
  }

  /// Takes what the model says of blocks that end with the samples to come, or before.
  /// - Parameter probabilities: of the blocks in order; nil: there is no model, or it has failed.
  public mutating func take(_ probabilities: [Float]?) {
    guard let probabilities else { return model = nil }
    model = model ?? Model(start: position)
    model?.waiting += probabilities
  }

  /// Looks at more audio and returns the edges found in it, in order.
  public mutating func process(_ samples: [Int16]) -> [Edge] {
    let energyEdges = energy.process(samples)
    position += samples.count
    if let start = energyEdges.last(where: \.isStart) { energyOnset = position - count(start.ago) }
    let edges: [Edge]
    if model?.newest != nil || model?.waiting.isEmpty == false {
      edges = takeBlocks() ?? energyEdges
    } else if probability == nil {
      edges = energyEdges
    } else {
      // The model has failed: what is new is the difference of the decisions.
      edges = energy.isSpeech == isSpeech ? [] : [energy.isSpeech ? energyStart : energyEnd]
    }
    probability = model?.newest
    if let last = edges.last { isSpeech = last.isStart }
    return edges
  }

  /// Gives the model's gate the blocks whose samples have been processed.
  /// - Returns: the edges that they make; nil before the first one, when the model does not decide yet.
  private mutating func takeBlocks() -> [Edge]? {
    var edges: [Edge] = []
    while var current = model, let value = current.waiting.first {
      let end = current.start + sample((current.blockCount + 1) * ProbabilityGate.block)
      guard end <= position else { break }
      if current.blockCount == 0 { current.gate = ProbabilityGate(endBlocks: Self.endBlocks, isSpeech: isSpeech) }
      current.waiting.removeFirst()
      current.blockCount += 1
      current.newest = SpeechProbability(value: value, threshold: current.gate.threshold)
      let edge = current.gate.take(value)
      if let edge, edge.isSpeech { current.onset = current.start + sample(edge.sample) }
      model = current
      if let edge { edges.append(edge.isSpeech ? modelStart : modelEnd(at: current.start + sample(edge.sample))) }
    }
    return model?.newest == nil ? nil : edges
  }

  // MARK: Dating

  /// Where the model's speech began, or the energy's shortly before it.
  private var modelStart: Edge {
    let block = model?.onset ?? position
    guard energy.isSpeech, let onset = energyOnset, onset >= block - count(Self.earliestStart) else {
      return Edge(isStart: true, ago: ago(block))
    }
    return Edge(isStart: true, ago: ago(onset))
  }

  /// - Parameter block: the end of the last block that the model calls speech.
  private func modelEnd(at block: Int) -> Edge {
    guard let since = energy.sinceVoiced, abs(position - count(since) - block) <= count(Self.endWindow) else {
      return Edge(isStart: false, ago: ago(block))
    }
    return Edge(isStart: false, ago: since)
  }

  private var energyStart: Edge { Edge(isStart: true, ago: ago(energyOnset ?? position)) }
  private var energyEnd: Edge { Edge(isStart: false, ago: energy.sinceVoiced ?? .zero) }

  private func ago(_ position: Int) -> Duration { .samples(max(0, self.position - position), rate: rate) }

  /// A number of samples at this rate.
  private func count(_ duration: Duration) -> Int { Int(duration.nanoseconds / 1000 * Int64(rate) / 1_000_000) }

  /// From the model's rate to this one.
  private func sample(_ modelSample: Int) -> Int { modelSample * rate / ProbabilityGate.rate }
}

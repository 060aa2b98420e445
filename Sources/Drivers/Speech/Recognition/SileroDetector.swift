import Agent
import Audio
import Engines

/// Silero's neural model on one stream of audio: 0.25 ms of one core for a block of 32 ms. Belongs to one thread.
///
/// The model takes the last 64 samples of the block before and the block, and a state that it gives back changed.
final class SileroModel: SpeechModel {
  private static let context = 64
  private static let stateShape: [Int64] = [2, 1, 128]

  private let model: OnnxModel
  private var input = [Float](repeating: 0, count: context + ProbabilityGate.block)
  private var state = [Float](repeating: 0, count: 256)

  /// Tries the model on a block of silence.
  /// - Throws: `EngineFault` when the model is none of Silero's.
  init(_ model: OnnxModel) throws(EngineFault) {
    self.model = model
    guard run() != nil else {
      throw EngineFault(of: model.path, reason: "it is no voice detector of Silero, version 6")
    }
    state = [Float](repeating: 0, count: 256)
  }

  func probability(of block: ArraySlice<Int16>) -> Float? {
    for index in 0..<Self.context { input[index] = input[ProbabilityGate.block + index] }
    for (index, sample) in block.prefix(ProbabilityGate.block).enumerated() {
      input[Self.context + index] = Float(sample) / 32_768
    }
    return run()
  }

  private func run() -> Float? {
    let inputs: [OnnxModel.Input] = [
      .floats("input", input, shape: [1, Int64(input.count)]), .floats("state", state, shape: Self.stateShape),
      .integers("sr", [16_000], shape: []),
    ]
    guard let made = try? model.run(inputs, outputs: ["output", "stateN"]), made[0].count == 1,
      made[1].count == state.count
    else { return nil }
    state = made[1]
    return made[0][0]
  }
}

/// Finds where speech begins and ends with Silero's neural model, which keyboards, breath, music and ringing do not
/// mislead: blocks of 32 ms. Belongs to one thread.
final class SileroDetector: VoiceDetector {
  private let model: SileroModel
  private var gate = ProbabilityGate()
  private var blocks = SpeechBlocks()

  /// - Throws: `EngineFault` when the model is none of Silero's.
  init(_ model: OnnxModel) throws(EngineFault) { self.model = try SileroModel(model) }

  var isSpeech: Bool { gate.isSpeech }
  var lastVoicedSample: Int { gate.lastVoicedSample }

  func process(_ samples: ArraySlice<Int16>) -> [SpeechEdge] {
    // A model that has worked once works on: a failure is silence.
    blocks.cut(samples).compactMap { gate.take(model.probability(of: $0) ?? 0) }
  }
}

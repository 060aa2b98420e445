import Engines
import Glibc
import Threads

/// A neural voice of Piper, ready to speak: text in the phonetic alphabet in, audio out. Any thread.
final class PiperVoice: Sendable {
  /// 2 dB below full scale: loud syllables of a voice go beyond 1, and would be cut off.
  private static let gain: Float = 32_767 * 0.8

  /// Samples a second.
  let rate: Int
  private let configuration: PiperConfiguration
  private let model: OnnxModel
  private let gate: FairGate

  /// Loads it: 450 ms and 110 MB.
  /// - Parameter gate: who speaks passes it.
  /// - Throws: `EngineFault` when a file is missing, damaged or of another kind.
  init(
    model: String, configuration file: String, runtime: OnnxRuntime, gate: FairGate
  ) throws(EngineFault) {
    configuration = try PiperConfiguration(parsing: Self.bytes(of: file), of: file)
    rate = configuration.rate
    self.gate = gate
    self.model = try OnnxModel(model, in: runtime)
    // The first run takes longer than those after it, and shows whether the model is such a voice.
    guard try made(of: configuration.input(for: "j")).count > 0 else {
      throw EngineFault(of: model, reason: "it makes no audio")
    }
  }

  /// Makes the audio of a chunk at once, 8 to 20 times faster than real time. Who asks while others are served waits for
  /// its turn.
  /// - Parameter isWanted: asked when its turn has come; false spares the work.
  /// - Returns: empty when it was not wanted, or there was no sound in the text.
  func speak(_ text: String, isWanted: () -> Bool) throws(EngineFault) -> [Int16] {
    let numbers = configuration.input(for: text)
    // A beginning, a filler and an end alone.
    guard numbers.count > 3 else { return [] }
    return try gate.pass { () throws(EngineFault) -> [Int16] in isWanted() ? try made(of: numbers) : [] }
  }

  private func made(of numbers: [Int64]) throws(EngineFault) -> [Int16] {
    let count = Int64(numbers.count)
    let outputs = try model.run(
      [
        .integers("input", numbers, shape: [1, count]), .integers("input_lengths", [count], shape: [1]),
        .floats("scales", configuration.scales, shape: [3]),
      ], outputs: ["output"])
    return outputs[0].map { $0.isFinite ? Int16(max(-32_768, min(32_767, $0 * Self.gain))) : 0 }
  }

  private static func bytes(of path: String) throws(EngineFault) -> [UInt8] {
    guard let file = fopen(path, "re") else { throw EngineFault(of: path, reason: String(cString: strerror(errno))) }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: PiperConfiguration.fileLimit + 1)
    bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
    return bytes
  }
}

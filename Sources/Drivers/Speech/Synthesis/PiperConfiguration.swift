import Engines
import Wire

/// What a voice of Piper says of itself, in the JSON file beside its model.
struct PiperConfiguration: Equatable {
  /// Samples a second.
  var rate: Int
  /// How much the sound varies, how long it takes, and how much the lengths of sounds vary, as the model takes them.
  var scales: [Float]
  /// The model's number of each character of the phonetic alphabet.
  var numbers: [Unicode.Scalar: Int64]

  /// Bytes of the file, at most; joe's has 4,794.
  static let fileLimit = 256 * 1024
  private static let characterLimit = 1024

  /// - Throws: why it cannot be used.
  init(parsing bytes: [UInt8], of file: String) throws(EngineFault) {
    func fault(_ reason: String) -> EngineFault { EngineFault(of: file, reason: reason) }
    guard bytes.count <= Self.fileLimit else { throw fault("it has more than \(Self.fileLimit) bytes") }
    guard let json = try? JSONValue(parsing: bytes) else { throw fault("it is not valid JSON") }
    guard let rate = json["audio"]?["sample_rate"]?.intValue, (8_000...48_000).contains(rate) else {
      throw fault("its sample_rate is not 8000 to 48000")
    }
    self.rate = rate
    scales = []
    let inference = json["inference"]
    for (name, allowed) in [("noise_scale", 0.0...2.0), ("length_scale", 0.25...4.0), ("noise_w", 0.0...2.0)] {
      guard let scale = inference?[name]?.numberValue, allowed.contains(scale) else {
        throw fault("its \(name) is not \(allowed.lowerBound) to \(allowed.upperBound)")
      }
      scales.append(Float(scale))
    }
    guard let most = json["num_symbols"]?.intValue, (1...Self.characterLimit).contains(most),
      case .object(let characters)? = json["phoneme_id_map"], characters.count <= Self.characterLimit
    else { throw fault("it does not say how sounds are numbered") }
    numbers = [:]
    for (character, entry) in characters {
      guard case .array(let found) = entry, let number = found.first?.intValue, (0..<most).contains(number) else {
        throw fault("its phoneme_id_map has an odd number")
      }
      let scalars = character.unicodeScalars
      if scalars.count == 1, let scalar = scalars.first { numbers[scalar] = Int64(number) }
    }
  }

  /// What the model is given for a text in the phonetic alphabet: a beginning, each character, an end, and a filler
  /// behind all but the last. Characters that the voice does not know are left out.
  func input(for text: String) -> [Int64] {
    let (filler, beginning, end): (Int64, Int64, Int64) = (0, 1, 2)
    return [beginning, filler] + text.unicodeScalars.compactMap { numbers[$0] }.flatMap { [$0, filler] } + [end]
  }
}

import AudioCodecs
import Speech

/// Sound with hard edges: nobody can argue about where it begins and ends.
enum Burst {
  /// Speech at 16 kHz, from its first loud sample to its last.
  static func speech(_ text: String) throws -> [Int16] {
    let spoken = try TypedSpeech.speak(text, rate: 16_000)
    guard let first = spoken.firstIndex(where: { $0.magnitude > 4000 }),
      let last = spoken.lastIndex(where: { $0.magnitude > 4000 })
    else { return spoken }
    return Array(spoken[first...last])
  }

  /// A WAV at 16 kHz.
  static func write(_ samples: [Int16], to path: String) throws {
    let file = try AudioFileWriter(path: path, rate: 16_000)
    try file.write(samples)
    file.close()
  }

  /// Where there is sound in a file, in milliseconds; a shorter pause does not end it.
  static func sounds(in path: String, pause: Double = 300) throws -> [ClosedRange<Double>] {
    var found: [ClosedRange<Double>] = []
    for (i, sample) in try AudioFile.read(path: path, rate: 16_000).enumerated() where sample.magnitude > 50 {
      let range = Double(i) / 16...Double(i + 1) / 16
      if let last = found.last, range.lowerBound - last.upperBound < pause {
        found[found.count - 1] = last.lowerBound...range.upperBound
      } else {
        found.append(range)
      }
    }
    return found
  }
}

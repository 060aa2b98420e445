import Agent
import Audio
import AudioCodecs
import Foundation
import Speech

/// Listens to the program's audio: where somebody speaks, and what is said.
struct Ear {
  static let rate = 16_000
  let samples: [Int16]

  /// - Throws: `AudioFile.Failure`.
  init(file: String) throws { samples = try AudioFile.read(path: file, rate: Self.rate) }

  /// - Parameter samples: at 16 kHz.
  init(samples: [Int16]) { self.samples = samples }

  /// Stretches of speech, in seconds; a pause of less than 0.6 s does not end one.
  var stretches: [ClosedRange<Double>] {
    let window = Self.rate / 50
    var found: [ClosedRange<Double>] = []
    for start in stride(from: 0, to: samples.count - window, by: window) {
      guard Level(of: Array(samples[start..<start + window])).rmsDB > -50 else { continue }
      let range = Double(start) / Double(Self.rate)...Double(start + window) / Double(Self.rate)
      if let last = found.last, range.lowerBound - last.upperBound < 0.6 {
        found[found.count - 1] = last.lowerBound...range.upperBound
      } else {
        found.append(range)
      }
    }
    return found
  }

  /// What is said in a stretch, as the recognizer understands it.
  func words(in stretch: ClosedRange<Double>) -> String {
    var first = max(0, Int((stretch.lowerBound - 0.2) * Double(Self.rate)))
    let end = min(samples.count, Int((stretch.upperBound + 0.2) * Double(Self.rate)))
    // Where between the recognizer's frames of 10 ms a word begins makes a difference to it: it begins one.
    while first < end, samples[first] == 0 { first += 1 }
    let silence = [Int16](repeating: 0, count: Self.rate / 2)
    return Self.transcript(of: silence + samples[first..<end] + silence)
  }

  private static func transcript(of samples: [Int16]) -> String {
    let final = Final()
    // The tests of sound compare with what this pair has always heard.
    let hearing = HearingChoice(recognizer: .pocketsphinx, detector: .sphinx).resolved()
    let recognizer = StreamingRecognizer(hearing) { event in
      switch event {
      case .final(_, let text): final.set(text)
      case .failed(let reason): final.set("failed: \(reason)")
      default: break
      }
    }
    defer { recognizer.stop() }
    let turn = TurnID(rawValue: 1)
    for start in stride(from: 0, to: samples.count, by: 320) {
      recognizer.accept(Array(samples[start..<min(start + 320, samples.count)]), turn: turn)
    }
    recognizer.endUtterance(turn)
    return final.wait()
  }

  /// A transcript that comes from another thread.
  private final class Final: @unchecked Sendable {
    // Sendable: `text` is only touched under `condition`.
    private let condition = NSCondition()
    private var text: String?

    func set(_ text: String) {
      condition.withLock {
        self.text = text
        condition.broadcast()
      }
    }

    func wait() -> String {
      let deadline = Date(timeIntervalSinceNow: 60)
      return condition.withLock {
        while text == nil, condition.wait(until: deadline) {}
        return text ?? "no transcript within a minute"
      }
    }
  }
}

/// Speech for the program's microphone.
enum Voice {
  /// Writes a WAV with this said in it, after a third of a second of silence.
  static func write(_ text: String, to path: String, voice: String = "rms", rate: Int = 44_100) throws {
    let file = try AudioFileWriter(path: path, rate: rate)
    try file.write([Int16](repeating: 0, count: rate / 3) + TypedSpeech.speak(text, voice: voice, rate: rate))
    file.close()
  }

  /// The same as raw samples at 16 kHz, for a pipe.
  static func writeRaw(_ text: String, to path: String) throws {
    let samples = try TypedSpeech.speak(text, voice: "slt", rate: 16_000)
    try Data(samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] })
      .write(to: URL(fileURLWithPath: path))
  }
}

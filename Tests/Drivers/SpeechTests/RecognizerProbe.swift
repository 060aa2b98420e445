import Agent
import Audio
import Foundation
import TestKit
import Threads

@testable import Speech

// Tests of Speech: recognition and synthesis with the real models and voices, and providers over loopback HTTP.

/// A recognizer under test, fed in 20 ms blocks as fast as it takes them.
final class RecognizerProbe {
  let log = CollectedEvents<RecognizerEvent>()
  let recognizer: StreamingRecognizer
  private(set) var accepted = 0

  convenience init(models: SpeechModels = .shared) { self.init(sources: [PocketSphinxSource(models: models)]) }
  init(sources: [any RecognitionSource]) {
    recognizer = StreamingRecognizer(sources: sources) { [log] in log.append($0) }
  }
  deinit { recognizer.stop() }

  func feed(_ samples: [Int16], turn: Int) {
    for start in stride(from: 0, to: samples.count, by: 320) {
      recognizer.accept(Array(samples[start..<min(start + 320, samples.count)]), turn: TurnID(rawValue: turn))
    }
    accepted += samples.count
  }

  /// Ends the turn and waits for its transcript.
  func finish(turn: Int) -> String? {
    let id = TurnID(rawValue: turn)
    recognizer.endUtterance(id)
    _ = log.wait { _ in self.final(of: id) != nil }
    return final(of: id)
  }

  func interims(of turn: Int) -> [String] {
    log.all.compactMap {
      if case .interim(TurnID(rawValue: turn), let text) = $0 { text } else { nil }
    }
  }

  var voiceEdges: [SpeechEdge] {
    log.all.compactMap { event in
      if case .voice(let isSpeech, let sample) = event { .init(isSpeech: isSpeech, sample: sample) } else { nil }
    }
  }

  private func final(of turn: TurnID) -> String? {
    for case .final(turn, let text) in log.all { return text }
    return nil
  }
}

/// Silence as a quiet room has it: ±8, about −76 dBFS, the same each time.
func roomSilence(_ seconds: Double, seed: UInt64 = 1) -> [Int16] { noise(seconds, amplitude: 8, seed: seed) }

/// White noise by a linear congruential generator.
func noise(_ seconds: Double, amplitude: Int, seed: UInt64 = 1) -> [Int16] {
  var state = seed
  return (0..<Int(seconds * 16_000)).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int16(Int(state >> 33) % (2 * amplitude + 1) - amplitude)
  }
}

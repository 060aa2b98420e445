import Audio
import Glibc

// A telephone and noise for speech to go through, and sounds without speech. 16 kHz, the same samples for the same seed.
extension Signals {
  /// Samples a second of what recognizers and voice detectors take.
  public static let speechRate = 16_000

  /// The same at another rate, all of it.
  public static func resampled(_ samples: [Int16], from: Int, to: Int) -> [Int16] {
    guard from != to else { return samples }
    let resampler = Resampler(from: from, to: to)
    return resampler.process(samples) + resampler.flush()
  }

  /// As a telephone carries it: 8 kHz, µ-law.
  public static func overTelephone(_ samples: [Int16]) -> [Int16] {
    let narrow = resampled(samples, from: speechRate, to: 8_000)
    return resampled(G711.decode(G711.encode(narrow, .mu), .mu), from: 8_000, to: speechRate)
  }

  /// Noise with the same energy in each octave, RMS 1: white noise through Paul Kellet's filter (three poles, within
  /// 0.5 dB from 10 Hz up).
  static func pink(count: Int, seed: UInt64) -> [Double] {
    var random = SeededGenerator(seed: seed)
    var (b0, b1, b2) = (0.0, 0.0, 0.0)
    let noise = (0..<count).map { _ in
      let white = Double.random(in: -1...1, using: &random)
      b0 = 0.99765 * b0 + white * 0.0990460
      b1 = 0.96300 * b1 + white * 0.2965164
      b2 = 0.57000 * b2 + white * 1.0526913
      return b0 + b1 + b2 + white * 0.1848
    }
    let level = rms(noise)
    return level > 0 ? noise.map { $0 / level } : noise
  }

  /// Pink noise of a level (RMS).
  public static func pinkNoise(count: Int, levelDB: Double, seed: UInt64 = 1) -> [Int16] {
    let gain = 32_767 * pow(10, levelDB / 20)
    return pink(count: count, seed: seed).map { Int16(clamping: Int(gain * $0)) }
  }

  /// With pink noise under all of it.
  /// - Parameters:
  ///   - decibels: how far the speech is above the noise, by their RMS.
  ///   - speech: the part of the samples whose RMS counts.
  public static func withPinkNoise(
    _ samples: [Int16], below decibels: Double, ofSpeech speech: Range<Int>, seed: UInt64
  ) -> [Int16] {
    let level = 20 * log10(max(1, rms(samples[speech].map(Double.init))) / 32_767)
    return mix(samples, pinkNoise(count: samples.count, levelDB: level - decibels, seed: seed))
  }

  /// From the first to the last 20 ms that are within 35 dB of the loudest; empty for silence.
  public static func voicedRange(_ samples: [Int16]) -> Range<Int> {
    let window = speechRate / 50
    let levels = stride(from: 0, to: samples.count - window + 1, by: window).map {
      rms(samples[$0..<$0 + window].map(Double.init))
    }
    let least = (levels.max() ?? 0) * pow(10, -35.0 / 20)
    guard least > 0, let first = levels.firstIndex(where: { $0 >= least }),
      let last = levels.lastIndex(where: { $0 >= least })
    else { return 0..<0 }
    return first * window..<(last + 1) * window
  }

  private static func rms(_ samples: some Collection<Double>) -> Double {
    samples.isEmpty ? 0 : (samples.reduce(0) { $0 + $1 * $1 } / Double(samples.count)).squareRoot()
  }
}

/// Sounds of a room in which nobody speaks.
public enum Noise: String, Sendable, CaseIterable {
  case keyboard, breath, music, steps, ringing, hum, silence

  /// Its sound at 16 kHz over a faint pink noise, as a microphone has it; silence is digital.
  public func samples(seconds: Double, seed: UInt64 = 1) -> [Int16] {
    let count = Int(seconds * Double(Signals.speechRate))
    guard self != .silence else { return [Int16](repeating: 0, count: count) }
    var sound = Signals.pink(count: count, seed: seed).map { $0 * 0.001 }
    var random = SeededGenerator(seed: seed &+ 1)
    switch self {
    case .keyboard: addClicks(&sound, seconds, &random)
    case .breath: addBreaths(&sound, &random)
    case .music: addNotes(&sound)
    case .steps: addSteps(&sound, &random)
    case .ringing: addRinging(&sound)
    case .hum: addHum(&sound)
    case .silence: break
    }
    return sound.map { Int16(max(-1, min(1, $0)) * 32_767) }
  }

  /// Six keys a second: 10 to 40 ms of noise that fades, from -26 to -10 dBFS.
  private func addClicks(_ sound: inout [Double], _ seconds: Double, _ random: inout SeededGenerator) {
    for _ in 0..<Int(seconds * 6) {
      let (start, length) = (random.below(sound.count), 150 + random.below(450))
      let loudness = Double.random(in: 0.05...0.3, using: &random)
      for index in 0..<min(length, sound.count - start) {
        let fade = exp(-4 * Double(index) / Double(length))
        sound[start + index] += Double.random(in: -1...1, using: &random) * 1.7 * loudness * fade
      }
    }
  }

  /// Every 2.4 s 0.6 s of pink noise that swells and fades, to -26 dBFS.
  private func addBreaths(_ sound: inout [Double], _ random: inout SeededGenerator) {
    let length = Signals.speechRate * 6 / 10
    for start in stride(from: Signals.speechRate, to: sound.count - length, by: Signals.speechRate * 24 / 10) {
      let breath = Signals.pink(count: length, seed: random.next())
      for index in 0..<length {
        sound[start + index] += 0.05 * breath[index] * (1 - cos(2 * .pi * Double(index) / Double(length))) / 2
      }
    }
  }

  /// Two notes a second with three overtones, each fading.
  private func addNotes(_ sound: inout [Double]) {
    let notes = [262.0, 330, 392, 523, 440, 349]
    let length = Signals.speechRate * 45 / 100
    for (note, start) in stride(from: 0, to: sound.count - length, by: Signals.speechRate / 2).enumerated() {
      for index in 0..<length {
        let time = Double(index) / Double(Signals.speechRate)
        let tones = (1...4).reduce(0.0) { $0 + sin(2 * .pi * notes[note % 6] * Double($1) * time) / Double($1) }
        sound[start + index] += 0.1 * tones * exp(-4 * time)
      }
    }
  }

  /// Pink noise that changes between -50 and -25 dBFS every four seconds.
  private func addSteps(_ sound: inout [Double], _ random: inout SeededGenerator) {
    let noise = Signals.pink(count: sound.count, seed: random.next())
    for index in sound.indices {
      let isLoud = index / (4 * Signals.speechRate) % 2 == 1
      sound[index] += noise[index] * (isLoud ? 0.0562 : 0.00316)
    }
  }

  /// A telephone: 440 and 480 Hz, two seconds of six, at -17 dBFS.
  private func addRinging(_ sound: inout [Double]) {
    for index in sound.indices where index % (6 * Signals.speechRate) < 2 * Signals.speechRate {
      let phase = 2 * .pi * Double(index) / Double(Signals.speechRate)
      sound[index] += 0.14 * (sin(440 * phase) + sin(480 * phase))
    }
  }

  /// The mains: 50 Hz and three overtones, at -29 dBFS.
  private func addHum(_ sound: inout [Double]) {
    for index in sound.indices {
      let phase = 2 * .pi * 50 * Double(index) / Double(Signals.speechRate)
      sound[index] += 0.04 * (1...4).reduce(0.0) { $0 + sin(phase * Double($1)) / Double($1) }
    }
  }
}

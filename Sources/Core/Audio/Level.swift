import Timeline

// Audio: 16-bit mono PCM and what can be computed from it. Pure; SpeexDSP is computation only.
//
//   samples ─► Level, peaks ─► meters and waveforms
//           ─► MicrophoneDetector (VoiceActivityDetector, ProbabilityGate) ─► gate
//           ─► Resampler, EchoCanceller (EchoReference, StreamAlignment) ─► EchoGuard (BargeInGate) ─► uplink
//   bytes   ─► AudioSniffer ─► PCM16, G711, WAV, or a codec's driver ─► PlayoutBuffer ─► speaker

/// The level of a stretch of audio.
public struct Level: Sendable, Equatable {
  /// What silence reads: below the 16-bit quantisation floor of about -96 dBFS.
  public static let silenceDB = -120.0
  /// Root mean square in dBFS, 0 for a full-scale square wave (so a full-scale sine reads -3.01).
  public var rmsDB: Double
  /// Largest magnitude in dBFS.
  public var peakDB: Double
  /// Samples at or next to full scale (magnitude ≥ 32 766).
  public var clipped: Int

  /// An empty sequence reads as silence.
  public init(of samples: some Sequence<Int16>) {
    self =
      samples.withContiguousStorageIfAvailable { Level(measuring: $0) }
      ?? Array(samples).withUnsafeBufferPointer { Level(measuring: $0) }
  }

  private init(measuring samples: UnsafeBufferPointer<Int16>) {
    // 2^30 a sample: an Int64 holds the sum of 2^33 samples, six days at 16 kHz.
    var sum = 0
    var largest = 0
    clipped = 0
    for sample in samples {
      let value = Int(sample)
      sum &+= value &* value
      largest = max(largest, abs(value))
      if abs(value) >= 32_766 { clipped += 1 }
    }
    let fullScale = 32_767.0 * 32_767.0
    rmsDB = samples.isEmpty ? Level.silenceDB : Decibels.fromPower(Double(sum) / Double(samples.count) / fullScale)
    peakDB = Decibels.fromPower(Double(largest * largest) / fullScale)
  }
}

/// Consecutive minima and maxima of `window` samples each (the last may be shorter): the columns of a waveform.
public func peaks(of samples: [Int16], window: Int) -> [Peak] {
  let window = max(1, window)
  return stride(from: 0, to: samples.count, by: window).map { start in
    var (low, high) = (samples[start], samples[start])
    for i in start..<min(start + window, samples.count) {
      low = min(low, samples[i])
      high = max(high, samples[i])
    }
    return Peak(low: low, high: high)
  }
}

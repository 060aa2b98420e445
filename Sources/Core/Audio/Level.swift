import Timeline

// Audio: 16-bit mono PCM and what can be computed from it. Pure; SpeexDSP is computation only.
//
//   samples ─► Level, peaks ─► meters and waveforms
//           ─► VoiceActivityDetector ─► gate
//           ─► Resampler, EchoCanceller ─► uplink
//   bytes   ─► AudioSniffer ─► decoder ─► PlayoutBuffer ─► speaker

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

  public init(of samples: some Sequence<Int16>) {
    var sum = 0.0
    var largest = 0
    var count = 0
    clipped = 0
    for sample in samples {
      let value = Int(sample)
      sum += Double(value * value)
      largest = max(largest, abs(value))
      if abs(value) >= 32_766 { clipped += 1 }
      count += 1
    }
    rmsDB = count == 0 ? Level.silenceDB : Decibels.fromPower(sum / Double(count) / (32_767.0 * 32_767.0))
    peakDB = Decibels.fromPower(Double(largest * largest) / (32_767.0 * 32_767.0))
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

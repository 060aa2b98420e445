import Screen
import Timeline

/// What a stretch of the microphone's audio was, in one byte: what became of it, and what the detector decided.
struct MicTag: Sendable, Equatable {
  let rawValue: UInt8

  private enum Fate: UInt8 {
    case sent = 1
    case gated, muted, synthetic
  }
  private enum Decision: UInt8 {
    case silence, speech
    /// Called speech still, though the measure is below its threshold.
    case hangover
  }

  init(rawValue: UInt8) { self.rawValue = rawValue }

  init(_ frame: MicFrame) {
    let fate: Fate =
      switch frame.fate {
      case .sent: frame.isSynthetic ? .synthetic : .sent
      case .gated, .held: .gated
      case .muted: .muted
      }
    let decision: Decision =
      !frame.isSpeech ? .silence : frame.isVoiced ? .speech : .hangover
    rawValue = fate.rawValue | decision.rawValue << 4
  }

  /// How the waveform is drawn.
  var style: Style {
    switch Fate(rawValue: rawValue & 0x0F) {
    case .sent: Style(.user)
    case .synthetic: Style(.operator)
    case .muted: Style(.modifier, .dim)
    case .gated, nil: Style(.dim)
    }
  }

  /// How the lane of decisions is drawn; nil for silence.
  var mark: (Unicode.Scalar, Style)? {
    switch Decision(rawValue: rawValue >> 4) {
    case .speech: ("━", Style(.vad, .bold))
    case .hangover: ("╌", Style(.vad))
    case .silence, nil: nil
    }
  }
}

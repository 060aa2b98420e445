import Timeline
import Wire

/// What the server claims about one stage, beside what was measured from outside.
public struct ClaimedStage: Sendable, Equatable {
  /// `stt`, `llm`, `tts`.
  public var name: String
  public var claimedMs: Double
  /// The same stretch on the wire; nil where one of its ends was not seen.
  public var measuredMs: Double?
  public init(name: String, claimedMs: Double, measuredMs: Double?) {
    self.name = name
    self.claimedMs = claimedMs
    self.measuredMs = measuredMs
  }

  /// Measured less claimed: what the claim leaves out, in milliseconds.
  public var missingMs: Double? { measuredMs.map { $0 - claimedMs } }

  /// The two differ by more than 20 ms, or by more than a tenth of what was measured. Claims come in whole
  /// milliseconds: a difference of one says nothing.
  public var isDisputed: Bool {
    guard let measuredMs, let missingMs, abs(missingMs) > 1 else { return false }
    return abs(missingMs) > 20 || abs(missingMs) > measuredMs / 10
  }
}

/// What the server claims to have won for a turn by not waiting as long as it usually does.
public struct ClaimedGain: Sendable, Equatable {
  /// The claimed stage that it belongs to: `stt` for silence that was not waited for, `llm` for an answer that was asked for
  /// before the final transcript.
  public var stage: String
  public var claimedMs: Double
  /// More cannot have been won: from the first voiced sample to the final transcript. Nil where one of them was not seen.
  public var mostMs: Double?

  public var isDisputed: Bool { mostMs.map { claimedMs > $0 + 1 } ?? false }
}

extension Turn {
  /// What the server claims to have won, in the order of the stages.
  public var claimedGains: [ClaimedGain] {
    guard let claims else { return [] }
    var most: Double?
    if let speechStart, let final, final >= speechStart { most = (final - speechStart).milliseconds }
    return [("stt", claims.endpointSavedMs), ("llm", claims.llmAheadMs)].compactMap { stage, claimed in
      claimed.map { ClaimedGain(stage: stage, claimedMs: $0, mostMs: most) }
    }
  }

  /// The server's account of the turn, in the order of its stages.
  ///
  /// | claim | measured here |
  /// |---|---|
  /// | `stt` | last voiced sample to final transcript; not where only the server's word tells of the end |
  /// | `llm` | final transcript to first text |
  /// | `tts` | first text to first audio |
  public var claimedStages: [ClaimedStage] {
    guard let claims else { return [] }
    return [
      ("stt", claims.sttMs, endIsServers ? nil : speechEnd, final), ("llm", claims.llmFirstTokenMs, final, firstText),
      ("tts", claims.ttsFirstByteMs, firstText, firstAudio),
    ].compactMap { name, claimed, from, to in
      guard let claimed else { return nil }
      var measured: Double?
      if let from, let to, to >= from { measured = (to - from).milliseconds }
      return ClaimedStage(name: name, claimedMs: claimed, measuredMs: measured)
    }
  }
}

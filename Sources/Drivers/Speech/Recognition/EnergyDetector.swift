import Agent
import Audio
import Timeline

/// Finds where speech begins and ends by its energy alone, as the client's own detector does: for comparison, and where
/// neither library is wanted. Belongs to one thread.
final class EnergyDetector: VoiceDetector {
  private var detector: VoiceActivityDetector
  private var position = 0
  private(set) var lastVoicedSample = 0

  init() {
    var settings = VoiceActivityDetector.Settings()
    // The agent measures silence by itself.
    settings.hangover = .milliseconds(100)
    detector = VoiceActivityDetector(rate: UtteranceDecoding.rate, settings: settings)
  }

  var isSpeech: Bool { detector.isSpeech }

  func process(_ samples: ArraySlice<Int16>) -> [SpeechEdge] {
    position += samples.count
    let edges = detector.process(Array(samples)).map { edge in
      let ago = Int(edge.ago.nanoseconds * Int64(UtteranceDecoding.rate) / 1_000_000_000)
      return SpeechEdge(isSpeech: edge.isStart, sample: max(0, position - ago))
    }
    if isSpeech { lastVoicedSample = position } else if let last = edges.last { lastVoicedSample = last.sample }
    return edges
  }
}

import Timeline
import Wire

// What the server says of itself: the engines that it hears with, the voice that it speaks with, and what these cost.
extension Insight {
  /// Engines that the server would use if it had them, by name, and what to do to have them. Nil when none is missing, and
  /// where nothing is known of them.
  public var missingEngines: (what: String, remedy: String?)? {
    if let missing = engines?.missing { return (missing, engines?.remedy) }
    return engines == nil ? engineNotice.map { ($0.text, $0.remedy) } : nil
  }

  mutating func serverIsReady(_ ready: Ready) {
    outputRate = ready.outputRate ?? outputRate
    engines = ready.engines
    voice = ready.voice.map { String($0.prefix(bytes: SpeechEngines.longestName)) }
  }

  /// The voice may have been chosen anew.
  mutating func configApplied(_ settings: JSONValue) {
    guard voice != nil, let name = settings["voice"]?.stringValue, !name.isEmpty else { return }
    voice = String(name.prefix(bytes: SpeechEngines.longestName))
  }

  mutating func claimed(_ claims: ServerMetrics) {
    voice = claims.voice ?? voice
    longestSTTQueue = max(longestSTTQueue, claims.sttQueue ?? 0)
    if let ms = claims.ttsFirstByteMs { firstAudioClaims.record(ms) }
    // A recording may hold any number.
    voiceCharacters.sent = voiceCharacters.sent.addingBounded(claims.ttsCharacters)
    voiceCharacters.unheard = voiceCharacters.unheard.addingBounded(claims.ttsUnheard)
    guard let i = turns.lastIndex(where: \.isAnswered) ?? turns.indices.last else { return }
    guard claims.isOfTheEnd, turns[i].claims != nil else { return turns[i].claims = claims }
    turns[i].claims?.ttsCharacters = claims.ttsCharacters
    turns[i].claims?.ttsUnheard = claims.ttsUnheard
  }

  /// The program has found engines missing that its own server would use.
  mutating func note(missing notice: Notice) {
    func kept(_ text: String) -> String { String(text.prefix(bytes: SpeechEngines.longestRemedy)) }
    engineNotice = (kept(notice.text), notice.remedy.map(kept))
  }
}

extension ServerMetrics {
  /// It says what the response has cost, and nothing of its beginning.
  fileprivate var isOfTheEnd: Bool {
    ttsCharacters != nil && sttMs == nil && llmFirstTokenMs == nil && ttsFirstByteMs == nil
  }
}

extension Int {
  fileprivate func addingBounded(_ count: Int?) -> Int {
    let (sum, isTooLarge) = addingReportingOverflow(Swift.max(0, count ?? 0))
    return isTooLarge ? .max : sum
  }
}

// How long the user waits for an answer.
extension Figure {
  /// In the order of the page.
  static let responses = [
    turns, responseCount, responseTimeP50, responseTimeP90, responseTimeP95, responseTimeP99, responseTimeMax,
    turnsInterrupted, turnsOverlapped, turnsWithoutFinal, turnsLost, sttQueueMax, firstAudioP50, firstAudioP95,
    charactersSent, charactersUnheard, answersWithoutText, spokenWithoutText,
  ]

  public static let turns = Figure(
    id: "turns", .responses, title: "turns",
    meaning: "What the user says and the answer to it is one turn. A greeting is a turn, too.",
    measured: "each turn that has begun, answered or not"
  ) { $0.turns.last?.number ?? 0 }

  public static let responseCount = Figure(
    id: "response-count", .responses, title: "turns in the response times",
    meaning: "So many waits the percentiles are of. A turn counts from its first sound on, and no longer once it is "
      + "disturbed.",
    measured: "turns with a response time that nothing has disturbed so far"
  ) { $0.latency.count }

  public static let responseTimeP50 = responseTime("p50", "half of the waits are not longer") { $0.p50 }
  public static let responseTimeP90 = responseTime("p90", "nine of ten waits are not longer") { $0.p90 }
  public static let responseTimeP95 = responseTime("p95", "95 of 100 waits are not longer") { $0.p95 }
  public static let responseTimeP99 = responseTime("p99", "99 of 100 waits are not longer") { $0.p99 }

  public static let responseTimeMax = Figure(
    id: "response-time-max", .responses, .ms, title: "response time, longest", meaning: "The longest wait of all.",
    measured: responseEdges
  ) { $0.latency.worst?.ms }

  public static let turnsInterrupted = aside(
    .interrupted, "interrupted", "turns cut", "The answer was cut, by a key, by speech or by the server.")
  public static let turnsOverlapped = aside(
    .overlapped, "overlapped", "turns spoken over", "The user spoke while the answer was heard.")
  public static let turnsWithoutFinal = aside(
    .noFinal, "without-final", "turns without a final",
    "The answer came without a final transcript, from a server that sends them.")
  public static let turnsLost = aside(
    .lost, "lost", "turns lost", "The connection went away before the answer was heard to its end.")

  public static let sttQueueMax = Figure(
    id: "stt-queue-max", .responses, title: "recogniser's queue, longest",
    meaning: "Other pieces of speech that the server's recogniser had to decode before the user's last one.",
    measured: "the server's own word (`stt_queue`), one for each turn"
  ) { $0.longestSTTQueue }

  public static let firstAudioP50 = firstAudio("p50") { $0.p50 }
  public static let firstAudioP95 = firstAudio("p95") { $0.p95 }

  public static let charactersSent = Figure(
    id: "voice-characters", .responses, title: "characters sent to the voice",
    meaning: "What a service that speaks was sent, and is paid for. None where the voice is the server's own.",
    measured: "the server's own word (`tts_chars`), one for each response"
  ) { $0.voiceCharacters.sent }

  public static let charactersUnheard = Figure(
    id: "voice-characters-unheard", .responses, title: "characters not heard",
    meaning: "Paid for, and never heard: the answer was cut, it broke off, or another voice had to say it.",
    measured: "the server's own word (`tts_unheard`), one for each response"
  ) { $0.voiceCharacters.unheard }

  public static let answersWithoutText = Figure(
    id: "answers-without-text", .responses, title: "answers without text",
    meaning: "The agent spoke, and no words of it came.", measured: "answers that were heard, of the last 5 000 lines"
  ) { $0.transcript.count { $0.spokenMs != nil } }

  public static let spokenWithoutText = Figure(
    id: "spoken-without-text", .responses, .s, title: "audio of answers without text",
    meaning: "So long the agent spoke in them.", measured: "the audio of those answers that was heard"
  ) { $0.transcript.compactMap(\.spokenMs).reduce(0, +) / 1000 }

  private static let responseEdges =
    "from the last sample of the user's speech to the first sample of the answer that leaves the speaker; seen at the wire, "
    + "to the first message with audio of the answer"

  private static func responseTime(
    _ percentile: String, _ meaning: String, _ value: @escaping @Sendable (Percentiles) -> Double
  ) -> Figure {
    Figure(
      id: "response-time-\(percentile)", .responses, .ms, title: "response time, \(percentile)",
      meaning: "What the user waits for: \(meaning). Turns that were disturbed are left out, and counted apart.",
      measured: responseEdges
    ) { $0.latency.percentiles.map(value) }
  }

  private static func firstAudio(
    _ percentile: String, _ value: @escaping @Sendable (DurationHistogram) -> Double?
  ) -> Figure {
    Figure(
      id: "first-audio-\(percentile)", .responses, .ms, title: "voice's first audio, \(percentile)",
      meaning: "What the voice costs: so long its engine works before anything of an answer can be sent.",
      measured: "from an answer's first sentence to its first audio, by the server's own word (`tts_ttfb_ms`)"
    ) { value($0.firstAudioClaims) }
  }

  private static func aside(_ mark: Turn.Mark, _ id: String, _ title: String, _ meaning: String) -> Figure {
    Figure(
      id: "turns-\(id)", .responses, title: title, meaning: "\(meaning) Its response time stands aside.",
      measured: "turns that are over or were heard; a turn may count in several of these"
    ) { $0.latency.excluded[mark] ?? 0 }
  }
}

// How well the agent can be cut off.
extension Figure {
  /// In the order of the page.
  static let bargeInFigures = [
    bargeIns, bargeInsTooShort, bargeInsEcho, bargeInsWithoutEffect, backchannels, stopTimeP50, stopTimeP95,
    staleReceivedP95, staleHeardP95, holds, falseStops, falseStopP95,
  ]

  public static let bargeIns = verdict(
    .genuine, "barge-ins", "barge-ins", "Answers that the user cut, by 200 ms of speech or more, or by the key.")
  public static let bargeInsTooShort = verdict(
    .tooShort, "barge-ins-too-short", "barge-ins, too short",
    "Answers that were cut by less than 200 ms of speech: a cough, a door, a click.")
  public static let bargeInsEcho = verdict(
    .echo, "barge-ins-echo", "barge-ins, echo", "Answers that were cut by the agent's own echo in the microphone.")

  public static let bargeInsWithoutEffect = Figure(
    id: "barge-ins-without-effect", .bargeIns, title: "speech over the agent without effect",
    meaning: "The user spoke while the agent was heard, and nothing was cut or held.",
    measured: "onsets of speech over an answer that was then heard to its end, without a hold for them"
  ) { $0.bargeIns.ignored }

  public static let backchannels = Figure(
    id: "backchannels", .bargeIns, title: "backchannels",
    meaning: "Words over an answer that went on, and that were not answered, as \"uh huh\". They are no turns.",
    measured: "final transcripts that came while an answer went on over which the speech began; not those that cut it "
      + "or were answered later"
  ) { $0.asideCount }

  public static let stopTimeP50 = stopTime("p50") { $0.p50 }
  public static let stopTimeP95 = stopTime("p95") { $0.p95 }

  public static let staleReceivedP95 = Figure(
    id: "stale-received-p95", .bargeIns, .ms, title: "stale audio received, p95",
    meaning: "Audio of a cut answer that the server sent all the same.",
    measured: "audio of the answer that came from the onset of the barge-in to the next exchange; genuine ones alone"
  ) { $0.bargeIns.staleReceived.p95 }

  public static let staleHeardP95 = Figure(
    id: "stale-heard-p95", .bargeIns, .ms, title: "stale audio heard, p95",
    meaning: "Audio of a cut answer that was still heard.",
    measured: "audio of the answer that was heard from the onset of the barge-in to its last sample; genuine ones alone"
  ) { $0.bargeIns.staleHeard.p95 }

  public static let holds = Figure(
    id: "holds", .bargeIns, title: "holds",
    meaning: "The server silenced an answer until it knew what the user said over it.",
    measured: "each response_held that silenced something"
  ) { $0.bargeIns.holds }

  public static let falseStops = Figure(
    id: "false-stops", .bargeIns, title: "false stops",
    meaning: "Holds after which the answer went on: a word of agreement, a cough, a noise.",
    measured: "holds that were ended by response_resumed, or by themselves after 3 s"
  ) { Int($0.bargeIns.falseStops.count) }

  public static let falseStopP95 = Figure(
    id: "false-stop-p95", .bargeIns, .ms, title: "false stop, p95",
    meaning: "Silence in the middle of an answer for nothing.",
    measured: "from the last sample heard of an answer that was held to its going on"
  ) { $0.bargeIns.falseStops.p95 }

  private static func verdict(_ verdict: BargeIn.Verdict, _ id: String, _ title: String, _ meaning: String) -> Figure {
    Figure(id: id, .bargeIns, title: title, meaning: meaning, measured: "cuts, each by what it was judged to be") {
      $0.bargeIns.counts[verdict] ?? 0
    }
  }

  private static func stopTime(_ percentile: String, _ value: @escaping @Sendable (DurationHistogram) -> Double?)
    -> Figure
  {
    Figure(
      id: "stop-time-\(percentile)", .bargeIns, .ms, title: "stop time, \(percentile)",
      meaning: "What the user waits for the floor. Counts once the next exchange has begun.",
      measured: "from the onset of the user's speech, or the key, to the last sample of the cut answer that leaves the "
        + "speaker; genuine ones alone"
    ) { value($0.bargeIns.stopTimes) }
  }
}

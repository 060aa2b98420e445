// How the agent's audio arrives and is played.
extension Figure {
  /// In the order of the page.
  static let playout = [
    played, discarded, underruns, dry, concealed, jitter, chunks, lateChunks, burstMax, serverClock, speakerClock,
  ]

  public static let played = Figure(
    id: "played", .playout, .s, title: "audio played", meaning: "The agent's audio that was played.",
    measured: "audio of answers that was handed to the output, the silence between them left out"
  ) { $0.playout.playedMs / 1000 }

  public static let discarded = Figure(
    id: "discarded", .playout, .s, title: "audio discarded",
    meaning: "The agent's audio that came and was never heard, because its answer was cut.",
    measured: "audio that waited to be played when the playout was emptied"
  ) { $0.playout.discardedMs / 1000 }

  public static let underruns = Figure(
    id: "underruns", .playout, title: "underruns",
    meaning: "The playout ran dry before the end of an answer: its audio came too late.",
    measured: "times that it ran dry, each once"
  ) { $0.delivery.underruns }

  public static let dry = Figure(
    id: "dry", .playout, .ms, title: "time without audio",
    meaning: "The time of all underruns together, whether or not the answer went on after them.",
    measured: "from each underrun to the next block of audio, or to the end of the answer"
  ) { $0.delivery.underrunMs }

  public static let concealed = Figure(
    id: "concealed", .playout, .ms, title: "silence in answers",
    meaning: "Silence that was heard in the middle of answers in the place of audio that was late.",
    measured: "from the last sample before a gap to the first one behind it, at the speaker; a gap without an underrun "
      + "counts from 5 ms on"
  ) { $0.delivery.concealedMs }

  public static let jitter = Figure(
    id: "jitter", .playout, .ms, title: "jitter",
    meaning: "How unevenly the audio arrives (RFC 3550, section 6.4.1), the pace of the sender taken out.",
    measured: "from each message with audio to the next one, against the length of its audio; smoothed by a sixteenth"
  ) { $0.playout.jitterMs }

  public static let chunks = Figure(
    id: "chunks", .playout, title: "messages with audio", meaning: "Messages with audio of the agent.",
    measured: "messages that were received, those of cut answers as well"
  ) { $0.delivery.chunks }

  public static let lateChunks = Figure(
    id: "chunks-late", .playout, title: "messages with audio, late",
    meaning: "Messages that came when a listener with the playout's target depth had nothing left to hear.",
    measured: "messages that were received; a delay moves those behind it, and counts once"
  ) { $0.delivery.lateChunks }

  public static let burstMax = Figure(
    id: "burst-max", .playout, .ratio, title: "fastest answer",
    meaning: "How fast an answer was sent: 1 is as fast as it is heard.",
    measured: "audio of an answer before its last message, over the time from its first message to its last one (100 "
      + "ms at least)"
  ) { $0.delivery.highestBurst }

  public static let serverClock = Figure(
    id: "server-clock", .playout, .ppm, title: "the server's clock",
    meaning: "How much slower than ours the clock in the server's messages runs. Negative when it is faster.",
    measured: "from the quickest message of the first 10 s of a connection to the quickest of the last whole 10 s"
  ) { $0.delivery.serverClock.ppm }

  public static let speakerClock = Figure(
    id: "speaker-clock", .playout, .ppm, title: "the speaker's clock",
    meaning: "How much faster than ours the clock of the sound card runs, as its driver measures it.",
    measured: "what the device said last"
  ) { $0.delivery.speakerDriftPPM }
}

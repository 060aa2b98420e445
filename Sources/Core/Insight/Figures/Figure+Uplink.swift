// How the user's audio gets away.
extension Figure {
  /// In the order of the page.
  static let uplink = [
    uplinkSent, uplinkSilence, uplinkChunks, uplinkDropped, uplinkDepthMax, uplinkBacklogMax, uplinkWaitP50,
    uplinkWaitP95, sequenceGaps, sequenceMissing,
  ]

  public static let uplinkSent = Figure(
    id: "uplink-sent", .uplink, .s, title: "audio sent", meaning: "The user's audio that was sent.",
    measured: "audio in the messages that were handed to the socket"
  ) { $0.uplink.sentMs / 1000 }

  public static let uplinkSilence = Figure(
    id: "uplink-silence", .uplink, .s, title: "audio sent, without speech",
    meaning: "Of that, what holds no speech: the hangover of the gate, or an open microphone.",
    measured: "microphone audio that was sent and that the voice detector did not take for speech; without a recorded "
      + "microphone, messages below -50 dBFS"
  ) { $0.uplink.silentMs / 1000 }

  public static let uplinkChunks = Figure(
    id: "uplink-chunks", .uplink, title: "messages sent with audio", meaning: "Messages with audio of the user.",
    measured: "messages that were handed to the socket"
  ) { $0.uplink.chunks }

  public static let uplinkDropped = Figure(
    id: "uplink-dropped", .uplink, title: "messages dropped",
    meaning: "Messages with audio of the user that were dropped, because the socket did not take them in time.",
    measured: "what the uplink's queue said last; 0 while it has said nothing"
  ) { $0.uplink.dropped }

  public static let uplinkDepthMax = Figure(
    id: "uplink-waiting-max", .uplink, title: "messages waiting, most",
    meaning: "The most messages with audio of the user that waited for the socket.",
    measured: "each word of the uplink's queue, ten a second at most"
  ) { $0.uplink.highestDepth }

  public static let uplinkBacklogMax = Figure(
    id: "backlog-max", .uplink, .bytes, title: "backlog of the socket, most",
    meaning: "The most bytes that the socket had taken and not sent.",
    measured: "each word of the socket's queue, ten a second at most"
  ) { $0.uplink.highestBacklogBytes }

  public static let uplinkWaitP50 = uplinkWait("p50") { $0.p50 }
  public static let uplinkWaitP95 = uplinkWait("p95") { $0.p95 }

  public static let sequenceGaps = Figure(
    id: "sequence-gaps", .uplink, title: "gaps in the sequence numbers",
    meaning: "Places where sequence numbers of sent audio were left out.",
    measured: "messages to the server whose number is more than one above the one before, on one connection"
  ) { $0.uplink.sequenceGaps }

  public static let sequenceMissing = Figure(
    id: "sequence-missing", .uplink, title: "sequence numbers left out",
    meaning: "The numbers that were left out in those gaps.", measured: "numbers between one message and the next"
  ) { $0.uplink.missingChunks }

  private static func uplinkWait(_ percentile: String, _ value: @escaping @Sendable (DurationHistogram) -> Double?)
    -> Figure
  {
    Figure(
      id: "uplink-wait-\(percentile)", .uplink, .ms, title: "captured to sent, \(percentile)",
      meaning: "How long the user's audio waits in the program. What the socket holds back is not in it.",
      measured: "from the capture of a message's last sample to its handing to the socket"
    ) { value($0.uplink.waits) }
  }
}

// How the connection holds, and what goes over it.
extension Figure {
  /// In the order of the page.
  static let connection = [
    connectTimeP50, connectTimeMax, roundTripP50, roundTripP95, pongs, missedPongs, outages, recoveryTimeP50,
    recoveryTimeP95, speechLost, messagesSent, bytesSent, messagesReceived, bytesReceived,
    uplinkWireRate, uplinkSaving, downlinkWireRate, downlinkSaving,
  ]

  public static let connectTimeP50 = Figure(
    id: "connect-time-p50", .connection, .ms, title: "time to connect, p50",
    meaning: "How long it takes until the server is ready.", measured: connectEdges
  ) { $0.connection.connectTimes.p50 }

  public static let connectTimeMax = Figure(
    id: "connect-time-max", .connection, .ms, title: "time to connect, longest",
    meaning: "The longest of all connections.", measured: connectEdges
  ) { $0.connection.connectTimes.maximum }

  public static let roundTripP50 = roundTrip("p50") { $0.p50 }
  public static let roundTripP95 = roundTrip("p95") { $0.p95 }

  public static let pongs = Figure(
    id: "pongs", .connection, title: "pings answered", meaning: "So many round trips the percentiles are of.",
    measured: "pings of ours whose pong came in time"
  ) { $0.connection.roundTrips.count }

  public static let missedPongs = Figure(
    id: "pongs-missed", .connection, title: "pings not answered", meaning: "Pings that were not answered in time.",
    measured: "pings of ours"
  ) { $0.connection.missedPongs }

  public static let outages = Figure(
    id: "outages", .connection, title: "outages",
    meaning: "Connections that were lost. One that the operator ends by quitting is none.",
    measured: "connections that were ready and are closed"
  ) { $0.connection.losses }

  public static let recoveryTimeP50 = recoveryTime("p50") { $0.p50 }
  public static let recoveryTimeP95 = recoveryTime("p95") { $0.p95 }

  public static let speechLost = Figure(
    id: "speech-lost", .connection, .s, title: "speech lost in outages",
    meaning: "Speech of the user that was dropped while there was no connection.",
    measured: "what the uplink's queue dropped from a loss to 200 ms behind the recovery"
  ) { $0.connection.lostSpeechMs / 1000 }

  public static let messagesSent = Figure(
    id: "messages-sent", .connection, title: "messages sent", meaning: "Messages to the server.",
    measured: "WebSocket messages of any kind, on all connections"
  ) { $0.sent.messages }

  public static let bytesSent = Figure(
    id: "bytes-sent", .connection, .bytes, title: "bytes sent", meaning: "What those messages hold.",
    measured: "their payloads, without what WebSocket and TLS add"
  ) { $0.sent.bytes }

  public static let messagesReceived = Figure(
    id: "messages-received", .connection, title: "messages received", meaning: "Messages from the server.",
    measured: "WebSocket messages of any kind, on all connections"
  ) { $0.received.messages }

  public static let bytesReceived = Figure(
    id: "bytes-received", .connection, .bytes, title: "bytes received", meaning: "What those messages hold.",
    measured: "their payloads, without what WebSocket and TLS add"
  ) { $0.received.bytes }

  public static let uplinkWireRate = Figure(
    id: "uplink-wire-rate", .connection, .bytesPerSecond, title: "audio sent, bytes a second",
    meaning: "What a second of the user's audio takes on the wire.",
    measured: "payloads of the messages with audio, over the length of their audio"
  ) { $0.uplink.wire.bytesPerSecond }

  public static let uplinkSaving = Figure(
    id: "uplink-saving", .connection, .percent, title: "audio sent, saved by the codec",
    meaning: "How much smaller the user's audio is than 16-bit samples of the same length at the dialect's rate.",
    measured: "bytes of the audio alone, without what JSON and base64 add"
  ) { $0.uplinkSaving }

  public static let downlinkWireRate = Figure(
    id: "downlink-wire-rate", .connection, .bytesPerSecond, title: "audio received, bytes a second",
    meaning: "What a second of the agent's audio takes on the wire.",
    measured: "payloads of the messages with audio, over the length of their audio"
  ) { $0.delivery.wire.bytesPerSecond }

  public static let downlinkSaving = Figure(
    id: "downlink-saving", .connection, .percent, title: "audio received, saved by the codec",
    meaning: "How much smaller the agent's audio is than 16-bit samples of the same length at the dialect's rate.",
    measured: "bytes of the audio alone, without what JSON and base64 add"
  ) { $0.downlinkSaving }

  private static let connectEdges = "from the beginning of the attempt, the look-up of the name included, to ready"

  private static func roundTrip(_ percentile: String, _ value: @escaping @Sendable (DurationHistogram) -> Double?)
    -> Figure
  {
    Figure(
      id: "round-trip-\(percentile)", .connection, .ms, title: "round trip, \(percentile)",
      meaning: "How far the server is away.", measured: "from the sending of a ping to its pong"
    ) { value($0.connection.roundTrips) }
  }

  private static func recoveryTime(_ percentile: String, _ value: @escaping @Sendable (DurationHistogram) -> Double?)
    -> Figure
  {
    Figure(
      id: "recovery-time-\(percentile)", .connection, .ms, title: "recovery, \(percentile)",
      meaning: "How long the user is without the agent.",
      measured: "from the loss of a connection to ready on another one"
    ) { value($0.connection.recoveryTimes) }
  }
}

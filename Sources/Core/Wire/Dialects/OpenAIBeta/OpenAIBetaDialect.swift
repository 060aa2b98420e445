import Timeline

/// OpenAI's Realtime protocol in the shape of its beta, which the vendor has turned off and compatible servers still have.
/// It is the `openai` dialect that begins in the other shape; `OpenAIShape` has what differs.
public struct OpenAIBetaDialect: Dialect {
  public static let card: DialectCard = {
    let current = OpenAIDialect.card
    return DialectCard(
      name: "openai-beta", title: "OpenAI Realtime, beta shape",
      notes: "As `openai`, with the flat session and the names of messages of before. See docs/openai.md.",
      path: "/v1/realtime", credentials: current.credentials,
      subprotocols: current.subprotocols + ["openai-beta.realtime-v1"], headers: [("OpenAI-Beta", "realtime=v1")],
      options: [
        DialectCard.Option(
          name: "model", help: "The model that answers.", fallback: "gpt-4o-realtime-preview", place: .query("model")),
        DialectCard.Option(
          name: "transcription", help: "The model that writes down what you say.", fallback: "whisper-1",
          place: .opening),
      ],
      uplink: current.uplink, downlink: current.downlink, readiness: current.readiness, turns: current.turns,
      responseEnd: current.responseEnd, identity: current.identity, interruption: current.interruption,
      transcription: current.transcription, clientSays: current.clientSays, serverSays: current.serverSays,
      speechStartCuts: current.speechStartCuts, readyAdvice: current.readyAdvice,
      configText: #"{"instructions": "Be brief.", "voice": "alloy", "language": "en"}"#, voices: current.voices)
  }()

  private var link: OpenAIDialect

  public var card: DialectCard { link.card }

  public init(_ settings: DialectSettings = DialectSettings()) {
    link = OpenAIDialect(settings, Self.card, .beta)
  }

  public mutating func read(_ message: WireMessage, from side: Side) -> Reading { link.read(message, from: side) }

  public mutating func say(_ what: Saying, as side: Side, at now: Timestamp) -> [WireMessage] {
    link.say(what, as: side, at: now)
  }

  public mutating func owes(as side: Side, at now: Timestamp) -> [WireMessage] { link.owes(as: side, at: now) }
}

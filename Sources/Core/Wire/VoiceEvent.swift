// Wire: what the bytes of a voice protocol mean.
//
//   WireMessage ──► Dialect.read ──► Reading ([VoiceEvent], WireRef) ──► machines, insight, console
//   WireMessage ◄── Dialect.say  ◄── Saying (VoiceEvent)             ◄── machines
//
// A row in DialectTable and a folder in Dialects for each dialect. What a dialect is, its DialectCard says.

/// What a message means, whatever dialect it was said in.
public enum VoiceEvent: Sendable, Equatable {
  // Either way
  /// A piece of audio: the user's from the client, the agent's from the server.
  case audio(AudioPayload)
  /// An in-band ping, where a dialect has its own, and its echo.
  case ping(InBandPing)
  case pong(InBandPing)
  /// A place in the audio, by name. The side that sends the audio asks with it to be told when the audio before it was
  /// played; the side that plays answers with it.
  case mark(String)
  /// A key of a telephone: `0` to `9`, `*`, `#`, `A` to `D`.
  case dtmf(String)
  /// What a tool gave. From the server: it has run the tool itself.
  case toolResult(ToolResult)

  // Client to server
  /// Stop the current response now.
  case interrupt
  /// How much the user heard of what was cut, so that the server forgets the rest.
  case heard(HeardAudio)
  /// The user's turn is over: what was sent is what was said. Where the client ends the turns.
  case turnEnd
  /// Forget the audio that was sent and not yet understood.
  case audioDiscarded
  /// Answer now, with these settings for this answer alone.
  case responseRequest(JSONValue)
  /// Settings to change.
  case config(JSONValue)
  /// The client's own voice activity edges.
  case speechStart
  case speechEnd
  /// A typed turn that skips speech recognition.
  case text(String)

  // Server to client
  /// The server takes audio from now on.
  case ready(Ready)
  /// The server's voice activity edges.
  case userSpeechStart
  case userSpeechEnd
  /// What the user seems to be saying; replaces the interim before it.
  case transcriptInterim(String)
  /// What the user said.
  case transcriptFinal(String)
  /// A response begins, of which nothing is said yet.
  case responseStarted
  /// Words the agent is about to say; appended to those before by `DeltaText`, shown alone by `VoiceEvent.shown`.
  case responseText(String)
  /// The response was sent whole.
  case responseComplete
  /// The response was cut off; what has not been heard yet must not be played.
  case interrupted
  /// The user makes a sound over the response, and it is not known yet whether that is an interruption: what has not been
  /// heard yet waits, and is neither played nor dropped.
  case responseHeld
  /// It was none: the response that was held goes on where it was.
  case responseResumed
  /// The agent said only this of the response that was cut; replaces all its words.
  case responseCorrected(String)
  /// The agent wants a tool to be run, and waits for `toolResult`.
  case toolCall(ToolCall)
  /// The results of these calls are not wanted any more.
  case toolCallsCancelled([String])
  /// The server's own account of a turn.
  case metrics(ServerMetrics)
  /// What a response cost.
  case usage(Usage)
  /// What is left of the server's limits.
  case rateLimits([RateLimit])
  /// The session will end by itself.
  case expiry(SessionExpiry)
  /// Lets the client come back to this conversation, from now on instead of the one before. A secret.
  case resumeToken(String)
  /// Flow control of the uplink.
  case pause
  case resume
  /// The settings now in force: the session was begun or updated with them.
  case configApplied(JSONValue)
  case error(ServerError)

  /// A well-formed message of a type this dialect does not know. Passed through, shown.
  case unknown(type: String)
  /// A message that could not be understood: `what` names the part, `reason` the fault.
  case malformed(what: String, reason: String)
}

/// What a message is about, by the names that the server gave. Compared, and otherwise without a meaning.
public struct WireRef: Sendable, Hashable {
  /// Longer names count as none, so that what is kept of them is bounded.
  public static let longestName = 256

  /// The response that it belongs to.
  public var response: String?
  /// The item of the conversation: the user's utterance, the agent's message, a tool call.
  public var item: String?
  /// The part of the item, from 0.
  public var part: Int?

  /// - Returns: nil without a name. A name that is empty or longer than `longestName` bytes is none.
  public init?(response: String? = nil, item: String? = nil, part: Int? = nil) {
    func usable(_ name: String?) -> String? {
      name.flatMap { !$0.isEmpty && $0.utf8.count <= Self.longestName ? $0 : nil }
    }
    (self.response, self.item, self.part) = (usable(response), usable(item), part)
    if self.response == nil, self.item == nil { return nil }
  }

  /// The response alone, by which responses are told apart; nil where none is named.
  public var ofResponse: WireRef? { WireRef(response: response) }
}

/// Audio as it travelled: bytes, and what the message says about them. What they really are is detected later.
public struct AudioPayload: Sendable, Equatable {
  public var bytes: [UInt8]
  /// The declared format (`pcm16`, `mp3`, …), if any.
  public var format: String?
  /// The declared samples a second, if any.
  public var rate: Int?
  /// The sender's sequence number, if any.
  public var sequence: Int?
  /// The sender's timestamp in milliseconds, if any.
  public var sentAtMs: Double?
  /// Numbers of the message that make no sense and count as absent, with their names: `rate "abc"`.
  public var ignored: String?
  /// The response that it belongs to, where the sender names them.
  public var reference: WireRef?
  public init(
    bytes: [UInt8], format: String? = nil, rate: Int? = nil, sequence: Int? = nil, sentAtMs: Double? = nil,
    ignored: String? = nil, reference: WireRef? = nil
  ) {
    self.bytes = bytes
    self.format = format
    self.rate = rate
    self.sequence = sequence
    self.sentAtMs = sentAtMs
    self.ignored = ignored
    self.reference = reference
  }
}

/// The server's greeting.
public struct Ready: Sendable, Equatable {
  public var sessionID: String
  /// The protocol's name and version, as in `voice/1`, if the server says so.
  public var protocolName: String?
  /// Samples a second that the server takes and sends, if it says so.
  public var inputRate: Int?
  public var outputRate: Int?
  /// Whether the client's audio may come, and the server's comes, as binary messages; nil when nobody asked.
  public var inputIsBinary: Bool?
  public var outputIsBinary: Bool?
  /// What the server's audio is, as in `wav`, if it says so.
  public var outputFormat: String?
  /// What the client's audio is to be where its messages do not say it, as in `opus`; nil where nobody asked.
  public var inputFormat: String?
  /// Lets the client come back to this conversation. A secret: never on a screen, in a log or a capture.
  public var resumeToken: String?
  /// Whether the server took up an earlier conversation.
  public var resumed: Bool
  /// The voice of the agent's answers, if the server says so.
  public var voice: String?
  /// The engines that it hears with, if the server says so.
  public var engines: SpeechEngines?
  /// Numbers of the message that make no sense and count as absent: `rate "abc"`.
  public var ignored: String?
  /// The dialect that the server speaks, where it is another than the one that was chosen, and the link goes on in it.
  public var otherDialect: String?
  public init(
    sessionID: String, protocolName: String? = nil, inputRate: Int? = nil, outputRate: Int? = nil,
    inputIsBinary: Bool? = nil, inputFormat: String? = nil, outputFormat: String? = nil, outputIsBinary: Bool? = nil,
    resumeToken: String? = nil, resumed: Bool = false, voice: String? = nil, engines: SpeechEngines? = nil,
    ignored: String? = nil, otherDialect: String? = nil
  ) {
    self.sessionID = sessionID
    self.protocolName = protocolName
    self.inputRate = inputRate
    self.outputRate = outputRate
    self.inputIsBinary = inputIsBinary
    self.inputFormat = inputFormat
    self.outputFormat = outputFormat
    self.outputIsBinary = outputIsBinary
    self.resumeToken = resumeToken
    self.resumed = resumed
    self.voice = voice
    self.engines = engines
    self.ignored = ignored
    self.otherDialect = otherDialect
  }
}

/// What a server hears with, and what it would rather use and has not got.
public struct SpeechEngines: Sendable, Equatable {
  /// Bytes of a name that are kept, and of a remedy.
  public static let longestName = 64
  public static let longestRemedy = 200

  /// What turns speech into text, as in `moonshine`.
  public private(set) var recognizer: String?
  /// What finds where speech begins and ends, as in `silero`.
  public private(set) var detector: String?
  /// The engines that the server would use if it had them, as in `moonshine, joe`; nil when none is missing.
  public private(set) var missing: String?
  /// What to do to have them.
  public private(set) var remedy: String?

  /// Longer texts are cut.
  /// - Returns: nil when nothing is said.
  public init?(
    recognizer: String? = nil, detector: String? = nil, missing: String? = nil, remedy: String? = nil
  ) {
    func kept(_ text: String?, _ limit: Int) -> String? {
      text.flatMap { $0.isEmpty ? nil : String($0.prefix(bytes: limit)) }
    }
    self.recognizer = kept(recognizer, Self.longestName)
    self.detector = kept(detector, Self.longestName)
    self.missing = kept(missing, Self.longestName)
    self.remedy = kept(remedy, Self.longestRemedy)
    if [self.recognizer, self.detector, self.missing, self.remedy].allSatisfy({ $0 == nil }) { return nil }
  }
}

/// What the server claims about a turn, in milliseconds. Shown beside what was measured.
public struct ServerMetrics: Sendable, Equatable {
  public var turn: Int?
  /// End of speech to final transcript.
  public var sttMs: Double?
  /// Request to the language model's first token.
  public var llmFirstTokenMs: Double?
  /// First sentence to its first audio.
  public var ttsFirstByteMs: Double?
  /// What heard the turn, as in `moonshine`, the language model that answered, and the voice that spoke, if the server
  /// says so.
  public var recognizer: String?
  public var model: String?
  public var voice: String?
  /// Pieces of speech that stood before this turn's last one when it was given to the recogniser.
  public var sttQueue: Int?
  /// How much less silence ended the user's turn than the server waits for usually.
  public var endpointSavedMs: Double?
  /// How long before the final transcript the language model was asked for the answer.
  public var llmAheadMs: Double?
  /// The client's audio that the server has lost since the connection began, if it says so.
  public var audioLostMs: Double?
  /// Characters of the response that were sent to a service that speaks, and those of them that were not heard. Told when
  /// the response is over.
  public var ttsCharacters: Int?
  public var ttsUnheard: Int?
  public init(
    turn: Int? = nil, sttMs: Double? = nil, llmFirstTokenMs: Double? = nil, ttsFirstByteMs: Double? = nil,
    recognizer: String? = nil, model: String? = nil, voice: String? = nil, sttQueue: Int? = nil,
    audioLostMs: Double? = nil, ttsCharacters: Int? = nil,
    ttsUnheard: Int? = nil
  ) {
    self.ttsCharacters = ttsCharacters
    self.ttsUnheard = ttsUnheard
    self.sttQueue = sttQueue
    self.audioLostMs = audioLostMs
    self.turn = turn
    self.sttMs = sttMs
    self.recognizer = recognizer
    self.model = model
    self.llmFirstTokenMs = llmFirstTokenMs
    self.ttsFirstByteMs = ttsFirstByteMs
    self.voice = voice
  }
}

/// An error that the server reports.
public struct ServerError: Sendable, Equatable {
  public var message: String
  public var code: String?
  /// The server will close the session.
  public var isFatal: Bool
  public init(message: String, code: String? = nil, isFatal: Bool = false) {
    self.message = message
    self.code = code
    self.isFatal = isFatal
  }
}

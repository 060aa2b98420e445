// Wire: what the bytes of a voice protocol mean.
//
//   bytes ──► Dialect.decode ──► [VoiceEvent] ──► machines, insight, console
//   bytes ◄── Dialect.encode ◄── VoiceEvent  ◄── machines
//
// One file per dialect. A dialect never traps, whatever the bytes are.

/// A WebSocket message's payload, either way.
public enum Frame: Sendable, Equatable {
  /// A text message. The bytes ought to be UTF-8, but need not be.
  case text([UInt8])
  case binary([UInt8])

  /// A text frame of a Swift string.
  public static func string(_ text: String) -> Frame { .text(Array(text.utf8)) }

  public var payload: [UInt8] {
    switch self {
    case .text(let bytes), .binary(let bytes): bytes
    }
  }
  public var isText: Bool {
    if case .text = self { return true }
    return false
  }
}

/// What a message means, whatever dialect it was said in.
public enum VoiceEvent: Sendable, Equatable {
  // Either way
  /// A piece of audio: the user's from the client, the agent's from the server.
  case audio(AudioPayload)

  // Client to server
  /// Stop the current response now.
  case interrupt
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
  /// Words the agent is about to say; appended to those before by `DeltaText`, shown alone by `VoiceEvent.shown`.
  case responseText(String)
  /// The response was sent whole.
  case responseComplete
  /// The response was cut off; what has not been heard yet must not be played.
  case interrupted
  /// The server's own account of a turn.
  case metrics(ServerMetrics)
  /// Flow control of the uplink.
  case pause
  case resume
  /// The settings now in force.
  case configApplied(JSONValue)
  case error(ServerError)

  /// Names what the event before it, of the same message, is about, in the server's own words. Audio says so itself.
  case reference(WireRef)

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
  public var response: String
  /// - Returns: nil for a name that is empty or longer than `longestName` bytes.
  public init?(response: String) {
    guard !response.isEmpty, response.utf8.count <= Self.longestName else { return nil }
    self.response = response
  }
}

extension [VoiceEvent] {
  /// What the message is about, if it says so.
  public var reference: WireRef? {
    for event in self {
      switch event {
      case .audio(let payload): if let ref = payload.reference { return ref }
      case .reference(let ref): return ref
      default: break
      }
    }
    return nil
  }
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
  /// Lets the client come back to this conversation. A secret: never on a screen, in a log or a capture.
  public var resumeToken: String?
  /// Whether the server took up an earlier conversation.
  public var resumed: Bool
  /// Numbers of the message that make no sense and count as absent: `rate "abc"`.
  public var ignored: String?
  public init(
    sessionID: String, protocolName: String? = nil, inputRate: Int? = nil, outputRate: Int? = nil,
    inputIsBinary: Bool? = nil, outputFormat: String? = nil, outputIsBinary: Bool? = nil,
    resumeToken: String? = nil, resumed: Bool = false, ignored: String? = nil
  ) {
    self.sessionID = sessionID
    self.protocolName = protocolName
    self.inputRate = inputRate
    self.outputRate = outputRate
    self.inputIsBinary = inputIsBinary
    self.outputFormat = outputFormat
    self.outputIsBinary = outputIsBinary
    self.resumeToken = resumeToken
    self.resumed = resumed
    self.ignored = ignored
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
  /// The client's audio that the server has lost since the connection began, if it says so.
  public var audioLostMs: Double?
  public init(
    turn: Int? = nil, sttMs: Double? = nil, llmFirstTokenMs: Double? = nil, ttsFirstByteMs: Double? = nil,
    audioLostMs: Double? = nil
  ) {
    self.audioLostMs = audioLostMs
    self.turn = turn
    self.sttMs = sttMs
    self.llmFirstTokenMs = llmFirstTokenMs
    self.ttsFirstByteMs = ttsFirstByteMs
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

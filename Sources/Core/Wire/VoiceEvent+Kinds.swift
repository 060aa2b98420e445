// The kinds of events, which a card lists; and the values that events carry beside audio.

extension VoiceEvent {
  /// An event without its values.
  public enum Kind: String, Sendable, CaseIterable {
    case audio, ping, pong, mark, dtmf, toolResult
    case interrupt, heard, turnEnd, audioDiscarded, responseRequest, config, speechStart, speechEnd, text
    case ready, userSpeechStart, userSpeechEnd, transcriptInterim, transcriptFinal, responseStarted, responseText
    case responseComplete, interrupted, responseHeld, responseResumed, responseCorrected, toolCall, toolCallsCancelled
    case metrics, usage, rateLimits, expiry, resumeToken, pause, resume, configApplied, error
    /// What nobody says on purpose.
    case unknown, malformed
  }

  public var kind: Kind {
    switch self {
    case .audio: .audio
    case .ping: .ping
    case .pong: .pong
    case .mark: .mark
    case .dtmf: .dtmf
    case .toolResult: .toolResult
    case .interrupt: .interrupt
    case .heard: .heard
    case .turnEnd: .turnEnd
    case .audioDiscarded: .audioDiscarded
    case .responseRequest: .responseRequest
    case .config: .config
    case .speechStart: .speechStart
    case .speechEnd: .speechEnd
    case .text: .text
    case .ready: .ready
    case .userSpeechStart: .userSpeechStart
    case .userSpeechEnd: .userSpeechEnd
    case .transcriptInterim: .transcriptInterim
    case .transcriptFinal: .transcriptFinal
    case .responseStarted: .responseStarted
    case .responseText: .responseText
    case .responseComplete: .responseComplete
    case .interrupted: .interrupted
    case .responseHeld: .responseHeld
    case .responseResumed: .responseResumed
    case .responseCorrected: .responseCorrected
    case .toolCall: .toolCall
    case .toolCallsCancelled: .toolCallsCancelled
    case .metrics: .metrics
    case .usage: .usage
    case .rateLimits: .rateLimits
    case .expiry: .expiry
    case .resumeToken: .resumeToken
    case .pause: .pause
    case .resume: .resume
    case .configApplied: .configApplied
    case .error: .error
    case .unknown: .unknown
    case .malformed: .malformed
    }
  }
}

/// A dialect's own ping.
public struct InBandPing: Sendable, Equatable {
  /// What its echo has to repeat, if anything.
  public var id: String?
  /// The round trip that the sender measured before, in milliseconds, if it says so.
  public var roundTripMs: Double?
  public init(id: String? = nil, roundTripMs: Double? = nil) {
    self.id = id
    self.roundTripMs = roundTripMs
  }
}

/// How much of an item of the agent was heard.
public struct HeardAudio: Sendable, Equatable {
  public var of: WireRef
  /// From the item's first sample to the last that left the speaker, in milliseconds; at most what was received.
  public var ms: Double
  public init(of: WireRef, ms: Double) {
    self.of = of
    self.ms = ms
  }
}

/// A tool that the agent wants to be run.
public struct ToolCall: Sendable, Equatable {
  public var id: String
  public var name: String
  /// A JSON text, as a rule an object.
  public var arguments: String
  public init(id: String, name: String, arguments: String) {
    self.id = id
    self.name = name
    self.arguments = arguments
  }
}

/// What a tool gave.
public struct ToolResult: Sendable, Equatable {
  /// The call's.
  public var id: String
  /// The tool's, where it is known.
  public var name: String?
  /// A text; JSON where the peer wants JSON.
  public var output: String
  public init(id: String, name: String? = nil, output: String) {
    self.id = id
    self.name = name
    self.output = output
  }
}

/// What a response cost, as the server counts.
public struct Usage: Sendable, Equatable {
  public var inputTokens: Int?
  public var outputTokens: Int?
  public var totalTokens: Int?
  /// Seconds of audio, where those are counted.
  public var audioSeconds: Double?
  public init(
    inputTokens: Int? = nil, outputTokens: Int? = nil, totalTokens: Int? = nil, audioSeconds: Double? = nil
  ) {
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
    self.totalTokens = totalTokens
    self.audioSeconds = audioSeconds
  }
}

/// One of the server's limits.
public struct RateLimit: Sendable, Equatable {
  /// As in `tokens`, `requests`.
  public var name: String
  public var limit: Int?
  public var remaining: Int?
  /// Until the limit is whole again.
  public var resetSeconds: Double?
  public init(name: String, limit: Int? = nil, remaining: Int? = nil, resetSeconds: Double? = nil) {
    self.name = name
    self.limit = limit
    self.remaining = remaining
    self.resetSeconds = resetSeconds
  }
}

/// When the session will end by itself.
public enum SessionExpiry: Sendable, Equatable {
  /// In so many seconds from the message on.
  case inSeconds(Double)
  /// At this wall-clock time, in seconds since 1970-01-01 UTC.
  case at(Double)
}

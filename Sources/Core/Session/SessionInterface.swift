import Audio
import Timeline
import Wire

// Session: the client's machine. It decides what to send and play; the runtime carries out.
//
//   socket, mic, operator ──► SessionInput ──► Session.handle(_:at:) ──► [SessionEffect] ──► socket, playout, timeline
//                                                     │
//                                                     └── deadline: when to call again with `.deadlinePassed`
//
// No clock, no I/O, no lock, no randomness of its own: time and random numbers are arguments.

/// What a session needs to know before it starts.
public struct SessionConfiguration: Sendable, Equatable {
  /// Samples of one uplink audio message, at `inputRate`.
  public var chunkSampleCount = 320
  /// Samples a second of the uplink.
  public var inputRate = 16_000
  public var gateMode: Gate.Mode = .gate
  /// Audio as binary frames instead of base64 in JSON, where the dialect has both.
  public var prefersBinaryAudio = false
  /// What the server is asked to send, as `audio` in the address: `wav`, `mp3`, `binary`, …; nil asks for nothing.
  public var asksForAudio: String?
  /// What both sides' audio is to be coded as, where the server agrees. It goes as binary messages then, if it may.
  public var codec = WireCodec.pcm16
  /// Uplink queue, in chunks; when it is full the oldest is dropped.
  public var uplinkCapacity = 100
  /// How many bytes may wait in the socket before the uplink queue holds back.
  public var socketHighWater = 262_144
  /// Heartbeat: a ping each interval, its pong within the timeout, the close handshake within its own.
  public var pingInterval: Duration = .seconds(20)
  public var pongTimeout: Duration = .seconds(10)
  public var closeTimeout: Duration = .seconds(5)
  /// How long a quit waits for the server's close frame.
  public var quitTimeout: Duration = .milliseconds(1500)
  /// How long an open connection may stay without `ready` before the operator is told.
  public var readyTimeout: Duration = .seconds(5)
  /// How long an attempt may take, in case the driver's own limits fail.
  public var connectTimeout: Duration = .seconds(20)
  /// From opening to the first ping, so that the round trip is known early.
  public var firstPingDelay: Duration = .seconds(1)
  /// Reconnect: min(base * 2^n, ceiling), each with ±`jitter` of itself, `attempts` times.
  public var backoffBase: Duration = .seconds(1)
  public var backoffCeiling: Duration = .seconds(30)
  public var backoffJitter = 0.2
  public var reconnectAttempts = 5
  /// A server may ask for a longer pause (Retry-After), but not for more than this.
  public var longestRetryAfter: Duration = .seconds(120)
  /// A connection that was ready for this long is a success: the count of attempts begins anew.
  public var steadyAfter: Duration = .seconds(5)
  /// How long audio counts as a leftover of a cut response while the server has not confirmed the interrupt.
  public var interruptTimeout: Duration = .seconds(5)
  /// Where the dialect does not say when a response ends: the pause in its audio that ends it.
  public var responsePause: Duration = .seconds(1)
  /// Gate: audio kept from before the onset of speech.
  public var preRoll: Duration = .milliseconds(300)
  /// Gate: audio sent after the last voiced sample. Longer than the 500 ms of silence with which servers end a turn.
  public var hangover: Duration = .milliseconds(800)
  /// Silence sent when the operator cuts the uplink short (push to talk released, mute), for the same reason.
  public var closingSilence: Duration = .milliseconds(700)
  /// How long before the server ends the session the operator is told.
  public var expiryNotice: Duration = .seconds(60)
  /// The wall clock at timestamp zero, in milliseconds since 1970-01-01 UTC, to understand a server that gives the
  /// session's end as a date; nil: such an end is not told.
  public var wallClockMilliseconds: Int64?
  public var voiceActivity = VoiceActivityDetector.Settings()
  /// What goes with the request and must not reach an entry (`RequestSecrets.literals`). Secrets.
  public var secrets: [String] = []

  public init() {}

  /// No timer runs longer; the clock's arithmetic cannot overflow below it.
  static let longestDuration: Duration = .seconds(86_400)

  /// The same with every value in a range that works.
  var bounded: SessionConfiguration {
    func time(_ duration: Duration, most: Duration = Self.longestDuration) -> Duration {
      min(max(duration, .zero), most)
    }
    var it = self
    it.inputRate = min(max(inputRate, 1000), 192_000)
    it.chunkSampleCount = min(max(chunkSampleCount, 1), 1 << 20)
    it.uplinkCapacity = min(max(uplinkCapacity, 1), 100_000)
    it.socketHighWater = max(socketHighWater, 1)
    it.reconnectAttempts = max(reconnectAttempts, 0)
    (it.pingInterval, it.pongTimeout, it.closeTimeout) = (time(pingInterval), time(pongTimeout), time(closeTimeout))
    it.quitTimeout = time(quitTimeout)
    (it.readyTimeout, it.connectTimeout) = (time(readyTimeout), time(connectTimeout))
    (it.firstPingDelay, it.steadyAfter) = (time(firstPingDelay), time(steadyAfter))
    (it.backoffBase, it.backoffCeiling) = (time(backoffBase), time(backoffCeiling))
    (it.interruptTimeout, it.responsePause) = (time(interruptTimeout), time(responsePause))
    (it.preRoll, it.hangover) = (time(preRoll, most: .seconds(10)), time(hangover, most: .seconds(10)))
    it.expiryNotice = time(expiryNotice)
    it.closingSilence = time(closingSilence, most: .seconds(10))
    return it
  }
}

/// What has happened. Facts, in the past tense.
public enum SessionInput: Sendable, Equatable {
  case started
  /// `subprotocol`: the one that the server chose, if it did.
  case connectionOpened(LinkID, stages: [ConnectStage], subprotocol: String? = nil)
  /// It never opened. `isPermanent`: trying again cannot help (404, bad certificate, no such scheme).
  /// `retryAfter`: how long the server asked to be left alone.
  case connectionFailed(LinkID, reason: String, isPermanent: Bool, retryAfter: Duration? = nil)
  /// It was open. `code` as in RFC 6455; `by` who began.
  case connectionClosed(LinkID, code: Int, reason: String, by: Closer)
  case messageReceived(LinkID, WireMessage)
  case pongReceived(LinkID, payload: [UInt8])
  /// Bytes handed to the socket and not yet sent. To be reported whenever some were sent, 0 included: until then the
  /// session adds up what it handed over, and stops at `socketHighWater`.
  case socketBacklogChanged(LinkID, byteCount: Int)
  /// Microphone audio at `inputRate`, echo cancelled. Any length; 20 ms is usual. `capturedAt`: when its last sample
  /// was captured, some time ago where it had to wait for the device or the echo canceller; nil: now. `probabilities`:
  /// how likely the blocks of a speech model are speech that became whole with it, in order; nil where there is no model.
  case micFrameCaptured([Int16], isSynthetic: Bool, capturedAt: Timestamp? = nil, probabilities: [Float]? = nil)
  /// What `encode` has come to: the bytes of messages, in order; none while the encoder waits for more.
  case audioEncoded(LinkID, [[UInt8]])
  /// The playout tells what it is doing, so that the session knows when the agent is heard. The runtime records it.
  case playoutChanged(PlayoutChange)
  /// Something asked for by the operator. The session records it as an act.
  case commanded(OperatorCommand)
  /// `deadline` has passed.
  case deadlinePassed
}

/// What is to be done. Orders.
public enum SessionEffect: Sendable, Equatable {
  /// Open a connection. The runtime adds `?session=ID&token=…` when `resume` is given.
  case connect(LinkID, resume: ResumeTicket?)
  case send(LinkID, WireMessage)
  /// Encode the next samples of a link's audio, and answer at once with `audioEncoded`. Each link has an encoder of its own for
  /// each codec. `isLast`: no audio follows, so the encoder also gives what it holds back.
  case encode(LinkID, [Int16], as: WireCodec, isLast: Bool)
  case ping(LinkID, payload: [UInt8])
  /// Begin the close handshake.
  case close(LinkID, code: Int, reason: String)
  /// Reset the connection, or give up the attempt. The session is done with it: what still comes is ignored.
  case abort(LinkID)
  /// Stall or unstall reading and writing.
  case setStalled(LinkID, Bool)
  /// Decode and play; `response` tells responses apart. `rate` is the message's, or else what `ready` promised.
  case play(AudioPayload, response: ResponseID)
  /// Another response begins, or has begun, and more audio of this one will come all the same.
  case expectMore(ResponseID)
  /// No more audio will come for this response.
  case endPlay(ResponseID)
  /// Empty the playout now.
  case flushPlayout
  /// Silence the playout, and keep what was not heard.
  case holdPlayout
  /// Play on what was held.
  case resumePlayout
  /// Make speech of this and put it into the microphone path.
  case speak(SpokenMaterial)
  /// Stop speaking, and drop what waits to be spoken.
  case stopSpeaking
  /// Let these pieces of recorded audio, one stream, be heard while the agent is silent.
  case audition([AudioPayload])
  /// Put this on the timeline, stamped with the time of the input that led to it.
  case record(Entry.Event)
  /// The session is over, and the last effect. The runtime records `sessionEnded` when all else has stopped.
  case finish(reason: String, orderly: Bool)
}

/// What is to be spoken into the microphone path.
public enum SpokenMaterial: Sendable, Equatable {
  case words(String)
  /// `isMixed`: added to the microphone, instead of in its place.
  case file(path: String, isMixed: Bool)
}

/// What brings a conversation back. The token is a secret.
public struct ResumeTicket: Sendable, Equatable {
  public var sessionID: String
  public var token: String
  public init(sessionID: String, token: String) {
    self.sessionID = sessionID
    self.token = token
  }
}

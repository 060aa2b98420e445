// Timeline: everything that happens, as entries stamped by one monotonic clock.
//
//   drivers ─► machines ─► Entry(index, at, source, event) ─┬─► console (panes)
//                                                           ├─► insight (turns, latencies, buffers)
//                                                           ├─► JSON lines on stdout or in a file ─► replay
//                                                           └─► tests
//
// Writers: machines, through their `record` effects, and the runtime for what machines cannot know (devices).
// Readers only read. An entry carries raw facts; what a message means is the dialect's business (target Wire).

/// One thing that happened.
public struct Entry: Sendable, Equatable {
  /// Position on the timeline, counted from 0 without gaps. A gap seen by a reader is a dropped entry.
  public var index: Int
  /// When it happened, on the timeline's clock.
  public var at: Timestamp
  /// What happened.
  public var event: Event
  /// Whose doing it is.
  public var source: SourceID

  /// - Parameter source: nil for what the kind of event says: the program's for the session's begin and end, else the
  ///   first one's, as on a timeline of one source.
  public init(index: Int, at: Timestamp, source: SourceID? = nil, event: Event) {
    self.index = index
    self.at = at
    self.event = event
    self.source = source ?? (event.isOfProgram ? .program : .first)
  }

  /// What can happen. Each case carries one value with named fields.
  public enum Event: Sendable, Equatable {
    /// The first entry: what was started, with which settings.
    indirect case sessionStarted(SessionStarted)
    /// A source begins to write entries; the entry's source is its number.
    indirect case sourceStarted(Source)
    /// A connection's life: connecting, open, ready, closed, waiting to reconnect.
    case connection(ConnectionChange)
    /// A WebSocket message, sent or received, whole and undecoded.
    case message(Message)
    /// What became of a message that was disturbed on its way.
    case delivery(Delivery)
    /// A ping was answered.
    case roundTrip(RoundTrip)
    /// A frame of microphone audio passed through the gate.
    case micFrame(MicFrame)
    /// The client's own voice activity detector saw speech begin or end.
    case voiceEdge(VoiceEdge)
    /// The uplink's gate changed: open mic, push to talk, muted, paused by the server.
    case gate(Gate)
    /// The echo canceller has learnt the room, holds the microphone back, lets it through.
    case echo(EchoState)
    /// A block of audio was handed to the speaker.
    case playout(PlayoutBlock)
    /// Playout began, ran dry, was flushed or drained.
    case playoutChange(PlayoutChange)
    /// The depth of a bounded queue.
    case queue(QueueDepth)
    /// The operator did something.
    case operatorAct(OperatorAct)
    /// Typed words or a sound file began or ended to be spoken into the microphone path.
    case injection(Injection)
    /// Something was broken on purpose, or mended.
    case fault(FaultChange)
    /// An audio device opened, failed, stumbled or vanished.
    case device(DeviceChange)
    /// Something worth telling the operator in words.
    case notice(Notice)
    /// The last entry.
    case sessionEnded(SessionEnded)
    /// What a later version has recorded, and this one does not know.
    case unknown(UnknownEvent)

    /// Whether it belongs to the program rather than to a source.
    public var isOfProgram: Bool {
      switch self {
      case .sessionStarted, .sessionEnded: true
      default: false
      }
    }
  }
}

extension Entry {
  /// Payload bytes that entries may hold while they wait for a reader: 64 MiB, four of the largest messages.
  public static let waitingByteLimit = 64 << 20

  /// What makes an entry heavy: a message's payload, in bytes.
  public var payloadByteCount: Int {
    switch event {
    case .message(let message): message.payload.count
    case .unknown(let unknown): unknown.line.count
    default: 0
    }
  }
}

/// One of the two that talk over a link.
public enum Side: String, Sendable, Hashable, Codable {
  case client, server

  /// The one at the other end.
  public var other: Side { self == .client ? .server : .client }
}

/// Which way a message went; the same whoever looks at it.
public enum Way: String, Sendable, Codable, Hashable {
  case toServer, toClient

  /// Who sent it.
  public var sender: Side { self == .toServer ? .client : .server }
}

/// A WebSocket connection, or an attempt at one: numbered from 1, unique on the timeline. A reconnect gets the next number.
public struct LinkID: RawRepresentable, Hashable, Sendable, Codable, Comparable {
  public var rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  public init(_ value: Int) { rawValue = value }
  public static func < (a: LinkID, b: LinkID) -> Bool { a.rawValue < b.rawValue }
}

/// Numbers the agent's responses of a session from 1, as the client tells them apart.
public struct ResponseID: RawRepresentable, Hashable, Sendable, Codable, Comparable {
  public var rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  public init(_ value: Int) { rawValue = value }
  public static func < (a: ResponseID, b: ResponseID) -> Bool { a.rawValue < b.rawValue }
}

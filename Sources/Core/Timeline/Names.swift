// Names that recordings hold, and that later versions may add to.

/// What the operator can do, by the name of its command.
public enum ActName: OpenName {
  case interrupt
  case config
  case text
  case send
  case gate
  case mute
  case talk
  case disconnect
  case reconnect
  case quit
  case say
  case play
  case hush
  case toolResult
  /// Recorded audio was heard again.
  case listen
  /// A filter of the protocol log came into force, or was lifted.
  case filter
  /// Times in the protocol log count from another row: `:count-from`.
  case mark
  /// The operator has marked this moment, with a note: `:mark`.
  case moment
  case other(String)

  public static let known: [ActName] = [
    .interrupt, .config, .text, .send, .gate, .mute, .talk, .disconnect, .reconnect, .quit, .say, .play, .hush,
    .toolResult, .listen, .filter, .mark, .moment,
  ]

  public var rawValue: String {
    switch self {
    case .interrupt: "interrupt"
    case .config: "config"
    case .text: "text"
    case .send: "send"
    case .gate: "gate"
    case .mute: "mute"
    case .talk: "talk"
    case .disconnect: "disconnect"
    case .reconnect: "reconnect"
    case .quit: "quit"
    case .say: "say"
    case .play: "play"
    case .hush: "hush"
    case .toolResult: "tool-result"
    case .listen: "listen"
    case .filter: "filter"
    case .mark: "mark"
    case .moment: "moment"
    case .other(let name): name
    }
  }
}

/// The bounded queues between the microphone, the socket, the speaker and the recording.
public enum QueueName: OpenName {
  /// Chunks that wait for the socket.
  case uplink
  /// Bytes that the socket has taken and not yet sent.
  case socket
  /// Entries that wait to be written.
  case recorder
  /// What the session has not looked at yet.
  case events
  /// Samples between the microphone and the session.
  case micRing
  /// Samples between the session and the speaker.
  case speakerRing
  /// Samples that wait for the file of the output.
  case outputFile
  /// Entries that wait for the capture.
  case capture
  /// Samples that wait for the capture.
  case captureSound
  case other(String)

  public static let known: [QueueName] = [
    .uplink, .socket, .recorder, .events, .micRing, .speakerRing, .outputFile, .capture, .captureSound,
  ]

  public var rawValue: String {
    switch self {
    case .uplink: "uplink"
    case .socket: "socket"
    case .recorder: "recorder"
    case .events: "events"
    case .micRing: "mic ring"
    case .speakerRing: "spk ring"
    case .outputFile: "out file"
    case .capture: "capture"
    case .captureSound: "cap sound"
    case .other(let name): name
    }
  }
}

/// What the depth of a queue is counted in.
public enum QueueUnit: OpenName {
  case frames
  case bytes
  case ms
  case entries
  case samples
  case events
  case other(String)

  public static let known: [QueueUnit] = [.frames, .bytes, .ms, .entries, .samples, .events]

  public var rawValue: String {
    switch self {
    case .frames: "frames"
    case .bytes: "bytes"
    case .ms: "ms"
    case .entries: "entries"
    case .samples: "samples"
    case .events: "events"
    case .other(let name): name
    }
  }
}

/// What can be broken on purpose.
public enum FaultName: OpenName {
  /// Neither reading nor writing.
  case stall
  /// No connection is let through.
  case refuse
  case other(String)

  public static let known: [FaultName] = [.stall, .refuse]

  public var rawValue: String {
    switch self {
    case .stall: "stall"
    case .refuse: "refuse"
    case .other(let name): name
    }
  }
}

/// The stages of connecting, in their order.
public enum StageName: OpenName {
  case dns
  case tcp
  case proxy
  case tls
  case upgrade
  /// From the opened connection to the server's `ready`.
  case ready
  case other(String)

  public static let known: [StageName] = [.dns, .tcp, .proxy, .tls, .upgrade, .ready]

  public var rawValue: String {
    switch self {
    case .dns: "dns"
    case .tcp: "tcp"
    case .proxy: "proxy"
    case .tls: "tls"
    case .upgrade: "upgrade"
    case .ready: "ready"
    case .other(let name): name
    }
  }
}

/// Who tells something in words.
public enum NoticeSource: OpenName {
  case session
  case `protocol`
  case server
  case mic
  case speaker
  case config
  case log
  case replay
  case capture
  case other(String)

  public static let known: [NoticeSource] = [
    .session, .protocol, .server, .mic, .speaker, .config, .log, .replay, .capture,
  ]

  public var rawValue: String {
    switch self {
    case .session: "session"
    case .protocol: "protocol"
    case .server: "server"
    case .mic: "mic"
    case .speaker: "speaker"
    case .config: "config"
    case .log: "log"
    case .replay: "replay"
    case .capture: "capture"
    case .other(let name): name
    }
  }
}

/// What an operator can do to what is on the screen. Commands say which powers they need, and what a port has decides
/// which of them are offered in hints, palette and help.
public struct Powers: OptionSet, Sendable, Hashable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Interrupt, gate, mute, reconnect.
  public static let drive = Powers(rawValue: 1 << 0)
  /// Speak typed words and sound files into the microphone path.
  public static let speak = Powers(rawValue: 1 << 1)
  /// Send messages of one's own.
  public static let inject = Powers(rawValue: 1 << 2)
  /// Break the connection on purpose.
  public static let disturb = Powers(rawValue: 1 << 3)
  /// Hear recorded audio on the speaker.
  public static let hear = Powers(rawValue: 1 << 4)
  /// Go to another moment.
  public static let seek = Powers(rawValue: 1 << 5)
  /// What the operator does is written on the timeline.
  public static let record = Powers(rawValue: 1 << 6)
}

/// What the console is told of the port behind it.
public struct PortCard: Sendable, Equatable {
  public var powers: Powers
  /// What it is, for sentences as in "and this is a recording".
  public var noun: String
  /// Its badge in the strip; nil for a session, which is the usual.
  public var badge: String?
  /// How the end of its entries is called.
  public var ending: String

  public init(powers: Powers, noun: String, badge: String?, ending: String) {
    self.powers = powers
    self.noun = noun
    self.badge = badge
    self.ending = ending
  }

  /// A running session that this program drives.
  public static let session = PortCard(
    powers: [.drive, .speak, .inject, .disturb, .hear, .record], noun: "a live session", badge: nil,
    ending: "session over, panes stay")

  /// What has happened in a running session so far, shown again while it goes on.
  public static let past = PortCard(
    powers: .seek, noun: "the past of a live session", badge: nil, ending: "the end of the session")

  /// Entries of a file, shown again. There is nothing to command in it, but one can go to and fro.
  public static let recording = PortCard(
    powers: .seek, noun: "a recording", badge: "replay", ending: "end of the recording")
}

/// What the operator's commands go to: a session, a recording, and what else can be looked at.
public protocol SessionPort: Sendable {
  var card: PortCard { get }
  /// Takes a command and returns at once; any thread. What comes of it is told by entries.
  func perform(_ command: OperatorCommand)
}

/// The port of a recording: it takes no command.
public struct RecordingPort: SessionPort {
  public init() {}
  public var card: PortCard { .recording }
  /// A recording is over as soon as nobody looks at it, so there is nothing to do for `quit` either.
  public func perform(_ command: OperatorCommand) {}
}

import Timeline
import Wire

/// One rule's eye. A value that sees each entry of its interest once, in order.
protocol Detector: Sendable {
  /// The kinds of entries that it is shown.
  static var interests: Interests { get }
  init()
  /// Looks at an entry; at most one finding comes of it.
  mutating func observe(_ read: ReadEntry) -> Evidence?
}

/// What a detector is shown: an entry and, of a message, what it means.
struct ReadEntry {
  let index: Int
  let at: Timestamp
  let event: Entry.Event
  let meaning: [VoiceEvent]
  /// What the message is about, if it says so.
  let about: WireRef?
  /// Of a message that was received: to which response each part of its meaning belongs.
  var places: [ResponseTable.Place] = []
  /// What the operator's interrupt cut, where this is one.
  var cutResponse: ResponseID?
  let context: SessionContext
  /// Of an audio message: what its bytes are, and how much sound they hold.
  var arrival: AudioLength.Reading?
  /// What the playout has found about the agent's audio, and no message has shown.
  var discoveries: [AudioLength.Discovery] = []

  /// The message's audio, if it has any.
  var audio: AudioPayload? {
    for case .audio(let payload) in meaning { return payload }
    return nil
  }
  /// The message's meaning, each part with its place.
  var placed: [(event: VoiceEvent, place: ResponseTable.Place)] { Array(zip(meaning, places)) }
  var message: Message? {
    if case .message(let message) = event { message } else { nil }
  }
  var micFrame: MicFrame? {
    if case .micFrame(let frame) = event { frame } else { nil }
  }
  var connection: ConnectionChange? {
    if case .connection(let change) = event { change } else { nil }
  }
}

/// What is known of the session.
struct SessionContext: Sendable {
  var needsReady: Bool
  var marksResponseEnd: Bool
  let transcription: DialectCard.Transcription
  /// Samples a second of the user's audio and of the agent's, where nothing else says them.
  var inputRate: Int
  let usualOutputRate: Int
  /// What `ready` promised for the agent's audio.
  var declaredOutputRate: Int?
  /// What the agent's audio is taken for, where messages do not say.
  var outputRate: Int { declaredOutputRate ?? usualOutputRate }
  /// The server's text comes in binary messages, as its dialect has it.
  let textIsBinary: Bool
  /// The input is a real microphone, which is never quite silent.
  var hearsMicrophone = false

  init(_ card: DialectCard) {
    needsReady = card.needsReady
    marksResponseEnd = card.marksResponseEnd
    transcription = card.transcription
    inputRate = card.uplink.preferred.rate
    usualOutputRate = card.downlink.preferred.rate
    textIsBinary = card.textIsBinary
  }
}

/// What shows that a rule was broken.
struct Evidence {
  /// Indexes of entries, oldest first.
  var entries: [Int]
  var detail: String
  init(_ entries: [Int?], _ detail: String) {
    self.entries = entries.compactMap(\.self)
    self.detail = detail
  }
}

/// Kinds of entries, so that each detector sees only what it cares for.
struct Interests: OptionSet {
  let rawValue: Int
  static let audioReceived = Interests(rawValue: 1 << 0)
  static let audioSent = Interests(rawValue: 1 << 1)
  static let wordsReceived = Interests(rawValue: 1 << 2)
  static let wordsSent = Interests(rawValue: 1 << 3)
  static let micFrame = Interests(rawValue: 1 << 4)
  static let playout = Interests(rawValue: 1 << 5)
  static let playoutChange = Interests(rawValue: 1 << 6)
  static let connection = Interests(rawValue: 1 << 7)
  static let roundTrip = Interests(rawValue: 1 << 8)
  static let queue = Interests(rawValue: 1 << 9)
  static let voiceEdge = Interests(rawValue: 1 << 10)
  static let session = Interests(rawValue: 1 << 11)
  static let operatorAct = Interests(rawValue: 1 << 12)
  static let other = Interests(rawValue: 1 << 13)

  static let audio: Interests = [.audioReceived, .audioSent]
  static let received: Interests = [.audioReceived, .wordsReceived]
  /// Whatever goes over the wire.
  static let wire: Interests = [.audioReceived, .audioSent, .wordsReceived, .wordsSent, .roundTrip]
  static let allBits = (0..<14).map { Interests(rawValue: 1 << $0) }

  /// The number of a single interest's bit.
  var bit: Int { rawValue.trailingZeroBitCount }

  /// - Parameter isAudio: of a message: it holds audio.
  static func of(_ event: Entry.Event, isAudio: Bool) -> Interests {
    switch event {
    case .message(let message):
      return switch (message.way, isAudio) {
      case (.toClient, true): .audioReceived
      case (.toClient, false): .wordsReceived
      case (.toServer, true): .audioSent
      case (.toServer, false): .wordsSent
      }
    case .micFrame: return .micFrame
    case .playout: return .playout
    case .playoutChange: return .playoutChange
    case .connection: return .connection
    case .roundTrip: return .roundTrip
    case .queue: return .queue
    case .voiceEdge: return .voiceEdge
    case .sessionStarted, .sessionEnded: return .session
    case .operatorAct: return .operatorAct
    case .gate, .echo, .fault, .device, .notice, .injection, .sourceStarted, .delivery, .unknown: return .other
    }
  }
}

/// A number for a sentence, without decimals; a recording may hold what is none.
func whole(_ value: Double) -> String { abs(value) < 1e15 ? "\(Int(value.rounded()))" : "–" }
/// The same in milliseconds.
func ms(_ value: Double) -> String { "\(whole(value)) ms" }
/// A name that a peer chose, for a sentence.
func printable(_ name: String) -> String {
  name.isEmpty ? "without a name" : String(name.prefix(40).filter { !$0.isNewline })
}

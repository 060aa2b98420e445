import Audio
import Timeline

/// What a dialect is, said once. The flags, `doctor`, docs/dialects.md, the session, the server and the readers of a
/// timeline ask the card and nothing else.
///
/// Immutable, and a class so that asking it costs nothing.
public final class DialectCard: Sendable {
  /// The name on the command line, on the screen and in captures: lower-case letters, digits and `-`.
  public let name: String
  /// The protocol's name for people, as in `OpenAI Realtime`.
  public let title: String
  /// One sentence on what travels how, for docs/dialects.md.
  public let notes: String
  /// Where `connect` goes without an address; nil when an address must be given.
  public let defaultURL: String?
  /// Where servers of it listen, if `defaultURL` does not say so.
  public let path: String?
  /// Other paths at which its clients ask.
  public let otherPaths: [String]
  /// Where a key goes, the preferred place first; empty where the protocol has no key of its own.
  public let credentials: [Credential]
  /// Subprotocols that are offered without being asked for.
  public let subprotocols: [String]
  /// Headers of every request.
  public let headers: [(name: String, value: String)]
  /// What can be set when a connection is made, beside what every dialect knows.
  public let options: [Option]
  /// The user's audio, from the client.
  public let uplink: WireAudioForms
  /// The agent's audio, from the server.
  public let downlink: WireAudioForms
  public let readiness: Readiness
  public let turns: Turns
  public let responseEnd: ResponseEnd
  public let identity: Identity
  public let interruption: Interruption
  public let transcription: Transcription
  public let resume: Resume
  public let keepalive: Keepalive
  /// The events that a client and a server can say. What is not in here is never asked of `say`.
  public let clientSays: Set<VoiceEvent.Kind>
  public let serverSays: Set<VoiceEvent.Kind>
  /// Which seats the program can take: `connect` (as the client), `serve` (as the server).
  public let seats: Set<Side>
  /// The server's text comes in binary messages.
  public let textIsBinary: Bool
  /// When the server hears the user begin to speak, what is still playing is not to be heard.
  public let speechStartCuts: Bool
  /// What to do when the server does not become ready.
  public let readyAdvice: String
  /// The vendor's names of voices. A stand-in takes them, and speaks with its own.
  public let voices: Set<String>
  /// What the form of settings holds when it is opened for the first time: a JSON object.
  public let configText: String

  public init(
    name: String, title: String, notes: String, defaultURL: String? = nil, path: String? = nil,
    otherPaths: [String] = [], credentials: [Credential] = [], subprotocols: [String] = [],
    headers: [(name: String, value: String)] = [], options: [Option] = [], uplink: WireAudioForms,
    downlink: WireAudioForms, readiness: Readiness, turns: Turns, responseEnd: ResponseEnd, identity: Identity,
    interruption: Interruption, transcription: Transcription = .beforeAnswer, resume: Resume = .none,
    keepalive: Keepalive = .ping, textIsBinary: Bool = false, clientSays: Set<VoiceEvent.Kind>,
    serverSays: Set<VoiceEvent.Kind>,
    seats: Set<Side> = [.client, .server], speechStartCuts: Bool = false, readyAdvice: String? = nil,
    configText: String = "{}", voices: Set<String> = []
  ) {
    self.name = name
    self.title = title
    self.notes = notes
    self.defaultURL = defaultURL
    self.path = path
    self.otherPaths = otherPaths
    self.credentials = credentials
    self.subprotocols = subprotocols
    self.headers = headers
    self.options = options
    self.uplink = uplink
    self.downlink = downlink
    self.readiness = readiness
    self.turns = turns
    self.responseEnd = responseEnd
    self.identity = identity
    self.interruption = interruption
    self.transcription = transcription
    self.resume = resume
    self.keepalive = keepalive
    self.textIsBinary = textIsBinary
    self.clientSays = clientSays
    self.serverSays = serverSays
    self.seats = seats
    self.speechStartCuts = speechStartCuts
    self.readyAdvice = readyAdvice ?? "look at what the server sends: it may speak another protocol than \(title)"
    self.configText = configText
    self.voices = voices
  }

  /// The same with other answers to some questions, as settings may give them. Nil leaves the answer as it is.
  public func with(
    name: String? = nil, uplink: WireAudioForm? = nil, downlink: WireAudioForm? = nil, turns: Turns? = nil,
    interruption: Interruption? = nil, clientSays: Set<VoiceEvent.Kind>? = nil, speechStartCuts: Bool? = nil
  ) -> DialectCard {
    DialectCard(
      name: name ?? self.name, title: title, notes: notes, defaultURL: defaultURL, path: path,
      otherPaths: otherPaths, credentials: credentials, subprotocols: subprotocols, headers: headers, options: options,
      uplink: self.uplink.preferring(uplink),
      downlink: self.downlink.preferring(downlink), readiness: readiness, turns: turns ?? self.turns,
      responseEnd: responseEnd, identity: identity, interruption: interruption ?? self.interruption,
      transcription: transcription, resume: resume,
      keepalive: keepalive, textIsBinary: textIsBinary, clientSays: clientSays ?? self.clientSays,
      serverSays: serverSays, seats: seats,
      speechStartCuts: speechStartCuts ?? self.speechStartCuts, readyAdvice: readyAdvice, configText: configText,
      voices: voices)
  }

  /// When the user's words come as text.
  public enum Transcription: Sendable, Equatable {
    /// The answer is made from them, so they come first.
    case beforeAnswer
    /// The model answers what it hears, and another one writes it down: the words may come while the answer is heard.
    case besideAnswer
  }

  /// Where a key is found and where it goes. A key is a secret wherever it goes.
  public struct Credential: Sendable, Equatable {
    /// Where in the request, or in the conversation, it stands.
    public enum Place: Sendable, Equatable {
      /// A request header, with the text before the key, as in `Authorization` and `Bearer `.
      case header(String, prefix: String)
      /// A query value of the address.
      case query(String)
      /// A subprotocol, with the text before the key.
      case subprotocol(prefix: String)
      /// The dialect says it in its first message.
      case opening
    }
    /// The environment variable that holds it.
    public var environment: String
    public var place: Place
    public init(environment: String, place: Place) {
      self.environment = environment
      self.place = place
    }
  }

  /// Something that can be set when a connection is made: `--model`, or `--set NAME=VALUE`.
  public struct Option: Sendable, Equatable {
    public enum Place: Sendable, Equatable {
      /// A query value of the address.
      case query(String)
      /// The dialect says it in its opening.
      case opening
    }
    public var name: String
    public var help: String
    /// What holds where nothing is said; nil: it is left out.
    public var fallback: String?
    public var place: Place
    public init(name: String, help: String, fallback: String? = nil, place: Place) {
      self.name = name
      self.help = help
      self.fallback = fallback
      self.place = place
    }
  }

  /// From when on the server takes audio.
  public enum Readiness: String, Sendable {
    /// As soon as the connection is open.
    case open
    /// Once the server has greeted (`VoiceEvent.ready`).
    case greeting
    /// Once it has agreed to the client's opening (`VoiceEvent.ready`).
    case afterOpening
  }

  /// What ends the user's turn.
  public enum Turns: Sendable, Equatable {
    /// The server's detector, which counts samples and not time: after speech, at least this much silence must be sent.
    case byAudio(silence: Duration)
    /// The client's own messages, or silence in time where there are none.
    case byMessages
    /// The client alone.
    case byClient
  }

  /// How a response ends.
  public enum ResponseEnd: String, Sendable {
    /// The server says so.
    case said
    /// Nobody says so: a pause in its audio has to do.
    case pause
  }

  /// How responses are told apart.
  public enum Identity: String, Sendable {
    /// By the names that the server gives (`WireRef`), where it gives them.
    case byID
    /// By the order of the messages alone.
    case byOrder
  }

  /// How a response is cut.
  public enum Interruption: Sendable, Equatable {
    /// The server hears the user and cuts by itself; the client has no message for it.
    case serverDetects
    /// The client says so. `truncates`: it also says how much was heard (`VoiceEvent.heard`).
    case clientSays(truncates: Bool)
    /// A side may say only that what was sent and not heard is to be dropped, and not every peer knows the message.
    case flushOnly
  }

  /// How a lost conversation is taken up again.
  public enum Resume: String, Sendable {
    case none
    /// With the token of `Ready` in the address.
    case query
    /// With the token in the opening.
    case opening
  }

  /// What keeps a silent connection alive.
  public enum Keepalive: Sendable, Equatable {
    /// WebSocket pings are enough.
    case ping
    /// A message of its own, when nothing was said for so long.
    case message(every: Duration)
    /// The server's in-band pings are to be echoed.
    case echo
  }

  /// Audio has to wait for `VoiceEvent.ready`.
  public var needsReady: Bool { readiness != .open }
  /// The server says when a response ends.
  public var marksResponseEnd: Bool { responseEnd == .said }
  /// Every client of a server can be told to drop what it has not played. Where it cannot, a server that sends far ahead
  /// is still heard for as long when it is interrupted.
  public var takesBack: Bool { interruption != .flushOnly }
}

/// One way in which audio travels.
public struct WireAudioForm: Sendable, Equatable {
  public enum Carriage: String, Sendable {
    /// Base64 in a text message.
    case base64
    /// The bytes of a binary message.
    case binary
  }
  public var codec: AudioFormat
  /// Samples a second.
  public var rate: Int
  public var carriage: Carriage
  public init(_ codec: AudioFormat, rate: Int, _ carriage: Carriage) {
    self.codec = codec
    self.rate = rate
    self.carriage = carriage
  }
}

extension WireAudioForm {
  /// As on the command line, as in `pcm16@24000`.
  public var name: String { "\(codec.rawValue)@\(rate)" }

  /// 16-bit samples as bytes of this form; as little-endian PCM where the form is made by an encoder of a library.
  public func bytes(of samples: [Int16]) -> [UInt8] {
    switch codec {
    case .mulaw: return G711.encode(samples, .mu)
    case .alaw: return G711.encode(samples, .a)
    default:
      var bytes: [UInt8] = []
      bytes.reserveCapacity(samples.count * 2)
      for sample in samples {
        bytes.append(UInt8(truncatingIfNeeded: sample))
        bytes.append(UInt8(truncatingIfNeeded: sample >> 8))
      }
      return bytes
    }
  }
}

/// The ways in which audio can travel in one direction.
public struct WireAudioForms: Sendable, Equatable {
  /// At least one; the first is used where nobody asks for another.
  public var all: [WireAudioForm]
  /// Each message says its format and rate, so that others go, too.
  public var isDeclared: Bool
  /// The audio of one message.
  public var chunk: Duration
  public init(_ preferred: WireAudioForm, _ others: WireAudioForm..., isDeclared: Bool = false, chunk: Duration) {
    all = [preferred] + others
    self.isDeclared = isDeclared
    self.chunk = chunk
  }
  public var preferred: WireAudioForm { all[0] }
  /// The same with another form in front; nil leaves it as it is.
  public func preferring(_ form: WireAudioForm?) -> WireAudioForms {
    guard let form else { return self }
    var forms = self
    forms.all.removeAll { $0 == form }
    forms.all.insert(form, at: 0)
    return forms
  }
  /// The form of that name, as in `mulaw` or `pcm16@24000`.
  public func named(_ name: String) -> WireAudioForm? {
    all.first { $0.name == name } ?? all.first { $0.codec.rawValue == name }
  }
  /// Whether it has this carriage.
  public func has(_ carriage: WireAudioForm.Carriage) -> Bool { all.contains { $0.carriage == carriage } }
}

import Audio
import Wire

/// How the agent's audio travels to one client.
public struct AudioForm: Sendable, Equatable {
  /// What the bytes are. The raw values are the names on the wire.
  public enum Coding: String, Sendable, CaseIterable {
    /// Raw 16-bit little-endian mono samples: a stream that may be cut between any two samples.
    case pcm16
    /// Each message is a whole WAV file, so that each can be decoded alone.
    case wav
    /// Each response is one MP3 stream, cut where the encoder has bytes ready.
    case mp3
    /// Each message is one Opus packet (RFC 6716).
    case opus
    /// Each response is one Ogg/Opus stream (RFC 7845), cut between pages; only its first message has the headers.
    case oggOpus = "ogg-opus"
    /// Samples of G.711, 8 000 a second.
    case mulaw

    /// What the bytes are.
    public var format: AudioFormat {
      switch self {
      case .pcm16: .pcm16
      case .wav: .wav
      case .mp3: .mp3
      case .opus: .opus
      case .oggOpus: .oggOpus
      case .mulaw: .mulaw
      }
    }

    /// - Parameter name: what `format` was read from: Opus is in a container where it says so.
    /// - Returns: nil for a format that is not made here.
    init?(_ format: AudioFormat, named name: String) {
      if format == .oggOpus, !name.contains("og") {
        self = .opus
      } else if let coding = Self.allCases.first(where: { $0.format == format }) {
        self = coding
      } else {
        return nil
      }
    }

    /// Samples a second of what travels.
    /// - Parameter rate: of what is encoded.
    public func rate(of rate: Int) -> Int { self == .mulaw ? G711.rate : rate }
  }

  public var coding: Coding
  /// As binary messages, without sequence numbers; otherwise as base64 in JSON.
  public var isBinary: Bool

  public init(_ coding: Coding, isBinary: Bool = false) {
    self.coding = coding
    self.isBinary = isBinary
  }

  /// Audio of one message. A page that decodes each message alone and plays one after the other has a small gap between
  /// two of them: fewer messages have fewer gaps.
  /// A packet of Opus is a message.
  var piece: Duration? {
    switch coding {
    case .wav: .milliseconds(200)
    case .opus: .milliseconds(20)
    case .pcm16, .mp3, .oggOpus, .mulaw: nil
    }
  }
}

/// What a client says of the audio it takes while it connects, and what its request tells by itself.
public struct AudioRequest: Sendable, Equatable {
  /// The value of `audio` in the address, if it is there.
  public var query: String?
  /// The value of `audio_in`: what the client's own audio is to be.
  public var inputQuery: String?
  /// The subprotocol that was agreed on, if one was.
  public var subprotocol: String?
  /// The request has an `Origin`: it comes from a page in a browser.
  public var isWebPage: Bool

  public init(
    query: String? = nil, inputQuery: String? = nil, subprotocol: String? = nil, isWebPage: Bool = false
  ) {
    self.query = query
    self.inputQuery = inputQuery
    self.subprotocol = subprotocol
    self.isWebPage = isWebPage
  }
}

/// What a client wrote about the audio it takes, read.
///
/// A text is the name of a format as `AudioFormat` knows them (`wav`, `audio/mpeg`, `ogg;codecs=opus`, `pcm_16000`), and
/// `binary` or `json`, in any order, separated by anything but letters and digits.
struct AudioWish: Sendable, Equatable {
  var coding: AudioForm.Coding?
  var isBinary: Bool?

  init() {}

  /// - Parameter rate: the samples a second that there are; another number in the text is a wish that cannot be met.
  /// - Returns: nil when it cannot be met, or a word means nothing here.
  init?(_ text: String, rate: Int) {
    guard text.utf8.count <= 200 else { return nil }
    let (format, isBinary) = Self.parted(text)
    self.isBinary = isBinary
    if format.allSatisfy({ Self.companions.contains($0) || Int($0) == rate }) {
      if isBinary == nil { return nil }
      return
    }
    let name = format.joined(separator: " ")
    guard AudioFormat.isName(name), case .format(let known, let wanted) = AudioFormat.declared(name),
      let coding = AudioForm.Coding(known, named: name), AudioFormat.channels(declared: name) == 1
    else { return nil }
    // Opus has no rate of its own: a decoder makes any of these of the same stream.
    let isOpus = coding == .opus || coding == .oggOpus
    let isMet = wanted.map { $0 == coding.rate(of: rate) || isOpus && Self.opusRates.contains($0) } ?? true
    guard isMet else { return nil }
    self.coding = coding
  }

  /// Words of a format, and the way of travelling that the others say; of two ways the first counts.
  private static func parted(_ text: String) -> (format: [String], isBinary: Bool?) {
    let words = text.lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
    return (words.filter { ways[$0] == nil }, words.lazy.compactMap { ways[$0] }.first)
  }

  private static let ways = ["binary": true, "json": false, "base64": false, "text": false]
  /// They say nothing where no format is named.
  private static let companions: Set<String> = ["audio", "x", "rate", "mono", "voice", "sidetone"]
  /// RFC 6716 section 2.
  private static let opusRates: Set<Int> = [8_000, 12_000, 16_000, 24_000, 48_000]

  /// Whether a subprotocol's name speaks of audio, of such as can be sent here or not: names of other things are none of
  /// our business.
  static func isMeant(by subprotocol: String) -> Bool {
    guard !subprotocol.lowercased().hasPrefix("audio.") else { return true }
    guard subprotocol.utf8.count <= 200 else { return false }
    let (format, isBinary) = parted(subprotocol)
    return AudioFormat.isName(format.joined(separator: " "))
      || isBinary != nil && format.allSatisfy { companions.contains($0) || Int($0) != nil }
  }
}

/// Which form a client's audio has, by the first of these that says anything: its `config`, the address that it
/// connected to, its subprotocol. A client that says nothing gets
///
/// - WAV when it is a page in a browser: `decodeAudioData`, which pages have, refuses raw samples;
/// - PCM otherwise;
/// - binary messages when it sends binary audio itself, and JSON otherwise.
public struct AudioAgreement: Sendable {
  /// The codings that can be made here.
  let available: [AudioForm.Coding]
  /// What the client's audio may be where its messages do not say what they are.
  private let inputCodecs: [WireCodec]
  /// Samples a second.
  let rate: Int
  private var wish: AudioWish?
  private var request: AudioRequest?
  /// The client has spoken of its audio, understood or not: it is told what is in force.
  private(set) var wasAsked = false
  private var sendsBinary = false
  /// What the client's audio is where its messages do not say it; nil: it never spoke of that.
  public private(set) var input: WireCodec?

  init(_ configuration: AgentConfiguration) {
    available = configuration.audioCodings
    inputCodecs = configuration.inputCodecs
    rate = configuration.outputRate
  }

  /// The form in force.
  public var form: AudioForm {
    let usual: AudioForm.Coding = request?.isWebPage == true && available.contains(.wav) ? .wav : .pcm16
    // A coding that was asked for by name travels as JSON until the client says otherwise.
    return AudioForm(wish?.coding ?? usual, isBinary: wish?.isBinary ?? (wish == nil && sendsBinary))
  }

  /// Whether binary messages were asked for, or refused; nil when the client's own way decides.
  var agreedBinary: Bool? { wish.map { $0.isBinary ?? false } }

  /// The name of the subprotocol to agree on: the first that speaks of audio, or else the first.
  public static func choose(among offered: [String]) -> String? {
    offered.first { AudioWish.isMeant(by: $0) } ?? offered.first
  }

  /// A client connects, for the first time or again. What it agreed on by `config` before holds until it asks for
  /// something else.
  /// - Returns: what is wrong with its wishes, in words.
  mutating func connected(_ request: AudioRequest) -> [String] {
    let before = self.request
    self.request = request
    sendsBinary = false
    // Who comes back to the same address wants what it has agreed on since.
    if let before, before.query == request.query, before.inputQuery == request.inputQuery,
      before.subprotocol == request.subprotocol
    {
      return []
    }
    var faults: [String] = []
    input = nil
    if let text = request.inputQuery, !text.isEmpty, let fault = readInput(text, named: "audio_in") {
      faults.append(fault)
    }
    let asked: (text: String, name: String)
    if let text = request.query, !text.isEmpty {
      asked = (text, "audio")
    } else if let text = request.subprotocol, AudioWish.isMeant(by: text) {
      asked = (text, "subprotocol")
    } else {
      return faults
    }
    (wish, wasAsked) = (nil, true)
    if let fault = read(asked.text, named: asked.name) { faults.append(fault) }
    return faults
  }

  /// The client has sent audio as a binary message.
  /// - Returns: whether that changes the form.
  mutating func binaryAudioReceived() -> Bool {
    guard !sendsBinary else { return false }
    let before = form
    sendsBinary = true
    return form != before
  }

  /// Takes the keys out of a `config` that are about the agent's audio, whatever they are called.
  /// - Returns: what is wrong with them, each text naming its key.
  mutating func apply(_ wanted: inout JSONValue) -> [String] {
    guard case .object(var members) = wanted else { return [] }
    var faults: [String] = []
    for key in members.keys.sorted() {
      let name = key.lowercased().filter { $0 != "_" && $0 != "-" }
      let isRate = Self.rateNames.contains(name)
      guard isRate || name == "binary" || Self.formatNames.contains(name), let value = members[key] else { continue }
      members[key] = nil
      wasAsked = true
      let fault = isRate ? checkRate(value, key) : name == "binary" ? readBinary(value, key) : readFormat(value, key)
      if let fault { faults.append(fault) }
    }
    wanted = .object(members)
    return faults
  }

  /// What `config_applied` says of it; empty when nobody asked.
  var settings: [String: JSONValue] {
    guard wasAsked else { return [:] }
    var settings: [String: JSONValue] = ["format": .string(form.coding.rawValue), "binary": .bool(form.isBinary)]
    if let input {
      let out: [String: JSONValue] = [
        "format": .string(form.coding.rawValue), "rate": .number(Double(form.coding.rate(of: rate))),
        "binary": .bool(form.isBinary),
      ]
      settings["audio"] = .object(["in": .object(["format": .string(input.rawValue)]), "out": .object(out)])
    }
    return settings
  }

  // MARK: Reading

  private static let formatNames: Set<String> = [
    "format", "audio", "audioformat", "outputformat", "outputaudioformat", "responseformat", "codec", "encoding",
  ]
  private static let rateNames: Set<String> = ["rate", "samplerate", "audiorate", "outputrate", "outputsamplerate"]

  private mutating func readFormat(_ value: JSONValue, _ key: String) -> String? {
    switch value {
    case .null:
      wish = nil
      return nil
    case .string(let text): return read(text, named: key)
    case .object(let members):
      // As `ready` tells it.
      if members["in"] != nil || members["out"] != nil {
        let faults = [members["in"].flatMap { readInput($0, key) }, members["out"].flatMap { readFormat($0, key) }]
        return faults.compactMap(\.self).first
      }
      let faults = [
        members["rate"].flatMap { checkRate($0, key) }, members["format"].flatMap { readFormat($0, key) },
        members["binary"].flatMap { readBinary($0, key) },
      ]
      if members["format"] == nil, members["binary"] == nil { return refusal(of: value.jsonText, named: key) }
      return faults.lazy.compactMap(\.self).first
    case .bool, .number, .array: return "\(key): must be a name, as in \"wav\""
    }
  }

  /// What the client's own audio is to be: a name, or an object with one, as `ready` tells it.
  private mutating func readInput(_ value: JSONValue, _ key: String) -> String? {
    guard let name = value.stringValue ?? value["format"]?.stringValue else {
      return "\(key): \"in\" must have a \"format\", as in {\"format\":\"opus\"}"
    }
    return readInput(name, named: "\(key).in")
  }

  private mutating func readInput(_ text: String, named name: String) -> String? {
    // Something is in force from now on, and `ready` or `config_applied` tells what.
    (input, wasAsked) = (input ?? .pcm16, true)
    guard let codec = WireCodec(naming: text), inputCodecs.contains(codec) else {
      let offer = inputCodecs.map(\.rawValue).joined(separator: ", ")
      return "\(name): \"\(text.prefix(40))\" cannot be agreed on; there is \(offer)"
    }
    input = codec
    return nil
  }

  private mutating func readBinary(_ value: JSONValue, _ key: String) -> String? {
    guard let isBinary = value.boolValue else { return "\(key): must be true or false" }
    var changed = wish ?? AudioWish()
    changed.isBinary = isBinary
    wish = changed
    return nil
  }

  private func checkRate(_ value: JSONValue, _ key: String) -> String? {
    value.numberValue == Double(rate) ? nil : "\(key): audio has \(rate) samples a second here, and no other rate"
  }

  private mutating func read(_ text: String, named name: String) -> String? {
    guard let new = AudioWish(text, rate: rate), available.contains(new.coding ?? .pcm16) else {
      return refusal(of: text, named: name)
    }
    // A name alone leaves the way of travelling as it was agreed on.
    var agreed = wish ?? AudioWish()
    agreed.coding = new.coding ?? agreed.coding
    agreed.isBinary = new.isBinary ?? agreed.isBinary
    wish = agreed
    return nil
  }

  private func refusal(of text: String, named name: String) -> String {
    let wanted = String(text.prefix(40))
    let head =
      "\(name): \"\(wanted)\" cannot be sent; there is \(Self.list(of: available)), at \(rate) samples a second, "
    // The bare dialect has no JSON.
    guard available != [.pcm16] else { return head + "in binary messages" }
    return head + "each as base64 in JSON or, with \",binary\", as binary messages"
  }

  private static func list(of codings: [AudioForm.Coding]) -> String {
    codings.map { coding in
      switch coding {
      case .pcm16: "pcm16"
      case .wav: "wav (each message a whole file)"
      case .mp3: "mp3 (a stream)"
      case .opus: "opus (a packet of 20 ms each)"
      case .oggOpus: "ogg-opus (a stream)"
      case .mulaw: "mulaw (at 8000)"
      }
    }.joined(separator: ", ")
  }
}

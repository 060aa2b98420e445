import Speech

/// A service that speaks: what it is called, what it needs, and how it is talked to. A row of the table.
public struct VoiceServiceCard: ServiceCard {
  public let name: String
  public let title: String
  public let usualAddress: String
  public let keyVariable: String?
  public let needsKey: Bool
  /// The voice where none is named; empty: what the service takes for it.
  public let usualVoice: String
  /// The model where none is named; nil: the service has no models to choose from.
  public let usualModel: String?

  /// How a key is sent.
  let keyHeader: ServiceAddress.KeyHeader
  /// The API's path, without what depends on the question.
  let path: String
  /// What starts it; nil where that is not in the operator's hands.
  public var startCommand: String?
  /// Whether it is paid by the character.
  var isPaid = true
  let form: VoiceServiceForm
  /// What can be set.
  var settings: [VoiceSetting] = []
  /// Samples a second where the answer is bare samples of 16 bits; nil where it is a container that says so itself.
  let rawRate: @Sendable (_ settings: [String: VoiceSettingValue]) -> Int?
  /// Where it says what it has, for nothing.
  let listing: VoiceListing

  public static let all: [VoiceServiceCard] = [.elevenLabs, .elevenLabsSocket, .openAI, .deepgram, .piperHTTP]

  /// The voices of this machine.
  public static let own = (name: "local", meaning: "this machine, by --voice")

  /// Where it is asked.
  /// - Parameters:
  ///   - address: `http` or `https`, or `ws` or `wss` for a service over WebSockets; the API's path is appended where it is
  ///     missing. Nil: the usual one.
  ///   - voice: nil: the usual one.
  ///   - model: nil: the usual one.
  ///   - apiKey: nil or empty: none is sent.
  public func endpoint(
    address: String? = nil, voice: String? = nil, model: String? = nil, apiKey: String? = nil
  ) throws(ServiceAddress.Invalid) -> VoiceServiceEndpoint {
    var place = try ServiceAddress(
      address ?? usualAddress, of: "a service that speaks", path: path, apiKey: apiKey, keyHeader, over: form.transport)
    place.keyVariable = keyVariable
    return VoiceServiceEndpoint(card: self, address: place, voice: voice ?? usualVoice, model: model ?? usualModel)
  }
}

/// How a service that speaks is talked to.
enum VoiceServiceForm: Sendable {
  /// A request for each sentence.
  case http(@Sendable (SpokenQuestion) throws -> VoiceRequest)
  case socket(VoiceSocketForm)

  var transport: ServiceAddress.Transport {
    switch self {
    case .http: .http
    case .socket: .webSocket
    }
  }
}

/// What a service is asked to say.
struct SpokenQuestion: Sendable, Hashable {
  var text: String
  /// Empty: what the service takes for it.
  var voice: String
  var model: String?
  /// As in `en` or `de-DE`; empty where it is not known.
  var language: String
  var settings: [String: VoiceSettingValue] = [:]
}

/// What is sent to a service, beside its address and key.
struct VoiceRequest: Sendable {
  /// What follows the API's path: names, which may come from a client.
  var subpath: [String] = []
  var query: [(name: String, value: String)] = []
  /// JSON.
  var body: [UInt8]
}

/// Where a service says what it has, without being paid for it. Over HTTP, whatever the service speaks otherwise.
struct VoiceListing: Sendable {
  /// In the place of the API's path, for a voice.
  var path: @Sendable (_ voice: String) -> String
  /// Whether that is an address of the voice alone, which is not there when the voice is not.
  var isOfOneVoice = false
  /// - Throws: where it cannot be read.
  var read: @Sendable (_ bytes: [UInt8], _ voice: String) throws -> VoiceServiceList
}

/// Why a service cannot be asked that, in words for the operator.
public struct VoiceRequestFault: Error, CustomStringConvertible {
  public var description: String
}

/// A service that speaks, with the voice and the model that were chosen.
public struct VoiceServiceEndpoint: Sendable {
  public let card: VoiceServiceCard
  public var address: ServiceAddress
  public let voice: String
  public let model: String?
  /// See `set`.
  var settings: [String: VoiceSettingValue] = [:]
  /// The longest wait for the first sound of a sentence.
  public var firstSoundTimeout: Duration = .seconds(10)
  /// The longest wait between two pieces of it.
  public var stallTimeout: Duration = .seconds(5)

  init(card: VoiceServiceCard, address: ServiceAddress, voice: String, model: String?) {
    self.card = card
    self.address = address
    self.voice = voice
    self.model = model
  }

  /// For messages, as in "ElevenLabs at api.elevenlabs.io".
  var place: String { "\(card.title) at \(address.place)" }

  /// As clients know the voice: by its own name, else by the service's.
  public var shownVoice: String { voice.isEmpty ? card.name : voice }

  /// What fails here means so.
  var errors: ServiceErrors {
    let what = voice.isEmpty ? "no such voice" : "no voice \(voice)"
    return ServiceErrors(
      address, missing: what, missingRemedy: "is the voice's name right?", startCommand: card.startCommand)
  }

  /// - Parameter shown: the voice as clients know it; empty: the endpoint's.
  func question(_ text: String, voice shown: String, language: String) -> SpokenQuestion {
    SpokenQuestion(
      text: text, voice: shown == shownVoice || shown.isEmpty ? voice : shown, model: model, language: language,
      settings: settings)
  }

  func makeLine() -> any SpokenLine {
    switch card.form {
    case .http(let request): HTTPLine(self, request)
    case .socket(let form): SocketLine(self, form)
    }
  }
}

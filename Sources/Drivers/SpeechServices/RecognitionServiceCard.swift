import Agent
import FoundationEssentials
import Speech

/// A service that hears: what it is called, what it needs, and how it is talked to. A row of the table.
public struct RecognitionServiceCard: ServiceCard {
  public let name: String
  public let title: String
  public let usualAddress: String
  public let keyVariable: String?
  public let needsKey: Bool
  /// The model where none is named; nil: the service has none to choose from.
  public let usualModel: String?

  /// How a key is sent.
  let keyHeader: ServiceAddress.KeyHeader
  /// The API's path.
  let path: String
  /// What starts it; nil where that is not in the operator's hands.
  public var startCommand: String?
  let way: Way

  /// How it takes audio.
  enum Way: Sendable {
    /// As it comes, over a WebSocket.
    case streamed(StreamedWay)
    /// Piece by piece of speech, each in a request of its own.
    case pieces(@Sendable (_ piece: SpokenPiece) -> PieceRequest)
  }

  public static let all: [RecognitionServiceCard] = [.deepgram, .deepgramFlux, .openAI, .vosk, .whisperLive]

  /// The recognisers of this machine.
  public static let own = (name: "local", meaning: "this machine, the best that is there")

  /// Where it is asked.
  /// - Parameters:
  ///   - address: `ws` or `wss`, or of a service that is asked by requests `http` or `https`; the API's path is appended
  ///     where it is missing. Nil: the usual one.
  ///   - model: nil: the usual one.
  ///   - language: as in `en` or `de-DE`.
  ///   - apiKey: nil or empty: none is sent.
  public func endpoint(
    address: String? = nil, model: String? = nil, language: String = "en", apiKey: String? = nil
  ) throws(ServiceAddress.Invalid) -> RecognitionServiceEndpoint {
    let transport: ServiceAddress.Transport = if case .streamed = way { .webSocket } else { .http }
    var place = try ServiceAddress(
      address ?? usualAddress, of: "a service that hears", path: path, apiKey: apiKey, keyHeader, over: transport)
    place.keyVariable = keyVariable
    return RecognitionServiceEndpoint(card: self, address: place, model: model ?? usualModel, language: language)
  }
}

/// A service that hears, with the model and the language that were chosen.
public struct RecognitionServiceEndpoint: Sendable {
  public let card: RecognitionServiceCard
  public var address: ServiceAddress
  public let model: String?
  public let language: String
  /// The longest wait until a connection is open, and for the words of a piece of speech.
  public var patience: Duration = .seconds(4)

  /// For messages, as in "Deepgram at api.deepgram.com".
  var place: String { "\(card.title) at \(address.place)" }

  var question: HearingQuestion { HearingQuestion(model: model ?? "", language: language) }

  /// What fails here means so.
  var errors: ServiceErrors {
    let what = model.map { "no model \($0)" } ?? "no such model"
    return ServiceErrors(
      address, missing: what, missingRemedy: "is the model's name right?", startCommand: card.startCommand)
  }

  /// A reason as the operator reads it.
  func told(_ reason: String) -> String { "\(place): \(address.presentable(reason))" }
}

/// How a service is to hear.
struct HearingQuestion: Sendable {
  /// Empty: what the service takes for it.
  var model: String
  /// As in `en` or `de-DE`.
  var language: String

  /// Without the country, for services that know none.
  var plainLanguage: String { String(language.prefix { $0 != "-" }).lowercased() }
}

/// How a service that takes audio as it comes is talked to.
struct StreamedWay: Sendable {
  var habits = StreamedTranscribing.Habits()
  /// Items of the address.
  var query: @Sendable (HearingQuestion) -> [(name: String, value: String)] = { _ in [] }
  /// A connection that has just been opened.
  var makeTalk: @Sendable (HearingQuestion) -> any HearingTalk
}

/// What is said on one connection with a service, both ways. A value.
protocol HearingTalk: Sendable {
  /// What is said first.
  mutating func opening() -> [ServiceMessage]
  /// Audio may be sent.
  var isReady: Bool { get }
  /// - Parameter samples: 16 kHz mono.
  mutating func audio(_ samples: [Int16]) -> [ServiceMessage]
  /// All words of what was sent are to be told.
  mutating func finish() -> [ServiceMessage]
  /// What says that the silence is meant.
  mutating func keepAlive() -> [ServiceMessage]
  /// What is said last.
  var goodbye: [ServiceMessage] { get }
  /// Reads a message of the service, which may be anything.
  mutating func read(_ message: ServiceMessage) throws(TalkFault) -> [StreamedTranscribing.Word]
  /// The service has closed the connection with 1000 or 1001.
  mutating func closed() -> [StreamedTranscribing.Word]
}

extension HearingTalk {
  mutating func opening() -> [ServiceMessage] { [] }
  var isReady: Bool { true }
  mutating func keepAlive() -> [ServiceMessage] { [] }
  var goodbye: [ServiceMessage] { [] }
  mutating func closed() -> [StreamedTranscribing.Word] { [] }
}

/// Why a talk cannot go on: what the service says, or that it cannot be understood.
struct TalkFault: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }

  static func unreadable(_ what: some StringProtocol) -> TalkFault {
    TalkFault("it has sent what cannot be read: \(what.prefix(80))")
  }
}

/// A message on a WebSocket.
enum ServiceMessage: Sendable, Equatable {
  case text(String)
  case binary([UInt8])

  /// What a text says as JSON.
  func decoded<Value: Decodable>() throws(TalkFault) -> Value {
    guard case .text(let text) = self else { throw .unreadable("a binary message") }
    do { return try JSONDecoder().decode(Value.self, from: Data(text.utf8)) } catch { throw .unreadable(text) }
  }

  /// Samples of 16 bits, the low byte first.
  static func samples(_ samples: [Int16]) -> ServiceMessage {
    .binary(samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] })
  }
}

/// A piece of speech, and what its words are wanted as.
struct SpokenPiece: Sendable {
  /// 16 kHz mono.
  var samples: [Int16]
  var question: HearingQuestion
}

/// What is sent to a service for the words of a piece of speech, beside its address and key.
struct PieceRequest: Sendable {
  var contentType: String
  var body: [UInt8]
  /// Reads the words in the answer's body; nil: there are none that can be read.
  var words: @Sendable ([UInt8]) -> String?
}

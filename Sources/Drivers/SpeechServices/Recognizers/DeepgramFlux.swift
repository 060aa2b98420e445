import Agent
import FoundationEssentials
import Speech

extension RecognitionServiceCard {
  /// Deepgram's Flux, `/v2/listen`: it says itself when a turn is over.
  public static let deepgramFlux = RecognitionServiceCard(
    name: "deepgram-flux", title: "Deepgram Flux", usualAddress: "wss://api.deepgram.com",
    keyVariable: "DEEPGRAM_API_KEY", needsKey: true, usualModel: "flux-general-en", keyHeader: .authorization("Token"),
    path: "/v2/listen",
    way: .streamed(
      StreamedWay(
        habits: {
          var habits = StreamedTranscribing.Habits()
          habits.keepAlive = .seconds(4)
          return habits
        }(),
        query: { question in
          let hint = question.model.hasSuffix("-multi") ? [("language_hint", question.plainLanguage)] : []
          return [("model", question.model), ("encoding", "linear16"), ("sample_rate", "16000")] + hint
        },
        makeTalk: { _ in DeepgramFluxTalk() })))
}

/// One connection with Deepgram's Flux.
struct DeepgramFluxTalk: HearingTalk {
  private(set) var isReady = false

  mutating func audio(_ samples: [Int16]) -> [ServiceMessage] { [.samples(samples)] }
  mutating func finish() -> [ServiceMessage] { [.text(#"{"type":"ForceEndTurn"}"#)] }
  /// It knows no other message than audio that keeps a connection open.
  mutating func keepAlive() -> [ServiceMessage] { [.samples([Int16](repeating: 0, count: 1280))] }
  var goodbye: [ServiceMessage] { [.text(#"{"type":"CloseStream"}"#)] }

  mutating func read(_ message: ServiceMessage) throws(TalkFault) -> [StreamedTranscribing.Word] {
    let said: Said = try message.decoded()
    switch said.type {
    case "Connected": isReady = true
    case "TurnInfo":
      let text = said.transcript ?? ""
      switch said.event {
      // All words of the turn so far, each time.
      case "StartOfTurn", "Update", "EagerEndOfTurn": return [.interim(text)]
      case "TurnResumed": return [.resumed, .interim(text)]
      case "EndOfTurn": return [.settled(text), .turnEnded, .complete]
      default: break
      }
    case "Error": throw TalkFault([said.code, said.description].compactMap(\.self).joined(separator: ": "))
    default: break
    }
    return []
  }

  private struct Said: Decodable {
    var type: String
    var event: String?
    var transcript: String?
    var code: String?
    var description: String?
  }
}

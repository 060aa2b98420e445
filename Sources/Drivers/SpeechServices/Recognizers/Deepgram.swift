import Agent
import FoundationEssentials
import Speech

extension RecognitionServiceCard {
  /// Deepgram's `/v1/listen`: interim words, and the pauses that it finds.
  public static let deepgram = RecognitionServiceCard(
    name: "deepgram", title: "Deepgram", usualAddress: "wss://api.deepgram.com", keyVariable: "DEEPGRAM_API_KEY",
    needsKey: true, usualModel: "nova-3", keyHeader: .authorization("Token"), path: "/v1/listen",
    way: .streamed(
      StreamedWay(
        habits: {
          var habits = StreamedTranscribing.Habits()
          // It hangs up after 10 s.
          habits.keepAlive = .seconds(4)
          return habits
        }(),
        query: { question in
          [
            ("model", question.model), ("language", question.language), ("encoding", "linear16"),
            ("sample_rate", "16000"), ("channels", "1"), ("interim_results", "true"), ("punctuate", "true"),
            // The shortest silence at which the agent ends a turn, so that the words are settled by then.
            ("endpointing", "300"), ("utterance_end_ms", "1000"), ("vad_events", "true"),
          ]
        },
        makeTalk: { _ in DeepgramTalk() })))
}

/// One connection with Deepgram's `/v1/listen`.
struct DeepgramTalk: HearingTalk {
  /// It counts a connection as used from the first audio on; before that nothing keeps it open.
  mutating func opening() -> [ServiceMessage] { [.samples([Int16](repeating: 0, count: 1600))] }
  mutating func audio(_ samples: [Int16]) -> [ServiceMessage] { [.samples(samples)] }
  mutating func finish() -> [ServiceMessage] { [.text(#"{"type":"Finalize"}"#)] }
  mutating func keepAlive() -> [ServiceMessage] { [.text(#"{"type":"KeepAlive"}"#)] }
  var goodbye: [ServiceMessage] { [.text(#"{"type":"CloseStream"}"#)] }

  mutating func read(_ message: ServiceMessage) throws(TalkFault) -> [StreamedTranscribing.Word] {
    let said: Said = try message.decoded()
    switch said.type {
    case "Results":
      let text = said.channel?.alternatives?.first?.transcript ?? ""
      guard said.is_final == true else { return [.interim(text)] }
      return [.settled(text)] + (said.speech_final == true ? [.paused] : [])
        + (said.from_finalize == true ? [.complete] : [])
    // In noise it comes in the place of `speech_final`.
    case "UtteranceEnd": return [.paused]
    case "Error": throw TalkFault(said.description ?? said.message ?? "an error without a message")
    default: return []
    }
  }

  private struct Said: Decodable {
    struct Channel: Decodable {
      struct Alternative: Decodable { var transcript: String? }
      var alternatives: [Alternative]?

      init(from decoder: any Decoder) throws {
        // In other messages it is a list of numbers.
        let members = try? decoder.container(keyedBy: CodingKeys.self)
        alternatives = try members?.decodeIfPresent([Alternative].self, forKey: .alternatives)
      }
      enum CodingKeys: CodingKey { case alternatives }
    }
    var type: String
    var channel: Channel?
    var is_final: Bool?
    var speech_final: Bool?
    var from_finalize: Bool?
    var description: String?
    var message: String?
  }
}

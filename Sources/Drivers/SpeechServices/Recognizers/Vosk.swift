import Agent
import FoundationEssentials
import Speech

extension RecognitionServiceCard {
  /// Vosk's WebSocket server: a connection for each utterance.
  public static let vosk = RecognitionServiceCard(
    name: "vosk", title: "Vosk's server", usualAddress: "ws://127.0.0.1:2700", keyVariable: nil, needsKey: false,
    usualModel: nil, keyHeader: .authorization("Bearer"), path: "/",
    startCommand: "docker run -p 2700:2700 alphacep/kaldi-en",
    way: .streamed(
      StreamedWay(
        habits: {
          var habits = StreamedTranscribing.Habits()
          habits.isOneUtterance = true
          return habits
        }(),
        makeTalk: { _ in VoskTalk() })))
}

/// One connection with a Vosk server. It answers each piece of audio by one message.
struct VoskTalk: HearingTalk {
  private var isFinished = false

  mutating func opening() -> [ServiceMessage] { [.text(#"{"config":{"sample_rate":16000}}"#)] }
  mutating func audio(_ samples: [Int16]) -> [ServiceMessage] { [.samples(samples)] }
  mutating func finish() -> [ServiceMessage] {
    isFinished = true
    // It compares the text byte by byte.
    return [.text(#"{"eof" : 1}"#)]
  }

  mutating func read(_ message: ServiceMessage) throws(TalkFault) -> [StreamedTranscribing.Word] {
    let said: Said = try message.decoded()
    if let text = said.text { return [.settled(text)] + (isFinished ? [] : [.paused]) }
    return said.partial.map { [.interim($0)] } ?? []
  }

  /// It hangs up after its last words.
  mutating func closed() -> [StreamedTranscribing.Word] { isFinished ? [.complete] : [] }

  private struct Said: Decodable {
    var partial: String?
    var text: String?
  }
}

import Agent
import FoundationEssentials
import Speech

extension RecognitionServiceCard {
  /// WhisperLive's server: a connection for each utterance.
  public static let whisperLive = RecognitionServiceCard(
    name: "whisperlive", title: "WhisperLive", usualAddress: "ws://127.0.0.1:9090", keyVariable: nil, needsKey: false,
    usualModel: "small", keyHeader: .authorization("Bearer"), path: "/",
    startCommand: "python3 run_server.py --port 9090 --backend faster_whisper",
    way: .streamed(
      StreamedWay(
        habits: {
          var habits = StreamedTranscribing.Habits()
          (habits.isOneUtterance, habits.isSilentWithoutWords) = (true, true)
          return habits
        }(),
        makeTalk: { WhisperLiveTalk($0) })))
}

/// One connection with WhisperLive. It tells the newest pieces of what it heard again and again, and never that it is done.
struct WhisperLiveTalk: HearingTalk {
  private let question: HearingQuestion
  private let id = "sidetone-\(UInt64.random(in: .min ... .max))"
  private(set) var isReady = false
  private var isFinished = false
  /// What was told last, and how often in a row.
  private var last = (text: "", count: 0)
  /// As in its own client: what was told so often does not change any more.
  private static let repetitions = 3

  init(_ question: HearingQuestion) { self.question = question }

  mutating func opening() -> [ServiceMessage] {
    let options = Options(uid: id, language: question.plainLanguage, model: question.model)
    guard let json = try? JSONEncoder().encode(options) else { return [] }
    return [.text(String(decoding: json, as: UTF8.self))]
  }

  /// Numbers of 32 bits from -1 to 1, the low byte first.
  mutating func audio(_ samples: [Int16]) -> [ServiceMessage] {
    [
      .binary(
        samples.flatMap { sample in
          withUnsafeBytes(of: (Float(sample) / 32_768).bitPattern.littleEndian) { Array($0) }
        })
    ]
  }

  /// It looks at speech again when more audio comes, and takes words for complete after a while of silence.
  mutating func finish() -> [ServiceMessage] {
    isFinished = true
    last = ("", 0)
    return audio([Int16](repeating: 0, count: 24_000))
  }

  var goodbye: [ServiceMessage] { [.binary(Array("END_OF_AUDIO".utf8))] }

  mutating func read(_ message: ServiceMessage) throws(TalkFault) -> [StreamedTranscribing.Word] {
    let said: Said = try message.decoded()
    guard said.uid == nil || said.uid == id else { return [] }
    switch said.status {
    case "WAIT": throw TalkFault("it serves as many clients as it can; it says to wait \(said.words ?? "")")
    case "ERROR": throw TalkFault(said.words ?? "an error without a message")
    default: break
    }
    if said.words == "SERVER_READY" { isReady = true }
    guard let segments = said.segments else { return [] }
    let text = segments.compactMap(\.text).joined(separator: " ")
    last = (text, text == last.text ? last.count + 1 : 1)
    let isSettled = last.count >= Self.repetitions || segments.allSatisfy { $0.completed == true }
    return isFinished && isSettled && !text.isEmpty ? [.settled(text), .complete] : [.interim(text)]
  }

  private struct Options: Encodable {
    var uid: String
    var language: String
    var task = "transcribe"
    var model: String
    var use_vad = false
  }

  private struct Said: Decodable {
    struct Segment: Decodable {
      var text: String?
      var completed: Bool?
    }
    enum CodingKeys: CodingKey { case uid, status, message, segments }
    var uid: String?
    var status: String?
    /// A text, or minutes.
    var words: String?
    var segments: [Segment]?

    init(from decoder: any Decoder) throws {
      let members = try decoder.container(keyedBy: CodingKeys.self)
      uid = try members.decodeIfPresent(String.self, forKey: .uid)
      status = try members.decodeIfPresent(String.self, forKey: .status)
      segments = try members.decodeIfPresent([Segment].self, forKey: .segments)
      words =
        (try? members.decode(String.self, forKey: .message))
        ?? (try? members.decode(Double.self, forKey: .message)).map { "\($0) minutes" }
    }
  }
}

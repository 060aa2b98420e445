import Timeline
import Wire

@testable import Agent

/// An agent on a virtual clock, with a client and providers that follow a script.
///
/// The synthesizer makes 1/15 s of audio per character, at once; the language model gives the next of `replies` when
/// it is asked; the detector hears whatever `speak` and `pause` say.
struct ConversationRig {
  static let charactersPerSecond = 15
  var agent: Agent
  var now = Timestamp(milliseconds: 1000)
  /// What the client got, and when.
  var sent: [(at: Timestamp, event: VoiceEvent)] = []
  /// Everything else that was ordered.
  var orders: [AgentEffect] = []
  /// Every input, with what came of it.
  var log: [(input: AgentInput, effects: [AgentEffect])] = []
  var replies: [String] = []
  /// Transcripts of the utterances to come; an utterance without one is not understood.
  var transcripts: [String] = []
  var answersFinals = true
  var synthesizes = true
  var samplesSent = 0
  var isVoiced = false

  init(_ configuration: AgentConfiguration = AgentConfiguration(), join: Bool = true) {
    agent = Agent(configuration)
    if join { give(.clientJoined(sessionID: "s_1", resumeToken: "secret", history: [], resumed: false)) }
  }

  var events: [VoiceEvent] { sent.map(\.event) }
  /// Without audio and metrics, which tests look at by themselves.
  var story: [VoiceEvent] {
    events.filter {
      switch $0 {
      case .audio, .metrics, .ready: false
      default: true
      }
    }
  }
  var audio: [(at: Timestamp, payload: AudioPayload)] {
    sent.compactMap { at, event in if case .audio(let payload) = event { (at, payload) } else { nil } }
  }
  var responseText: String {
    events.reduce("") { text, event in if case .responseText(let piece) = event { text + piece } else { text } }
  }
  func count(_ event: VoiceEvent) -> Int { events.count { $0 == event } }
  func at(_ event: VoiceEvent) -> Timestamp? { sent.first { $0.event == event }?.at }

  mutating func give(_ input: AgentInput) {
    var inputs = [input]
    while !inputs.isEmpty {
      let input = inputs.removeFirst()
      log.append((input, agent.handle(input, at: now)))
      for effect in log.last!.effects {
        if case .send(let event) = effect {
          sent.append((now, event))
        } else {
          orders.append(effect)
          inputs += answers(to: effect)
        }
      }
    }
  }

  private mutating func answers(to effect: AgentEffect) -> [AgentInput] {
    switch effect {
    case .endUtterance(let turn) where answersFinals:
      return [.finalRecognized(turn, transcripts.isEmpty ? "" : transcripts.removeFirst())]
    case .generate(let turn, _, _) where !replies.isEmpty:
      let words = replies.removeFirst().split(separator: " ").map { $0 + " " }
      return words.map { .replyGenerated(turn, String($0)) } + [.replyFinished(turn)]
    case .synthesize(let turn, let sentence, let text, _, _) where synthesizes:
      let count = text.count * 16_000 / Self.charactersPerSecond
      let half = [Int16](repeating: 7, count: count / 2)
      return [
        .sentenceSynthesized(turn, sentence: sentence, half),
        .sentenceSynthesized(turn, sentence: sentence, [Int16](repeating: 9, count: count - count / 2)),
        .sentenceFinished(turn, sentence: sentence),
      ]
    default: return []
    }
  }

  /// Lets time pass without audio, deadlines being kept.
  mutating func wait(_ duration: Duration) {
    let end = now + duration
    while let deadline = agent.deadline, deadline <= end {
      now = max(now, deadline)
      give(.deadlinePassed)
    }
    now = end
  }

  /// The client sends audio in pieces of 20 ms, in real time.
  mutating func stream(_ duration: Duration, piece: Duration = .milliseconds(20)) {
    let end = now + duration
    while now < end {
      wait(piece)
      let count = Int(piece.nanoseconds * 16 / 1_000_000)
      samplesSent += count
      give(.audioReceived([Int16](repeating: isVoiced ? 1000 : 0, count: count)))
    }
  }

  /// The user speaks; the detector notices after 80 ms.
  mutating func speak(_ duration: Duration) {
    let start = samplesSent
    isVoiced = true
    stream(min(duration, .milliseconds(80)))
    give(.voiceDetected(isSpeech: true, atSample: start))
    if duration > .milliseconds(80) { stream(duration - .milliseconds(80)) }
  }

  /// The user is silent while the client goes on sending; the detector notices after 200 ms.
  mutating func pause(_ duration: Duration) {
    let end = samplesSent
    isVoiced = false
    stream(min(duration, .milliseconds(200)))
    guard duration >= .milliseconds(200) else { return }
    give(.voiceDetected(isSpeech: false, atSample: end))
    stream(duration - .milliseconds(200))
  }

  /// A whole spoken turn.
  mutating func say(_ text: String, reply: String) {
    transcripts.append(text)
    replies.append(reply)
    speak(.milliseconds(800))
    pause(.milliseconds(520))
  }
}

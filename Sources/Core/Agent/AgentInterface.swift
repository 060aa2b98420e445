import Audio
import Timeline
import Wire

// Agent: the server's machine. It holds the rules of the conversation; providers do the work.
//
//   client ─► VoiceEvent ─┐                              ┌─► recognize / endUtterance ─► STT
//   STT, LLM, TTS results ┼─► Agent.handle(_:at:) ─► [AgentEffect] ─► generate ─► LLM
//   deadline ─────────────┘                              ├─► synthesize ─► TTS
//                                                        └─► send ─► client

/// What an agent needs to know before it starts.
public struct AgentConfiguration: Sendable, Equatable {
  /// Samples a second of the client's audio and of ours.
  public var inputRate = 16_000
  public var outputRate = 16_000
  /// Silence that ends an utterance: 500 ms, or 300 ms when `snappy`.
  public var endpointSilence: Duration = .milliseconds(500)
  /// The longest utterance, before it is ended by force.
  public var maximumUtterance: Duration = .seconds(25)
  /// User speech of at least this length cuts the agent off.
  public var bargeInMinimum: Duration = .milliseconds(160)
  /// How far ahead of real time audio is sent.
  public var sendLead: Duration = .milliseconds(400)
  /// Audio of one message.
  public var audioChunk: Duration = .milliseconds(40)
  /// Flow control: `pause` above, `resume` below, in unprocessed client audio.
  public var pauseAbove: Duration = .seconds(1)
  public var resumeBelow: Duration = .milliseconds(250)
  /// Voice and language of the answers.
  public var language = "en"
  public var voice = "slt"
  /// Turns that are kept for the language model.
  public var historyLimit = 40

  public init() {}
}

/// Numbers an agent's turns from 1. Results of a cancelled turn are told by it and dropped.
public struct TurnID: RawRepresentable, Hashable, Sendable, Comparable {
  public var rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  public static func < (a: TurnID, b: TurnID) -> Bool { a.rawValue < b.rawValue }
}

/// One thing said in a conversation.
public struct Utterance: Sendable, Equatable, Codable {
  /// Who said it.
  public enum Speaker: String, Sendable, Codable {
    case user, agent
  }
  public var speaker: Speaker
  /// For the agent: what was heard of it, cut where it was interrupted.
  public var text: String
  public var wasCut: Bool
  public init(speaker: Speaker, text: String, wasCut: Bool = false) {
    self.speaker = speaker
    self.text = text
    self.wasCut = wasCut
  }
}

/// What has happened. Facts, in the past tense.
public enum AgentInput: Sendable, Equatable {
  /// A client came, with what was said before if it came back.
  case clientJoined(sessionID: String, resumeToken: String, history: [Utterance], resumed: Bool)
  /// A message of the client, decoded.
  case eventReceived(VoiceEvent)
  /// Client audio, decoded and at `inputRate`.
  case audioReceived([Int16])
  /// The voice activity detector's decision changed. `voicedUntil`: samples of client audio up to the last voiced
  /// (end) or the first voiced (start) one, counted from the client's first sample.
  case voiceDetected(isSpeech: Bool, atSample: Int)
  /// How much client audio the recognizer has not looked at yet.
  case recognizerBacklogChanged(Duration)
  case interimRecognized(TurnID, String)
  /// The final transcript; empty when nothing was understood.
  case finalRecognized(TurnID, String)
  case recognizerFailed(String)
  /// A piece of the answer.
  case replyGenerated(TurnID, String)
  case replyFinished(TurnID)
  case replyFailed(TurnID, String)
  /// Audio of one sentence, at `outputRate`, as it is made.
  case sentenceSynthesized(TurnID, sentence: Int, [Int16])
  case sentenceFinished(TurnID, sentence: Int)
  case synthesisFailed(TurnID, sentence: Int, String)
  /// A timer that the conversation set has run out: say this, as soon as nobody speaks.
  case announcementDue(String)
  /// `deadline` has passed.
  case deadlinePassed
  /// The client has gone.
  case clientLeft
}

/// What is to be done. Orders.
public enum AgentEffect: Sendable, Equatable {
  case send(VoiceEvent)
  /// Feed the detector and the recognizer.
  case recognize([Int16], TurnID)
  /// The utterance is over: deliver the final transcript.
  case endUtterance(TurnID)
  /// Forget what was fed of this utterance.
  case discardUtterance(TurnID)
  /// Answer the last utterance of the history.
  case generate(TurnID, history: [Utterance], language: String)
  case cancelGeneration(TurnID)
  case synthesize(TurnID, sentence: Int, text: String, voice: String, language: String)
  case cancelSynthesis(TurnID)
  /// Say this after that long, by `announcementDue`.
  case schedule(after: Duration, text: String)
  case close(code: Int, reason: String)
  /// For the server's log.
  case log(String)
}

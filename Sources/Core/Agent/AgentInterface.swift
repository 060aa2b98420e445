import Audio
import Timeline
import Wire

// Agent: the server's machine. It holds the rules of the conversation; providers do the work.
//
//   client ─► VoiceEvent ─┐                              ┌─► recognize / endUtterance ─► STT
//   STT, LLM, TTS results ┼─► Agent.handle(_:at:) ─► [AgentEffect] ─► generate ─► LLM
//   deadline ─────────────┘                              ├─► synthesize ─► TTS
//                                                        └─► send ─► client
//
//   Listening: when an utterance begins and ends     Response: one answer on its way, Sentence by sentence
//   SentenceChunker, SpeechPacer, HeardEstimate: text to sentences, audio to the wire, what was heard of it
//   Builtin/: the language model that is built in, a small honest dialogue domain

/// What an agent needs to know before it starts.
public struct AgentConfiguration: Sendable, Equatable {
  /// Samples a second of the client's audio and of ours.
  public var inputRate = 16_000
  public var outputRate = 16_000
  /// When silence ends an utterance.
  public var endpointing = Endpointing.normal
  /// The longest utterance, before it is ended by force.
  public var maximumUtterance: Duration = .seconds(25)
  /// What speech over the agent does; nil: `words` where the client can be told to hold, and `voice` elsewhere.
  public var bargeIn: BargeInPolicy?
  /// User speech of at least this length cuts the agent off, where voice alone decides.
  public var bargeInMinimum: Duration = .milliseconds(160)
  /// Where words decide, user speech of at least this length silences the agent until they are known. A detector that
  /// looks at 32 ms at a time tells of it at 128 ms; 20 ms of a client's message, the network and the flush of a device
  /// leave the user to hear silence within 200 ms.
  public var bargeInHold: Duration = .milliseconds(120)
  /// Voice of this length without a word that was understood is an interruption. "Mm-hmm" lasts 300 to 600 ms, and what is
  /// longer than a second is hardly ever a backchannel (Edlund et al., "Very short utterances in conversation", 2010). A
  /// detector tells of the end of voice some 200 ms late, so that what is counted here is longer than the sound by that.
  public var bargeInHeldLimit: Duration = .milliseconds(900)
  /// The same where the agent speaks on meanwhile: half a second of sound, and the detector's lateness.
  public var bargeInUnheldLimit: Duration = .milliseconds(700)
  /// Voice of this length is an interruption though only an agreement was understood so far ("yeah, but wait"). Three
  /// words of agreement take about a second.
  public var bargeInAgreementLimit: Duration = .milliseconds(1500)
  /// Voice that is shorter is a sound, whatever words were understood, unless one of them wants the floor by itself ("stop",
  /// "what"): recognisers write words for "mm-hmm". Three of four backchannels are shorter (Edlund et al., above).
  public var bargeInShortSound: Duration = .milliseconds(650)
  /// The agent goes on after this at the latest. A client goes on by itself after 3 s.
  public var longestHold: Duration = .milliseconds(2500)
  /// When no more than this is left of a question, an agreement is the answer to it.
  public var questionTail: Duration = .milliseconds(700)
  /// How far ahead of real time audio is sent.
  public var sendLead: Duration = .milliseconds(400)
  /// Audio of one message.
  public var audioChunk: Duration = .milliseconds(40)
  /// The codings that can be made here, of which a client chooses one.
  public var audioCodings = AudioForm.Coding.allCases
  /// What a client may agree on for its own audio.
  public var inputCodecs = WireCodec.allCases
  /// Client audio that the recognizer may not have looked at yet beyond which the rest waits here, so that the end of an
  /// utterance reaches the recognizer soon after the utterance, however fast its audio came.
  public var recognizerLead: Duration = .milliseconds(450)
  /// Client audio that waits here beyond which the client should not be read any more.
  public var intakeLimit: Duration = .seconds(5)
  /// Flow control: `pause` above, `resume` below, in unprocessed client audio. A recogniser whose model is being loaded
  /// falls 1 to 3 s behind on a busy machine, and what a paused client keeps is 2 s.
  public var pauseAbove: Duration = .seconds(3)
  public var resumeBelow: Duration = .milliseconds(250)
  /// Voice and language of the answers.
  public var language = "en"
  public var voice = "slt"
  /// The voice where endpointing is snappy and the client has named none: the one that begins soonest. Nil: `voice`.
  public var quickVoice: String?
  /// What can be asked for by `config`; empty: every well-formed name.
  public var languages: Set<String> = []
  public var voices: Set<String> = []
  /// What clients are told of what hears them.
  public var engines: SpeechEngines?
  /// The language model, as clients are told of it.
  public var model: String?
  /// Utterances that are kept for the language model.
  public var historyLimit = 40
  /// What lies between our sending audio and the user's hearing it, besides the audio itself: the client's jitter
  /// buffer, mostly. Used only to estimate what was heard.
  public var playoutDelay: Duration = .milliseconds(80)
  /// `response_complete` is sent when no more than this is left to be heard, so that speech over the last words
  /// still is a barge-in, and yet the client knows of the end before its playout runs dry.
  public var completeLead: Duration = .milliseconds(120)
  /// The next sentence is synthesised when less than this waits to be sent.
  public var synthesisAhead: Duration = .seconds(4)
  /// A provider that has not answered for so long has failed.
  public var providerTimeout: Duration = .seconds(30)
  /// The same for the language model, which may have to be loaded first.
  public var replyTimeout: Duration = .seconds(30)
  /// The longest reply, in characters; the rest is cut off.
  public var maximumReplyLength = 20_000
  /// Whether a client's `speech_end` ends the utterance at once when our detector hears silence, too. Off: the hint
  /// only says that no more audio comes, and the silence of `endpointing` is kept. A client whose gate closes after 300 ms
  /// would otherwise turn every pause for breath into the end of a turn.
  public var trustsClientEnd = false
  /// Digital silence that brings the detector back to rest after a client stopped sending in mid-speech.
  public var detectorHang: Duration = .milliseconds(600)
  /// A client that neither says nor does anything for so long is dismissed, because it holds a place that another one
  /// may need. Nil: it may stay. See `Idling`.
  public var idleLimit: Duration?

  /// The client can be told to hold a response, and to go on with it.
  public var tellsHolds = false
  /// A client stops its playback when it is told that the user speaks.
  public var startIsACut = false
  /// `responseStarted` is sent when an answer is begun.
  public var tellsStarts = false
  /// The language model may be asked before a turn is over, for an answer that may never be used. It must remember nothing
  /// of what it was asked.
  public var asksAhead = false
  /// Tools that the client has declared are called where the user's words name them.
  public var callsTools = false
  /// Names of voices that are taken from a client and echoed, and spoken with `voice`.
  public var foreignVoices: Set<String> = []

  public init() {}

  /// How far ahead audio is sent where it cannot be taken back, at most: what a client's jitter buffer needs (50 to
  /// 100 ms), for all of it is still heard when the user interrupts.
  public static let leadOfTheIrrevocable = Duration.milliseconds(100)

  /// The same for clients that speak a dialect.
  public func adapted(to card: DialectCard) -> AgentConfiguration {
    var adapted = self
    adapted.tellsHolds = card.serverSays.contains(.responseHeld)
    adapted.startIsACut = card.speechStartCuts
    adapted.tellsStarts = card.serverSays.contains(.responseStarted)
    adapted.callsTools = adapted.callsTools && card.serverSays.contains(.toolCall)
    adapted.foreignVoices = card.voices
    guard !card.takesBack else { return adapted }
    adapted.sendLead = min(sendLead, Self.leadOfTheIrrevocable)
    return adapted
  }
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
  case clientJoined(
    sessionID: String, resumeToken: String, history: [Utterance], resumed: Bool, audio: AudioRequest = AudioRequest())
  /// A message of the client, decoded.
  case eventReceived(VoiceEvent)
  /// Client audio, decoded and at `inputRate`. (`eventReceived(.audio)` says nothing more and is ignored.)
  case audioReceived([Int16])
  /// Client audio that cannot be heard here was left out: why, and what to send instead.
  case audioLeftOut(String)
  /// Audio came as a binary message.
  case binaryAudioReceived
  /// The voice activity detector's decision changed. `voicedUntil`: samples of client audio up to the last voiced
  /// (end) or the first voiced (start) one, counted from the client's first sample.
  case voiceDetected(isSpeech: Bool, atSample: Int)
  /// How much client audio the recognizer has not looked at yet.
  case recognizerBacklogChanged(Duration)
  /// Samples of client audio that the recognizer had no room for: they are lost.
  case audioLost(Int)
  case interimRecognized(TurnID, String)
  /// The user has paused, and these are all words of the turn so far.
  case pauseRecognized(TurnID, String)
  /// The final transcript; empty when nothing was understood.
  case finalRecognized(TurnID, String)
  /// The last piece of a turn's speech was given to the recognizer, behind so many others. It may be given again when the
  /// user goes on.
  case pieceQueued(TurnID, behind: Int)
  /// The recognizer finds that the speaker is done.
  case turnFoundOver(TurnID)
  /// The recognizer that was asked for cannot hear, and another one does from here on: why.
  case recognizerSubstituted(by: String, String)
  /// The recognizer that was asked for hears again.
  case recognizerRestored
  case recognizerFailed(String)
  /// A piece of the answer.
  case replyGenerated(TurnID, String)
  case replyFinished(TurnID)
  case replyFailed(TurnID, String)
  /// The language model that was asked has failed, and another one answers: why.
  case replySubstituted(TurnID, by: String, String)
  /// Audio of one sentence, at `outputRate`, as it is made.
  case sentenceSynthesized(TurnID, sentence: Int, [Int16])
  /// The audio so far says this share of the sentence's characters, 0…1.
  case sentenceSpelled(TurnID, sentence: Int, share: Double)
  case sentenceFinished(TurnID, sentence: Int)
  case synthesisFailed(TurnID, sentence: Int, String)
  /// What became of the characters of one sentence at a service that is paid for them.
  case sentenceCharged(TurnID, sentence: Int, SpeechCharge)
  /// The voice that was asked for cannot speak, and another one does from here on: why, and what to do.
  case voiceSubstituted(String, by: String, String)
  /// Say this by itself after that long. A second one of the same id replaces the first.
  case announcementScheduled(id: Int, after: Duration, text: String)
  /// Do not say it after all, if it has not been begun.
  case announcementCancelled(id: Int)
  /// Say this by itself, as soon as nobody speaks.
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
  /// Close the connection: the client is idle. The text says why, and what would have counted.
  case dismiss(String)
  /// For the server's log.
  case log(String)
}

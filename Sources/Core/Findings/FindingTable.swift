import Timeline

/// A rule: what it looks for, what that means, what to do.
public struct FindingRule: Sendable {
  /// As in `audio-after-interrupted`; stable, for silencing.
  public let id: String
  public let severity: Notice.Severity
  public let title: String
  /// What it means for the listener or the server.
  public let meaning: String
  public let remedy: String
  let detector: any Detector.Type
}

/// The one table of rules. The findings, docs/findings.md and the ids that can be silenced are all made from it.
public enum FindingTable {
  /// In the order of the page: responses, transcripts, bytes, pace, connection, microphone.
  public static let all: [FindingRule] = responses + transcripts + bytes + pace + connection + microphone

  /// A rule by its id.
  public static func rule(_ id: String) -> FindingRule? { all.first { $0.id == id } }

  private static let responses = [
    FindingRule(
      id: "audio-after-interrupted", severity: .error, title: "Audio after interrupted",
      meaning: "The server has said that the response was cut, and goes on sending its audio. A client that plays what "
        + "comes speaks over the user, or begins the next answer with the end of the last one.",
      remedy: "Empty the server's send queue before it says interrupted, and drop what synthesis still delivers.",
      detector: AudioAfterInterrupted.self),
    FindingRule(
      id: "text-after-interrupted", severity: .warning, title: "Text after interrupted",
      meaning:
        "The server has said that the response was cut, and goes on sending its words. They were never spoken; a "
        + "client that cannot tell takes them, and the audio behind them, for the next response.",
      remedy: "Stop the language model before interrupted is said, or name the response in each message (responseId).",
      detector: TextAfterInterrupted.self),
    FindingRule(
      id: "interrupt-unanswered", severity: .warning, title: "Interrupt that is not answered",
      meaning: "The client cut the response, and the server neither said interrupted nor ended it. Nothing tells what "
        + "still belongs to it: its audio is dropped for 5 s, or until the next turn, and then played again.",
      remedy: "Answer interrupt with interrupted (or response_complete) as soon as nothing more will be sent.",
      detector: InterruptUnanswered.self),
    FindingRule(
      id: "audio-after-complete", severity: .warning, title: "Audio after response_complete",
      meaning: "The server has said that the response was sent whole, and sends more of it. A client that closes the "
        + "response then loses its last words, or takes them for another answer.",
      remedy: "Say response_complete behind the last audio, from the same place that sends it.",
      detector: AudioAfterComplete.self),
    FindingRule(
      id: "response-ended-twice", severity: .warning, title: "A response that ends twice",
      meaning: "response_complete or interrupted came, and no response was there to be ended: it had ended already. A "
        + "client that counts responses by their ends is off by one from there on.",
      remedy: "End every response exactly once: interrupted when it was cut, response_complete when it was not.",
      detector: ResponseEndedTwice.self),
    FindingRule(
      id: "responses-interleaved", severity: .error, title: "Two responses at a time",
      meaning: "Messages of one response come between those of another that has not ended. A client that plays what "
        + "comes mixes them; sidetone plays one behind the other.",
      remedy: "One answer at a time: end or cut the one before the next is begun.", detector: ResponsesInterleaved.self),
    FindingRule(
      id: "agent-over-user", severity: .warning, title: "The agent speaks over the user",
      meaning: "The user spoke while the agent was heard, for 1.5 s and more, and neither side cut the answer.",
      remedy: "Let the server cut its response when it hears speech (barge-in), or let the client say interrupt.",
      detector: AgentOverUser.self),
    FindingRule(
      id: "response-never-completed", severity: .warning, title: "Response never completed",
      meaning: "A response was begun, and neither response_complete nor interrupted ended it: the next turn came, or "
        + "nothing for 15 s. Clients that wait for the end keep the microphone shut or the buffer waiting.",
      remedy: "End every response with exactly one of the two, also when the model or synthesis fails.",
      detector: ResponseNeverCompleted.self),
    FindingRule(
      id: "hold-not-ended", severity: .warning, title: "Hold that does not end",
      meaning: "The server held its response, because the user spoke over it, and said neither that it goes on nor "
        + "that it is cut. The agent is silent in mid-sentence until the client goes on by itself, after 3 s.",
      remedy: "End every hold with response_resumed or interrupted, also when recognition fails or hears no words.",
      detector: HoldNotEnded.self),
    FindingRule(
      id: "send-before-ready", severity: .warning, title: "Audio before ready",
      meaning: "Audio went out before the server said that it takes any. Most servers drop it, and with it the first "
        + "words.",
      remedy: "Hold audio back until ready has come.", detector: SendBeforeReady.self),
  ]

  private static let transcripts = [
    FindingRule(
      id: "final-without-interim", severity: .info, title: "Final without interim",
      meaning:
        "A final transcript came of speech of which nothing was shown before. The user saw no sign of being heard.",
      remedy: "Ask the recogniser for partial results, and pass them on.", detector: FinalWithoutInterim.self),
    FindingRule(
      id: "two-finals", severity: .warning, title: "Two finals for one utterance",
      meaning: "Two final transcripts came with nothing between them that could be a second utterance: the agent "
        + "answers twice, or answers half a sentence.",
      remedy: "Join the recogniser's segments until the end of speech, and send one final for each turn.",
      detector: TwoFinals.self),
    FindingRule(
      id: "late-final", severity: .warning, title: "A final that comes again",
      meaning: "The final transcript of an utterance came again after the agent had begun to answer it, and nobody had "
        + "spoken since. A client shows the words twice; a server answers them twice.",
      remedy: "Send one final for each utterance; drop what the recogniser delivers again.", detector: LateFinal.self),
    FindingRule(
      id: "answered-twice", severity: .error, title: "One utterance, two answers",
      meaning: "After the same final had come again, a second response began: the user hears the answer twice.",
      remedy: "Let an utterance begin one response, whatever the recogniser repeats.", detector: AnsweredTwice.self),
    FindingRule(
      id: "interim-shrinks", severity: .info, title: "Interim that shrinks",
      meaning: "An interim transcript has fewer words than the one before it. Text that was shown disappears.",
      remedy: "Send the whole utterance in each interim, not only the last segment.", detector: InterimShrinks.self),
  ]

  private static let bytes = [
    FindingRule(
      id: "container-for-pcm", severity: .error, title: "Container bytes where PCM is expected",
      meaning:
        "The bytes begin a WAV, MP3, Ogg or other file, and raw samples were declared. A client that believes it "
        + "plays a click, or noise. Where nothing is declared, the bytes may be any of them.",
      remedy: "Ask synthesis for raw 16-bit PCM, or declare the format that it delivers.",
      detector: ContainerForPCM.self),
    FindingRule(
      id: "pcm-for-container", severity: .error, title: "PCM where a container is expected",
      meaning: "A container was declared, and the stream begins without its header. A client that believes it plays "
        + "nothing.",
      remedy: "Declare pcm16 and the rate, or send the header first.", detector: PCMForContainer.self),
    FindingRule(
      id: "odd-byte-count", severity: .warning, title: "Odd byte count",
      meaning: "A message of 16-bit samples ends with half a sample. Unless the client carries it over, all that "
        + "follows is noise.",
      remedy: "Cut the stream at even offsets.", detector: OddByteCount.self),
    FindingRule(
      id: "base64-in-binary", severity: .error, title: "Base64 in a binary message",
      meaning:
        "A binary message holds the text of base64 instead of the bytes. It is decoded here; elsewhere it is heard as "
        + "noise, a third longer.",
      remedy: "Decode before sending it as binary, or send it in a text message.", detector: Base64InBinary.self),
    FindingRule(
      id: "json-in-binary", severity: .warning, title: "JSON in a binary message",
      meaning: "A binary message holds the text of a JSON message. It is read as that here; a client that believes the "
        + "flag plays it as noise, or misses it.",
      remedy: "Send JSON in text messages; look for a proxy between that loses the flag.", detector: JSONInBinary.self),
    FindingRule(
      id: "looks-like-float32", severity: .error, title: "Samples look like floats",
      meaning:
        "The bytes have the exponents of 32-bit floats, and something else or nothing was declared. Taken for 16-bit "
        + "samples they are noise at full scale. Here they are played as what they look like.",
      remedy: "Declare pcm_f32le, or convert to 16-bit integers: clip to ±1, times 32767.",
      detector: Looks<FloatLook>.self),
    FindingRule(
      id: "looks-like-mulaw", severity: .error, title: "Samples look like µ-law",
      meaning:
        "Read as µ-law the bytes are sound, and read as declared, or as 16-bit samples where nothing was declared, "
        + "they are noise. Here they are played as what they look like, at 8 000 Hz unless another rate is declared.",
      remedy: "Declare mulaw and the rate, or decode to 16-bit samples.", detector: Looks<MuLawLook>.self),
    FindingRule(
      id: "looks-like-alaw", severity: .error, title: "Samples look like A-law",
      meaning:
        "Read as A-law the bytes are sound, and read as declared, or as 16-bit samples where nothing was declared, "
        + "they are noise. Here they are played as what they look like, at 8 000 Hz unless another rate is declared.",
      remedy: "Declare alaw and the rate, or decode to 16-bit samples.", detector: Looks<ALawLook>.self),
    FindingRule(
      id: "looks-like-big-endian", severity: .error, title: "Samples look big-endian",
      meaning:
        "Read with their bytes in the other order the 16-bit samples are sound, and as they are they are noise. Here "
        + "they are played as what they look like.",
      remedy: "Swap the bytes, or declare pcm_s16be. RTP's L16 is big-endian, most WebSocket APIs are not.",
      detector: Looks<BigEndianLook>.self),
    FindingRule(
      id: "looks-like-other-width", severity: .error, title: "Samples of another width",
      meaning: "Read as samples of another width (8, 16, 24 or 32 bits) than what was declared, or than 16 bits where "
        + "nothing was, the bytes are sound. Here they are played as what they look like.",
      remedy: "Declare the width that is sent, or convert to 16 bits.", detector: Looks<WidthLook>.self),
    FindingRule(
      id: "raw-opus", severity: .error, title: "Opus packets without Ogg",
      meaning:
        "Each message is one Opus packet, and Opus was not declared. Taken for 16-bit samples they are noise. Here "
        + "they are decoded.",
      remedy: "Declare opus, or put the packets into Ogg pages.", detector: Looks<OpusLook>.self),
    FindingRule(
      id: "looks-like-noise", severity: .error, title: "Audio that looks like noise",
      meaning:
        "The bytes are loud and random however they are read: compressed or encrypted audio whose format was not "
        + "declared, or a stream that was joined in the middle. It is not played.",
      remedy: "Declare the format; send a stream from its beginning.", detector: Looks<NoiseLook>.self),
    FindingRule(
      id: "unplayable-format", severity: .error, title: "Format that cannot be played",
      meaning: "What comes is known and cannot be played here; nothing of it is heard.",
      remedy: "Ask synthesis for pcm16, WAV, MP3 or Ogg/Opus.", detector: Looks<UnplayableLook>.self),
    FindingRule(
      id: "unknown-format", severity: .warning, title: "Unknown name of a format",
      meaning:
        "The declared format is no name that is known here. The bytes are taken for what they look like, or for 16-bit "
        + "samples.",
      remedy: "Use a usual name: pcm16, pcm_f32le, mulaw, alaw, wav, mp3, opus.", detector: Looks<UnknownNameLook>.self),
    FindingRule(
      id: "chunk-too-long", severity: .info, title: "Chunk over 250 ms",
      meaning: "So much audio in one message cannot be sent before it is all there: its length is added to the "
        + "latency, and an interrupt comes late.",
      remedy: "Send 20 to 100 ms at a time.", detector: ChunkTooLong.self),
    FindingRule(
      id: "sequence-gap", severity: .warning, title: "Sequence gap",
      meaning: "Sequence numbers were left out: audio was dropped by the sender, for WebSocket loses none.",
      remedy: "Look at the sender's queue for drops; ours shows them in the buffers pane.", detector: SequenceGap.self),
    FindingRule(
      id: "sequence-reordered", severity: .warning, title: "Sequence reordered",
      meaning: "A number came that is not higher than the one before: the sender wrote from two threads, or sent "
        + "something twice.",
      remedy: "Send all audio of a connection from one place, in order.", detector: SequenceReordered.self),
  ]

  private static let pace = [
    FindingRule(
      id: "sample-rate-mismatch", severity: .error, title: "Sample rate mismatch",
      meaning:
        "The samples are of another rate than the one at which they are played: too fast and high (chipmunk), or "
        + "slow and low (slow motion). Told by the header of the bytes, or by a steady pace that another usual rate "
        + "would explain.",
      remedy: "Declare the rate that synthesis delivers, in ready or in each message, or resample.",
      detector: SampleRateMismatch.self),
    FindingRule(
      id: "slow-pace", severity: .warning, title: "Audio slower than real time",
      meaning:
        "The agent's audio comes steadily, and more slowly than it is heard, and no other sample rate explains it. "
        + "The playout runs dry again and again, whatever its size.",
      remedy: "Pace by a clock, not by sleeping after each message: the work between two sleeps adds up.",
      detector: SlowPace.self),
    FindingRule(
      id: "growing-lag", severity: .warning, title: "Growing lag",
      meaning: "Audio is later with every few seconds: some stage works slower than real time, and the delay will not "
        + "go away by itself.",
      remedy: "Find the stage (uplink wait, or the server's timestamps), and let it drop or speed up.",
      detector: GrowingLag.self),
    FindingRule(
      id: "queue-growth", severity: .warning, title: "Queue that only grows",
      meaning: "A queue has not become shorter for ten seconds. What is put in is more than what is taken out, and it "
        + "will overflow or eat memory.",
      remedy: "Look at who should take from it: the socket at the network, the uplink at the socket.",
      detector: QueueGrowth.self),
  ]

  private static let connection = [
    FindingRule(
      id: "silent-line", severity: .warning, title: "Heartbeat longer than common limits",
      meaning:
        "Nothing went over the connection for longer than common proxies wait (30, 55, 60, 100 s). Behind one of "
        + "them it would have been cut.",
      remedy: "Ping each 20 s, from either side.", detector: SilentLine.self),
    FindingRule(
      id: "ping-unanswered", severity: .error, title: "Unanswered ping",
      meaning: "A ping got no pong in time: the peer is gone, or its event loop is blocked.",
      remedy: "Do no blocking work where the server reads its socket.", detector: PingUnanswered.self),
    FindingRule(
      id: "close-without-frame", severity: .warning, title: "Close without a close frame",
      meaning: "The connection ended without a word (1006): a crash, a kill, a proxy, a network that went away.",
      remedy: "Close with a code and a reason; 1001 when the server shuts down.", detector: CloseWithoutFrame.self),
    FindingRule(
      id: "credential-in-clear", severity: .error, title: "Credential over plain ws://",
      meaning: "A token, key or password goes over the network readably. This machine's own addresses do not count.",
      remedy: "Use wss://.", detector: CredentialInClear.self),
  ]

  private static let microphone = [
    FindingRule(
      id: "mic-clipping", severity: .warning, title: "Microphone clips",
      meaning: "Samples lie at full scale: what is louder is cut off, and recognition suffers.",
      remedy: "Turn the gain down, or speak from further away.", detector: MicrophoneClipping.self),
    FindingRule(
      id: "mic-dc-offset", severity: .warning, title: "Microphone with a DC offset",
      meaning: "The waveform does not lie around zero, by more than 1 % of full scale: levels read too high, and the "
        + "gate may never close.",
      remedy: "Use another input or cable, or a high-pass filter.", detector: MicrophoneOffset.self),
    FindingRule(
      id: "mic-dead", severity: .error, title: "Microphone is dead",
      meaning: "The microphone gives digital silence and has given no speech so far. No room is that quiet: it is "
        + "muted in hardware, or the wrong device is open. After speech, digital silence is the work of a noise gate.",
      remedy: "Choose another device with --input mic:NAME, or unmute it.", detector: DeadMicrophone.self),
    FindingRule(
      id: "mic-hot", severity: .info, title: "Microphone is hot",
      meaning: "Speech comes at more than -9 dBFS: the next louder word will clip.",
      remedy: "Turn the gain down by 10 dB.", detector: HotMicrophone.self),
    FindingRule(
      id: "agent-echo", severity: .warning, title: "Echo of the agent in the microphone",
      meaning: "What is sent from the microphone goes up and down with the agent's own voice: the agent will interrupt "
        + "or answer itself.",
      remedy: "Use a headset, or leave echo cancellation on (echo_cancel: true).", detector: AgentEcho.self),
  ]
}

import Audio
import Testing
import Wire

@testable import Agent

/// Which form the agent's audio has for which client.
@Suite struct AudioAgreementTests {
  private func agent(_ request: AudioRequest, _ change: (inout AgentConfiguration) -> Void = { _ in })
    -> ConversationRig
  {
    var configuration = AgentConfiguration()
    change(&configuration)
    var rig = ConversationRig(configuration, join: false)
    rig.give(.clientJoined(sessionID: "s_1", resumeToken: "t", history: [], resumed: false, audio: request))
    return rig
  }

  private func ready(_ rig: ConversationRig) -> Ready? {
    for case .ready(let ready) in rig.events.reversed() { return ready }
    return nil
  }

  private func errors(_ rig: ConversationRig) -> [ServerError] {
    rig.events.compactMap { if case .error(let error) = $0 { error } else { nil } }
  }

  private func configure(_ rig: inout ConversationRig, _ members: [String: JSONValue]) -> JSONValue? {
    rig.give(.eventReceived(.config(.object(members))))
    guard case .configApplied(let settings)? = rig.events.last else { return nil }
    return settings
  }

  @Test(arguments: [
    ("wav", AudioForm(.wav)), ("WAV", AudioForm(.wav)), ("audio/wav", AudioForm(.wav)), ("pcm16", AudioForm(.pcm16)),
    ("pcm_s16le", AudioForm(.pcm16)), ("pcm_16000", AudioForm(.pcm16)), ("audio/L16;rate=16000", AudioForm(.pcm16)),
    ("mp3", AudioForm(.mp3)), ("audio/mpeg", AudioForm(.mp3)), ("opus", AudioForm(.opus)),
    ("audio/ogg;codecs=opus", AudioForm(.oggOpus)), ("ogg-opus", AudioForm(.oggOpus)),
    ("binary", AudioForm(.pcm16, isBinary: true)), ("wav,binary", AudioForm(.wav, isBinary: true)),
    ("opus binary", AudioForm(.opus, isBinary: true)), ("json", AudioForm(.pcm16)), ("mp3,json", AudioForm(.mp3)),
    ("mulaw", AudioForm(.mulaw)), ("flac", nil), ("pcm_24000", nil), ("xyz", nil), ("\u{1b}[2J", nil),
    ("pcm_f32le", nil),
    (String(repeating: "a", count: 9999), nil),
  ])
  func whatTheAddressAsksFor(text: String, expected: AudioForm?) {
    let rig = agent(AudioRequest(query: text))
    #expect(rig.agent.audio.form == expected ?? AudioForm(.pcm16))
    #expect(ready(rig)?.outputFormat == (expected ?? AudioForm(.pcm16)).coding.rawValue)
    if let expected {
      #expect(errors(rig).isEmpty)
      #expect(ready(rig)?.outputIsBinary == expected.isBinary)
      #expect(ready(rig)?.inputIsBinary == expected.isBinary)
    } else {
      #expect(errors(rig).map(\.code) == ["bad_format"])
      let message = errors(rig).first?.message ?? ""
      for name in ["audio: ", "pcm16", "wav (each message a whole file)", "mp3 (a stream)", "opus", ",binary", "16000"]
      {
        #expect(message.contains(name), "\(message)")
      }
      #expect(message.count < 300)
      #expect(ready(rig)?.outputIsBinary == nil)
    }
  }

  /// Names as vendors write them: each is understood, or refused in words that repeat it and say what there is.
  @Test(arguments: [
    ("LINEAR16", AudioForm(.pcm16)), ("linear16", AudioForm(.pcm16)), ("pcm_16000", AudioForm(.pcm16)),
    ("raw-16khz-16bit-mono-pcm", AudioForm(.pcm16)), ("riff-16khz-16bit-mono-pcm", AudioForm(.wav)),
    ("audio/pcm;rate=16000;channels=1", AudioForm(.pcm16)), ("slin16", AudioForm(.pcm16)),
    ("pcm16k,binary", AudioForm(.pcm16, isBinary: true)), ("audio/vnd.wave", AudioForm(.wav)),
    ("audio-16khz-32kbitrate-mono-mp3", AudioForm(.mp3)), ("mp3_16000_32", AudioForm(.mp3)),
    ("OGG_OPUS", AudioForm(.oggOpus)), ("opus_48000_32", AudioForm(.opus)), ("libopus json", AudioForm(.opus)),
    ("binary;rate=16000", AudioForm(.pcm16, isBinary: true)), ("AUDIO_ENCODING_LINEAR_16", AudioForm(.pcm16)),
    ("pcm_24000", nil), ("mp3_44100", nil), ("mp3_44100_128", nil), ("opus_44100", nil), ("slin", nil),
    ("ulaw_8000", AudioForm(.mulaw)), ("audio/pcmu", AudioForm(.mulaw)), ("PCMA", nil),
    ("g711_ulaw", AudioForm(.mulaw)), ("mu-law", AudioForm(.mulaw)), ("audio/basic", AudioForm(.mulaw)),
    ("ulaw_16000", nil),
    ("s16be", nil), ("pcm_s24le", nil), ("float32", nil), ("pcm-8bit", nil), ("audio/L16;rate=8000;channels=2", nil),
    ("pcm_s16le stereo", nil), ("audio/webm;codecs=opus", nil), ("audio/ogg; codecs=vorbis", nil), ("aac", nil),
    ("wav, please", nil), ("pcm_16000_xyz", nil), ("binary 24000", nil), ("mp3,flac", AudioForm(.mp3)), ("audio", nil),
    (" ", nil),
  ])
  func vendorsNames(text: String, expected: AudioForm?) {
    let byAddress = agent(AudioRequest(query: text))
    var byConfig = agent(AudioRequest())
    let applied = configure(&byConfig, ["format": .string(text)])
    for rig in [byAddress, byConfig] {
      #expect(rig.agent.audio.form == expected ?? AudioForm(.pcm16), "\(text)")
      #expect(errors(rig).map(\.code) == (expected == nil ? ["bad_format"] : []), "\(text)")
      if expected == nil {
        #expect(errors(rig).first?.message.contains("\"\(text)\" cannot be sent; there is pcm16") == true)
      }
    }
    #expect(applied?["format"] == .string((expected ?? AudioForm(.pcm16)).coding.rawValue))
    // As a subprotocol, where it can be one: no other is preferred to it, and it is not passed over in silence.
    guard text.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }), text != "audio",
      text != "pcm_16000_xyz"
    else { return }
    #expect(AudioAgreement.choose(among: ["chat", text]) == text)
    #expect(errors(agent(AudioRequest(subprotocol: text))).isEmpty == (expected != nil), "\(text)")
  }

  @Test(arguments: [
    "graphql-ws", "realtime", "voice.v1", "json-rpc-2.0", "openai-insecure-api-key.sk_u8-s16_mp3-x1Zq", "mp3player",
    "rawsocket", "sidetone", "v12.stomp", "wamp.2.json", "pcm_16000_xyz",
  ])
  func subprotocolsOfOtherThings(name: String) {
    #expect(AudioAgreement.choose(among: ["first", name]) == "first")
    let rig = agent(AudioRequest(subprotocol: name))
    #expect(errors(rig).isEmpty)
    #expect(rig.agent.audio.form == AudioForm(.pcm16))
  }

  @Test func aPageThatAsksForNothingGetsEachMessageAsAWholeFile() {
    let rig = agent(AudioRequest(isWebPage: true))
    #expect(rig.agent.audio.form == AudioForm(.wav))
    #expect(ready(rig)?.outputFormat == "wav")
    #expect(agent(AudioRequest()).agent.audio.form == AudioForm(.pcm16))
    // What it says counts more than where it comes from.
    #expect(agent(AudioRequest(query: "pcm16", isWebPage: true)).agent.audio.form == AudioForm(.pcm16))
    #expect(agent(AudioRequest(query: "binary", isWebPage: true)).agent.audio.form == AudioForm(.wav, isBinary: true))
    #expect(agent(AudioRequest(query: "", isWebPage: true)).agent.audio.form == AudioForm(.wav))
  }

  @Test func aFileThatIsAMessageIsLongerThanAPieceOfAStream() {
    for (request, byteCount) in [(AudioRequest(query: "wav"), 6400), (AudioRequest(), 1280)] {
      var rig = agent(request)
      rig.replies = [String(repeating: "x", count: 60) + "."]
      rig.give(.eventReceived(.text("hello")))
      #expect(rig.audio.first?.payload.bytes.count == byteCount)
    }
  }

  @Test func subprotocolsAreReadWhereTheySpeakOfAudio() {
    #expect(AudioAgreement.choose(among: ["chat", "audio.mp3", "wav"]) == "audio.mp3")
    #expect(AudioAgreement.choose(among: ["chat", "voice.v1"]) == "chat")
    #expect(AudioAgreement.choose(among: []) == nil)
    #expect(agent(AudioRequest(subprotocol: "audio.mp3")).agent.audio.form == AudioForm(.mp3))
    #expect(agent(AudioRequest(subprotocol: "wav")).agent.audio.form == AudioForm(.wav))
    #expect(agent(AudioRequest(subprotocol: "chat", isWebPage: true)).agent.audio.form == AudioForm(.wav))
    #expect(agent(AudioRequest(query: "opus", subprotocol: "wav")).agent.audio.form == AudioForm(.opus))
    let unknown = agent(AudioRequest(subprotocol: "audio.flac"))
    #expect(
      errors(unknown).first?.message.hasPrefix("subprotocol: \"audio.flac\" cannot be sent; there is pcm16") == true)
    #expect(errors(agent(AudioRequest(subprotocol: "graphql-ws"))).isEmpty)
  }

  @Test(arguments: ["format", "audio", "audio_format", "output_format", "outputAudioFormat", "codec", "encoding"])
  func whatConfigConfirmsIsReallyUsed(key: String) {
    var rig = agent(AudioRequest())
    let applied = configure(&rig, [key: .string("mp3")])
    #expect(applied?["format"] == .string("mp3"))
    #expect(applied?["binary"] == .bool(false))
    #expect(rig.agent.audio.form == AudioForm(.mp3))
    // Refused: what is in force is told, and the wish is not echoed.
    let refused = configure(&rig, [key: .string("flac")])
    #expect(refused?["format"] == .string("mp3"))
    #expect(errors(rig).map(\.code) == ["bad_format"])
    #expect(errors(rig).first?.message.hasPrefix(key + ":") == true)
    if key != "format" { #expect(refused?[key] == nil) }
  }

  @Test func binaryIsASettingOfItsOwn() {
    var rig = agent(AudioRequest(query: "wav"))
    #expect(configure(&rig, ["binary": .bool(true)])?["binary"] == .bool(true))
    #expect(rig.agent.audio.form == AudioForm(.wav, isBinary: true))
    #expect(configure(&rig, ["format": .string("opus")])?["binary"] == .bool(true))
    #expect(rig.agent.audio.form == AudioForm(.opus, isBinary: true))
    #expect(
      configure(&rig, ["audio": .object(["out": .object(["format": .string("mp3"), "binary": .bool(false)])])]) != nil)
    #expect(rig.agent.audio.form == AudioForm(.mp3))
    #expect(configure(&rig, ["format": .null])?["format"] == .string("pcm16"))
    #expect(errors(rig).isEmpty)
    for bad: [String: JSONValue] in [
      ["binary": .string("yes")], ["format": .number(3)], ["format": .array([])], ["audio": .object(["x": .null])],
      ["sample_rate": .number(24_000)], ["format": .string("")],
    ] {
      let before = errors(rig).count
      #expect(configure(&rig, bad)?["format"] == .string("pcm16"))
      #expect(errors(rig).count == before + 1, "\(bad)")
    }
    #expect(configure(&rig, ["rate": .number(16_000)])?["rate"] == nil)
    #expect(errors(rig).count == 6)
  }

  @Test func whoSpeaksOfNoAudioIsToldOfNone() {
    var rig = agent(AudioRequest())
    #expect(configure(&rig, ["language": .string("de")])?["format"] == nil)
  }

  @Test func whoSendsBinaryAudioGetsBinaryAudioUnlessItSaidOtherwise() {
    var silent = agent(AudioRequest())
    #expect(ready(silent)?.outputIsBinary == nil)
    silent.give(.binaryAudioReceived)
    silent.give(.binaryAudioReceived)
    #expect(silent.agent.audio.form == AudioForm(.pcm16, isBinary: true))
    #expect(silent.orders == [.log("the client sends binary audio: so is what it gets")])
    var json = agent(AudioRequest(query: "wav"))
    json.give(.binaryAudioReceived)
    #expect(json.agent.audio.form == AudioForm(.wav))
    // Its next connection begins anew.
    silent.give(.clientLeft)
    silent.give(.clientJoined(sessionID: "s_1", resumeToken: "t", history: [], resumed: true))
    #expect(silent.agent.audio.form == AudioForm(.pcm16))
  }

  @Test func whatWasAgreedOnComesBackWithTheConversation() {
    var rig = agent(AudioRequest(query: "wav"))
    _ = configure(&rig, ["format": .string("opus")])
    rig.give(.clientLeft)
    rig.give(
      .clientJoined(sessionID: "s_1", resumeToken: "t", history: [], resumed: true, audio: AudioRequest(query: "wav")))
    #expect(ready(rig)?.outputFormat == "opus")
    rig.give(.clientLeft)
    rig.give(
      .clientJoined(sessionID: "s_1", resumeToken: "t", history: [], resumed: true, audio: AudioRequest(query: "mp3")))
    #expect(ready(rig)?.outputFormat == "mp3")
  }

  @Test func whatCannotBeMadeHereIsNotOffered() {
    let rig = agent(AudioRequest(query: "mp3")) { $0.audioCodings = [.pcm16, .wav, .opus] }
    #expect(rig.agent.audio.form == AudioForm(.pcm16))
    #expect(errors(rig).first?.message.contains("mp3 (") == false)
  }

  // MARK: The client's own audio

  @Test func whoSaysNothingOfItIsToldNothingOfIt() {
    var rig = agent(AudioRequest())
    #expect(ready(rig)?.inputFormat == nil)
    #expect(ready(rig)?.inputRate == 16_000)
    #expect(configure(&rig, ["format": .string("opus")])?["audio"] == nil)
    #expect(rig.agent.audio.input == nil)
  }

  @Test(arguments: [
    ("opus", WireCodec.opus, 16_000), ("mulaw", .mulaw, 8_000), ("PCMU", .mulaw, 8_000), ("pcm16", .pcm16, 16_000),
  ])
  func theAddressAsksForItsCodec(text: String, codec: WireCodec, rate: Int) {
    let rig = agent(AudioRequest(query: "opus,binary", inputQuery: text))
    #expect(ready(rig)?.inputFormat == codec.rawValue)
    #expect(ready(rig)?.inputRate == rate)
    #expect(ready(rig)?.outputFormat == "opus")
    #expect(errors(rig).isEmpty)
  }

  @Test(arguments: ["flac", "ogg-opus", "ulaw_16000", "webm", "", String(repeating: "x", count: 9_999)])
  func anotherCodecIsRefusedInWords(text: String) {
    let rig = agent(AudioRequest(inputQuery: text))
    #expect(ready(rig)?.inputFormat == (text.isEmpty ? nil : "pcm16"))
    #expect(errors(rig).map(\.code) == (text.isEmpty ? [] : ["bad_format"]))
    if !text.isEmpty { #expect(errors(rig)[0].message.hasSuffix("there is pcm16, opus, mulaw")) }
  }

  @Test func aServerMayAllowFewer() {
    let rig = agent(AudioRequest(query: "opus", inputQuery: "opus")) {
      ($0.inputCodecs, $0.audioCodings) = ([.pcm16], [.pcm16, .wav])
    }
    #expect(ready(rig)?.inputFormat == "pcm16" && ready(rig)?.outputFormat == "pcm16")
    #expect(errors(rig).count == 2)
  }

  @Test func bothWaysAreSetByConfigAsReadyTellsThem() {
    var rig = agent(AudioRequest())
    let wanted = JSONValue.object([
      "in": .object(["format": .string("opus")]), "out": .object(["format": .string("mulaw"), "binary": .bool(true)]),
    ])
    let applied = configure(&rig, ["audio": wanted])
    #expect(applied?["audio"]?["in"]?["format"] == .string("opus"))
    #expect(applied?["audio"]?["out"]?["format"] == .string("mulaw"))
    #expect(applied?["audio"]?["out"]?["rate"] == .number(8_000))
    #expect(applied?["binary"] == .bool(true))
    let refused = configure(&rig, ["audio": .object(["in": .object(["format": .string("flac")])])])
    #expect(refused?["audio"]?["in"]?["format"] == .string("opus"), "what was agreed on before holds")
    #expect(errors(rig).map(\.code) == ["bad_format"])
    #expect(configure(&rig, ["audio": .object(["in": .bool(true)])])?["audio"]?["in"]?["format"] == .string("opus"))
    #expect(
      configure(&rig, ["audio": .object(["in": .string("pcm16")])])?["audio"]?["in"]?["format"] == .string("pcm16"))
  }
}

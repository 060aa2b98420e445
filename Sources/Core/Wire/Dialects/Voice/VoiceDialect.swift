import Audio
import FoundationEssentials
import Timeline

/// The native dialect: JSON text frames with `type`, binary frames of raw audio. See docs/protocol.md.
///
/// Peers that know only the common subset work unchanged, and so do peers that put the user's audio in `data`
/// or the agent's in `audio`: both names are read from both sides.
public struct VoiceDialect: Dialect {
  public static let card = DialectCard(
    name: "voice", title: "sidetone's own protocol",
    notes: "JSON text messages with `type`; audio as base64 in them or as binary messages. See docs/protocol.md.",
    uplink: WireAudioForms(
      WireAudioForm(.pcm16, rate: 16_000, .base64), WireAudioForm(.pcm16, rate: 16_000, .binary), isDeclared: true,
      chunk: .milliseconds(20)),
    downlink: WireAudioForms(
      WireAudioForm(.pcm16, rate: 16_000, .base64), WireAudioForm(.pcm16, rate: 16_000, .binary), isDeclared: true,
      chunk: .milliseconds(40)),
    readiness: .greeting, turns: .byMessages, responseEnd: .said, identity: .byID,
    interruption: .clientSays(truncates: false), resume: .query,
    clientSays: [.audio, .interrupt, .config, .speechStart, .speechEnd, .text],
    serverSays: [
      .audio, .ready, .userSpeechStart, .userSpeechEnd, .transcriptInterim, .transcriptFinal, .responseText,
      .responseComplete, .interrupted, .responseHeld, .responseResumed, .metrics, .pause, .resume, .configApplied,
      .error,
    ],
    readyAdvice: """
      the server's first message should be {"type":"ready","sessionId":"…"}; \
      if it is not meant to send one, use --dialect pcm
      """, configText: #"{"language": "en", "voice": "slt"}"#)

  /// What both have agreed on for this link.
  private var codecs = AgreedCodecs()

  public init(_ settings: DialectSettings = DialectSettings()) {}

  public mutating func read(_ message: WireMessage, from side: Side) -> Reading {
    var reading = plainReading(message, from: side)
    for i in reading.events.indices { codecs.note(&reading.events[i], from: side) }
    return reading
  }

  /// What a message says by itself.
  private func plainReading(_ message: WireMessage, from side: Side) -> Reading {
    switch message {
    case .text(let bytes): return read(text: bytes, from: side)
    case .binary(let bytes):
      if BinaryText.holdsJSON(bytes) { return read(text: bytes, from: side) }
      return Reading("audio", [.audio(AudioPayload(bytes: BinaryText.base64(bytes) ?? bytes))])
    }
  }

  private func read(text original: [UInt8], from side: Side) -> Reading {
    if let payload = AudioMessage.parse(original) { return Reading("audio", [.audio(payload)], of: payload.reference) }
    let plain = BinaryText.withoutMark(original)
    // The decoder looks only at the strings it needs, and would take UTF-16 as well.
    guard String(validating: plain, as: UTF8.self) != nil else {
      return Reading("?", [.malformed(what: "text frame", reason: "invalid UTF-8")])
    }
    let bytes = LoneSurrogates.escaped(plain, asMarks: true)
    guard !JSONValue.isTooDeep(bytes) else { return Reading("?", [malformed(bytes)]) }
    let message: VoiceFields
    do {
      message = try JSONDecoder().decode(VoiceFields.self, from: Data(bytes))
    } catch {
      return Reading("?", [malformed(bytes)])
    }
    guard let type = message.type, type == LoneSurrogates.settled(type) else {
      return Reading("?", [.malformed(what: "message", reason: "no string \"type\"")])
    }
    // A client's messages are about no response, except that its audio may be.
    let event = event(type, message, plain, side)
    return Reading(type, [event], of: side == .server || type == "audio" ? message.reference : nil)
  }

  private func event(_ type: String, _ message: VoiceFields, _ bytes: [UInt8], _ side: Side) -> VoiceEvent {
    switch (side, type) {
    case (_, "audio"): audio(message)
    case (.client, "interrupt"): .interrupt
    case (.client, "config"): settings(type, bytes) { .config($0) }
    case (.client, "speech_start"): .speechStart
    case (.client, "speech_end"): .speechEnd
    case (.client, "text"): withText(type, message) { .text($0) }
    case (.server, "ready"): ready(message)
    case (.server, "user_speech_start"): .userSpeechStart
    case (.server, "user_speech_end"): .userSpeechEnd
    case (.server, "transcript_interim"): withText(type, message) { .transcriptInterim($0) }
    case (.server, "transcript_final"): withText(type, message) { .transcriptFinal($0) }
    // Its halves of UTF-16 pairs may find the others in the next message.
    case (.server, "response_text"):
      message.text.map { .responseText($0) } ?? .malformed(what: type, reason: "no string \"text\"")
    case (.server, "response_complete"): .responseComplete
    case (.server, "interrupted"): .interrupted
    case (.server, "response_held"): .responseHeld
    case (.server, "response_resumed"): .responseResumed
    case (.server, "metrics"):
      .metrics(metrics(message))
    case (.server, "pause"): .pause
    case (.server, "resume"): .resume
    case (.server, "config_applied"): settings(type, bytes) { .configApplied($0) }
    case (.server, "error"): .error(error(message, bytes))
    default: .unknown(type: type)
    }
  }

  private func metrics(_ message: VoiceFields) -> ServerMetrics {
    var metrics = ServerMetrics(
      turn: message.turn, sttMs: message.stt_ms, llmFirstTokenMs: message.llm_ttft_ms,
      ttsFirstByteMs: message.tts_ttfb_ms, recognizer: message.stt, model: message.llm, voice: message.voice,
      sttQueue: message.stt_queue,
      audioLostMs: message.audio_lost_ms, ttsCharacters: message.tts_chars, ttsUnheard: message.tts_unheard)
    (metrics.endpointSavedMs, metrics.llmAheadMs) = (message.endpoint_saved_ms, message.llm_ahead_ms)
    return metrics
  }

  private func audio(_ message: VoiceFields) -> VoiceEvent {
    guard let base64 = message.data ?? message.audio?.base64 else {
      return .malformed(what: "audio", reason: "no base64 string in \"audio\" or \"data\"")
    }
    switch Base64Text.decode(base64) {
    case .failure(let problem): return .malformed(what: "audio", reason: problem.reason)
    case .success(let decoded):
      var format = message.format ?? decoded.mediaType
      if let channels = message.channels, channels > 1 { format = "\(format ?? "pcm16");channels=\(channels)" }
      return .audio(
        AudioPayload(
          bytes: decoded.bytes, format: format, rate: message.rate, sequence: message.seq, sentAtMs: message.ts,
          ignored: message.ignored, reference: message.reference))
    }
  }

  private func ready(_ message: VoiceFields) -> VoiceEvent {
    .ready(
      Ready(
        sessionID: message.sessionId ?? "", protocolName: message.protocol,
        inputRate: message.audio?.formats?.in?.rate, outputRate: message.audio?.formats?.out?.rate,
        inputIsBinary: message.audio?.formats?.in?.binary, inputFormat: message.audio?.formats?.in?.format,
        outputFormat: message.audio?.formats?.out?.format,
        outputIsBinary: message.audio?.formats?.out?.binary,
        resumeToken: message.resumeToken, resumed: message.resumed ?? false, voice: message.voice,
        engines: SpeechEngines(
          recognizer: message.stt, detector: message.detector, missing: message.missing, remedy: message.remedy),
        ignored: message.audio?.formats?.ignored))
  }

  private func withText(_ type: String, _ message: VoiceFields, _ make: (String) -> VoiceEvent) -> VoiceEvent {
    message.text.map { make(LoneSurrogates.settled($0)) } ?? .malformed(what: type, reason: "no string \"text\"")
  }

  private func settings(_ type: String, _ bytes: [UInt8], _ make: (JSONValue) -> VoiceEvent) -> VoiceEvent {
    do {
      guard case .object(var members) = try JSONValue(parsing: bytes) else { return make(.object([:])) }
      members["type"] = nil
      return make(.object(members))
    } catch {
      return .malformed(what: type, reason: "\(error)")
    }
  }

  /// Peers also say `"error":"text"` and `"error":{"message":"text","code":…}`.
  private func error(_ message: VoiceFields, _ bytes: [UInt8]) -> ServerError {
    var (text, code) = (message.message, message.code)
    if text == nil, let nested = (try? JSONValue(parsing: bytes))?["error"] {
      text = nested.stringValue ?? nested["message"]?.stringValue
      code = code ?? nested["code"].flatMap { $0.stringValue ?? ($0 == .null ? nil : $0.jsonText) }
    }
    return ServerError(message: text ?? "(no message)", code: code, isFatal: message.fatal ?? false)
  }

  /// Why the decoder refused these bytes.
  private func malformed(_ bytes: [UInt8]) -> VoiceEvent {
    do {
      _ = try JSONValue(parsing: bytes)
      return .malformed(what: "text frame", reason: "JSON, but no object")
    } catch {
      return .malformed(what: "text frame", reason: "\(error)")
    }
  }

  public mutating func say(_ what: Saying, as side: Side, at now: Timestamp) -> [WireMessage] {
    guard case .event(let event, let of) = what else { return [] }
    return text(event, of, side).map { [$0] } ?? []
  }

  private func text(_ event: VoiceEvent, _ of: WireRef?, _ side: Side) -> WireMessage? {
    var m = VoiceFields()
    switch (side, event) {
    case (_, .audio(let payload)):
      var payload = payload
      payload.reference = payload.reference ?? of
      if let text = AudioMessage.text(payload, member: side == .client ? "audio" : "data") { return .text(text) }
      m.type = "audio"
      let base64 = Data(payload.bytes).base64EncodedString()
      if side == .client { m.audio = .base64(base64) } else { m.data = base64 }
      (m.seq, m.ts, m.format, m.rate) = (payload.sequence, payload.sentAtMs, payload.format, payload.rate)
      m.responseId = payload.reference?.response
    case (.client, .interrupt): m.type = "interrupt"
    case (.client, .speechStart): m.type = "speech_start"
    case (.client, .speechEnd): m.type = "speech_end"
    case (.client, .text(let text)): (m.type, m.text) = ("text", text)
    case (.client, .config(let settings)): return object("config", settings)
    case (.server, .configApplied(let settings)): return object("config_applied", settings)
    case (.server, .ready(let ready)):
      (m.type, m.sessionId, m.protocol) = ("ready", ready.sessionID, ready.protocolName)
      (m.resumeToken, m.resumed, m.voice) = (ready.resumeToken, ready.resumed ? true : nil, ready.voice)
      (m.stt, m.detector) = (ready.engines?.recognizer, ready.engines?.detector)
      (m.missing, m.remedy) = (ready.engines?.missing, ready.engines?.remedy)
      let input = VoiceFields.Format(rate: ready.inputRate, format: ready.inputFormat, binary: ready.inputIsBinary)
      let output = VoiceFields.Format(rate: ready.outputRate, format: ready.outputFormat, binary: ready.outputIsBinary)
      if input.saysSomething || output.saysSomething { m.audio = .formats(.init(in: input, out: output)) }
    case (.server, .userSpeechStart): m.type = "user_speech_start"
    case (.server, .userSpeechEnd): m.type = "user_speech_end"
    case (.server, .transcriptInterim(let text)): (m.type, m.text) = ("transcript_interim", text)
    case (.server, .transcriptFinal(let text)): (m.type, m.text) = ("transcript_final", text)
    case (.server, .responseText(let text)): (m.type, m.text) = ("response_text", text)
    case (.server, .responseComplete): m.type = "response_complete"
    case (.server, .interrupted): m.type = "interrupted"
    case (.server, .responseHeld): m.type = "response_held"
    case (.server, .responseResumed): m.type = "response_resumed"
    case (.server, .metrics(let metrics)):
      (m.type, m.turn, m.stt_ms) = ("metrics", metrics.turn, metrics.sttMs)
      (m.llm_ttft_ms, m.tts_ttfb_ms) = (metrics.llmFirstTokenMs, metrics.ttsFirstByteMs)
      (m.stt, m.llm, m.voice) = (metrics.recognizer, metrics.model, metrics.voice)
      (m.stt_queue, m.audio_lost_ms) = (metrics.sttQueue, metrics.audioLostMs)
      (m.endpoint_saved_ms, m.llm_ahead_ms) = (metrics.endpointSavedMs, metrics.llmAheadMs)
      (m.tts_chars, m.tts_unheard) = (metrics.ttsCharacters, metrics.ttsUnheard)
    case (.server, .pause): m.type = "pause"
    case (.server, .resume): m.type = "resume"
    case (.server, .error(let error)):
      (m.type, m.message, m.code, m.fatal) = ("error", error.message, error.code, error.isFatal ? true : nil)
    default: return nil
    }
    if side == .server, let response = of?.response { m.responseId = response }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    return (try? encoder.encode(m)).map { .text(Array($0)) }
  }

  private func object(_ type: String, _ settings: JSONValue) -> WireMessage? {
    guard case .object(var members) = settings else { return nil }
    members["type"] = .string(type)
    return .string(JSONValue.object(members).jsonText)
  }
}

/// The fields of every message of the dialect; absent ones are left out.
private struct VoiceFields: Encodable {
  var type: String?
  var audio: AudioField?
  var data: String?
  var seq: Int?
  var ts: Double?
  var format: String?
  var rate: Int?
  var responseId: String?
  var text: String?
  var sessionId: String?
  var `protocol`: String?
  var resumeToken: String?
  var resumed: Bool?
  var voice: String?
  var stt: String?
  var llm: String?
  var detector: String?
  var missing: String?
  var remedy: String?
  var turn: Int?
  var stt_ms: Double?
  var llm_ttft_ms: Double?
  var tts_ttfb_ms: Double?
  var stt_queue: Int?
  var endpoint_saved_ms: Double?
  var llm_ahead_ms: Double?
  var audio_lost_ms: Double?
  var tts_chars: Int?
  var tts_unheard: Int?
  var message: String?
  var code: String?
  var fatal: Bool?
  var channels: Int?
  /// Numbers that make no sense, with their names, in words. Never sent.
  var ignored: String?

  var reference: WireRef? { responseId.flatMap { WireRef(response: $0) } }

  struct Format: Encodable {
    var rate: Int?
    var format: String?
    var binary: Bool?
    /// A rate that makes no sense, in words. Never sent.
    var ignored: String?

    var saysSomething: Bool { rate != nil || format != nil || binary != nil }
  }
  struct Formats: Codable {
    var `in`, out: Format?

    init(in: Format?, out: Format?) { (self.in, self.out) = (`in`, out) }
    /// One odd half is no reason to lose the other.
    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: CodingKeys.self)
      `in` = try? fields.decodeIfPresent(Format.self, forKey: .in)
      out = try? fields.decodeIfPresent(Format.self, forKey: .out)
    }
    var ignored: String? { out?.ignored ?? `in`?.ignored }
  }

  /// `audio` is base64 in an audio message, and the two formats in `ready`.
  enum AudioField: Codable {
    case base64(String)
    case formats(Formats)

    var base64: String? { if case .base64(let text) = self { text } else { nil } }
    var formats: Formats? { if case .formats(let formats) = self { formats } else { nil } }

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        self = .base64(text)
      } else {
        self = .formats(try container.decode(Formats.self))
      }
    }
    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .base64(let text): try container.encode(text)
      case .formats(let formats): try container.encode(formats)
      }
    }
  }
}

/// A field of another type than ours counts as absent: an unknown message may use our names for its own things, and
/// one odd optional field is no reason to lose the rest of a message.
extension VoiceFields: Decodable {
  /// A recogniser's queue that is longer is no number of pieces of speech.
  private static let longestQueue = 1_000_000
  /// Nor is more than this the number of a response's characters.
  private static let mostCharacters = 10_000_000
  /// Names that are read, but not written.
  private enum OtherNames: String, CodingKey { case responseID = "response_id" }

  init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    func field<T: Decodable>(_ key: CodingKeys) -> T? { try? fields.decodeIfPresent(T.self, forKey: key) }
    func text(_ key: CodingKeys) -> String? { (field(key) as String?).map(LoneSurrogates.settled) }
    var ignored: [String] = []
    /// Absent when it makes no sense, which is worth a word.
    func number<T>(_ key: CodingKeys, _ read: (LenientNumber) -> T?) -> T? {
      guard let number: LenientNumber = field(key) else { return nil }
      let value = read(number)
      if value == nil { ignored.append("\(key.stringValue) \(number.text)") }
      return value
    }
    func name<Key: CodingKey>(_ key: Key, in fields: KeyedDecodingContainer<Key>) -> String? {
      // Some servers number their responses.
      ((try? fields.decodeIfPresent(String.self, forKey: key))
        ?? (try? fields.decodeIfPresent(Int.self, forKey: key)).map(String.init)).map(LoneSurrogates.settled)
    }
    let otherNames = try decoder.container(keyedBy: OtherNames.self)
    /// A name of an engine, a model or a voice.
    func engine(_ key: CodingKeys) -> String? { text(key).map { String($0.prefix(bytes: SpeechEngines.longestName)) } }
    self.init(
      type: field(.type), audio: field(.audio), data: field(.data), seq: number(.seq, \.integer),
      ts: number(.ts, \.value),
      format: text(.format), rate: number(.rate) { $0.integer(in: Resampler.supportedRates) },
      responseId: name(.responseId, in: fields) ?? name(.responseID, in: otherNames), text: field(.text),
      sessionId: text(.sessionId), protocol: text(.protocol), resumeToken: field(.resumeToken),
      resumed: field(.resumed),
      voice: engine(.voice), stt: engine(.stt), llm: engine(.llm), detector: text(.detector), missing: text(.missing),
      remedy: text(.remedy),
      turn: number(.turn, \.integer), stt_ms: number(.stt_ms, \.milliseconds),
      llm_ttft_ms: number(.llm_ttft_ms, \.milliseconds), tts_ttfb_ms: number(.tts_ttfb_ms, \.milliseconds),
      stt_queue: number(.stt_queue) { $0.integer(in: 0...Self.longestQueue) },
      endpoint_saved_ms: number(.endpoint_saved_ms, \.milliseconds),
      llm_ahead_ms: number(.llm_ahead_ms, \.milliseconds),
      audio_lost_ms: number(.audio_lost_ms, \.milliseconds),
      tts_chars: number(.tts_chars) { $0.integer(in: 0...Self.mostCharacters) },
      tts_unheard: number(.tts_unheard) { $0.integer(in: 0...Self.mostCharacters) },
      message: text(.message),
      code: text(.code) ?? (field(.code) as Int?).map(String.init) ?? (field(.code) as Double?).map { "\($0)" },
      fatal: field(.fatal), channels: number(.channels) { $0.integer(in: 1...64) },
      ignored: ignored.isEmpty ? nil : ignored.joined(separator: ", "))
  }
}

/// As above, field by field: a format that is no string says nothing, and the rate beside it still counts.
extension VoiceFields.Format: Decodable {
  init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    func field<T: Decodable>(_ key: CodingKeys) -> T? { try? fields.decodeIfPresent(T.self, forKey: key) }
    let number: LenientNumber? = field(.rate)
    let rate = number?.integer(in: Resampler.supportedRates)
    self.init(
      rate: rate, format: (field(.format) as String?).map(LoneSurrogates.settled), binary: field(.binary),
      ignored: rate == nil ? number.map { "rate \($0.text)" } : nil)
  }
}

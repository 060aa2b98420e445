import Audio

/// The settings of a session: as the protocol nests them, and by the flat names of `VoiceEvent.config`, which are those of
/// the other dialects where those have them.
struct OpenAISettings: Sendable, Equatable {
  /// The session object, as far as it is known.
  private(set) var members: [String: JSONValue] = [:]

  /// Most bytes of all settings. Of more, only those that are short are kept.
  static let capacity = 262_144
  private static let shortCapacity = 4096

  /// Flat names, and where the values stand in the session object.
  private static let paths: [(name: String, path: [String])] = [
    ("language", ["audio", "input", "transcription", "language"]),
    ("transcription", ["audio", "input", "transcription", "model"]),
    ("turn_detection", ["audio", "input", "turn_detection", "type"]),
    ("endpointing", ["audio", "input", "turn_detection", "silence_duration_ms"]),
    ("threshold", ["audio", "input", "turn_detection", "threshold"]),
    ("prefix_padding_ms", ["audio", "input", "turn_detection", "prefix_padding_ms"]),
    ("idle_timeout_ms", ["audio", "input", "turn_detection", "idle_timeout_ms"]),
    ("eagerness", ["audio", "input", "turn_detection", "eagerness"]),
    ("create_response", ["audio", "input", "turn_detection", "create_response"]),
    ("interrupt_response", ["audio", "input", "turn_detection", "interrupt_response"]),
    ("noise_reduction", ["audio", "input", "noise_reduction", "type"]),
    ("uplink_format", ["audio", "input", "format", "type"]),
    ("downlink_format", ["audio", "output", "format", "type"]),
    ("voice", ["audio", "output", "voice"]),
    ("speed", ["audio", "output", "speed"]),
  ]
  /// Objects that `null` turns off; any other `null` says nothing.
  private static let clearable: Set<String> = ["turn_detection", "transcription", "noise_reduction"]
  /// What the server alone says, and what every session object has.
  private static let notSettings: Set<String> = ["type", "object", "id", "expires_at", "audio"]

  init() {}

  /// - Parameter session: a session object; anything else counts as an empty one.
  init(_ session: JSONValue?) { merge(session) }

  var json: JSONValue { .object(members) }

  // MARK: Values

  private func value(_ path: String...) -> JSONValue? {
    path.reduce(json as JSONValue?) { $0?[$1] }
  }

  /// The client ends the user's turns.
  var isManual: Bool { saysManual ?? false }
  /// The same; nil where nothing is said of it.
  var saysManual: Bool? { value("audio", "input", "turn_detection").map { $0 == .null } }
  /// The server's detector; nil: none.
  var detector: String? { value("audio", "input", "turn_detection", "type")?.stringValue }
  /// What ends the user's turn where the server's detector does; nil where nothing is said of its silence.
  var turns: DialectCard.Turns? {
    let detection = value("audio", "input", "turn_detection")
    // A moment is needed to see the silence. A model that listens to the words waits for so long at most.
    let silence: Double? =
      switch (detection?["type"]?.stringValue, detection?["eagerness"]?.stringValue) {
      case ("semantic_vad", "low"): 8000
      case ("semantic_vad", "high"): 2000
      case ("semantic_vad", _): 4000
      default: detection?["silence_duration_ms"]?.numberValue.map { $0 + 200 }
      }
    return silence.map { .byAudio(silence: .milliseconds(Int(min(max($0, 200), 10_000)))) }
  }
  /// The server writes down what the user says. Off until it is asked for.
  var transcribes: Bool { value("audio", "input", "transcription").map { $0 != .null } ?? false }
  /// Audio before the detected speech that belongs to it.
  var prefixPaddingMs: Double { value("audio", "input", "turn_detection", "prefix_padding_ms")?.numberValue ?? 300 }
  var modalities: [String] { Self.modalities(json) ?? ["audio"] }
  /// How audio travels; nil where nothing usable was said.
  var uplink: WireAudioForm? { Self.form(value("audio", "input", "format")) }
  var downlink: WireAudioForm? { Self.form(value("audio", "output", "format")) }

  /// `output_modalities` of a session or a response.
  static func modalities(_ object: JSONValue?) -> [String]? {
    guard case .array(let names)? = object?["output_modalities"] else { return nil }
    let known = names.prefix(4).compactMap(\.stringValue)
    return known.isEmpty ? nil : known
  }

  /// A format object.
  static func form(_ format: JSONValue?) -> WireAudioForm? {
    switch format?["type"]?.stringValue {
    case "audio/pcm":
      let rate = format?["rate"]?.intValue ?? 24_000
      return Resampler.supportedRates.contains(rate) ? WireAudioForm(.pcm16, rate: rate, .base64) : nil
    case "audio/pcmu": return WireAudioForm(.mulaw, rate: 8000, .base64)
    case "audio/pcma": return WireAudioForm(.alaw, rate: 8000, .base64)
    default: return nil
    }
  }

  /// The name of a format; nil for what the protocol does not have.
  static func formatName(_ form: WireAudioForm) -> String? {
    switch (form.codec, form.rate) {
    case (.pcm16, 24_000): "audio/pcm"
    case (.mulaw, 8000): "audio/pcmu"
    case (.alaw, 8000): "audio/pcma"
    default: nil
    }
  }

  // MARK: Changing

  /// What a session object says; the rest stays.
  ///
  /// Servers put `null` where objects are described: that says nothing, except for what can be turned off by it. An
  /// object that can be turned off takes the place of the one before.
  mutating func merge(_ session: JSONValue?) {
    guard case .object(let change)? = session else { return }
    Self.merge(change, into: &members)
    guard json.jsonText.utf8.count > Self.capacity else { return }
    members = members.filter { $0.value.jsonText.utf8.count <= Self.shortCapacity }
  }

  private static func merge(_ change: [String: JSONValue], into members: inout [String: JSONValue]) {
    for (name, value) in change {
      if clearable.contains(name) {
        members[name] = value
      } else if name == "format", case .object = value {
        // One format has other members than another.
        members[name] = value
      } else if case .object(let inner) = value, case .object(var before)? = members[name] {
        merge(inner, into: &before)
        members[name] = .object(before)
      } else if value != .null {
        members[name] = value
      }
    }
  }

  // MARK: Flat

  /// The settings of a session object by their flat names. What has none, such as `instructions` and `tools`, keeps its own.
  static func flat(_ session: JSONValue) -> [String: JSONValue] {
    guard case .object(let members) = session else { return [:] }
    var flat = members.filter { !notSettings.contains($0.key) && $0.value != .null }
    for (name, path) in paths {
      var value: JSONValue? = session
      for step in path {
        value = value?[step]
        if value == .null, clearable.contains(step) {
          if name == step { flat[name] = .null }
          value = nil
        }
      }
      if let value, value != .null { flat[name] = value }
    }
    return flat
  }

  /// The session object that says these settings, on top of those in force.
  /// - Parameters:
  ///   - flat: by flat names, or by the protocol's own.
  ///   - transcription: the model, where none is in force.
  func session(_ flat: [String: JSONValue], transcription: String) -> JSONValue {
    var session: [String: JSONValue] = [:]
    for (name, value) in flat where name != "type" {
      guard let path = Self.paths.first(where: { $0.name == name })?.path else {
        session[name] = name == "instructions" && value == .null ? .string("") : value
        continue
      }
      if Self.clearable.contains(name), value.stringValue == nil {
        // Turned off, or the whole object.
        JSONValue.set(value, at: path.dropLast(), in: &session)
      } else {
        JSONValue.set(name == "endpointing" ? Self.silence(value) : value, at: path[...], in: &session)
      }
    }
    complete("turn_detection", with: ["type": .string("server_vad")], in: &session)
    complete("transcription", with: ["model": .string(transcription)], in: &session)
    for (way, name) in [("input", "uplink_format"), ("output", "downlink_format")]
    where flat[name] == .string("audio/pcm") {
      JSONValue.set(.number(24_000), at: ["audio", way, "format", "rate"], in: &session)
    }
    session["type"] = .string("realtime")
    return .object(session)
  }

  /// Objects of `audio.input` that are said whole: what is not changed stays as it is.
  private func complete(_ name: String, with fallback: [String: JSONValue], in session: inout [String: JSONValue]) {
    guard case .object(let said)? = session["audio"]?["input"]?[name] else { return }
    var whole = fallback
    if case .object(let before)? = value("audio", "input", name) { whole = before }
    // Another detector has other settings.
    if let type = said["type"], type != whole["type"] { whole = [:] }
    JSONValue.set(.object(whole.merging(said) { $1 }), at: ["audio", "input", name], in: &session)
  }

  /// The names that other dialects have for lengths of silence.
  private static func silence(_ value: JSONValue) -> JSONValue {
    switch value {
    case .string("default"): .number(500)
    case .string("snappy"): .number(300)
    default: value
    }
  }

  // MARK: As a server

  /// What holds in a session of which its client has said nothing, with the values that the vendor documents.
  static func fresh(model: String) -> OpenAISettings {
    let pcm = JSONValue.object(["type": .string("audio/pcm"), "rate": .number(24_000)])
    return OpenAISettings(
      .object([
        "type": .string("realtime"), "object": .string("realtime.session"), "model": .string(model),
        "output_modalities": .array([.string("audio")]), "instructions": .string(""), "tools": .array([]),
        "tool_choice": .string("auto"), "max_output_tokens": .string("inf"),
        "audio": .object([
          "input": .object([
            "format": pcm, "transcription": .null, "noise_reduction": .null, "turn_detection": detector("server_vad"),
          ]),
          "output": .object(["format": pcm, "speed": .number(1)]),
        ]),
      ]))
  }

  /// A detector with the values that hold where a client says nothing.
  private static func detector(_ type: String) -> JSONValue {
    let both: [String: JSONValue] = ["create_response": .bool(true), "interrupt_response": .bool(true)]
    let own: [String: JSONValue] =
      type == "server_vad"
      ? ["threshold": .number(0.5), "prefix_padding_ms": .number(300), "silence_duration_ms": .number(500)]
      : ["eagerness": .string("auto")]
    return .object(both.merging(own) { $1 }.merging(["type": .string(type)]) { $1 })
  }

  /// As a server has them in force after a client's `session.update`.
  mutating func grant(_ update: JSONValue) {
    merge(update)
    guard case .object(let asked)? = value("audio", "input", "turn_detection"), let type = asked["type"]?.stringValue,
      case .object(let whole) = Self.detector(type)
    else { return }
    var audio: [String: JSONValue] = [:]
    JSONValue.set(
      .object(whole.merging(asked.filter { $0.value != .null }) { $1 }), at: ["input", "turn_detection"], in: &audio)
    merge(.object(["audio": .object(audio)]))
  }

  /// Why a server cannot grant an update, with the name of what is wrong; nil when it can.
  static func fault(in update: JSONValue) -> String? {
    guard case .object(let members) = update else { return "session: must be an object" }
    guard members["type"] == .string("realtime") else {
      let advice = OpenAIShape(of: update) == .beta ? "; `serve --dialect openai-beta` takes the beta shape" : ""
      return "session.type: must be \"realtime\"\(advice)"
    }
    for way in ["input", "output"] {
      guard let format = members["audio"]?[way]?["format"], format != .null else { continue }
      guard let form = form(format), formatName(form) != nil else {
        return "session.audio.\(way).format: must be audio/pcm with the rate 24000, audio/pcmu or audio/pcma"
      }
    }
    if let modalities = modalities(update), modalities != ["audio"], modalities != ["text"] {
      return "session.output_modalities: must be [\"audio\"] or [\"text\"]"
    }
    if let type = members["audio"]?["input"]?["turn_detection"]?["type"], type != .string("server_vad"),
      type != .string("semantic_vad")
    {
      return "session.audio.input.turn_detection.type: must be \"server_vad\" or \"semantic_vad\""
    }
    return nil
  }
}

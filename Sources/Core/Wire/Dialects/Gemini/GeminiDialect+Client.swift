import Timeline

// A client: what it says, and what its messages mean.

extension GeminiDialect {
  // MARK: Saying

  /// The first message: all settings, and the handle of the session that is to go on.
  func setup(resuming handle: String?) -> WireMessage {
    var options = wanted.options
    let model = options.removeValue(forKey: "model") ?? Self.card.options[0].fallback ?? ""
    let settings = options.mapValues { JSONValue.string($0) }.merging(wanted.conversation) { $1 }
    let setup = GeminiSetup.setup(settings, model: model, isManual: wanted.isManual, resuming: handle)
    return Self.text(["setup": setup])
  }

  private static func text(_ members: [String: JSONValue]) -> WireMessage {
    .string(JSONValue.object(members).jsonText)
  }

  private static func input(_ member: String, _ value: JSONValue) -> [WireMessage] {
    [text(["realtimeInput": .object([member: value])])]
  }

  func sayAsClient(_ what: VoiceEvent) -> [WireMessage] {
    switch what {
    case .audio(let payload):
      let rate = payload.rate ?? card.uplink.preferred.rate
      return [
        .text(Self.audio(payload.bytes, rate: rate, before: "{\"realtimeInput\":{\"audio\":", after: "}}"))
      ]
    case .speechStart: return card.turns == .byClient ? Self.input("activityStart", .object([:])) : []
    case .turnEnd: return card.turns == .byClient ? Self.input("activityEnd", .object([:])) : []
    // Audio stops here until the user speaks again: what the server holds back for its detector is complete.
    case .speechEnd: return card.turns == .byClient ? [] : Self.input("audioStreamEnd", .bool(true))
    case .text(let text): return Self.input("text", .string(text))
    case .toolResult(let result):
      var response: [String: JSONValue] = ["id": .string(result.id), "response": Self.response(result.output)]
      response["name"] = (result.name ?? link.tool(of: result.id)).map { .string($0) }
      return [Self.text(["toolResponse": .object(["functionResponses": .array([.object(response)])])])]
    default: return []
    }
  }

  /// A result is an object: what is none becomes its `output`.
  private static func response(_ output: String) -> JSONValue {
    if let json = try? JSONValue(parsing: output.utf8), case .object = json { return json }
    return .object(["output": .string(output)])
  }

  // MARK: Reading

  mutating func readClient(_ message: GeminiMessage) -> [Part] {
    let object = message.object
    var parts: [Part] = []
    if let setup = object.member("setup") { parts.append(readSetup(setup)) }
    if let input = object.member("realtimeInput") { parts += readInput(input, message) }
    if let content = object.member("clientContent") { parts.append(readContent(content)) }
    if let response = object.member("toolResponse") { parts.append(readResults(response)) }
    if object.member("contextUpdate") != nil { parts.append(Part("contextUpdate")) }
    return parts
  }

  private mutating func readSetup(_ setup: JSONValue) -> Part {
    guard case .object = setup else { return Part("setup", [.malformed(what: "setup", reason: "no object")]) }
    link.setUp(setup)
    agree(on: setup)
    let model = setup.member("model")?.stringValue.map(Self.excerpt)
    return Part("setup", [.config(.object(GeminiSetup.flat(setup)))], summary: model)
  }

  private mutating func readInput(_ input: JSONValue, _ message: GeminiMessage) -> [Part] {
    var parts: [Part] = []
    func add(_ name: String, _ events: [VoiceEvent] = [], summary: String? = nil) {
      parts.append(Part(name, events, summary: summary))
    }
    if input.member("activityStart") != nil {
      // The user speaks over the answer, and that is the way to cut it.
      add("activityStart", link.isGenerating ? [.interrupt, .speechStart] : [.speechStart])
    }
    // A list of blobs is how it was said before.
    let blobs = [input.member("audio") ?? .null] + Array((input.member("mediaChunks") ?? .null).elements(atMost: 16))
    for blob in blobs where blob != .null {
      let type = blob.member("mimeType")?.stringValue ?? "audio/pcm"
      guard type.hasPrefix("audio/") else {
        add("mediaChunks", summary: Self.excerpt(type))
        continue
      }
      let event = audio(blob, in: message, from: .client)
      if case .audio(let payload) = event {
        link.heardMs += Double(payload.bytes.count) / 2 / Double(payload.rate ?? 16_000) * 1000
      }
      add("audio", [event])
    }
    if let video = input.member("video") {
      add("video", summary: video.member("mimeType")?.stringValue.map(Self.excerpt))
    }
    if let text = input.member("text")?.stringValue { add("text", [.text(LoneSurrogates.settled(text))]) }
    // What was said is to be answered: nothing else asks for it.
    if input.member("activityEnd") != nil { add("activityEnd", [.turnEnd, .responseRequest(.object([:]))]) }
    if input.member("audioStreamEnd")?.boolValue == true { add("audioStreamEnd", [.speechEnd]) }
    return parts.isEmpty ? [Part("realtimeInput")] : parts
  }

  /// Turns of the conversation, typed or from before; the last of the user's is what is answered.
  private mutating func readContent(_ content: JSONValue) -> Part {
    let turns = (content.member("turns") ?? .null).elements(atMost: 64)
    for turn in turns where turn.member("role")?.stringValue != "model" {
      let text = turn.texts().joined(separator: " ")
      if !text.isEmpty { link.typed(text) }
    }
    guard content.member("turnComplete")?.boolValue == true else {
      return Part("clientContent", summary: "\(turns.count) turns, and more to come")
    }
    return Part("clientContent", [link.takeTyped().map { .text($0) } ?? .responseRequest(.object([:]))])
  }

  private mutating func readResults(_ response: JSONValue) -> Part {
    var events: [VoiceEvent] = []
    for result in (response.member("functionResponses") ?? .null).elements(atMost: 32) {
      guard let id = Self.name(result.member("id")) else {
        events.append(.malformed(what: "functionResponses", reason: "no string \"id\""))
        continue
      }
      let name = Self.name(result.member("name")) ?? link.tool(of: id)
      link.answered(id)
      events.append(.toolResult(ToolResult(id: id, name: name, output: Self.output(result.member("response")))))
    }
    // The model goes on when it has all that it has asked for.
    if link.calls.isEmpty, events.contains(where: { $0.kind == .toolResult }) {
      events.append(.responseRequest(.object([:])))
    }
    return Part("toolResponse", events)
  }

  private static func output(_ response: JSONValue?) -> String {
    guard let response else { return "" }
    if case .object(let members) = response, members.count == 1, let text = members["output"]?.stringValue {
      return LoneSurrogates.settled(text)
    }
    return LoneSurrogates.settled(response.jsonText)
  }

  /// What is shown of a name.
  static func excerpt(_ name: String) -> String { LoneSurrogates.settled(String(name.prefix(60))) }

  /// A name that may be kept; nil for what is none.
  static func name(_ value: JSONValue?) -> String? {
    value?.stringValue.flatMap {
      !$0.isEmpty && $0.utf8.count <= WireRef.longestName ? LoneSurrogates.settled($0) : nil
    }
  }
}

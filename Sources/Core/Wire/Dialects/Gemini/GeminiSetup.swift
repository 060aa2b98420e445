/// The settings of a session: as a `setup` has them, and by the flat names of `VoiceEvent.config`.
enum GeminiSetup {
  /// Flat names, and where the values stand in the setup.
  private static let paths: [(name: String, path: [String])] = [
    ("voice", ["generationConfig", "speechConfig", "voiceConfig", "prebuiltVoiceConfig", "voiceName"]),
    ("language", ["generationConfig", "speechConfig", "languageCode"]),
    ("temperature", ["generationConfig", "temperature"]),
    ("max_output_tokens", ["generationConfig", "maxOutputTokens"]),
    ("output_modalities", ["generationConfig", "responseModalities"]),
    ("endpointing", silence),
    ("prefix_padding_ms", ["realtimeInputConfig", "automaticActivityDetection", "prefixPaddingMs"]),
  ]
  private static let silence = ["realtimeInputConfig", "automaticActivityDetection", "silenceDurationMs"]
  private static let isOff = ["realtimeInputConfig", "automaticActivityDetection", "disabled"]
  private static let activityHandling = ["realtimeInputConfig", "activityHandling"]
  /// What stands there in another form, or is no setting.
  private static let translated: Set<String> = [
    "model", "generationConfig", "systemInstruction", "tools", "realtimeInputConfig", "sessionResumption",
  ]

  /// A model's name as a setup has it.
  static func model(_ name: String) -> JSONValue { .string(name.contains("/") ? name : "models/\(name)") }

  // MARK: Said

  /// The setup that says these settings. What has no flat name is said by the vendor's own.
  static func setup(
    _ flat: [String: JSONValue], model: String, isManual: Bool, resuming handle: String?
  ) -> JSONValue {
    var setup: [String: JSONValue] = [
      "model": Self.model(model), "inputAudioTranscription": .object([:]), "outputAudioTranscription": .object([:]),
      "generationConfig": .object(["responseModalities": .array([.string("AUDIO")])]),
      "sessionResumption": .object(handle.map { ["handle": .string($0)] } ?? [:]),
    ]
    for (name, value) in flat {
      switch name {
      case "instructions":
        setup["systemInstruction"] = .object(["parts": .array([.object(["text": value])])])
      case "tools": setup["tools"] = tools(value)
      default:
        JSONValue.set(value, at: (paths.first { $0.name == name }?.path ?? [name])[...], in: &setup)
      }
    }
    if isManual { JSONValue.set(.bool(true), at: isOff[...], in: &setup) }
    return .object(setup)
  }

  /// Tools in the form that other dialects have are put into the vendor's.
  private static func tools(_ tools: JSONValue) -> JSONValue {
    guard case .array(let list) = tools, list.contains(where: { $0["type"] == .string("function") }) else {
      return tools
    }
    let declarations = list.map { tool in
      var declaration: [String: JSONValue] = [:]
      for name in ["name", "description"] { declaration[name] = tool[name] }
      declaration["parametersJsonSchema"] = tool["parameters"]
      return JSONValue.object(declaration)
    }
    return .array([.object(["functionDeclarations": .array(declarations)])])
  }

  // MARK: Read

  /// The client ends the user's turns.
  static func isManual(_ setup: JSONValue) -> Bool { value(at: isOff, in: setup)?.boolValue ?? false }

  /// The silence that ends a turn, in milliseconds, where it is said.
  static func silenceMs(_ setup: JSONValue) -> Double? { value(at: silence, in: setup)?.numberValue }

  /// The settings of a setup by their flat names.
  static func flat(_ setup: JSONValue) -> [String: JSONValue] {
    guard case .object(let members) = setup else { return [:] }
    let others = members.filter { member in
      !translated.contains { $0 == member.key || JSONValue.snakeCase($0) == member.key }
    }
    var flat = others.filter { $0.value != .null }
    for (name, path) in paths { flat[name] = value(at: path, in: setup) ?? flat[name] }
    let instructions = setup.member("systemInstruction")?.texts() ?? []
    if !instructions.isEmpty { flat["instructions"] = .string(instructions.joined(separator: "\n")) }
    let declared = setup.member("tools")?.elements(atMost: 64).flatMap {
      ($0.member("functionDeclarations") ?? .null).elements(atMost: 128)
    }
    if let declared, !declared.isEmpty { flat["tools"] = .array(declared.map(tool)) }
    if isManual(setup) { flat["turn_detection"] = .null }
    if value(at: activityHandling, in: setup) == .string("NO_INTERRUPTION") {
      flat["interrupt_response"] = .bool(false)
    }
    return flat
  }

  private static func value(at path: [String], in object: JSONValue) -> JSONValue? {
    path.reduce(object as JSONValue?) { $0?.member($1) }
  }

  private static func tool(_ declaration: JSONValue) -> JSONValue {
    var tool: [String: JSONValue] = ["type": .string("function")]
    for name in ["name", "description"] { tool[name] = declaration.member(name) }
    tool["parameters"] = declaration.member("parametersJsonSchema") ?? declaration.member("parameters").map(schema)
    return .object(tool)
  }

  /// A schema of the vendor, whose types are in capitals.
  private static func schema(_ schema: JSONValue) -> JSONValue {
    switch schema {
    case .object(let members):
      .object(
        Dictionary(
          uniqueKeysWithValues: members.map { name, value in
            let type = name == "type" ? value.stringValue : nil
            return (name, type.map { JSONValue.string($0.lowercased()) } ?? Self.schema(value))
          }))
    case .array(let elements): .array(elements.map(Self.schema))
    default: schema
    }
  }
}

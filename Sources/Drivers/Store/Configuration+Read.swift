import Agent
import Audio
import Findings
import Glibc
import Screen
import Spelling

extension Configuration {
  /// Reads a configuration.
  ///
  /// - Parameters:
  ///   - path: a file that must exist; nil for the one at its usual place, if there is one.
  ///   - names: what can be named in it.
  public static func read(
    path: String? = nil, places: SettingsPlaces = .standard(), names: Names = Names()
  ) throws(SettingsError) -> Configuration {
    if let path { return try parse(path, names) }
    guard let usual = places.configuration, access(usual, F_OK) == 0 else { return Configuration() }
    return try parse(usual, names)
  }

  /// What tables elsewhere have rows for.
  public struct Names: Sendable {
    /// The titles of the panes, for `presets`.
    public var panes: [String]
    /// The services of language models, for `llm`, of voices, for `tts`, and of those that hear, for `stt`.
    public var languageModels: [String]
    public var voices: [String]
    public var recognizers: [String]
    public init(
      panes: [String] = [], languageModels: [String] = [], voices: [String] = [], recognizers: [String] = []
    ) {
      self.panes = panes
      self.languageModels = languageModels
      self.voices = voices
      self.recognizers = recognizers
    }
  }

  /// The words for colours: those of the program, and the other spelling.
  public static let colourChoices: [(String, Choice<ColorDepth>)] =
    [("auto", .auto)] + ColorDepth.names.map { ($0, .set($1)) } + [("truecolor", .set(.direct))]

  /// The words for what is drawn with.
  public static let glyphChoices: [(String, Choice<GlyphSet>)] =
    [("auto", .auto)] + GlyphSet.allCases.map { ($0.rawValue, .set($0)) }

  /// How many frames a second meters and waveforms may have.
  public static let meterChoices: [(String, Int)] = [20, 30, 60].map { ("\($0)", $0) }

  private static let keys = [
    "theme", "colour", "color", "glyphs", "mouse", "meters", "input", "output", "chunk", "codec", "opus", "vad",
    "mic_detector",
    "echo_cancel", "endpointing", "log", "capture", "llm", "tts", "stt", "fallback", "server", "connect", "jitter_ms",
    "presets",
    "templates",
    "findings",
    "keys",
  ]

  private static func parse(_ path: String, _ names: Names) throws(SettingsError) -> Configuration {
    var result = Configuration()
    for entry in try SettingsFile.read(path) {
      switch entry.key {
      case "theme": result.theme = try entry.text(allowed: "the name of a theme, or a path with a /")
      case "colour", "color":
        guard result.colour == nil else { throw entry.error("is given in both spellings", allowed: "colour or color") }
        result.colour = try entry.choice(colourChoices)
      case "mouse": result.mouse = try entry.choice(truths)
      case "meters": result.meters = try entry.choice(meterChoices)
      case "glyphs": result.glyphs = try entry.choice(glyphChoices)
      case "input": result.input = try entry.source(inputForms)
      case "output": result.output = try entry.source(outputForms)
      case "chunk": result.chunk = try entry.chunk()
      case "codec": result.codec = try entry.choice(WireCodec.self)
      case "opus": result.opus = try OpusSettings(entry)
      case "vad": result.vad = try entry.choice(VADMode.self)
      case "mic_detector": result.microphoneDetector = try entry.choice(MicrophoneDetectorKind.self)
      case "echo_cancel": result.echoCancel = try entry.choice(truths)
      case "endpointing": result.endpointing = try entry.choice(Endpointing.self)
      case "log": result.log = try entry.text(allowed: "a path")
      case "capture": result.capture = try Capture(entry)
      case "llm": result.llm = try LanguageModel(entry, names.languageModels)
      case "tts": result.tts = try Voice(entry, names.voices)
      case "stt": result.stt = try Recognition(entry, names.recognizers)
      case "fallback": result.fallback = try Fallback(entry)
      case "server": result.server = try Server(entry)
      case "connect": result.connect = try Connect(entry)
      case "templates":
        for template in try entry.section() {
          let text = try template.text(allowed: "the text of a message")
          result.templates.append(Configuration.Template(name: template.name, text: text))
        }
      case "jitter_ms": result.jitter = try Jitter(entry)
      case "findings": result.findings = try Findings(entry)
      case "keys": result.keys = try keyBindings(entry)
      case "presets": result.presets = try Preset.list(entry, names.panes)
      default: throw entry.unknown(keys)
      }
    }
    return result
  }

  /// Keys of the panes, and sections with those of other places.
  private static func keyBindings(_ keys: SettingsEntry) throws(SettingsError) -> [KeyBinding] {
    func binding(_ entry: SettingsEntry, in section: SettingsEntry) throws(SettingsError) -> KeyBinding {
      KeyBinding(
        place: section.key == keys.key ? nil : section.name,
        // A full stop may be a key, so the name is what follows the section's.
        key: String(entry.key.dropFirst(section.key.count + 1)),
        command: try entry.text(allowed: "a command line, or unbind"), path: entry.path, line: entry.line)
    }
    var bindings: [KeyBinding] = []
    for entry in try keys.section() {
      if entry.node.mapping == nil {
        bindings.append(try binding(entry, in: keys))
      } else {
        for key in try entry.section() { bindings.append(try binding(key, in: entry)) }
      }
    }
    return bindings
  }

  private static let truths = [("true", true), ("false", false)]
  private static let inputForms = AudioBackendCard.builtIn.flatMap { $0.input?.spellings ?? [] }
  private static let outputForms = AudioBackendCard.builtIn.flatMap { $0.output?.spellings ?? [] }
}

/// What the settings of all services on the network have in common.
public protocol ServiceSettings: Sendable {
  /// The name of a service's row; nil: what the program has itself.
  var provider: String? { get set }
  /// Nil: the service's usual one.
  var url: String? { get set }
  var model: String? { get set }
  /// The name of the environment variable that holds the key, never the key.
  var apiKeyEnvironment: String? { get set }
}

extension ServiceSettings {
  /// Takes a key that all have.
  /// - Parameters:
  ///   - services: that can be named.
  ///   - others: the keys that this one has besides, for the error.
  ///   - schemes: of its addresses.
  fileprivate mutating func take(
    _ entry: SettingsEntry, _ services: [String], besides others: [String], schemes: [String] = ["http", "https"]
  ) throws(SettingsError) {
    switch entry.name {
    case "provider": provider = try entry.choice(services.map { ($0, $0) })
    case "url": url = try entry.url(schemes)
    case "model": model = try entry.text(allowed: "the name of a model")
    case "api_key_env": apiKeyEnvironment = try entry.variableName()
    default: throw entry.unknown(["provider", "url", "model", "api_key_env"] + others)
    }
  }
}

extension Configuration.LanguageModel {

  fileprivate init(_ section: SettingsEntry, _ services: [String]) throws(SettingsError) {
    self.init()
    for entry in try section.section() {
      switch entry.name {
      case "prompt": prompt = try entry.text(allowed: "what the model is told about itself")
      case "max_tokens": maximumTokens = try entry.integer(in: 1...100_000, unit: "tokens")
      case "first_word_s": firstWordTimeout = .seconds(Int64(try entry.integer(in: 1...3600, unit: "s")))
      default: try take(entry, services, besides: ["prompt", "max_tokens", "first_word_s"])
      }
    }
  }
}

extension Configuration.Voice {
  fileprivate init(_ section: SettingsEntry, _ services: [String]) throws(SettingsError) {
    self.init()
    for entry in try section.section() {
      switch entry.name {
      case "voice": voice = try entry.text(allowed: "the name of a voice")
      case "first_sound_s": firstSoundTimeout = .seconds(Int64(try entry.integer(in: 1...3600, unit: "s")))
      case "settings":
        for setting in try entry.section() { settings[setting.name] = try setting.text(allowed: "what it is set to") }
      default:
        try take(
          entry, services, besides: ["voice", "first_sound_s", "settings"], schemes: ["http", "https", "ws", "wss"])
      }
    }
  }
}

extension Configuration.Fallback {
  fileprivate init(_ section: SettingsEntry) throws(SettingsError) {
    self.init()
    for entry in try section.section() {
      switch entry.name {
      case "llm": languageModel = try entry.text(allowed: "none, builtin or SERVICE:MODEL")
      case "tts": voice = try entry.text(allowed: "none, local, a voice of this machine, or SERVICE:VOICE")
      case "stt": recognition = try entry.text(allowed: "local, or SERVICE or SERVICE:MODEL")
      default: throw entry.unknown(["llm", "tts", "stt"])
      }
    }
  }
}

extension Configuration.Recognition {
  fileprivate init(_ section: SettingsEntry, _ services: [String]) throws(SettingsError) {
    self.init()
    for entry in try section.section() {
      switch entry.name {
      case "language": language = try entry.text(allowed: "a language such as en or de-DE")
      default: try take(entry, services, besides: ["language"], schemes: ["ws", "wss", "http", "https"])
      }
    }
  }
}

extension Configuration.Server {
  fileprivate init(_ section: SettingsEntry) throws(SettingsError) {
    self.init()
    for entry in try section.section() {
      switch entry.name {
      case "voice": voice = try entry.text(allowed: "the name of a voice")
      case "language": language = try entry.text(allowed: "a language such as en or de")
      case "barge_in": bargeIn = try entry.choice(BargeInPolicy.self)
      case "stt": recognizer = try entry.choice(RecognizerKind.self)
      case "vad": detector = try entry.choice(DetectorKind.self)
      case "token_interval_ms": tokenInterval = .milliseconds(try entry.integer(in: 0...2000, unit: "ms"))
      case "codecs":
        var listed: [WireCodec] = []
        for item in try entry.texts(allowed: "a list of codecs, as in [opus, pcm16]") {
          listed.append(try item.choice(WireCodec.self))
        }
        codecs = listed
      default: throw entry.unknown(["voice", "language", "stt", "vad", "barge_in", "token_interval_ms", "codecs"])
      }
    }
  }
}

extension OpusSettings {
  fileprivate init(_ section: SettingsEntry) throws(SettingsError) {
    self.init()
    for entry in try section.section() {
      switch entry.name {
      case "bit_rate": bitRate = try entry.integer(in: Self.bitRates, unit: "bits a second")
      case "dtx": usesDTX = try entry.choice([("true", true), ("false", false)])
      case "loss": expectedLoss = try entry.integer(in: Self.losses, unit: "packets of 100")
      default: throw entry.unknown(["bit_rate", "dtx", "loss"])
      }
    }
  }
}

extension Configuration.Capture {
  private static let truths = [("on", true), ("off", false), ("true", true), ("false", false)]

  /// A word, a folder or a section.
  fileprivate init(_ section: SettingsEntry) throws(SettingsError) {
    self.init()
    guard section.node.mapping != nil else {
      let allowed = "on, off, a folder (a path with a /), or a section"
      let word = try section.text(allowed: allowed)
      if let truth = Self.truths.first(where: { $0.0 == word }) {
        isOn = truth.1
      } else if word.contains("/") {
        folder = word
      } else {
        throw section.error("\"\(word)\" is not understood", allowed: allowed)
      }
      return
    }
    for entry in try section.section() {
      switch entry.name {
      case "folder":
        let path = try entry.text(allowed: "a path with a /")
        guard path.contains("/") else { throw entry.error("\"\(path)\" is no path", allowed: "a path with a /") }
        folder = path
      case "audio": audio = try entry.choice(Self.truths)
      case "size_mb": byteLimit = try entry.integer(in: 1...1_000_000, unit: "MiB") << 20
      case "days": ageLimit = .seconds(Int64(try entry.integer(in: 1...36_500, unit: "days")) * 86_400)
      default: throw entry.unknown(["folder", "audio", "size_mb", "days"])
      }
    }
  }
}

extension Configuration.Connect {
  fileprivate init(_ section: SettingsEntry) throws(SettingsError) {
    self.init()
    for entry in try section.section() {
      switch entry.name {
      case "cacert": authority = try entry.text(allowed: "a path")
      case "cert": certificate = try entry.text(allowed: "a path")
      case "key": key = try entry.text(allowed: "a path")
      default: throw entry.unknown(["cacert", "cert", "key"])
      }
    }
    if key != nil, certificate == nil { throw section.error("has a key without a cert", allowed: "cert and key") }
  }
}

extension Configuration.Jitter {
  fileprivate init(_ section: SettingsEntry) throws(SettingsError) {
    self.init()
    for entry in try section.section() {
      switch entry.name {
      case "min": minimum = .milliseconds(try entry.integer(in: 0...5000, unit: "ms"))
      case "max": maximum = .milliseconds(try entry.integer(in: 0...5000, unit: "ms"))
      case "target": target = .milliseconds(try entry.integer(in: 0...5000, unit: "ms"))
      default: throw entry.unknown(["min", "max", "target"])
      }
    }
    let given = [minimum, target, maximum].compactMap(\.self)
    guard given == given.sorted() else {
      throw section.error("min, target and max are not in order", allowed: "min ≤ target ≤ max")
    }
  }
}

extension Configuration.Findings {
  fileprivate init(_ section: SettingsEntry) throws(SettingsError) {
    self.init()
    let rules = FindingTable.all.map { ($0.id, $0.id) }
    for entry in try section.section() {
      switch entry.name {
      case "silence":
        for item in try entry.texts(allowed: "a list of rules, as in [\(rules[0].0)]") {
          silenced.insert(try item.choice(rules))
        }
      default: throw entry.unknown(["silence"])
      }
    }
  }
}

extension SettingsEntry {
  fileprivate func choice<Value: RawRepresentable<String> & CaseIterable>(
    _ type: Value.Type
  ) throws(SettingsError) -> Value {
    try choice(Value.allCases.map { ($0.rawValue, $0) })
  }

  fileprivate func chunk() throws(SettingsError) -> Configuration.Chunk {
    let range = Configuration.Chunk.range
    let allowed = "low-latency, balanced, efficiency, or \(range.lowerBound)…\(range.upperBound) samples"
    let word = try text(allowed: allowed)
    guard let chunk = Configuration.Chunk(word) else { throw error("\"\(word)\" is no chunk size", allowed: allowed) }
    return chunk
  }

  /// `word` or `word:REST`, as the forms say.
  fileprivate func source(_ forms: [String]) throws(SettingsError) -> String {
    let allowed = forms.joined(separator: ", ")
    let value = try text(allowed: allowed)
    let parts = value.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let fits = forms.contains { form in
      let wanted = form.split(separator: ":", maxSplits: 1)
      guard wanted[0] == parts[0], wanted.count == parts.count else { return false }
      return parts.count == 1 || !parts[1].isEmpty
    }
    guard fits else {
      let words = Set(forms.map { String($0.prefix { $0 != ":" }) })
      throw error("\"\(value)\" is not understood\(hint(String(parts[0]), among: words.sorted()))", allowed: allowed)
    }
    return value
  }

  fileprivate func url(_ schemes: [String]) throws(SettingsError) -> String {
    let beginnings = schemes.map { $0 + "://" }
    let allowed = "a URL that begins with \(beginnings.joined(separator: " or "))"
    let value = try text(allowed: allowed)
    guard beginnings.contains(where: { value.hasPrefix($0) && value.count > $0.count }) else {
      throw error("\"\(value)\" is no such URL", allowed: allowed)
    }
    return value
  }

  fileprivate func variableName() throws(SettingsError) -> String {
    let allowed = "the name of an environment variable (the key itself does not belong in a file)"
    let value = try text(allowed: allowed)
    let isName = value.utf8.enumerated().allSatisfy { i, byte in
      byte == 0x5F || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || (i > 0 && (0x30...0x39).contains(byte))
    }
    // The value is not repeated: it may be the key.
    guard isName else { throw error("is no name of a variable", allowed: allowed) }
    return value
  }

  func unknown(_ known: [String]) -> SettingsError {
    error("is unknown\(hint(name, among: known))", allowed: known.joined(separator: ", "))
  }

  func hint(_ word: String, among names: [String]) -> String {
    Spelling.question(word, among: names)
  }
}

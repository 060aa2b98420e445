import ArgumentParser
import Audio
import Capture
import Runtime
import Screen
import Speech
import Store
import Timeline

/// The flags that every session has, whosever server it is on.
struct SessionFlags: ParsableArguments {
  @Option(help: "Where your voice comes from: \(InputFlag.usage). docs/audio.md says what each is.")
  var input: InputFlag?

  @Option(help: "Where the agent's voice goes: \(OutputFlag.usage).")
  var output: OutputFlag?

  @Option(
    help: """
      Audio per uplink message: low-latency (1024 samples), balanced (4096), efficiency (8192), or a number of \
      samples. Default: what the dialect prefers, 320 (20 ms) for voice.
      """)
  var chunk: Configuration.Chunk?

  @Option(
    help: """
      What both sides' audio is coded as: pcm16, opus (a tenth of the bytes) or mulaw (a quarter). A server that does not \
      agree is told of, and the session goes on with PCM. Default: pcm16.
      """)
  var codec: WireCodec?

  @Option(help: "What is sent: gate (only speech), open (everything) or ptt (only while you hold the line).")
  var vad: Configuration.VADMode?

  @Option(
    name: .customLong("mic-detector"),
    help: """
      What tells when you speak: silero (needs `sidetone engines install`) or energy. Default: the best that is there \
      for sound from outside, energy for typed words and silence.
      """)
  var microphoneDetector: MicrophoneDetectorKind?

  @Flag(
    inversion: .prefixedNo,
    help: """
      Take the agent's voice out of the microphone's, for a speaker in the room. Speaking over the agent works once it \
      was heard for two seconds. Switch it off for a headset; noise suppression stays.
      """)
  var echoCancel: Bool?

  @OptionGroup var screen: ScreenFlags

  @Option(help: "The configuration file (YAML). Default: $XDG_CONFIG_HOME/sidetone/config.yaml.")
  var config: String?

  @Option(help: "Write the timeline to a file, one JSON object per line; sidetone replay opens it again.")
  var log: String?

  @Option(
    help: """
      Capture the session, with the sound of both sides, into this file; an earlier capture there is replaced. Without it, \
      a session with a screen or --plain goes to a file of its own in $XDG_STATE_HOME/sidetone/captures.
      """)
  var capture: String?

  @Flag(help: "Capture nothing.")
  var noCapture = false

  @Option(help: "Whether the capture holds sound: on or off. Default: on.")
  var captureAudio: OnOff?

  @Flag(help: "No screen: the timeline as one JSON object per line on stdout.")
  var headless = false

  @Flag(
    help: """
      No screen: what happens in words, a line per event, and commands typed as lines (help lists them). For screen \
      readers and pipes.
      """)
  var plain = false

  @Option(help: "With --headless or --plain: end after so long, as in 10s, 1500ms or 2m.")
  var duration: DurationFlag?

  @Option(
    defaultAsFlag: SummaryFlag(.words), parsing: .next,
    help: """
      With --headless: response times, barge-ins, buffers and findings on stderr at the end, in words, or with \
      --summary=json every figure in one JSON object.
      """)
  var summary: SummaryFlag?

  @Flag(help: "With --headless or --plain: end when everything was said, answered and heard.")
  var untilIdle = false

  func validate() throws {
    if duration != nil || untilIdle, !headless, !plain {
      throw ValidationError("--duration and --until-idle need --headless or --plain")
    }
    if case .unknown(let word) = summary?.value {
      throw ValidationError("--summary is words or json, not \"\(word)\"")
    }
    if summary != nil, !headless { throw ValidationError("--summary needs --headless") }
    if capture != nil, noCapture { throw ValidationError("--capture and --no-capture exclude each other") }
    if capture?.isEmpty == true { throw ValidationError("--capture needs the name of a file") }
    if headless, plain { throw ValidationError("--headless and --plain exclude each other") }
    if duration != nil, untilIdle { throw ValidationError("--duration and --until-idle exclude each other") }
  }

  /// When a headless run ends by itself.
  var limit: HeadlessRun.Limit {
    if let duration { return .duration(duration.value) }
    return untilIdle ? .untilIdle : .none
  }

  /// Whether and where the session is captured.
  func captureChoice(_ configuration: Configuration) -> CaptureChoice {
    let wanted = configuration.capture
    var choice = CaptureChoice(.nowhere)
    choice.keepsAudio = captureAudio.map { $0 == .on } ?? wanted.audio ?? true
    choice.limits.byteLimit = wanted.byteLimit ?? choice.limits.byteLimit
    choice.limits.ageLimit = wanted.ageLimit ?? choice.limits.ageLimit
    if let capture {
      choice.place = .file(capture)
    } else if !noCapture, !headless, wanted.isOn ?? true {
      // Without a screen the timeline goes to standard output already.
      let folder = wanted.folder.map { FolderContents.expanded($0) } ?? SettingsPlaces.standard().captures
      choice.place = folder.map { .folder($0) } ?? .homeless
    }
    return choice
  }

  /// Writes what was given on the command line, or else in the configuration, into the options.
  func apply(to options: inout SessionOptions, _ configuration: Configuration) throws {
    if let input = try input ?? configuration.input.map(InputFlag.init(checking:)) { options.input = input.value }
    if let output = try output ?? configuration.output.map(OutputFlag.init(checking:)) { options.output = output.value }
    if let chunk = chunk ?? configuration.chunk { options.session.chunkSampleCount = chunk.sampleCount }
    options.session.codec = codec ?? configuration.codec ?? .pcm16
    options.opus = configuration.opus
    if let mode = vad ?? configuration.vad { options.session.gateMode = mode.gate }
    if let echoCancel = echoCancel ?? configuration.echoCancel { options.cancelsEcho = echoCancel }
    let jitter = configuration.jitter
    let least = jitter.minimum?.milliseconds ?? options.jitterMs.lowerBound
    let most = jitter.maximum?.milliseconds ?? options.jitterMs.upperBound
    options.jitterMs = min(least, most)...max(least, most)
    options.jitterTargetMs = jitter.target?.milliseconds ?? options.jitterTargetMs
    // Without a screen nobody can hold the line, and nobody wants to hear about a missing sound card.
    if headless, input == nil, configuration.input == nil { options.input = .silence }
    if headless, output == nil, configuration.output == nil { options.output = .null }
    options.speechModel = try speechModel(
      microphoneDetector ?? configuration.microphoneDetector, for: options.input)
  }

  /// - Parameter wanted: what was named.
  /// - Returns: nil where energy is to tell when somebody speaks.
  private func speechModel(
    _ wanted: MicrophoneDetectorKind?, for input: SessionOptions.Input
  ) throws -> SpeechModelLoader? {
    switch wanted {
    case .energy: return nil
    case .silero:
      if let fault = SpeechModelLoader.sileroFault {
        throw failure(.unavailable, "\(fault.reason); to have it: \(fault.remedy)")
      }
      return .silero
    case nil: return input.isFromOutside && SpeechModelLoader.sileroFault == nil ? .silero : nil
    }
  }
}

/// As the cards of the backends have it.
struct InputFlag: ExpressibleByArgument {
  var value: SessionOptions.Input

  init?(argument: String) {
    guard let choice = AudioBackendCard.builtIn.choice(argument, \.input) else { return nil }
    value = SessionOptions.Input(choice.word, choice.argument)
  }

  static var usage: String { AudioBackendCard.builtIn.compactMap { $0.input?.usage }.joined(separator: ", ") }
}

/// As the cards of the backends have it.
struct OutputFlag: ExpressibleByArgument {
  var value: SessionOptions.Output

  init?(argument: String) {
    guard let choice = AudioBackendCard.builtIn.choice(argument, \.output) else { return nil }
    value = SessionOptions.Output(choice.word, choice.argument)
  }

  static var usage: String { AudioBackendCard.builtIn.compactMap { $0.output?.usage }.joined(separator: ", ") }
}

extension Configuration.Chunk: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension MicrophoneDetectorKind: ExpressibleByArgument {}
extension WireCodec: ExpressibleByArgument {}

extension Configuration.VADMode: ExpressibleByArgument {
  var gate: Gate.Mode {
    switch self {
    case .gate: .gate
    case .open: .open
    case .ptt: .ptt
    }
  }
}

/// `on|off`
enum OnOff: String, ExpressibleByArgument, CaseIterable {
  case on, off
}

/// `words|json`; without a value, words.
struct SummaryFlag: ExpressibleByArgument, CustomStringConvertible {
  enum Value: Equatable {
    case form(SummaryReader.Form)
    case unknown(String)
  }
  let value: Value
  static let allValueStrings = SummaryReader.Form.allCases.map(\.rawValue)

  init(_ form: SummaryReader.Form) { value = .form(form) }

  /// What is refused here is taken for an argument of the command, as the address in `connect --summary ws://HOST/` is.
  /// Any other word is kept, and told of when all flags are known.
  init?(argument: String) {
    if argument.split(separator: ":").count > 1 { return nil }
    value = SummaryReader.Form(rawValue: argument).map { .form($0) } ?? .unknown(argument)
  }

  var form: SummaryReader.Form { if case .form(let form) = value { form } else { .words } }
  var description: String { form.rawValue }
}

/// `1500ms|10s|2m`, or a number of seconds
struct DurationFlag: ExpressibleByArgument {
  var value: Duration
  init?(argument: String) {
    let units: [(suffix: String, ms: Double)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("", 1000)]
    for unit in units where argument.hasSuffix(unit.suffix) {
      guard let number = Double(argument.dropLast(unit.suffix.count)), number >= 0, number < 1e7 else { return nil }
      value = .nanoseconds(Int64(number * unit.ms * 1e6))
      return
    }
    return nil
  }
}

extension ExpressibleByArgument {
  /// The same words in the configuration as on the command line.
  init(checking text: String) throws {
    guard let flag = Self(argument: text) else {
      throw failure(.badConfiguration, "the configuration's \"\(text)\" is not a valid value; see sidetone --help")
    }
    self = flag
  }
}

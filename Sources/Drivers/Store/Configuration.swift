import Agent
import Audio
import Screen

// Store: what lies on disk.
//
//   $XDG_CONFIG_HOME/sidetone/config.yaml ──► Configuration ──┐
//                                      command-line flags ────┴─► the executable merges: flags win
//   …/sidetone/themes, ../share/sidetone/themes, themes/ ──► ThemeStore ──► Theme

/// What a configuration file says; nil for what it leaves out.
///
///     theme: light                 # a name, or a path with a /
///     colour: auto                 # auto, truecolour, 256, 16, 8, mono; also spelt color
///     glyphs: auto                 # auto, braille, blocks, ascii
///     mouse: true                  # false leaves clicks to the terminal
///     meters: 30                   # frames a second of meters and waveforms: 20, 30, 60
///     input: mic                   # mic[:NAME], file:PATH, say:TEXT, silence, stdin
///     output: speaker              # speaker[:NAME], file:PATH, null
///     chunk: low-latency           # low-latency, balanced, efficiency, or samples
///     codec: pcm16                 # pcm16, opus, mulaw: what both sides' audio is coded as, where the server agrees
///     opus: { bit_rate: 24000, dtx: false, loss: 0 }   # dtx sends nearly nothing in silence; loss: packets lost of 100
///     vad: gate                    # gate, open, ptt
///     mic_detector: silero         # silero, energy; the best that is there
///     echo_cancel: true            # false for a headset
///     endpointing: normal          # normal (500 ms of silence), snappy (300 ms), adaptive
///     log: sidetone.log
///     capture: on                  # on, off, a folder (a path with a /), or the section of the next line
///     capture:   { folder: ~/captures, audio: on, size_mb: 4096, days: 30 }   # what is older or more is deleted
///     llm:       { provider: ollama, url: "http://127.0.0.1:11434", model: llama3.2, api_key_env: LLM_KEY }
///     fallback:  { llm: builtin, tts: slt, stt: vosk }   # what answers, speaks or hears when a service fails
///     connect:   { cacert: ca.pem, cert: me.pem, key: me.key }   # for wss://: whom to trust, and who we are
///     server:    { voice: joe, language: en, stt: moonshine, vad: silero, barge_in: words, codecs: [opus, pcm16] }
///     templates: { hello: '{"type":"text","text":"hello"}' }   # messages to start from, by name
///     jitter_ms: { min: 50, max: 100, target: 80 }
///     findings:  { silence: [final-without-interim] }   # ids as in docs/findings.md
///     keys:
///       F5: say hello              # a command line, or unbind
///       message: { n: next }       # a place with keys of its own
///     presets:                     # sets of panes for the key p; sizes in percent of a row or column
///       review: { panes: [transcript, protocol, latency], sizes: { transcript: 50, meters: 30 } }
///
/// Keys and headers that are secret have no place here: they are given by the environment.
public struct Configuration: Sendable, Hashable {
  /// Something that is chosen by what the terminal has, or set.
  public enum Choice<Value: Sendable & Hashable>: Sendable, Hashable {
    /// What the terminal is found to have.
    case auto
    case set(Value)

    /// Nil for what the terminal is found to have.
    public var wanted: Value? { if case .set(let value) = self { value } else { nil } }
  }
  /// How much audio is sent at a time.
  public enum Chunk: Sendable, Hashable {
    case lowLatency, balanced, efficiency
    case samples(Int)

    /// Samples at 16 kHz.
    public var sampleCount: Int {
      switch self {
      case .lowLatency: 1024
      case .balanced: 4096
      case .efficiency: 8192
      case .samples(let count): count
      }
    }

    /// A preset's name or a number of samples; nil for anything else.
    public init?(_ text: String) {
      switch text {
      case "low-latency": self = .lowLatency
      case "balanced": self = .balanced
      case "efficiency": self = .efficiency
      default:
        guard let count = Int(text), Self.range.contains(count) else { return nil }
        self = .samples(count)
      }
    }
    /// 1 ms to 4 s.
    public static let range = 16...65_536
  }
  /// When the microphone is sent.
  public enum VADMode: String, Sendable, Hashable, CaseIterable {
    case gate, open, ptt
  }
  /// How soon silence ends a turn.
  public enum Endpointing: String, Sendable, Hashable, CaseIterable {
    case normal, snappy, adaptive
  }

  /// Which language model answers.
  public struct LanguageModel: ServiceSettings, Hashable {
    /// The name of a service's row; nil: the built-in model.
    public var provider: String?
    public var url: String?
    public var model: String?
    /// The name of the environment variable that holds the key, never the key.
    public var apiKeyEnvironment: String?
    /// The system prompt.
    public var prompt: String?
    /// The longest answer, in tokens.
    public var maximumTokens: Int?
    /// The longest wait for an answer's first word.
    public var firstWordTimeout: Duration?
    public init() {}
  }
  /// What makes the agent's voice.
  public struct Voice: ServiceSettings, Hashable {
    /// The name of a service's row; nil: this machine.
    public var provider: String?
    public var url: String?
    public var voice: String?
    public var model: String?
    /// The name of the environment variable that holds the key, never the key.
    public var apiKeyEnvironment: String?
    /// The longest wait for the first sound of a sentence.
    public var firstSoundTimeout: Duration?
    /// Settings by the service's own names, as they are written.
    public var settings: [String: String] = [:]
    public init() {}
  }
  /// What takes the place of a service that fails, as it is written; nil: what is usual.
  public struct Fallback: Sendable, Hashable {
    public var languageModel: String?
    public var voice: String?
    public var recognition: String?
    public init() {}
  }
  /// What hears the user.
  public struct Recognition: ServiceSettings, Hashable {
    /// The name of a service's row; nil: this machine.
    public var provider: String?
    public var url: String?
    public var model: String?
    /// The user's language; nil: the agent's.
    public var language: String?
    /// The name of the environment variable that holds the key, never the key.
    public var apiKeyEnvironment: String?
    public init() {}
  }
  /// The embedded server.
  public struct Server: Sendable, Hashable {
    public var voice: String?
    public var language: String?
    public var bargeIn: BargeInPolicy?
    public var tokenInterval: Duration?
    /// The recognizer and the voice detector; nil for the best that there is.
    public var recognizer: RecognizerKind?
    public var detector: DetectorKind?
    /// What clients may agree on for the audio of a link; nil for all there is.
    public var codecs: [WireCodec]?
    public init() {}
  }
  /// Files (PEM) for connections to other people's servers.
  public struct Connect: Sendable, Hashable {
    /// Certificates to trust beside the system's.
    public var authority: String?
    /// Our own certificate and its key.
    public var certificate: String?
    public var key: String?
    public init() {}
  }
  /// Which sessions are captured, and how long captures are kept.
  public struct Capture: Sendable, Hashable {
    public var isOn: Bool?
    /// Where captures lie; what is too old or too much there is deleted.
    public var folder: String?
    /// Whether they hold sound.
    public var audio: Bool?
    /// What all of them may weigh together, in bytes.
    public var byteLimit: Int?
    public var ageLimit: Duration?
    public init() {}
  }
  /// A set of panes of the user's own.
  public struct Preset: Sendable, Hashable {
    public var name: String
    /// By their titles.
    public var panes: [String]
    /// Shares of a row or column, 0…1, by a pane's title or `meters`.
    public var sizes: [String: Double]
  }
  /// The playout buffer's depth.
  public struct Jitter: Sendable, Hashable {
    public var minimum, maximum, target: Duration?
    public init() {}
  }

  /// What the linter says.
  public struct Findings: Sendable, Hashable {
    /// Ids of rules that are left out; each is one of the table's.
    public var silenced: Set<String> = []
    public init() {}
  }

  /// A key and what it runs. Neither is checked here: the console knows its commands.
  public struct KeyBinding: Sendable, Hashable {
    /// The place with the key, as in `message`; nil for the panes.
    public var place: String?
    public var key: String
    public var command: String
    public var path: String
    public var line: Int

    /// What is wrong with it, and where it stands.
    public func error(_ reason: String, allowed: String?) -> SettingsError {
      let name = ["keys", place, key].compactMap(\.self).joined(separator: ".")
      return SettingsError(path: path, line: line, key: name, reason: reason, allowed: allowed)
    }
  }

  public var theme: String?
  public var colour: Choice<ColorDepth>?
  public var glyphs: Choice<GlyphSet>?
  /// Whether the console has clicks and the wheel; the terminal selects text with them otherwise.
  public var mouse: Bool?
  /// Frames a second of meters and waveforms while there is something to hear: 20, 30 or 60.
  public var meters: Int?
  /// Checked for its form: `mic`, `mic:NAME`, `file:PATH`, `say:TEXT`, `silence`, `stdin`.
  public var input: String?
  /// Checked for its form: `speaker`, `speaker:NAME`, `file:PATH`, `null`.
  public var output: String?
  public var chunk: Chunk?
  /// What both sides' audio is coded as, where the server agrees.
  public var codec: WireCodec?
  /// How speech is coded as Opus.
  public var opus = OpusSettings()
  public var vad: VADMode?
  /// What tells when somebody speaks into the microphone; nil for the best that there is.
  public var microphoneDetector: MicrophoneDetectorKind?
  /// Whether the agent's voice is taken out of the microphone's.
  public var echoCancel: Bool?
  public var endpointing: Endpointing?
  public var llm = LanguageModel()
  public var tts = Voice()
  public var stt = Recognition()
  public var fallback = Fallback()
  public var server = Server()
  public var connect = Connect()
  public var jitter = Jitter()
  public var findings = Findings()
  public var capture = Capture()
  public var log: String?
  /// Text messages to start from when one is written by hand, in the file's order.
  public var templates: [Template] = []

  /// A message by its name, in the words that are sent.
  public struct Template: Sendable, Hashable {
    public var name: String
    public var text: String
  }
  /// In the order of the file.
  public var keys: [KeyBinding] = []
  public var presets: [Preset] = []

  public init() {}
}

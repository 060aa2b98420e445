import Audio
import Timeline

/// What a session wants of a backend.
public struct AudioPortRequest: Sendable {
  /// The text behind the colon, as `NAME` in `mic:NAME`; nil when there is none.
  public var argument: String?
  /// Samples a second.
  public var rate: Int
  /// What happens to the device; any thread.
  public var events: @Sendable (DeviceChange) -> Void
  /// Samples have come, or were taken; any thread: at most a write to an eventfd.
  public var wake: @Sendable () -> Void

  public init(
    argument: String? = nil, rate: Int, events: @escaping @Sendable (DeviceChange) -> Void,
    wake: @escaping @Sendable () -> Void
  ) {
    self.argument = argument
    self.rate = rate
    self.events = events
    self.wake = wake
  }
}

/// A kind of place that audio comes from or goes to: a row of the table of backends.
public struct AudioBackend: Sendable {
  public typealias OpenInput = @Sendable (AudioPortRequest) throws -> any AudioInput
  public typealias OpenOutput = @Sendable (AudioPortRequest) throws -> any AudioOutput

  /// What it is called and needs.
  public var card: AudioBackendCard
  /// Nil where nothing comes from there.
  public var openInput: OpenInput?
  /// Nil where nothing goes there.
  public var openOutput: OpenOutput?
  /// Looks at the devices there are; nil where there are none to choose from.
  public var survey: (@Sendable () -> AudioSurvey)?

  public init(
    _ card: AudioBackendCard, input: OpenInput? = nil, output: OpenOutput? = nil,
    survey: (@Sendable () -> AudioSurvey)? = nil
  ) {
    self.card = card
    openInput = input
    openOutput = output
    self.survey = survey
  }
}

// The backends of this folder. Files and texts are spoken into a silent line once the server is ready.
extension AudioBackend {
  public static let file = AudioBackend(
    .file, input: { PacedInput.silence(rate: $0.rate, wake: $0.wake) },
    output: { try FileOutput(path: $0.argument ?? "", rate: $0.rate, events: $0.events, wake: $0.wake) })
  public static let words = AudioBackend(.words, input: { PacedInput.silence(rate: $0.rate, wake: $0.wake) })
  public static let nothing = AudioBackend(
    .nothing, input: { PacedInput.silence(rate: $0.rate, wake: $0.wake) },
    output: { NullOutput(rate: $0.rate, wake: $0.wake) })
  public static let pipe = AudioBackend(
    .pipe, input: { StdinInput(rate: $0.rate, events: $0.events, wake: $0.wake) })
}

/// A device of a backend, in one direction.
public struct AudioDevice: Sendable, Equatable {
  /// Whether a device could be opened just now.
  public enum State: Sendable, Equatable {
    case usable
    /// Why not, and what to do.
    case unusable(text: String, remedy: String)
    /// Known by name only: opening it could start a sound server.
    case notTried
  }

  /// What to give to `--input mic:NAME` or `--output speaker:NAME`.
  public var name: String
  /// In words, as the driver says it.
  public var text: String
  public var role: DeviceChange.Role
  public var state: State

  public init(name: String, text: String, role: DeviceChange.Role, state: State) {
    self.name = name
    self.text = text
    self.role = role
    self.state = state
  }
}

/// What a backend has found on this machine.
public struct AudioSurvey: Sendable {
  /// How sound gets from here to the default speaker.
  public struct Path: Sendable, Equatable {
    /// The sound server that it goes through; nil where it goes to the device itself.
    public var server: String?
    /// From handing a sample over to hearing it, with the buffers that a session uses: milliseconds; nil when the device did
    /// not move while it was looked at.
    public var latencyMs: Double?

    public init(server: String?, latencyMs: Double?) {
      self.server = server
      self.latencyMs = latencyMs
    }
  }

  public var devices: [AudioDevice]
  /// What to say when there is no card; nil when there is one.
  public var noCard: (text: String, remedy: String)?
  /// Nil where the default speaker cannot be opened.
  public var path: Path?

  public init(devices: [AudioDevice], noCard: (text: String, remedy: String)? = nil, path: Path? = nil) {
    self.devices = devices
    self.noCard = noCard
    self.path = path
  }
}

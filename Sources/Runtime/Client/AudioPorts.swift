import AlsaDevices
import Audio
import AudioCodecs
import AudioDevices
import Timeline

/// Opens the input and the output that the options ask for.
enum AudioPorts {
  /// - Parameters:
  ///   - events: device changes, any thread.
  ///   - wake: a period has passed, any thread.
  static func input(
    _ input: SessionOptions.Input, rate: Int, events: @escaping @Sendable (DeviceChange) -> Void,
    wake: @escaping @Sendable () -> Void
  ) -> any AudioInput {
    switch input {
    case .mic(let name): Microphone(name: name, rate: rate, events: events, wake: wake)
    case .stdin: StdinInput(rate: rate, events: events, wake: wake)
    // Files and texts are spoken into a silent line, by MicPath, once the server is ready.
    case .file, .say, .silence: PacedInput.silence(rate: rate, wake: wake)
    }
  }

  /// - Throws: `FileOutputError` when a file cannot be written.
  static func output(
    _ output: SessionOptions.Output, rate: Int, events: @escaping @Sendable (DeviceChange) -> Void,
    wake: @escaping @Sendable () -> Void
  ) throws -> any AudioOutput {
    switch output {
    case .speaker(let name): Speaker(name: name, rate: rate, events: events, wake: wake)
    case .file(let path): try FileOutput(path: path, rate: rate, events: events, wake: wake)
    case .null: NullOutput(rate: rate, wake: wake)
    }
  }
}

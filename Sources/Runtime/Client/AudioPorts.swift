import AlsaDevices
import Audio
import AudioDevices
import Timeline

extension AudioBackend {
  /// All that a session can be given, in the order in which they are listed.
  public static let builtIn: [AudioBackend] = [.alsa, .file, .words, .nothing, .pipe]
}

/// Opens the input and the output that the options ask for.
enum AudioPorts {
  /// There is no backend of that name, or it does not go that way.
  struct Unknown: Error, CustomStringConvertible {
    let description: String
  }

  /// - Throws: what the backend throws; `Unknown`.
  static func input(
    _ input: SessionOptions.Input, among backends: [AudioBackend], _ request: AudioPortRequest
  ) throws -> any AudioInput {
    guard let open = backends.first(where: { $0.card.input?.word == input.word })?.openInput else {
      throw Unknown(description: "there is no input \"\(input)\"")
    }
    var request = request
    request.argument = input.argument
    return try open(request)
  }

  /// - Throws: what the backend throws, as `FileOutputError` when a file cannot be written; `Unknown`.
  static func output(
    _ output: SessionOptions.Output, among backends: [AudioBackend], _ request: AudioPortRequest
  ) throws -> any AudioOutput {
    guard let open = backends.first(where: { $0.card.output?.word == output.word })?.openOutput else {
      throw Unknown(description: "there is no output \"\(output)\"")
    }
    var request = request
    request.argument = output.argument
    return try open(request)
  }
}
